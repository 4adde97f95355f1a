//! Transports: how requests reach a gateway. The load engine knows only the [`Transport`] trait; which engine is behind it is
//! the plan's business.
//!
//! What holds always: one [`Transport::exchange`] sends one request, never retries, never follows a redirect, reads the
//! answer's body to its end, and reports exactly one outcome.

mod any;
mod body;
mod client;
mod config;
mod connections;
mod direct;
mod dns;
mod error;
mod failure;
mod lanes;
mod login;
mod notes;
mod reqwest_engine;
mod slots;
mod tally;
mod tls;

pub use any::AnyTransport;
pub(crate) use body::{AnswerBody, BodyError, Decoding};
pub(crate) use client::{Aim, Connecting};
pub use config::{
    AtLimit, Compression, Dns, EngineKind, Http2, HttpVersion, Limits, Roots, SETTINGS, Setting,
    Sni, Socket, Timeouts, Tls, TlsVersion, TransportConfig,
};
pub use connections::{Agreement, Closed, ConnectionCounters, ConnectionTotals, Opening, Openings};
pub use direct::DirectTransport;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use direct::played;
pub use error::TransportError;
pub(crate) use failure::{cause, too_slow};
pub(crate) use lanes::{Lanes, Lease};
pub(crate) use login::{take_login, without_login};
pub(crate) use notes::{following, watched};
pub use reqwest_engine::ReqwestTransport;
pub use slots::Slot;
pub(crate) use tally::Tally;

use crate::clock::Tick;
use crate::content::Content;
use crate::outcome::Outcome;
use http::header::HeaderName;
use http::{HeaderMap, Method};
use std::time::Duration;
use url::Url;

/// Which part of a total belongs to one load thread. Limits and pools are totals over all threads; the parts sum to the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// This thread's number, from 0.
    pub index: usize,
    /// How many threads there are, at least 1.
    pub of: usize,
}

impl Share {
    /// Everything: the share of the only thread.
    pub const WHOLE: Share = Share { index: 0, of: 1 };

    /// This share of `total`; the first shares are one larger where it does not divide evenly.
    pub fn part(self, total: usize) -> usize {
        let of = self.of.max(1);
        total / of + usize::from(self.index < total % of)
    }
}

/// The request that every user and every arrival of one variant sends. Bodies that are made anew make each a little different.
#[derive(Clone, Debug)]
pub struct RequestSpec {
    /// The whole URL: the variant's base URL with the plan's path appended.
    pub url: Url,
    /// The method.
    pub method: Method,
    /// The headers, secrets included: never written to a file or the screen.
    pub headers: HeaderMap,
    /// The bodies.
    pub body: Content,
}

/// What one exchange was like, seen from the client.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// How it ended: `Ok`, `Http`, `Timeout` (a limit of the transport's own), `Connect`, `Tls`, `Protocol`, `Body` or `Client`.
    pub outcome: Outcome,
    /// When it had the connection that it was sent on; `None` where the engine cannot know.
    pub ready: Option<Tick>,
    /// When the last byte of the request had been handed to the system; `None` where the engine cannot know.
    pub written: Option<Tick>,
    /// When the head of the answer had arrived.
    pub first_byte: Option<Tick>,
    /// When the last byte had arrived, or the failure was known.
    pub done: Tick,
    /// Body bytes received.
    pub bytes: u64,
    /// Whether an already used connection served it; `None` where the engine cannot know or there was no answer.
    pub reused: Option<bool>,
    /// How its connection was opened, if that was for this request and the engine can tell: name, TCP, TLS.
    pub opening: Option<Opening>,
    /// The HTTP version of the answer.
    pub version: Option<http::Version>,
    /// How long the gateway says that it held the answer back ([`HELD_HEADER`]); `None` if it does not say.
    pub held: Option<Duration>,
    /// What went wrong, for people; `None` when nothing did.
    pub error: Option<String>,
}

/// The header by which the built-in endpoint says how long it truly held an answer, in whole microseconds rounded down: from
/// the arrival of the request's head to the moment at which the answer (of a stream: its first chunk) is handed to the
/// connection. What a client measures is never less.
pub const HELD_HEADER: HeaderName = HeaderName::from_static("x-dragstrip-delay-us");

/// What is said of a request whose kept connection the server had closed.
const STALE: &str = "stale keep-alive";

/// What an answer counts as whose body has arrived whole.
fn outcome_of(status: u16) -> Outcome {
    if (200..300).contains(&status) {
        Outcome::Ok
    } else {
        Outcome::Http(status)
    }
}

/// What there are only so many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Connections, each for one request at a time.
    Connection,
    /// Streams of HTTP/2.
    Stream,
}

impl Place {
    /// What is said of a request that found none free.
    pub fn in_use(self) -> &'static str {
        match self {
            Place::Connection => "every connection was in use (at_limit)",
            Place::Stream => "every stream was in use (at_limit)",
        }
    }

    /// What the limits of `config` are on.
    pub(crate) fn of(config: &TransportConfig) -> Place {
        if config.http.is_multiplexed() && config.keep_alive {
            Place::Stream
        } else {
            Place::Connection
        }
    }
}

/// A way to send requests, owned by one load thread.
pub trait Transport: 'static {
    /// The right to use a connection, held until the exchange has ended.
    type Slot: 'static;

    /// A slot if one is free now.
    fn try_slot(&self) -> Option<Self::Slot>;

    /// Waits, first come first served, until a slot is free.
    fn slot(&self) -> impl Future<Output = Self::Slot>;

    /// What a slot is the right to.
    fn place(&self) -> Place {
        Place::Connection
    }

    /// How long a request may wait for a slot before it is dropped; `None`: as long as its timeout lets it.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// Sends the request and reads the answer to its end. Dropping the future abandons the exchange.
    fn exchange(&self) -> impl Future<Output = Exchange>;

    /// Tells servers that nothing more will come, where the system does not do that by itself when everything is dropped.
    fn close(&self) -> impl Future<Output = ()> {
        std::future::ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn shares_sum_to_the_total() {
        for total in 0..40 {
            for of in 1..9 {
                let parts = (0..of).map(|index| Share { index, of }.part(total));
                assert_eq!(parts.sum::<usize>(), total);
            }
        }
        assert_eq!(Share::WHOLE.part(7), 7);
    }
}
