//! What is recorded of one request: its instants, its outcome, and nothing that could grow.

use crate::clock::Tick;
use crate::outcome::Outcome;

/// One request that has ended. All instants come from the run's own clock.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When it should have started.
    pub intended: Tick,
    /// When it was allowed to start; `intended` itself if it never had to wait for that.
    pub granted: Tick,
    /// When it was really sent; `None` if it ended before that.
    pub sent: Option<Tick>,
    /// When it had the connection that it was sent on; `None` if it never had one, or the engine cannot know.
    pub ready: Option<Tick>,
    /// When its last byte had been handed to the system; `None` if it never was, or the engine cannot know.
    pub written: Option<Tick>,
    /// When the head of its answer had arrived; `None` if none came.
    pub first_byte: Option<Tick>,
    /// When its last byte had arrived, or its failure was known.
    pub done: Tick,
    /// How it ended.
    pub outcome: Outcome,
    /// Body bytes received.
    pub bytes: u64,
    /// What went wrong, for people; only for failures.
    pub error: Option<String>,
}

impl Sample {
    /// Last byte − intended start, µs. **The headline.**
    pub fn response_us(&self) -> u64 {
        self.done.us_since(self.intended)
    }

    /// Last byte − actual send, µs; `None` if it was never sent.
    pub fn service_us(&self) -> Option<u64> {
        self.sent.map(|sent| self.done.us_since(sent))
    }

    /// First byte − actual send, µs; `None` if there was no answer.
    pub fn ttfb_us(&self) -> Option<u64> {
        Some(self.first_byte?.us_since(self.sent?))
    }

    /// On a connection − actual send, µs; `None` if it never was or nobody knows.
    pub fn connection_wait_us(&self) -> Option<u64> {
        Some(self.ready?.us_since(self.sent?))
    }

    /// Last byte of the request − on a connection, µs; `None` if it was not sent whole or nobody knows.
    pub fn write_us(&self) -> Option<u64> {
        Some(self.written?.us_since(self.ready?))
    }

    /// Slot granted − intended start, µs.
    pub fn slot_wait_us(&self) -> u64 {
        self.granted.us_since(self.intended)
    }

    /// Actual send − slot granted, µs: the client's own lateness; `None` if it was never sent.
    pub fn client_lag_us(&self) -> Option<u64> {
        self.sent.map(|sent| sent.us_since(self.granted))
    }
}
