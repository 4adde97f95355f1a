//! The keys of a transport: one table for whoever reads, lists or describes settings.

use super::{AtLimit, Compression, EngineKind, HttpVersion, Roots, Sni, Tls, TransportConfig};
use crate::text;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// One key of a transport.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The key in a SPEC, in a plan file, on the screen and in files.
    pub key: &'static str,
    /// What a configuration has for it, in words; `None` where nobody chose. No secrets, printable.
    pub value: fn(&TransportConfig) -> Option<String>,
    /// What stands for `None`.
    pub unset: &'static str,
}

/// The key that names the engine.
const ENGINE: &str = "engine";

/// Every key, in the order in which they are described.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: ENGINE,
        value: |c| (c.engine != EngineKind::default()).then(|| c.engine.name().to_owned()),
        unset: "reqwest",
    },
    Setting {
        key: "http",
        value: |c| (c.http != HttpVersion::Auto).then(|| c.http.name().to_owned()),
        unset: "auto",
    },
    Setting {
        key: "keep_alive",
        value: |c| off(c.keep_alive),
        unset: "true",
    },
    Setting {
        key: "pool",
        value: |c| number(c.pool),
        unset: "default",
    },
    Setting {
        key: "pool_idle",
        value: |c| time(c.pool_idle),
        unset: "default",
    },
    Setting {
        key: "max_connections",
        value: |c| number(c.limits.connections),
        unset: "unlimited",
    },
    Setting {
        key: "streams",
        value: |c| number(c.limits.streams),
        unset: "unlimited",
    },
    Setting {
        key: "at_limit",
        value: |c| match c.limits.at_limit {
            AtLimit::Wait => None,
            AtLimit::Fail => Some("fail".to_owned()),
            AtLimit::WaitFor(limit) => time(Some(limit)),
        },
        unset: "wait",
    },
    Setting {
        key: "connect_timeout",
        value: |c| time(c.timeouts.connect),
        unset: "none",
    },
    Setting {
        key: "read_timeout",
        value: |c| time(c.timeouts.read),
        unset: "none",
    },
    Setting {
        key: "timeout",
        value: |c| time(c.timeouts.total),
        unset: "none",
    },
    Setting {
        key: "nodelay",
        value: |c| off(c.socket.nodelay),
        unset: "true",
    },
    Setting {
        key: "tcp_keepalive",
        value: |c| time(c.socket.keepalive),
        unset: "off",
    },
    Setting {
        key: "local_address",
        value: |c| c.socket.local_address.map(|address| address.to_string()),
        unset: "any",
    },
    Setting {
        key: "unix_socket",
        value: |c| path(c.socket.unix.as_ref()),
        unset: "none",
    },
    Setting {
        key: "resolve",
        value: |c| c.dns.resolve.map(|address| address.to_string()),
        unset: "by DNS",
    },
    Setting {
        key: "dns",
        value: |c| c.dns.cached.then(|| "cached".to_owned()),
        unset: "connection",
    },
    Setting {
        key: "tls_verify",
        value: |c| off(c.tls.verify),
        unset: "true",
    },
    Setting {
        key: "roots",
        value: |c| (c.tls.roots == Roots::Bundled).then(|| "bundled".to_owned()),
        unset: "system",
    },
    Setting {
        key: "ca",
        value: |c| path(c.tls.ca.as_ref()),
        unset: "none",
    },
    Setting {
        key: "cert",
        value: |c| path(c.tls.cert.as_ref()),
        unset: "none",
    },
    Setting {
        key: "key",
        value: |c| path(c.tls.key.as_ref()),
        unset: "in cert",
    },
    Setting {
        key: "sni",
        value: |c| match &c.tls.sni {
            Sni::Host => None,
            Sni::Off => Some("off".to_owned()),
            Sni::Name(name) => Some(text::printable(name, 100)),
        },
        unset: "host",
    },
    Setting {
        key: "tls_min",
        value: |c| (c.tls.min != Tls::default().min).then(|| c.tls.min.name().to_owned()),
        unset: "1.2",
    },
    Setting {
        key: "tls_max",
        value: |c| (c.tls.max != Tls::default().max).then(|| c.tls.max.name().to_owned()),
        unset: "1.3",
    },
    Setting {
        key: "tls_resumption",
        value: |c| off(c.tls.resumption),
        unset: "true",
    },
    Setting {
        key: "proxy",
        value: |c| c.proxy.as_deref().map(redacted),
        unset: "none",
    },
    Setting {
        key: "compression",
        value: |c| {
            let chosen = c.compression;
            (chosen != Compression::Off).then(|| chosen.name().to_owned())
        },
        unset: "off",
    },
    Setting {
        key: "h2_stream_window",
        value: |c| number(c.http2.stream_window),
        unset: "default",
    },
    Setting {
        key: "h2_connection_window",
        value: |c| number(c.http2.connection_window),
        unset: "default",
    },
    Setting {
        key: "h2_adaptive_window",
        value: |c| c.http2.adaptive_window.then(|| "true".to_owned()),
        unset: "false",
    },
    Setting {
        key: "h2_ping",
        value: |c| time(c.http2.ping),
        unset: "off",
    },
    Setting {
        key: "h2_ping_timeout",
        value: |c| time(c.http2.ping_timeout),
        unset: "default",
    },
];

