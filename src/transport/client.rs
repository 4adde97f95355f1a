//! Builds reqwest clients that do what a [`TransportConfig`] says and nothing besides: no retries, no redirects, no proxy
//! from the environment, no time limits of their own.
//!
//! One thing remains that reqwest does not let us turn off: a request that found its pooled connection closed before a
//! single byte of it was sent is moved to another connection. It was never on the wire, so it is one request still.

use super::config::{HttpVersion, TransportConfig};
use super::error::TransportError;
use super::login::without_login;
use super::tally::{Tally, TallyLayer};
use super::tls;
use reqwest::{Client, Proxy};
use rustls::ClientConfig;
use std::sync::Arc;
use url::Url;

/// How to connect to one target: everything that the clients of one transport have in common.
pub(crate) struct Connecting {
    config: TransportConfig,
    tls: ClientConfig,
    proxy: Option<Proxy>,
    tally: Arc<Tally>,
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
        Ok(Connecting {
            tls: tls::client_config(config, uses_tls)?,
            config: config.clone(),
            proxy,
            tally,
        })
    }

    /// A client of its own, with its own pool of at most `idle` idle connections (`None`: the engine's default).
    pub(crate) fn client(&self, idle: Option<usize>) -> Result<Client, TransportError> {
        let config = &self.config;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .connector_layer(TallyLayer(Arc::clone(&self.tally)))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .tcp_nodelay(config.nodelay)
            .tcp_keepalive(None);
        #[cfg(target_os = "linux")]
        {
            builder = builder.tcp_user_timeout(None);
        }
        builder = match config.http {
            HttpVersion::Auto => builder,
            HttpVersion::Http11 => builder.http1_only(),
            HttpVersion::Http2 | HttpVersion::H2c => builder.http2_prior_knowledge(),
        };
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        if let Some(limit) = config.connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        if let Some(limit) = config.pool_idle {
            builder = builder.pool_idle_timeout(limit);
        }
        let idle = if config.keep_alive { idle } else { Some(0) };
        if let Some(idle) = idle {
            builder = builder.pool_max_idle_per_host(idle);
        }
        builder.build().map_err(|e| TransportError::Client {
            reason: super::failure::cause(&e),
        })
    }
}

fn check_scheme(url: &Url, http: HttpVersion) -> Result<(), TransportError> {
    match (url.scheme(), http) {
        ("http", HttpVersion::Http2) => Err(TransportError::Http2NeedsTls {
            url: without_login(url),
        }),
        ("https", HttpVersion::H2c) => Err(TransportError::H2cNeedsClearText {
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
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unusable(
            "only http:// and https:// proxies are known".to_owned(),
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
