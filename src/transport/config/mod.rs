//! The settings of a transport: how connections are made and used. Plain data, already checked by `plan`; the same on the
//! load side and on the upstream side of the built-in gateway.

mod settings;

pub(crate) use settings::redacted;
pub use settings::{SETTINGS, Setting};

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// One transport configuration. `None` means that the engine's own default stands, or that there is no such limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportConfig {
    /// What sends the requests.
    pub engine: EngineKind,
    /// Which HTTP versions may be spoken.
    pub http: HttpVersion,
    /// Keep connections for further requests. Off: a connection for each request, and `Connection: close` over HTTP/1.1.
    pub keep_alive: bool,
    /// Idle connections kept, a total over all load threads.
    pub pool: Option<usize>,
    /// An idle connection is closed after this long.
    pub pool_idle: Option<Duration>,
    /// How many connections and streams there may be.
    pub limits: Limits,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// The sockets.
    pub socket: Socket,
    /// How names become addresses.
    pub dns: Dns,
    /// TLS, where it is spoken.
    pub tls: Tls,
    /// The proxy to go through; none by default, whatever the environment says.
    pub proxy: Option<String>,
    /// Which compressed answers are asked for, and decoded.
    pub compression: Compression,
    /// HTTP/2's own settings.
    pub http2: Http2,
}

/// What sends the requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// The library that most Rust programs use.
    #[default]
    Reqwest,
    /// Connections of our own, which cost less and tell more.
    Direct,
}

impl EngineKind {
    /// The name used in plans, options and files.
    pub fn name(self) -> &'static str {
        match self {
            EngineKind::Reqwest => "reqwest",
            EngineKind::Direct => "direct",
        }
    }
}

/// How many connections and streams there may be, and what becomes of a request that finds none free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// At most this many connections, a total over all load threads.
    pub connections: Option<usize>,
    /// At most this many requests at once on one HTTP/2 connection.
    pub streams: Option<usize>,
    /// What happens to a request that finds all in use.
    pub at_limit: AtLimit,
}

/// What happens to a request that finds every connection, or every stream, in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtLimit {
    /// It waits its turn, first come first served, until its timeout.
    #[default]
    Wait,
    /// It is dropped at once.
    Fail,
    /// It waits so long, then it is dropped.
    WaitFor(Duration),
}

impl AtLimit {
    /// How long a request waits for its turn; `None` for as long as its timeout lets it.
    pub fn patience(self) -> Option<Duration> {
        match self {
            AtLimit::Wait => None,
            AtLimit::Fail => Some(Duration::ZERO),
            AtLimit::WaitFor(time) => Some(time),
        }
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// DNS, TCP, proxy and TLS together.
    pub connect: Option<Duration>,
    /// From one read of the answer to the next, the first one included.
    pub read: Option<Duration>,
    /// From the send to the last byte. The load's own timeout counts from the intended start, and applies as well.
    pub total: Option<Duration>,
}

/// The sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// `TCP_NODELAY`.
    pub nodelay: bool,
    /// The idle time after which TCP asks the peer whether it is still there, and the time between two questions.
    pub keepalive: Option<Duration>,
    /// The address to connect from.
    pub local_address: Option<IpAddr>,
    /// The Unix socket to connect to, in place of the URL's host and port.
    pub unix: Option<PathBuf>,
}

/// How names become addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dns {
    /// The address of the URL's host, in place of a look-up.
    pub resolve: Option<IpAddr>,
    /// Look a name up once for the whole run, not for each connection.
    pub cached: bool,
}

/// TLS, where it is spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Check the server's certificate.
    pub verify: bool,
    /// Which certificate authorities to trust, where there is no `ca`.
    pub roots: Roots,
    /// A PEM file of the certificate authorities to trust in place of the others.
    pub ca: Option<PathBuf>,
    /// A PEM file with the client's certificate and its chain.
    pub cert: Option<PathBuf>,
    /// A PEM file with the private key of `cert`; `None`: it stands in the same file.
    pub key: Option<PathBuf>,
    /// The server name to send and to check.
    pub sni: Sni,
    /// The lowest version to accept.
    pub min: TlsVersion,
    /// The highest version to offer.
    pub max: TlsVersion,
    /// Resume sessions with servers that offer it.
    pub resumption: bool,
}

