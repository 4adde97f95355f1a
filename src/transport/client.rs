//! Builds reqwest clients that do what a [`TransportConfig`] says and nothing besides: no retries, no redirects, no proxy
//! from the environment, no time limits of their own.
//!
//! One thing remains that reqwest does not let us turn off: a request that found its pooled connection closed before a
//! single byte of it was sent is moved to another connection. It was never on the wire, so it is one request still.

use super::config::{HttpVersion, Sni, TransportConfig};
use super::dns::{Names, Resolver};
use super::error::TransportError;
use super::login::without_login;
use super::tally::{Tally, TallyLayer};
use super::tls;
use http::HeaderValue;
use http::header::HOST;
use reqwest::{Client, ClientBuilder, Proxy, Request};
use rustls::ClientConfig;
use std::sync::Arc;
use url::Url;

/// How to connect to one target: everything that the clients of one transport have in common.
pub(crate) struct Connecting {
    config: TransportConfig,
    tls: ClientConfig,
    proxy: Option<Proxy>,
    aim: Aim,
    /// One for all clients, so that what is looked up once is known to all.
    resolver: Arc<Resolver>,
    tally: Arc<Tally>,
}

/// What requests are addressed to, where that is not the target itself: the engine sends the URL's host as the server name,
/// so another server name is another host in the URL, which leads to the same address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aim(Option<(String, HeaderValue)>);

impl Aim {
    fn new(url: &Url, config: &TransportConfig) -> Aim {
        let Sni::Name(name) = &config.tls.sni else {
            return Aim(None);
        };
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        Aim(HeaderValue::from_str(authority)
            .ok()
            .map(|host| (name.clone(), host)))
    }

    /// Addresses a request to the target.
    pub(crate) fn at(&self, request: &mut Request) {
        if let Some((name, host)) = &self.0 {
            request.headers_mut().entry(HOST).or_insert(host.clone());
            // Fails only for URLs without a host.
            let _ = request.url_mut().set_host(Some(name));
        }
    }
}

impl Connecting {
    /// Checks `config` against `url` and reads the certificates that it needs.
    pub(crate) fn new(
        url: &Url,
        config: &TransportConfig,
        tally: Arc<Tally>,
    ) -> Result<Self, TransportError> {
        check_scheme(url, config.http)?;
        let proxy_url = config.proxy.as_deref().map(parse_proxy).transpose()?;
        let uses_tls =
            url.scheme() == "https" || proxy_url.as_ref().is_some_and(|p| p.scheme() == "https");
        let proxy = match proxy_url {
            None => None,
            Some(url) => Some(Proxy::all(url).map_err(|e| bad_proxy(config, &e.to_string()))?),
        };
        let aim = Aim::new(url, config);
        let host = url.host_str().unwrap_or_default();
        Ok(Connecting {
            tls: tls::client_config(config, uses_tls)?,
            config: config.clone(),
            proxy,
            resolver: Arc::new(resolver(config, &aim, host, &tally)),
            aim,
            tally,
        })
    }

    /// What requests are addressed to.
    pub(crate) fn aim(&self) -> Aim {
        self.aim.clone()
    }

    /// A client of its own, with its own pool of at most `idle` idle connections (`None`: the engine's default).
    pub(crate) fn client(&self, idle: Option<usize>) -> Result<Client, TransportError> {
        let config = &self.config;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .connector_layer(TallyLayer(Arc::clone(&self.tally)))
            .dns_resolver(Arc::clone(&self.resolver))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy();
        builder = match config.http {
            HttpVersion::Auto => builder,
            HttpVersion::Http11 => builder.http1_only(),
            HttpVersion::Http2 | HttpVersion::H2c => builder.http2_prior_knowledge(),
            HttpVersion::Http3 => return Err(TransportError::Http3Engine),
        };
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        if let Some(limit) = config.pool_idle {
            builder = builder.pool_idle_timeout(limit);
        }
        let idle = if config.keep_alive { idle } else { Some(0) };
        if let Some(idle) = idle {
            builder = builder.pool_max_idle_per_host(idle);
        }
        builder = sockets(builder, config);
        builder = times(builder, config);
        builder = http2(builder, config);
        builder.build().map_err(|e| TransportError::Client {
            reason: super::failure::cause(&e),
        })
    }
}

