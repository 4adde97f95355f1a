//! Which versions of HTTP and of TLS nginx is spoken to in.

use super::{Entry, Nginx, Site};
use crate::transport::certificates::Authority;
use crate::transport::limits::at_once;
use crate::transport::{http, once, transport};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{HttpVersion, Tls, TransportConfig};

/// What nginx logs of one request that goes well.
async fn seen(site: &Site<'_>, config: &TransportConfig) -> Entry {
    let nginx = Nginx::start(site);
    let exchange = once(&nginx.url("/"), config).await;
    assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
    let mut entries = nginx.finish();
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries.remove(0)
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn clear_text_is_spoken_in_the_version_that_was_chosen() {
    for (version, http2, expected) in [
        (HttpVersion::Auto, false, "HTTP/1.1"),
        (HttpVersion::Http11, false, "HTTP/1.1"),
        (HttpVersion::H2c, true, "HTTP/2.0"),
    ] {
        let site = Site {
            http2,
            ..Site::default()
        };
        let entry = seen(&site, &http(version)).await;
        assert_eq!(entry.server_protocol, expected, "{version:?}");
        assert_eq!(entry.ssl_protocol, "");
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn tls_is_spoken_in_the_version_that_both_know() {
    let authority = Authority::new();
    let identity = authority.server_named(&["localhost", "127.0.0.1"]);
    for (directives, protocol) in [
        ("ssl_protocols TLSv1.2;", "TLSv1.2"),
        ("ssl_protocols TLSv1.3;", "TLSv1.3"),
        ("ssl_protocols TLSv1.2 TLSv1.3;", "TLSv1.3"),
    ] {
        for (version, http2, expected) in [
            (HttpVersion::Auto, false, "HTTP/1.1"),
            (HttpVersion::Auto, true, "HTTP/2.0"),
            (HttpVersion::Http11, true, "HTTP/1.1"),
            (HttpVersion::Http2, true, "HTTP/2.0"),
        ] {
            let site = Site {
                http2,
                identity: Some(&identity),
                directives,
                ..Site::default()
            };
            let config = TransportConfig {
                tls: Tls {
                    ca: Some(authority.file()),
                    ..Tls::default()
                },
                ..http(version)
            };
            let entry = seen(&site, &config).await;
            assert_eq!(entry.server_protocol, expected, "{version:?} {directives}");
            assert_eq!(entry.ssl_protocol, protocol);
            assert!(!entry.ssl_cipher.is_empty());
            assert_eq!(entry.ssl_session_reused, ".");
            // An address is no name to send.
            assert_eq!(entry.ssl_server_name, "");
        }
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn http_2_alone_fails_where_nginx_has_none() {
    let authority = Authority::new();
    let identity = authority.server();
    let nginx = Nginx::start(&Site {
        identity: Some(&identity),
        ..Site::default()
    });
    let config = TransportConfig {
        tls: Tls {
            ca: Some(authority.file()),
            ..Tls::default()
        },
        ..http(HttpVersion::Http2)
    };
    let lane = transport(&nginx.url("/"), &config);
    // Some make the attempt to connect, and the others wait for it.
    for exchange in at_once(&lane.transport, 8).await {
        assert_eq!(exchange.outcome, Outcome::Tls, "{exchange:?}");
    }
    assert_eq!(nginx.finish(), []);
}
