//! What each key of a transport takes.

use super::files;
use crate::plan::PlanError;
use crate::plan::given::Given;
use crate::plan::secrets::{Lookup, expand, redact_text};
use crate::transport::{
    AtLimit, Compression, EngineKind, HttpVersion, Roots, Sni, TlsVersion, TransportConfig,
};
use rustls::pki_types::ServerName;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Connections at most, in use or kept.
const MAX_CONNECTIONS: u64 = 1_000_000;
/// Streams of one connection at most: no load has more requests in flight.
const MAX_STREAMS: u64 = 1_000_000;
/// The longest time that something may take.
const MAX_TIME: Duration = Duration::from_secs(3_600);
/// The longest time that an idle connection may be kept.
const MAX_IDLE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// The largest window of HTTP/2, in bytes (RFC 9113, 6.9.1).
const MAX_WINDOW: u64 = (1 << 31) - 1;
/// The longest path of a Unix socket that every system takes, in bytes.
const MAX_SOCKET_PATH: usize = 103;

const TLS_VERSIONS: [(&str, TlsVersion); 2] = [("1.2", TlsVersion::V12), ("1.3", TlsVersion::V13)];

/// Puts one setting into `config`.
pub(super) fn set(
    config: &mut TransportConfig,
    key: &str,
    value: &Given,
    env: Lookup<'_>,
) -> Result<(), PlanError> {
    match key {
        "engine" => {
            config.engine = value.choice(&[
                ("reqwest", EngineKind::Reqwest),
                ("direct", EngineKind::Direct),
            ])?;
        }
        "http" => config.http = http(value)?,
        "keep_alive" => config.keep_alive = value.truth()?,
        "pool" => config.pool = Some(value.whole(0..=MAX_CONNECTIONS)? as usize),
        "pool_idle" => config.pool_idle = Some(time(value, MAX_IDLE)?),
        "max_connections" => config.limits.connections = Some(count(value, MAX_CONNECTIONS)?),
        "streams" => config.limits.streams = Some(count(value, MAX_STREAMS)?),
        "at_limit" => config.limits.at_limit = at_limit(value)?,
        "connect_timeout" => config.timeouts.connect = Some(time(value, MAX_TIME)?),
        "read_timeout" => config.timeouts.read = Some(time(value, MAX_TIME)?),
        "timeout" => config.timeouts.total = Some(time(value, MAX_TIME)?),
        "nodelay" => config.socket.nodelay = value.truth()?,
        "tcp_keepalive" => config.socket.keepalive = Some(keepalive(value)?),
        "local_address" => config.socket.local_address = Some(address(value)?),
        "unix_socket" => config.socket.unix = Some(unix_socket(value)?),
        "resolve" => config.dns.resolve = Some(address(value)?),
        "dns" => config.dns.cached = value.choice(&[("connection", false), ("cached", true)])?,
        "tls_verify" => config.tls.verify = value.truth()?,
        "roots" => {
            config.tls.roots =
                value.choice(&[("system", Roots::System), ("bundled", Roots::Bundled)])?;
        }
        "ca" => config.tls.ca = Some(files::certificates(value)?),
        "cert" => config.tls.cert = Some(files::certificates(value)?),
        "key" => config.tls.key = Some(files::private_key(value)?),
        "sni" => config.tls.sni = sni(value)?,
        "tls_min" => config.tls.min = value.choice(&TLS_VERSIONS)?,
        "tls_max" => config.tls.max = value.choice(&TLS_VERSIONS)?,
        "tls_resumption" => config.tls.resumption = value.truth()?,
        "proxy" => config.proxy = Some(proxy(value, env)?),
        "compression" => config.compression = value.choice(&Compression::NAMES)?,
        "h2_stream_window" => config.http2.stream_window = Some(window(value)?),
        "h2_connection_window" => config.http2.connection_window = Some(window(value)?),
        "h2_adaptive_window" => config.http2.adaptive_window = value.truth()?,
        "h2_ping" => config.http2.ping = Some(time(value, MAX_TIME)?),
        "h2_ping_timeout" => config.http2.ping_timeout = Some(time(value, MAX_TIME)?),
        _ => unreachable!("every key of the table has an arm; a test sees to it"),
    }
    Ok(())
}

