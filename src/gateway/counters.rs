//! What a server sees of its clients. For the endpoint this is the upstream's view of a gateway: a limit on connections can
//! be checked here, independently of whoever claims to keep it.

use super::seen::Seen;
use http::Request;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one server, written by its threads.
#[derive(Debug, Default)]
pub struct ServerCounters {
    requests: AtomicU64,
    opened: AtomicU64,
    open: AtomicU64,
    most_open: AtomicU64,
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

    /// How its clients send, written down while somebody wants to know.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Counts a connection as open until the result is dropped.
    pub(crate) fn connection(self: &Arc<Self>) -> OpenConnection {
        let number = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_open.fetch_max(open, Ordering::Relaxed);
        OpenConnection {
            counters: Arc::clone(self),
            number,
        }
    }
}

/// One open connection.
pub(crate) struct OpenConnection {
    counters: Arc<ServerCounters>,
    /// Which of the server's connections it is, counted from 1.
    number: u64,
}

impl OpenConnection {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The head of a request has come on it.
    pub(super) fn count_request<B>(&self, request: &Request<B>) {
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
        self.counters.seen.request(self.number, request);
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.counters.open.fetch_sub(1, Ordering::Relaxed);
    }
}
