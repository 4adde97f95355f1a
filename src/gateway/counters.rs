//! What a server sees of its clients. For the endpoint this is the upstream's view of a gateway: a limit on connections can
//! be checked here, independently of whoever claims to keep it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one server, written by its threads.
#[derive(Debug, Default)]
pub struct ServerCounters {
    requests: AtomicU64,
    opened: AtomicU64,
    open: AtomicU64,
    most_open: AtomicU64,
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
    /// The most connections that were ever open at once.
    pub most_open: u64,
}

impl ServerCounters {
    /// Everything so far. The figures are read one after another.
    pub fn totals(&self) -> ServerTotals {
        ServerTotals {
            requests: self.requests.load(Ordering::Relaxed),
            opened: self.opened.load(Ordering::Relaxed),
            open: self.open.load(Ordering::Relaxed),
            most_open: self.most_open.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a connection as open until the result is dropped.
    pub(crate) fn connection(self: &Arc<Self>) -> OpenConnection {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_open.fetch_max(open, Ordering::Relaxed);
        OpenConnection(Arc::clone(self))
    }
}

/// One open connection.
pub(crate) struct OpenConnection(Arc<ServerCounters>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
