//! What an exchange is given to wait with, and what is known of it so far; the same for each version of HTTP.

use super::failure::Failure;
use crate::clock::Tick;
use crate::outcome::Outcome;
use crate::pacer::Pacer;
use crate::transport::connections::Opening;
use http::Version;
use std::sync::Arc;
use std::time::Duration;

/// How an exchange waits.
pub(super) struct Waiting<'a> {
    /// The longest time from one read to the next.
    pub(super) read_timeout: Option<Duration>,
    pub(super) pacer: &'a Arc<Pacer>,
}

impl Waiting<'_> {
    pub(super) fn now(&self) -> Tick {
        self.pacer.clock().now()
    }

    /// What comes of `read`, if it comes in time.
    pub(super) async fn for_read<F: Future>(&self, read: F) -> Result<F::Output, Failure> {
        let Some(limit) = self.read_timeout else {
            return Ok(read.await);
        };
        let came = self.pacer.timeout_at(self.now() + limit, read).await;
        came.ok_or_else(|| {
            let limit = crate::text::setting(limit);
            let text = format!("no byte for {limit} (read_timeout)");
            Failure::new(Outcome::Timeout, &text)
        })
    }
}

/// What is known of an exchange so far.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// How its connection was opened, if it was opened for this one.
    pub(super) opening: Option<Opening>,
    /// When it had its connection.
    pub(super) ready: Option<Tick>,
    /// When the last byte of the request had been handed to the system.
    pub(super) written: Option<Tick>,
    /// Something of an answer had come, if only of an interim one.
    pub(super) heard: bool,
    /// When the first byte of the final answer had come; over the later versions, its head.
    pub(super) first_byte: Option<Tick>,
    /// The final answer's head.
    pub(super) answer: Option<Answer>,
    /// Bytes of its body.
    pub(super) bytes: u64,
    /// When it had ended, where it took a while to let go of its connection.
    pub(super) done: Option<Tick>,
    /// Its connection had been used before.
    pub(super) reused: bool,
    /// Its connection had answered before.
    pub(super) answered: bool,
}

/// What the head of a final answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) version: Version,
    /// How long the server says that it held the answer back.
    pub(super) held: Option<Duration>,
}
