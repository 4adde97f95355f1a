//! Settings that cannot take effect, alone with this URL or beside others. Every error names both sides.

mod tls;

use super::ByKey;
use crate::plan::PlanError;
use crate::transport::{
    AtLimit, Compression, EngineKind, HttpVersion, TlsVersion, TransportConfig,
};
use http::HeaderMap;
use http::header::ACCEPT_ENCODING;
use std::net::IpAddr;
use std::time::Duration;
use url::Url;

/// Settings whose values are not repeated in errors: long, or with a password.
const NOT_REPEATED: [&str; 5] = ["ca", "cert", "key", "proxy", "unix_socket"];

const HTTP2: [&str; 6] = [
    "streams",
    "h2_stream_window",
    "h2_connection_window",
    "h2_adaptive_window",
    "h2_ping",
    "h2_ping_timeout",
];
/// Requests at once over all connections: no load has more in flight.
const MOST_AT_ONCE: usize = 1_000_000;
/// What a Unix socket has no use for.
const NETWORK: [&str; 6] = [
    "proxy",
    "resolve",
    "dns",
    "local_address",
    "nodelay",
    "tcp_keepalive",
];

/// The settings that were given, and what was made of them.
struct Found<'a> {
    given: &'a ByKey<'a>,
    config: &'a TransportConfig,
    target: &'a Url,
}

/// Refuses what cannot take effect together.
pub(super) fn check(
    given: &ByKey<'_>,
    config: &TransportConfig,
    target: &Url,
) -> Result<(), PlanError> {
    let found = Found {
        given,
        config,
        target,
    };
    found.version()?;
    found.engine()?;
    found.reuse()?;
    found.limits()?;
    found.network()?;
    found.names()?;
    found.tls()?;
    found.http2()?;
    found.times()
}

/// Refuses a time limit that `timeout`, the load's own, always forestalls.
pub(super) fn check_timeout(
    given: &ByKey<'_>,
    config: &TransportConfig,
    timeout: Duration,
) -> Result<(), PlanError> {
    let times = &config.timeouts;
    let patience = config.limits.at_limit.patience();
    for (key, limit) in [
        ("timeout", times.total),
        ("read_timeout", times.read),
        ("connect_timeout", times.connect),
        ("at_limit", patience),
    ] {
        let (Some(value), Some(limit)) = (given.get(key), limit) else {
            continue;
        };
        if limit >= timeout {
            return Err(value.bad(format!(
                "never comes about, since a request has failed by the load's timeout of {}; give a shorter time, or a longer \
                 --timeout",
                crate::text::setting(timeout)
            )));
        }
    }
    Ok(())
}

/// Refuses to ask for compressed answers in a request that says itself what it accepts.
pub(super) fn check_headers(
    given: &ByKey<'_>,
    config: &TransportConfig,
    headers: &HeaderMap,
) -> Result<(), PlanError> {
    match given.get("compression") {
        Some(value)
            if config.compression != Compression::Off && headers.contains_key(ACCEPT_ENCODING) =>
        {
            Err(value.bad(
                "asks with accept-encoding, a header that the request sets itself; leave one of the two out",
            ))
        }
        _ => Ok(()),
    }
}

