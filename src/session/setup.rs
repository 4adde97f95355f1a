//! What a plan means for the engine.

use super::lens::Lenses;
use super::names;
use crate::load::{EngineConfig, VariantLoad};
use crate::metrics::snapshot::{Notice, NoticeLevel};
use crate::plan::{Plan, VariantPlan};
use std::sync::Arc;
use url::Host;

/// The run of `plan`, of which `notices` are known already; `lenses` see its gateways from behind.
pub(super) fn engine(plan: &Plan, lenses: &Lenses, notices: Vec<Notice>) -> EngineConfig {
    let variants = plan
        .variants()
        .enumerate()
        .map(|(i, variant)| VariantLoad {
            names: names::names(variant),
            request: plan.request_for(variant),
            transport: variant.transport.clone(),
            upstream: lenses.of(i),
        })
        .collect();
    EngineConfig {
        load: plan.load.clone(),
        variants,
        plan: Arc::new(plan.record()),
        started_at: jiff::Zoned::now()
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string(),
        most_users: plan.changeable().most(),
        notices: plan
            .variants()
            .enumerate()
            .filter_map(|(i, variant)| unchecked(i, plan.b.is_none(), variant))
            .chain(plan.few_files.clone().map(warning))
            .chain(plan.notes.iter().cloned().map(info))
            .chain(notices)
            .collect(),
        together_notices: shared_machine(plan).into_iter().collect(),
    }
}

/// Certificates that nobody checks: whoever answers is believed, and the figures may be somebody else's.
fn unchecked(number: usize, solo: bool, variant: &VariantPlan) -> Option<Notice> {
    let name = match number {
        _ if solo => "the gateway",
        0 => "A",
        _ => "B",
    };
    (!variant.transport.tls.verify).then(|| {
        warning(format!(
            "{name}'s certificate is not checked (tls_verify=false): whoever answers is believed"
        ))
    })
}

fn info(text: String) -> Notice {
    Notice {
        level: NoticeLevel::Info,
        text,
    }
}

fn warning(text: String) -> Notice {
    Notice {
        level: NoticeLevel::Warning,
        text,
    }
}

/// Variants that run together and share a machine take it from each other: that is said, but not of the demo, which is made so.
/// Other hosts of one name may be several machines, or one gateway.
fn shared_machine(plan: &Plan) -> Option<Notice> {
    let is_here = |host: &Option<Host<&str>>| match host {
        Some(Host::Domain(name)) => *name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let hosts: Vec<_> = plan.variants().map(|variant| variant.base.host()).collect();
    let is_demo = plan.title == "demo";
    match hosts.as_slice() {
        [a, b] if is_here(a) && is_here(b) && !is_demo => Some(Notice {
            level: NoticeLevel::Info,
            text: "A and B share this machine: --order alternate separates them".to_owned(),
        }),
        _ => None,
    }
}
