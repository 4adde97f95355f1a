//! The reqwest engine against real servers: what is negotiated, counted, limited and reported.

pub(crate) mod certificates;
mod content;
pub(crate) mod direct;
mod direct_http2;
mod failures;
#[cfg(feature = "http3")]
mod http3;
pub(crate) mod keys;
pub(crate) mod limits;
mod lines;
mod observed;
mod pasted;
mod proxied;
pub(crate) mod proxies;
pub(crate) mod server;
mod signs;
#[cfg(target_os = "linux")]
pub(crate) mod socket;

use bytes::Bytes;
use certificates::{Authority, pem_file, serving};
use dragstrip::clock::Clock;
use dragstrip::outcome::Outcome;
use dragstrip::transport::{
    ConnectionCounters, Exchange, HttpVersion, Limits, RequestSpec, ReqwestTransport, Share, Tls,
    Transport, TransportConfig, TransportError,
};
use http::{HeaderMap, Method, Version};
use server::Server;
use std::sync::Arc;

fn spec(url: &str) -> RequestSpec {
    RequestSpec {
        url: url.parse().unwrap(),
        method: Method::POST,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{\"a\":1}").into(),
    }
}

/// A transport and what it counts.
pub(crate) struct Lane {
    pub(crate) transport: ReqwestTransport,
    pub(crate) counters: Arc<ConnectionCounters>,
}

pub(crate) fn transport(url: &str, config: &TransportConfig) -> Lane {
    let counters = Arc::<ConnectionCounters>::default();
    let clock = Clock::monotonic();
    let transport = ReqwestTransport::new(
        &spec(url),
        config,
        Share::WHOLE,
        Arc::clone(&counters),
        clock,
    )
    .unwrap();
    Lane {
        transport,
        counters,
    }
}

/// One exchange over a transport of its own.
pub(crate) async fn once(url: &str, config: &TransportConfig) -> Exchange {
    transport(url, config).transport.exchange().await
}

pub(crate) fn http(version: HttpVersion) -> TransportConfig {
    TransportConfig {
        http: version,
        ..TransportConfig::default()
    }
}

#[tokio::test]
async fn clear_text_speaks_the_version_it_is_told() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    for (config, expected) in [
        (HttpVersion::Auto, Version::HTTP_11),
        (HttpVersion::Http11, Version::HTTP_11),
        (HttpVersion::H2c, Version::HTTP_2),
    ] {
        let exchange = once(&url, &http(config)).await;
        assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
        assert_eq!(exchange.version, Some(expected));
        assert_eq!((exchange.bytes, exchange.error), (5, None));
        assert!(exchange.first_byte.unwrap() <= exchange.done);
    }
}

#[tokio::test]
async fn tls_negotiates_the_version_it_is_told() {
    let (authority, both) = serving(&["h2", "http/1.1"]);
    let server = Server::start(Some(both));
    let url = format!("https://{}/ok", server.addr);
    for (version, expected) in [
        (HttpVersion::Auto, Version::HTTP_2),
        (HttpVersion::Http11, Version::HTTP_11),
        (HttpVersion::Http2, Version::HTTP_2),
    ] {
        let config = TransportConfig {
            tls: Tls {
                ca: Some(authority.file()),
                ..Tls::default()
            },
            ..http(version)
        };
        let exchange = once(&url, &config).await;
        assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
        assert_eq!(exchange.version, Some(expected));
    }
}

#[tokio::test]
async fn auto_falls_back_to_http_1_where_the_server_has_no_http_2() {
    let (authority, old) = serving(&["http/1.1"]);
    let server = Server::start(Some(old));
    let url = format!("https://{}/ok", server.addr);
    let config = |version| TransportConfig {
        tls: Tls {
            ca: Some(authority.file()),
            ..Tls::default()
        },
        ..http(version)
    };
    let exchange = once(&url, &config(HttpVersion::Auto)).await;
    assert_eq!(exchange.version, Some(Version::HTTP_11));
    let exchange = once(&url, &config(HttpVersion::Http2)).await;
    assert_eq!(exchange.outcome, Outcome::Tls, "{exchange:?}");
}