fn off(on: bool) -> Option<String> {
    (!on).then(|| "false".to_owned())
}

fn number(value: Option<impl ToString>) -> Option<String> {
    value.map(|number| number.to_string())
}

fn time(value: Option<Duration>) -> Option<String> {
    value.map(text::setting)
}

fn path(value: Option<&PathBuf>) -> Option<String> {
    value.map(|path| text::printable(&path.to_string_lossy(), 100))
}

impl TransportConfig {
    /// One line for the screen and for files: the engine, then whatever is not the default, as in
    /// `reqwest, http 1.1, max_connections 7`. Passwords are left out.
    pub fn describe(&self) -> String {
        let others = SETTINGS.iter().filter(|setting| setting.key != ENGINE);
        let chosen = others.filter_map(|setting| {
            let value = (setting.value)(self)?;
            Some(format!(", {} {value}", setting.key))
        });
        std::iter::once(self.engine.name().to_owned())
            .chain(chosen)
            .collect()
    }
}

/// A proxy's URL as it may be shown: the password replaced by `***`.
pub(crate) fn redacted(proxy: &str) -> String {
    let url = Url::parse(proxy).ok().filter(Url::has_host);
    let shown = match (url, proxy.rsplit_once('@')) {
        (Some(mut url), _) if url.password().is_some() => {
            // Fails only for URLs without a host.
            let _ = url.set_password(Some("***"));
            url.to_string()
        }
        // Not a URL, but what stands before an @ may still be a login.
        (None, Some((_, host))) => format!("***@{host}"),
        _ => proxy.to_owned(),
    };
    text::printable(&shown, 200)
}

#[cfg(test)]
mod tests {
    use super::super::{Dns, Http2, Limits, Socket, Timeouts, TlsVersion};
    use super::*;

    /// Nothing as it is by default.
    fn everything() -> TransportConfig {
        let second = Some(Duration::from_secs(1));
        TransportConfig {
            engine: EngineKind::Direct,
            http: HttpVersion::H2c,
            keep_alive: false,
            pool: Some(3),
            pool_idle: Some(Duration::from_millis(500)),
            limits: Limits {
                connections: Some(7),
                streams: Some(10),
                at_limit: AtLimit::Fail,
            },
            timeouts: Timeouts {
                connect: second,
                read: second,
                total: second,
            },
            socket: Socket {
                nodelay: false,
                keepalive: second,
                local_address: Some([127, 0, 0, 2].into()),
                unix: Some("a.sock".into()),
            },
            dns: Dns {
                resolve: Some([127, 0, 0, 1].into()),
                cached: true,
            },
            tls: Tls {
                verify: false,
                roots: Roots::Bundled,
                ca: Some("ca\u{1b}.pem".into()),
                cert: Some("c.pem".into()),
                key: Some("k.pem".into()),
                sni: Sni::Off,
                min: TlsVersion::V13,
                max: TlsVersion::V12,
                resumption: false,
            },
            proxy: Some("http://me:secret@127.0.0.1:3128".to_owned()),
            compression: Compression::Gzip,
            http2: Http2 {
                stream_window: Some(1),
                connection_window: Some(2),
                adaptive_window: true,
                ping: second,
                ping_timeout: second,
            },
        }
    }

    #[test]
    fn the_description_names_what_is_not_the_default() {
        assert_eq!(TransportConfig::default().describe(), "reqwest");
        let config = TransportConfig {
            http: HttpVersion::Http11,
            limits: Limits {
                connections: Some(7),
                ..Limits::default()
            },
            ..TransportConfig::default()
        };
        assert_eq!(config.describe(), "reqwest, http 1.1, max_connections 7");
    }

    #[test]
    fn every_setting_that_was_chosen_is_described() {
        let config = everything();
        for setting in SETTINGS {
            let value = (setting.value)(&config);
            assert!(value.is_some(), "{}", setting.key);
            assert_ne!(value.as_deref(), Some(setting.unset), "{}", setting.key);
            assert_eq!((setting.value)(&TransportConfig::default()), None);
        }
        let line = config.describe();
        for part in [
            "direct, http h2c, keep_alive false, pool 3, pool_idle 500ms",
            "at_limit fail",
            "ca ca·.pem",
            "proxy http://me:***@127.0.0.1:3128/",
        ] {
            assert!(line.contains(part), "{line}");
        }
    }

    #[test]
    fn a_login_is_hidden_even_in_what_is_not_a_url() {
        assert_eq!(redacted("me:secret@127.0.0.1:3128"), "***@127.0.0.1:3128");
        assert_eq!(redacted("http://127.0.0.1:3128"), "http://127.0.0.1:3128");
    }
}
