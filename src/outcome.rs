//! How a request can end. Every request that is begun ends in exactly one [`Outcome`].

use std::fmt;

/// The end of one request. [`fmt::Display`] gives the name used on screen and in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A 2xx answer whose body arrived whole.
    Ok,
    /// An answer with another status, its body read to the end.
    Http(u16),
    /// Not ended within the timeout, counted from the intended start, or within a shorter limit of the transport's own.
    Timeout,
    /// No connection could be made (refused, unreachable, unresolved, or slower than the connect timeout).
    Connect,
    /// The TLS handshake failed, or TLS broke before there was an answer.
    Tls,
    /// The answer was not valid HTTP, or the connection ended before an answer.
    Protocol,
    /// The answer began but its body did not arrive whole.
    Body,
    /// This machine could not even try: it has no local port or no file descriptor left. Not the gateway's failure, but a
    /// request that was not served; a red self-check withholds the verdict.
    Client,
    /// Never sent: an open loop at its limit of requests in flight let the arrival go, or a transport at its limit of
    /// connections did not let it wait.
    Dropped,
    /// Still open when the run ended: censored, neither ok nor failed.
    Cancelled,
}

impl Outcome {
    /// True for everything that ranks as slower than any finite time.
    pub fn is_failure(self) -> bool {
        !matches!(self, Outcome::Ok | Outcome::Cancelled)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Ok => f.pad("ok"),
            Outcome::Http(status) => write!(f, "http_{status}"),
            Outcome::Timeout => f.pad("timeout"),
            Outcome::Connect => f.pad("connect"),
            Outcome::Tls => f.pad("tls"),
            Outcome::Protocol => f.pad("protocol"),
            Outcome::Body => f.pad("body"),
            Outcome::Client => f.pad("client"),
            Outcome::Dropped => f.pad("dropped"),
            Outcome::Cancelled => f.pad("cancelled"),
        }
    }
}
