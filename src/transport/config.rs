//! The settings of a transport: how connections are made and used. Plain data, already checked by `plan`.

use std::path::PathBuf;
use std::time::Duration;

/// One transport configuration. `None` means that the engine's own default stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportConfig {
    /// Which HTTP versions may be spoken.
    pub http: HttpVersion,
    /// Keep connections for further requests. Off sends `Connection: close` and keeps none.
    pub keep_alive: bool,
    /// Idle connections kept, a total over all load threads.
    pub pool: Option<usize>,
    /// An idle connection is closed after this long.
    pub pool_idle: Option<Duration>,
    /// At most this many connections (HTTP/1.1), a total over all load threads; waiting for one counts as response time.
    pub max_connections: Option<usize>,
    /// `TCP_NODELAY`.
    pub nodelay: bool,
    /// The time limit for DNS, TCP and TLS together.
    pub connect_timeout: Option<Duration>,
    /// Check the server's certificate.
    pub tls_verify: bool,
    /// A PEM file of the certificate authorities to trust in place of the system's.
    pub ca: Option<PathBuf>,
    /// The proxy to go through; none by default, whatever the environment says.
    pub proxy: Option<String>,
}

impl Default for TransportConfig {
    fn default() -> Self {
        TransportConfig {
            http: HttpVersion::Auto,
            keep_alive: true,
            pool: None,
            pool_idle: None,
            max_connections: None,
            nodelay: true,
            connect_timeout: None,
            tls_verify: true,
            ca: None,
            proxy: None,
        }
    }
}

/// Which HTTP versions a transport may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.1 on http://; on https:// what the server chooses (HTTP/2 or HTTP/1.1).
    Auto,
    /// HTTP/1.1 only.
    Http11,
    /// HTTP/2 over TLS only.
    Http2,
    /// HTTP/2 in clear text, with prior knowledge.
    H2c,
}