fn http(value: &Given) -> Result<HttpVersion, PlanError> {
    let version = value.choice(&HttpVersion::NAMES)?;
    if version == HttpVersion::Http3 && !cfg!(feature = "http3") {
        return Err(value.bad(
            "this build does not speak HTTP/3; build it with `cargo build --release --features http3`, or give auto, 1.1, 2 or \
             h2c",
        ));
    }
    Ok(version)
}

fn time(value: &Given, max: Duration) -> Result<Duration, PlanError> {
    value.duration(Duration::from_nanos(1), max)
}

fn count(value: &Given, max: u64) -> Result<usize, PlanError> {
    value.whole(1..=max).map(|count| count as usize)
}

fn window(value: &Given) -> Result<u32, PlanError> {
    value.whole(1..=MAX_WINDOW).map(|bytes| bytes as u32)
}

fn at_limit(value: &Given) -> Result<AtLimit, PlanError> {
    match value.text.as_str() {
        "wait" => Ok(AtLimit::Wait),
        "fail" => Ok(AtLimit::Fail),
        text if text.starts_with(|c: char| c.is_ascii_digit()) => {
            time(value, MAX_TIME).map(AtLimit::WaitFor)
        }
        _ => Err(value.bad("must be wait, fail, or how long to wait, such as 2s")),
    }
}

/// The system counts in whole seconds.
fn keepalive(value: &Given) -> Result<Duration, PlanError> {
    let time = time(value, MAX_TIME)?;
    if time.as_secs() == 0 || time.subsec_nanos() != 0 {
        return Err(value.bad("must be whole seconds, at least 1s"));
    }
    Ok(time)
}

fn address(value: &Given) -> Result<IpAddr, PlanError> {
    let text = value.line(60)?;
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    bare.unwrap_or(&text)
        .parse()
        .map_err(|_| value.bad("must be an IP address without a port, such as 127.0.0.1 or ::1"))
}

fn unix_socket(value: &Given) -> Result<PathBuf, PlanError> {
    if !cfg!(unix) {
        return Err(value.bad("this system has no Unix sockets"));
    }
    let path = value.at.resolve(Path::new(&value.line(4_096)?));
    if path.as_os_str().len() > MAX_SOCKET_PATH {
        return Err(value.bad(format!(
            "the path of a Unix socket may have {MAX_SOCKET_PATH} bytes at most"
        )));
    }
    Ok(path)
}

fn sni(value: &Given) -> Result<Sni, PlanError> {
    let text = value.line(253)?;
    match text.as_str() {
        "off" => Ok(Sni::Off),
        "host" => Ok(Sni::Host),
        name => match ServerName::try_from(name) {
            Ok(ServerName::DnsName(name)) => Ok(Sni::Name(name.as_ref().to_owned())),
            _ => Err(value.bad("must be a host's name, off, or host for the URL's")),
        },
    }
}

fn proxy(value: &Given, env: Lookup<'_>) -> Result<String, PlanError> {
    let expanded = expand(&value.text, &value.at, env)?.text;
    let bad = |problem: &str| value.bad_as(&redact_text(&value.text), problem);
    let wanted = "must be a proxy's URL, such as http://localhost:3128 or socks5://localhost:1080";
    let (_, rest) = expanded.split_once("://").ok_or_else(|| bad(wanted))?;
    let url = Url::parse(&expanded).map_err(|_| bad(wanted))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        return Err(bad(
            "proxies are http://, https://, socks5:// (names are looked up here) or socks5h:// (by the proxy)",
        ));
    }
    if rest.starts_with('/') || url.host_str().is_none_or(str::is_empty) {
        return Err(bad(wanted));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(bad(
            "a proxy's URL ends with its port: a path would have no effect",
        ));
    }
    Ok(expanded)
}
