//! The settings of a transport: how connections are made and used. Plain data, already checked by `plan`.

use crate::text;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

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

impl HttpVersion {
    /// The name used in plans, options and files.
    pub fn name(self) -> &'static str {
        match self {
            HttpVersion::Auto => "auto",
            HttpVersion::Http11 => "1.1",
            HttpVersion::Http2 => "2",
            HttpVersion::H2c => "h2c",
        }
    }
}

impl TransportConfig {
    /// One line for the screen and for files: the engine, then whatever is not the default, as in
    /// `reqwest, http 1.1, max_connections 7`. Passwords are left out.
    pub fn describe(&self) -> String {
        let default = TransportConfig::default();
        let mut line = "reqwest".to_owned();
        let mut add = |key: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = write!(line, ", {key} {value}");
        };
        let on_off = |on: bool| if on { "on" } else { "off" };
        if self.http != default.http {
            add("http", self.http.name());
        }
        if self.keep_alive != default.keep_alive {
            add("keep_alive", on_off(self.keep_alive));
        }
        if let Some(pool) = self.pool {
            add("pool", &pool.to_string());
        }
        if let Some(idle) = self.pool_idle {
            add("pool_idle", &text::setting(idle));
        }
        if let Some(limit) = self.max_connections {
            add("max_connections", &limit.to_string());
        }
        if self.nodelay != default.nodelay {
            add("nodelay", on_off(self.nodelay));
        }
        if let Some(limit) = self.connect_timeout {
            add("connect_timeout", &text::setting(limit));
        }
        if self.tls_verify != default.tls_verify {
            add("tls_verify", on_off(self.tls_verify));
        }
        if let Some(ca) = &self.ca {
            add("ca", &text::printable(&ca.to_string_lossy(), 200));
        }
        if let Some(proxy) = &self.proxy {
            add("proxy", &redacted(proxy));
        }
        line
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
    use super::*;

    #[test]
    fn the_description_names_what_is_not_the_default() {
        assert_eq!(TransportConfig::default().describe(), "reqwest");
        let config = TransportConfig {
            http: HttpVersion::Http11,
            max_connections: Some(7),
            ..TransportConfig::default()
        };
        assert_eq!(config.describe(), "reqwest, http 1.1, max_connections 7");
        let config = TransportConfig {
            http: HttpVersion::H2c,
            keep_alive: false,
            pool: Some(3),
            pool_idle: Some(Duration::from_millis(500)),
            nodelay: false,
            connect_timeout: Some(Duration::from_secs(2)),
            tls_verify: false,
            ca: Some("ca\u{1b}.pem".into()),
            proxy: Some("http://me:secret@127.0.0.1:3128".to_owned()),
            ..TransportConfig::default()
        };
        assert_eq!(
            config.describe(),
            "reqwest, http h2c, keep_alive off, pool 3, pool_idle 500ms, nodelay off, connect_timeout 2s, \
             tls_verify off, ca ca·.pem, proxy http://me:***@127.0.0.1:3128/"
        );
    }

    #[test]
    fn a_login_is_hidden_even_in_what_is_not_a_url() {
        assert_eq!(redacted("me:secret@127.0.0.1:3128"), "***@127.0.0.1:3128");
        assert_eq!(redacted("http://127.0.0.1:3128"), "http://127.0.0.1:3128");
    }
}
