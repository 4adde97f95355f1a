//! The upstream lens: what built-in endpoints see of the gateways before them, for the engine.

use crate::gateway::{LensReading, ServerCounters, VERSIONS};
use crate::metrics::snapshot::UpstreamClosed;
use crate::metrics::{UpstreamLens, UpstreamReading};
use std::sync::Arc;

/// What the endpoint behind each variant alone sees, where there is one: for A and for B.
#[derive(Clone, Debug, Default)]
pub(super) struct Lenses(Vec<Option<Arc<ServerCounters>>>);

impl Lenses {
    pub(super) fn new(endpoints: Vec<Option<Arc<ServerCounters>>>) -> Lenses {
        Lenses(endpoints)
    }

    /// These, or if there are none, `others`.
    pub(super) fn or(&self, others: Vec<Option<Arc<ServerCounters>>>) -> Lenses {
        if self.0.is_empty() {
            Lenses(others)
        } else {
            self.clone()
        }
    }

    /// The one of a variant (0 is A).
    pub(super) fn of(&self, variant: usize) -> Option<Arc<dyn UpstreamLens>> {
        let counters = self.0.get(variant)?.clone()?;
        Some(Arc::new(Lens(counters)))
    }
}

/// The counters of one endpoint.
#[derive(Debug)]
struct Lens(Arc<ServerCounters>);

impl UpstreamLens for Lens {
    fn begin(&self) {
        self.0.begin();
    }

    fn reading(&self) -> UpstreamReading {
        said(&self.0.lens_reading())
    }
}

fn said(seen: &LensReading) -> UpstreamReading {
    UpstreamReading {
        opened: seen.opened,
        open: seen.open,
        most_open: seen.most_open,
        used: seen.used,
        requests: VERSIONS.into_iter().zip(seen.requests).collect(),
        most_requests: seen.most_requests,
        in_service: seen.in_service,
        most_in_service: seen.most_in_service,
        closed_by: UpstreamClosed {
            idle: seen.closed.idle,
            mid_request: seen.closed.mid_request,
            asked: seen.closed.asked,
            endpoint: seen.closed.server,
        },
        longest_idle_us: seen.longest_idle.map(|idle| idle.as_micros() as u64),
    }
}
