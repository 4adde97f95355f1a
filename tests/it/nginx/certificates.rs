//! Certificates that nginx shows, and those that it demands.

use super::{Nginx, Site};
use crate::transport::certificates::Authority;
use crate::transport::keys::trusting;
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

#[tokio::test]
#[ignore = "needs nginx"]
async fn nginx_knows_the_client_by_the_certificate_that_was_chosen() {
    let (authority, strangers) = (Authority::new(), Authority::new());
    let identity = authority.server();
    let (me, stranger) = (authority.client("me"), strangers.client("me"));
    for (client, outcome, verified) in [
        (&me, Outcome::Ok, "SUCCESS"),
        (&stranger, Outcome::Http(400), "FAILED"),
    ] {
        for http2 in [false, true] {
            let nginx = Nginx::start(&Site {
                http2,
                identity: Some(&identity),
                clients: Some(&authority),
                ..Site::default()
            });
            let config = trusting(&authority, |config| {
                config.tls.cert = Some(client.cert_file());
                config.tls.key = Some(client.key_file());
            });
            let exchange = once(&nginx.url("/"), &config).await;
            assert_eq!(exchange.outcome, outcome, "{exchange:?}");
            let entries = nginx.finish();
            assert_eq!(entries.len(), 1);
            let said = &entries[0].ssl_client_verify;
            assert!(said.starts_with(verified), "{said}");
            assert!(entries[0].ssl_client_s_dn.contains("CN=me"));
        }
    }
}
