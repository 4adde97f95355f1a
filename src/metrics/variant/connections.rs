//! What the transport tells of its connections.

use super::super::recorder::Distribution;
use super::super::snapshot::{Agreed, ClosedBy, Connections};
use super::super::summary;

/// What the transport knows of its connections since the start.
#[derive(Debug, Clone, Default)]
pub struct ConnectionReading {
    /// Connections opened.
    pub opened: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Requests served by a connection used before; `None` if unknown.
    pub reused: Option<u64>,
    /// Connections closed, by whom; `None` if the engine cannot know.
    pub closed_by: Option<ClosedBy>,
    /// Requests that failed because the server had closed the kept connection they were sent on.
    pub stale: u64,
    /// How often a request was sent again because an HTTP/2 server had left it out of its farewell.
    pub resent: u64,
    /// Answers whose connection is known; `None` if unknown.
    pub answered: Option<u64>,
    /// The most answers that one connection has given; `None` if unknown.
    pub most_answered: Option<u64>,
    /// How many requests the limits on connections and streams let go on at once; `None` without a limit.
    pub limit: Option<u64>,
    /// The times it took to connect, µs.
    pub connect: Distribution,
    /// Look-ups of names, µs.
    pub dns: Distribution,
    /// TCP and the words with a proxy, µs.
    pub tcp: Distribution,
    /// TLS handshakes, µs.
    pub tls: Distribution,
    /// TLS handshakes in which the server showed its certificate.
    pub full_handshakes: u64,
    /// TLS handshakes that resumed a session.
    pub resumed_handshakes: u64,
    /// What was agreed on, for how many connections.
    pub agreed: Vec<Agreed>,
    /// The HTTP version of the latest answer, e.g. `HTTP/1.1`.
    pub protocol: Option<String>,
}

impl ConnectionReading {
    /// What the connections did, with the rate at which they are opened now.
    pub(super) fn picture(&self, opened_per_s: Option<f64>) -> Connections {
        Connections {
            opened: self.opened,
            opened_per_s,
            reused: self.reused,
            failed: self.failed,
            closed: self.closed_by.map(|by| by.peer + by.us + by.idle),
            closed_by: self.closed_by,
            stale: self.stale,
            resent: self.resent,
            requests_per_connection: self
                .answered
                .filter(|_| self.opened > 0)
                .map(|answered| answered as f64 / self.opened as f64),
            most_requests: self.most_answered,
            limit: self.limit,
            connect_us: summary::finite(&self.connect),
            dns_us: summary::finite(&self.dns),
            tcp_us: summary::finite(&self.tcp),
            tls_us: summary::finite(&self.tls),
            full_handshakes: self.full_handshakes,
            resumed_handshakes: self.resumed_handshakes,
            agreed: self.agreed.clone(),
        }
    }
}
