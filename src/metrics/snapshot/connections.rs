//! What a variant's connections did: the connection lens.

use super::Latency;
use serde::{Deserialize, Serialize};

/// Connections of one variant since the load began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Connections {
    /// Connections opened.
    pub opened: u64,
    /// Connections opened per second over the live window.
    pub opened_per_s: Option<f64>,
    /// Requests that an already used connection served.
    pub reused: Option<u64>,
    /// Attempts to connect that failed, those among them that were given up together with their request.
    pub failed: u64,
    /// Connections closed; `None` where the engine cannot know.
    pub closed: Option<u64>,
    /// The same by who closed them.
    #[serde(default)]
    pub closed_by: Option<ClosedBy>,
    /// Requests that failed on a kept connection which ended before the first byte of an answer: the server had closed it.
    #[serde(default)]
    pub stale: u64,
    /// How often a request was sent again on another connection, because an HTTP/2 server had left it out of its farewell
    /// (GOAWAY): never looked at, so nothing was done twice. Its response time runs on.
    #[serde(default)]
    pub resent: u64,
    /// Answers per connection opened; `None` before there is one, and where the engine cannot know.
    #[serde(default)]
    pub requests_per_connection: Option<f64>,
    /// The most answers that one connection has given; `None` where the engine cannot know.
    #[serde(default)]
    pub most_requests: Option<u64>,
    /// How many requests the limits on connections and streams let go on at once; `None` without a limit. Waiting for one is
    /// the run's `slot_wait_us`; without a limit the engine may let requests wait where nobody sees it.
    #[serde(default)]
    pub limit: Option<u64>,
    /// The time to connect: DNS, TCP, proxy and TLS together.
    pub connect_us: Latency,
    /// The look-up of the name, where there was one.
    #[serde(default)]
    pub dns_us: Latency,
    /// TCP, and the words with a proxy.
    #[serde(default)]
    pub tcp_us: Latency,
    /// The TLS handshake, where there was one.
    #[serde(default)]
    pub tls_us: Latency,
    /// TLS handshakes in which the server showed its certificate.
    #[serde(default)]
    pub full_handshakes: u64,
    /// TLS handshakes that resumed a session.
    #[serde(default)]
    pub resumed_handshakes: u64,
    /// What connections have agreed on, in the order in which it was first seen.
    #[serde(default)]
    pub agreed: Vec<Agreed>,
}

/// Closed connections by who closed them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedBy {
    /// The server.
    pub peer: u64,
    /// The client, for any other reason than idleness.
    pub us: u64,
    /// The client, because it was idle for too long.
    pub idle: u64,
}

/// What some of the connections have agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// `HTTP/1.1` or `HTTP/2`.
    pub http: String,
    /// `TLS 1.2` or `TLS 1.3`; `None` in clear text.
    pub tls: Option<String>,
    /// The cipher suite, e.g. `TLS13_AES_256_GCM_SHA384`; `None` in clear text.
    pub cipher: Option<String>,
    /// How many connections.
    pub connections: u64,
}

impl Agreed {
    /// `HTTP/2, TLS 1.3, TLS13_AES_256_GCM_SHA384`.
    pub fn words(&self) -> String {
        let parts = [Some(&self.http), self.tls.as_ref(), self.cipher.as_ref()];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        crate::text::printable(&parts.join(", "), 100)
    }
}
