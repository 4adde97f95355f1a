//! What is seen of a connection besides its answers, shared by whatever looks at its bytes and whoever waits for an answer.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// The first stream that no farewell leaves out.
const NONE: u64 = u64::MAX;

/// What has been seen of one connection.
#[derive(Debug)]
pub(super) struct Watch {
    /// Requests from this stream on are left out of the server's farewell.
    left_out: AtomicU64,
    farewell: Notify,
    /// What the server has done wrong.
    fault: OnceLock<String>,
}

impl Default for Watch {
    fn default() -> Self {
        Watch {
            left_out: AtomicU64::new(NONE),
            farewell: Notify::new(),
            fault: OnceLock::new(),
        }
    }
}

impl Watch {
    /// The server says farewell: it takes no request on stream `id` or a later one (RFC 9114, 5.2).
    pub(super) fn farewell(&self, id: u64) {
        self.left_out.fetch_min(id, Ordering::AcqRel);
        self.farewell.notify_waiters();
    }

    /// Whether the server has said that it does not take the request on that stream.
    pub(super) fn leaves_out(&self, stream: u64) -> bool {
        stream >= self.left_out.load(Ordering::Acquire)
    }

    /// Waits until the server says so.
    pub(super) async fn until_left_out(&self, stream: u64) {
        loop {
            let news = self.farewell.notified();
            if self.leaves_out(stream) {
                return;
            }
            news.await;
        }
    }

    /// Keeps the first fault.
    pub(super) fn fault(&self, what: String) {
        // The others follow from it.
        let _ = self.fault.set(what);
    }

    /// What the server has done wrong, in words.
    pub(super) fn why(&self) -> Option<&str> {
        self.fault.get().map(String::as_str)
    }
}
