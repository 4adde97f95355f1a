//! What a server sees of its clients. For the endpoint this is the upstream's view of a gateway: a limit on connections can
//! be checked here, independently of whoever claims to keep it.

use super::lens::{Lens, LensReading};
use super::seen::Seen;

/// Counters of one server, written by its threads.
#[derive(Debug, Default)]
pub struct ServerCounters {
    lens: Lens,
    seen: Seen,
}

/// A reading of [`ServerCounters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTotals {
    /// Requests whose head has arrived.
    pub requests: u64,
    /// Connections accepted.
    pub opened: u64,
    /// Connections open now.
    pub open: u64,
    /// The most connections that were open at once, since somebody began to look ([`ServerCounters::begin`]).
    pub most_open: u64,
}

impl ServerCounters {
    /// Everything so far. The figures are read one after another.
    pub fn totals(&self) -> ServerTotals {
        let [opened, open, most_open, requests] = self.lens.totals();
        ServerTotals {
            requests,
            opened,
            open,
            most_open,
        }
    }

    /// Somebody looks through the lens from now on. What was before is not counted there; the totals stay what they are.
    pub fn begin(&self) {
        self.lens.begin();
    }

    /// What the lens shows.
    pub fn lens_reading(&self) -> LensReading {
        self.lens.reading()
    }

    pub(super) fn lens(&self) -> &Lens {
        &self.lens
    }

    /// How its clients send, written down while somebody wants to know.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }
}