impl Found<'_> {
    /// An error about `key`, if it was given.
    fn refuse(&self, key: &str, problem: impl Into<String>) -> Result<(), PlanError> {
        match self.given.get(key) {
            Some(value) if NOT_REPEATED.contains(&key) => Err(value.at.bad(problem)),
            Some(value) => Err(value.bad(problem)),
            None => Ok(()),
        }
    }

    fn refuse_all(&self, keys: &[&str], problem: &str) -> Result<(), PlanError> {
        keys.iter()
            .try_for_each(|key| self.refuse(key, problem.to_owned()))
    }

    fn has(&self, key: &str) -> bool {
        self.given.contains_key(key)
    }

    fn https(&self) -> bool {
        self.target.scheme() == "https"
    }

    /// The proxy's host, where it is an address.
    fn proxy_address(&self) -> Option<IpAddr> {
        let proxy = Url::parse(self.config.proxy.as_deref()?).ok()?;
        let host = proxy.host_str()?;
        host.trim_matches(['[', ']']).parse().ok()
    }

    /// The host of the URL, where it is an address.
    fn address(&self) -> Option<IpAddr> {
        match self.target.host()? {
            url::Host::Domain(_) => None,
            url::Host::Ipv4(address) => Some(address.into()),
            url::Host::Ipv6(address) => Some(address.into()),
        }
    }

    fn proxy_scheme(&self) -> Option<&str> {
        self.config.proxy.as_deref()?.split("://").next()
    }

    fn version(&self) -> Result<(), PlanError> {
        match self.config.http {
            HttpVersion::Http2 if !self.https() => self.refuse(
                "http",
                "HTTP/2 over TLS needs an https:// URL; for HTTP/2 in clear text give h2c",
            ),
            HttpVersion::H2c if self.https() => self.refuse(
                "http",
                "HTTP/2 in clear text needs an http:// URL, and this one is https://; for HTTP/2 over TLS give 2",
            ),
            HttpVersion::Http3 => self.http3(),
            _ => Ok(()),
        }
    }

    /// What has no place in HTTP/3.
    fn http3(&self) -> Result<(), PlanError> {
        if !self.https() {
            return self.refuse(
                "http",
                "HTTP/3 is always encrypted and needs an https:// URL; in clear text give 1.1 or h2c",
            );
        }
        if self.config.engine != EngineKind::Direct {
            return self.refuse(
                "http",
                "HTTP/3 is spoken by the load's engine=direct only, not by reqwest or the built-in gateway; add engine=direct, or give auto, \
                 1.1 or 2",
            );
        }
        self.refuse_all(
            &["unix_socket", "nodelay", "tcp_keepalive"],
            "is a matter of TCP or Unix sockets, and http=3 goes over UDP; leave one of the two out",
        )?;
        if self.config.tls.max < TlsVersion::V13 {
            return self.refuse("tls_max", "http=3 needs TLS 1.3; leave one of the two out");
        }
        self.refuse(
            "tls_min",
            "has no effect with http=3, which is always TLS 1.3; leave it out",
        )?;
        self.refuse(
            "tls_max",
            "has no effect with http=3, which is always TLS 1.3; leave it out",
        )
    }

    /// What the direct engine does not do.
    fn engine(&self) -> Result<(), PlanError> {
        if self.config.engine != EngineKind::Direct {
            return Ok(());
        }
        let cannot = if self.config.http == HttpVersion::Http3 {
            "is not possible with http=3; leave one of the two out"
        } else {
            "is not possible with engine=direct; leave it out, or use engine=reqwest"
        };
        self.refuse_all(&["proxy", "compression", "h2_adaptive_window"], cannot)
    }

    fn reuse(&self) -> Result<(), PlanError> {
        if !self.config.keep_alive {
            return self.refuse_all(
                &["pool", "pool_idle"],
                "with keep_alive=false no connection is kept; leave one of the two out",
            ).and_then(|()| self.refuse(
                "streams",
                "with keep_alive=false each request has a connection of its own; leave one of the two out",
            ));
        }
        if self.config.pool == Some(0) {
            return self.refuse(
                "pool",
                "keeps no connection, but keep_alive is true; give keep_alive=false, or a pool of 1 or more",
            );
        }
        if self.config.http.is_multiplexed() && self.config.limits.connections.is_none() {
            return self.refuse(
                "pool",
                format!(
                    "has no effect with http={} and no max_connections: one connection carries all requests; leave it out, or add \
                     max_connections",
                    self.config.http.name()
                ),
            );
        }
        Ok(())
    }

    fn limits(&self) -> Result<(), PlanError> {
        let limits = &self.config.limits;
        let multiplexed = self.config.http.is_multiplexed() && self.config.keep_alive;
        let limited = if multiplexed {
            limits.streams.is_some()
        } else {
            limits.connections.is_some()
        };
        if limits.at_limit != AtLimit::Wait && !limited {
            let missing = if multiplexed {
                "streams: a connection that requests share takes any number without it"
            } else {
                "max_connections: there is no limit without it"
            };
            return self.refuse("at_limit", format!("needs {missing}"));
        }
        if let (Some(streams), Some(connections)) = (limits.streams, limits.connections)
            && streams.saturating_mul(connections) > MOST_AT_ONCE
        {
            return self.refuse(
                "streams",
                format!(
                    "with max_connections={connections} more than {} requests at once; give less of one of the two",
                    crate::text::count(MOST_AT_ONCE as u64)
                ),
            );
        }
        if let (Some(pool), Some(limit)) = (self.config.pool, limits.connections)
            && pool > limit
        {
            return self.refuse(
                "pool",
                format!(
                    "more than max_connections={limit} can never be idle; give {limit} or less"
                ),
            );
        }
        Ok(())
    }

    fn network(&self) -> Result<(), PlanError> {
        if self.config.socket.unix.is_some() {
            self.refuse_all(
                &NETWORK,
                "has no effect on unix_socket; leave one of the two out",
            )?;
        }
        if let Some(scheme) = self.proxy_scheme() {
            // What a local look-up of a SOCKS proxy asks for is the target.
            if scheme != "socks5" {
                self.refuse(
                    "resolve",
                    "has no effect with proxy, which looks the target's name up itself; leave one of the two out",
                )?;
            }
        }
        let (peer, to) = if self.has("proxy") {
            ("the proxy at ", self.proxy_address())
        } else {
            ("", self.config.dns.resolve.or_else(|| self.address()))
        };
        if let (Some(from), Some(to)) = (self.config.socket.local_address, to)
            && from.is_ipv4() != to.is_ipv4()
        {
            return self.refuse(
                "local_address",
                format!("cannot reach {peer}{to}: one is IPv4 and the other is IPv6"),
            );
        }
        Ok(())
    }

    fn names(&self) -> Result<(), PlanError> {
        if self.address().is_some() {
            self.refuse(
                "resolve",
                "has no effect: the URL's host is an address, and nothing is looked up",
            )?;
        }
        // Who is looked up here: the proxy, and the target unless the proxy does that.
        let target =
            self.address().is_none() && matches!(self.proxy_scheme(), None | Some("socks5"));
        let proxy = self.has("proxy") && self.proxy_address().is_none();
        if !target && !proxy {
            self.refuse(
                "dns",
                if self.has("proxy") {
                    "has no effect with proxy: its host is an address, and no name is looked up here; leave one of the two out"
                } else {
                    "has no effect: the URL's host is an address, and nothing is looked up"
                },
            )?;
        }
        if self.has("resolve") && !proxy {
            self.refuse(
                "dns",
                "has no effect with resolve, which says the address; leave one of the two out",
            )?;
        }
        Ok(())
    }

    fn http2(&self) -> Result<(), PlanError> {
        let spoken = match self.config.http {
            HttpVersion::Http11 => Some("http=1.1"),
            HttpVersion::Auto if !self.https() => Some("http=auto, which is HTTP/1.1 on http://"),
            _ => None,
        };
        if self.config.http == HttpVersion::Http3 {
            // Streams it has as well.
            self.refuse_all(
                &HTTP2[1..],
                "is a matter of HTTP/2 and has no effect with http=3; leave it out",
            )?;
        }
        if let Some(version) = spoken {
            self.refuse_all(
                &HTTP2,
                &format!(
                    "is a matter of HTTP/2 and has no effect with {version}; give http=h2c or 2"
                ),
            )?;
        }
        if self.config.http == HttpVersion::Auto {
            self.refuse(
                "streams",
                "with http=auto the server may choose HTTP/1.1, which has no streams; give http=2",
            )?;
        }
        if self.config.http2.adaptive_window {
            self.refuse_all(
                &["h2_stream_window", "h2_connection_window"],
                "has no effect with h2_adaptive_window=true; leave one of the two out",
            )?;
        }
        if !self.has("h2_ping") {
            self.refuse(
                "h2_ping_timeout",
                "needs h2_ping: without it nothing is asked",
            )?;
        }
        Ok(())
    }

    fn times(&self) -> Result<(), PlanError> {
        let Some(total) = self.config.timeouts.total else {
            return Ok(());
        };
        for (key, limit) in [
            ("connect_timeout", self.config.timeouts.connect),
            ("read_timeout", self.config.timeouts.read),
        ] {
            if limit.is_some_and(|limit| limit >= total) {
                self.refuse(
                    key,
                    format!(
                        "never comes about, since timeout={} ends the request before",
                        crate::text::setting(total)
                    ),
                )?;
            }
        }
        Ok(())
    }
}