/// Which certificate authorities to trust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    /// Those of the system.
    #[default]
    System,
    /// Mozilla's, which are built in.
    Bundled,
}

/// The server name to send and to check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sni {
    /// The URL's host; none where that is an address.
    #[default]
    Host,
    /// None is sent. The certificate is checked against the URL's host.
    Off,
    /// This one, for the certificate as well. The `Host` header stays the URL's.
    Name(String),
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2.
    V12,
    /// TLS 1.3.
    V13,
}

impl TlsVersion {
    /// The name used in plans, options and files.
    pub fn name(self) -> &'static str {
        match self {
            TlsVersion::V12 => "1.2",
            TlsVersion::V13 => "1.3",
        }
    }
}

/// Which compressed answers are asked for, and decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// None.
    #[default]
    Off,
    /// `gzip`.
    Gzip,
    /// `br`.
    Brotli,
    /// `deflate`.
    Deflate,
    /// `zstd`.
    Zstd,
    /// All of these.
    All,
}

impl Compression {
    /// Each with the name used in plans, options and files.
    pub const NAMES: [(&'static str, Compression); 6] = [
        ("off", Compression::Off),
        ("gzip", Compression::Gzip),
        ("br", Compression::Brotli),
        ("deflate", Compression::Deflate),
        ("zstd", Compression::Zstd),
        ("all", Compression::All),
    ];

    /// Whether answers in `one` are asked for.
    pub fn includes(self, one: Compression) -> bool {
        self == one || self == Compression::All
    }

    fn name(self) -> &'static str {
        let known = Self::NAMES.iter().find(|(_, it)| *it == self);
        known.map_or("off", |(name, _)| name)
    }
}

/// HTTP/2's own settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Http2 {
    /// How many bytes the server may send on a stream before it must be told to go on.
    pub stream_window: Option<u32>,
    /// The same for a whole connection.
    pub connection_window: Option<u32>,
    /// Windows that follow the measured bandwidth and delay.
    pub adaptive_window: bool,
    /// How often the server is asked whether it is still there.
    pub ping: Option<Duration>,
    /// How long it may take to answer that.
    pub ping_timeout: Option<Duration>,
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
    /// HTTP/3, over QUIC; only in builds with the feature `http3`, and with the direct engine.
    Http3,
}

impl HttpVersion {
    /// Each with the name used in plans, options and files.
    pub const NAMES: [(&'static str, HttpVersion); 5] = [
        ("auto", HttpVersion::Auto),
        ("1.1", HttpVersion::Http11),
        ("2", HttpVersion::Http2),
        ("h2c", HttpVersion::H2c),
        ("3", HttpVersion::Http3),
    ];

    /// The name used in plans, options and files.
    pub fn name(self) -> &'static str {
        match self {
            HttpVersion::Auto => "auto",
            HttpVersion::Http11 => "1.1",
            HttpVersion::Http2 => "2",
            HttpVersion::H2c => "h2c",
            HttpVersion::Http3 => "3",
        }
    }

    /// Whether many requests are sure to share a connection.
    pub fn is_multiplexed(self) -> bool {
        matches!(
            self,
            HttpVersion::Http2 | HttpVersion::H2c | HttpVersion::Http3
        )
    }
}

impl Default for TransportConfig {
    fn default() -> Self {
        TransportConfig {
            engine: EngineKind::default(),
            http: HttpVersion::Auto,
            keep_alive: true,
            pool: None,
            pool_idle: None,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            socket: Socket::default(),
            dns: Dns::default(),
            tls: Tls::default(),
            proxy: None,
            compression: Compression::default(),
            http2: Http2::default(),
        }
    }
}

impl Default for Socket {
    fn default() -> Self {
        Socket {
            nodelay: true,
            keepalive: None,
            local_address: None,
            unix: None,
        }
    }
}

impl Default for Tls {
    fn default() -> Self {
        Tls {
            verify: true,
            roots: Roots::default(),
            ca: None,
            cert: None,
            key: None,
            sni: Sni::default(),
            min: TlsVersion::V12,
            max: TlsVersion::V13,
            resumption: true,
        }
    }
}
