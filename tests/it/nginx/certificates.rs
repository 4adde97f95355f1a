//! Certificates that nginx shows, and those that it demands.

use super::{Nginx, Site};
use crate::transport::certificates::Authority;
use crate::transport::once;
use dragstrip::outcome::Outcome;
use dragstrip::transport::{Tls, TransportConfig};

#[tokio::test]
#[ignore = "needs nginx"]
async fn what_is_wrong_with_nginxs_certificate_is_said() {
    let authority = Authority::new();
    for (identity, words) in [
        (authority.expired_server(), "expired"),
        (
            authority.server_named(&["other.example"]),
            "not valid for name",
        ),
        (Authority::new().server(), "UnknownIssuer"),
    ] {
        let nginx = Nginx::start(&Site {
            identity: Some(&identity),
            ..Site::default()
        });
        let config = TransportConfig {
            tls: Tls {
                ca: Some(authority.file()),
                ..Tls::default()
            },
            ..TransportConfig::default()
        };
        let exchange = once(&nginx.url("/"), &config).await;
        assert_eq!(exchange.outcome, Outcome::Tls, "{exchange:?}");
        let error = exchange.error.unwrap();
        assert!(error.contains(words), "{words} is not in: {error}");
        assert_eq!(nginx.finish(), []);
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn without_the_client_certificate_that_nginx_demands_there_is_no_service() {
    let authority = Authority::new();
    let identity = authority.server();
    let nginx = Nginx::start(&Site {
        identity: Some(&identity),
        clients: Some(&authority),
        ..Site::default()
    });
    let config = TransportConfig {
        tls: Tls {
            ca: Some(authority.file()),
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let exchange = once(&nginx.url("/"), &config).await;
    // nginx ends the handshake well and then answers with a page that says why not.
    assert_eq!(exchange.outcome, Outcome::Http(400), "{exchange:?}");
    let entries = nginx.finish();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].ssl_client_verify, "NONE");
    assert_eq!(entries[0].ssl_client_s_dn, "");
}