fn resolver(config: &TransportConfig, aim: &Aim, host: &str, tally: &Tally) -> Resolver {
    let (asked, stands_for) = match &aim.0 {
        None => (host.to_owned(), None),
        Some((name, _)) => (name.clone(), Some(host.to_owned())),
    };
    let clock = tally.clock().clone();
    Resolver::new(Names::new(config, asked, stands_for, clock, tally.known()))
}

fn sockets(mut builder: ClientBuilder, config: &TransportConfig) -> ClientBuilder {
    let socket = &config.socket;
    builder = builder
        .tcp_nodelay(socket.nodelay)
        .tcp_keepalive(socket.keepalive)
        .tcp_keepalive_interval(socket.keepalive)
        .local_address(socket.local_address);
    if socket.keepalive.is_none() {
        // The engine's own number of questions would turn them on.
        builder = builder.tcp_keepalive_retries(None);
    }
    #[cfg(target_os = "linux")]
    {
        builder = builder.tcp_user_timeout(None);
    }
    #[cfg(unix)]
    if let Some(path) = &socket.unix {
        builder = builder.unix_socket(path.as_path());
    }
    builder
}

fn times(mut builder: ClientBuilder, config: &TransportConfig) -> ClientBuilder {
    if let Some(limit) = config.timeouts.connect {
        builder = builder.connect_timeout(limit);
    }
    if let Some(limit) = config.timeouts.read {
        builder = builder.read_timeout(limit);
    }
    if let Some(limit) = config.timeouts.total {
        builder = builder.timeout(limit);
    }
    builder
}

fn http2(mut builder: ClientBuilder, config: &TransportConfig) -> ClientBuilder {
    let http2 = &config.http2;
    builder = builder.http2_adaptive_window(http2.adaptive_window);
    if let Some(bytes) = http2.stream_window {
        builder = builder.http2_initial_stream_window_size(bytes);
    }
    if let Some(bytes) = http2.connection_window {
        builder = builder.http2_initial_connection_window_size(bytes);
    }
    if let Some(interval) = http2.ping {
        builder = builder
            .http2_keep_alive_interval(interval)
            .http2_keep_alive_while_idle(true);
    }
    if let Some(limit) = http2.ping_timeout {
        builder = builder.http2_keep_alive_timeout(limit);
    }
    builder
}

pub(super) fn check_scheme(url: &Url, http: HttpVersion) -> Result<(), TransportError> {
    match (url.scheme(), http) {
        ("http", HttpVersion::Http2) => Err(TransportError::Http2NeedsTls {
            url: without_login(url),
        }),
        ("https", HttpVersion::H2c) => Err(TransportError::H2cNeedsClearText {
            url: without_login(url),
        }),
        ("http", HttpVersion::Http3) => Err(TransportError::Http3NeedsTls {
            url: without_login(url),
        }),
        ("http" | "https", _) => Ok(()),
        _ => Err(TransportError::Scheme {
            url: without_login(url),
        }),
    }
}

fn parse_proxy(proxy: &str) -> Result<Url, TransportError> {
    let unusable = |reason: String| TransportError::Proxy {
        proxy: super::config::redacted(proxy),
        reason,
    };
    let url = Url::parse(proxy).map_err(|e| unusable(e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        return Err(unusable(
            "only http://, https://, socks5:// and socks5h:// proxies are known".to_owned(),
        ));
    }
    Ok(url)
}

fn bad_proxy(config: &TransportConfig, reason: &str) -> TransportError {
    TransportError::Proxy {
        proxy: super::config::redacted(config.proxy.as_deref().unwrap_or_default()),
        reason: reason.to_owned(),
    }
}
