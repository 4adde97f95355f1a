//! What the figures of a variant go by: its names, and those settings of its transport that notices speak of.

use crate::metrics::VariantNames;
use crate::plan::VariantPlan;
use crate::transport::{HttpVersion, Timeouts, TransportConfig};
use std::time::Duration;

/// The names of a variant.
pub(super) fn names(variant: &VariantPlan) -> VariantNames {
    VariantNames {
        label: variant.label.clone(),
        url: variant.shown_url.clone(),
        transport: variant.transport.describe(),
        keeps_connections: variant.transport.keep_alive,
        time_limits: time_limits(&variant.transport),
        one_request_each: one_request_each(&variant.transport),
    }
}

/// The transport's own limits on the time of an answer.
fn time_limits(transport: &TransportConfig) -> Vec<(&'static str, Duration)> {
    let Timeouts { total, read, .. } = transport.timeouts;
    let named = [("timeout", total), ("read_timeout", read)];
    let set = named
        .into_iter()
        .filter_map(|(name, limit)| Some((name, limit?)));
    set.collect()
}

/// The limit on connections, where HTTP/2 may be agreed on and nobody said how many requests each connection may carry.
fn one_request_each(transport: &TransportConfig) -> Option<usize> {
    let limit = transport.limits.connections;
    limit.filter(|_| transport.http == HttpVersion::Auto && transport.keep_alive)
}