#[tokio::test]
async fn certificates_are_checked_unless_told_otherwise() {
    let (_, tls) = serving(&["http/1.1"]);
    let other = Authority::new();
    let server = Server::start(Some(tls));
    let url = format!("https://{}/ok", server.addr);
    let unknown = TransportConfig {
        tls: Tls {
            ca: Some(other.file()),
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let lane = transport(&url, &unknown);
    let exchange = lane.transport.exchange().await;
    assert_eq!(exchange.outcome, Outcome::Tls, "{exchange:?}");
    let text = exchange.error.unwrap();
    assert!(text.contains("certificate"), "{text}");
    assert_eq!(lane.counters.totals().failed, 1);
    let unverified = TransportConfig {
        tls: Tls {
            verify: false,
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    assert_eq!(once(&url, &unverified).await.outcome, Outcome::Ok);
}

#[tokio::test]
async fn connections_are_kept_and_their_reuse_is_counted() {
    let server = Server::start(None);
    let lane = transport(
        &format!("http://{}/ok", server.addr),
        &TransportConfig::default(),
    );
    let mut reused = Vec::new();
    for _ in 0..10 {
        reused.push(lane.transport.exchange().await.reused);
    }
    assert_eq!(reused[0], Some(false));
    assert!(reused[1..].iter().all(|&r| r == Some(true)), "{reused:?}");
    let totals = lane.counters.totals();
    assert_eq!((totals.opened, totals.reused, totals.failed), (1, 9, 0));
    assert_eq!(totals.openings.connect_us.len(), 1);
    assert_eq!(server.seen.opened(), 1);
}

#[tokio::test]
async fn without_keep_alive_every_request_has_its_own_connection() {
    let server = Server::start(None);
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let before = server.seen.opened();
        let config = TransportConfig {
            keep_alive: false,
            ..http(version)
        };
        let url = format!("http://{}/echo-headers", server.addr);
        let lane = transport(&url, &config);
        for _ in 0..5 {
            let exchange = lane.transport.exchange().await;
            assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
            assert_eq!(exchange.reused, Some(false));
        }
        assert_eq!(server.seen.opened() - before, 5);
        assert_eq!(lane.counters.totals().opened, 5);
        assert_eq!(lane.counters.totals().reused, 0);
    }
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_with_a_reason() {
    let refused = |url: &str, config: &TransportConfig, share: Share| -> TransportError {
        let counters = Arc::<ConnectionCounters>::default();
        let clock = Clock::monotonic();
        match ReqwestTransport::new(&spec(url), config, share, counters, clock) {
            Ok(_) => panic!("{url} {config:?} was accepted"),
            Err(error) => error,
        }
    };
    let error = refused("http://me:pw@h/", &http(HttpVersion::Http2), Share::WHOLE);
    assert_eq!(
        error.to_string(),
        "http=2 is HTTP/2 over TLS and http://h/ is not https://; use http=h2c for HTTP/2 in clear text"
    );
    let error = refused("https://h/", &http(HttpVersion::H2c), Share::WHOLE);
    assert!(error.to_string().ends_with("use http=2"), "{error}");
    let few = TransportConfig {
        limits: Limits {
            connections: Some(2),
            ..Limits::default()
        },
        ..TransportConfig::default()
    };
    let error = refused("http://h/", &few, Share { index: 2, of: 3 });
    assert!(error.to_string().contains("3 load threads"), "{error}");
    let ca = TransportConfig {
        tls: Tls {
            ca: Some("/nonexistent/ca.pem".into()),
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let error = refused("https://h/", &ca, Share::WHOLE);
    assert!(error.to_string().contains("/nonexistent/ca.pem"), "{error}");
    let (_folder, empty) = pem_file("");
    let ca = TransportConfig {
        tls: Tls {
            ca: Some(empty),
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let error = refused("https://h/", &ca, Share::WHOLE);
    assert!(error.to_string().contains("no certificate"), "{error}");
    let socks = TransportConfig {
        proxy: Some("socks4://me:pw@h:1".to_owned()),
        ..TransportConfig::default()
    };
    let error = refused("http://h/", &socks, Share::WHOLE).to_string();
    assert!(
        error.contains("me:***@h:1") && !error.contains("pw"),
        "{error}"
    );
}

#[tokio::test]
async fn clear_text_needs_no_certificates_at_all() {
    let server = Server::start(None);
    let config = TransportConfig {
        tls: Tls {
            ca: Some("/nonexistent/ca.pem".into()),
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let exchange = once(&format!("http://{}/ok", server.addr), &config).await;
    assert_eq!(exchange.outcome, Outcome::Ok);
}
