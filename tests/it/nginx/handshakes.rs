//! What nginx sees of handshakes: versions, sessions, names.

use super::{Entry, Nginx, Site};
use crate::transport::certificates::Authority;
use crate::transport::keys::trusting;
use crate::transport::{once, transport};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{HttpVersion, Sni, TlsVersion, Transport, TransportConfig};
use std::net::{IpAddr, Ipv4Addr};

/// Not every nginx knows both unless told so.
const BOTH: &str = "ssl_protocols TLSv1.2 TLSv1.3;";

#[tokio::test]
#[ignore = "needs nginx"]
async fn no_version_of_tls_beyond_the_bounds_is_agreed_on() {
    let authority = Authority::new();
    let identity = authority.server();
    for (min, max, directives, agreed) in [
        (TlsVersion::V12, TlsVersion::V12, BOTH, Some("TLSv1.2")),
        (TlsVersion::V13, TlsVersion::V13, BOTH, Some("TLSv1.3")),
        (
            TlsVersion::V13,
            TlsVersion::V13,
            "ssl_protocols TLSv1.2;",
            None,
        ),
        (
            TlsVersion::V12,
            TlsVersion::V12,
            "ssl_protocols TLSv1.3;",
            None,
        ),
    ] {
        let nginx = Nginx::start(&Site {
            identity: Some(&identity),
            directives,
            ..Site::default()
        });
        let config = trusting(&authority, |config| {
            config.tls.min = min;
            config.tls.max = max;
        });
        let exchange = once(&nginx.url("/"), &config).await;
        let entries = nginx.finish();
        let versions: Vec<_> = entries
            .iter()
            .map(|one| one.ssl_protocol.as_str())
            .collect();
        assert_eq!(versions, agreed.into_iter().collect::<Vec<_>>());
        let outcome = if agreed.is_some() {
            Outcome::Ok
        } else {
            Outcome::Tls
        };
        assert_eq!(exchange.outcome, outcome, "{exchange:?}");
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn nginx_sees_sessions_taken_up_again_or_never() {
    let authority = Authority::new();
    let identity = authority.server();
    for (max, protocol) in [(TlsVersion::V12, "TLSv1.2"), (TlsVersion::V13, "TLSv1.3")] {
        for resumption in [true, false] {
            let nginx = Nginx::start(&Site {
                identity: Some(&identity),
                directives: &format!("{BOTH} ssl_session_cache builtin;"),
                ..Site::default()
            });
            let config = trusting(&authority, |config| {
                config.keep_alive = false;
                config.tls.max = max;
                config.tls.resumption = resumption;
            });
            let lane = transport(&nginx.url("/"), &config);
            for _ in 0..4 {
                let exchange = lane.transport.exchange().await;
                assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
            }
            let entries = nginx.finish();
            let reused: String = entries
                .iter()
                .map(|one| one.ssl_session_reused.as_str())
                .collect();
            assert!(entries.iter().all(|one| one.ssl_protocol == protocol));
            assert_eq!(reused, if resumption { ".rrr" } else { "...." }, "{max:?}");
            let openings = lane.counters.totals().openings;
            let counted = (openings.full_handshakes, openings.resumed_handshakes);
            assert_eq!(counted, if resumption { (1, 3) } else { (4, 0) });
        }
    }
}

/// What nginx, whose certificate has `certified`, is told by a client of `https://url.invalid`.
async fn told(certified: &str, change: impl FnOnce(&mut TransportConfig)) -> Entry {
    let authority = Authority::new();
    let identity = authority.server_named(&[certified]);
    let nginx = Nginx::start(&Site {
        identity: Some(&identity),
        ..Site::default()
    });
    let config = trusting(&authority, |config| {
        config.http = HttpVersion::Http11;
        config.dns.resolve = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        change(config);
    });
    let url = format!("https://url.invalid:{}/", nginx.addr.port());
    let exchange = once(&url, &config).await;
    assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
    let mut entries = nginx.finish();
    assert_eq!(entries.len(), 1, "{entries:?}");
    let entry = entries.remove(0);
    assert!(entry.http_host.starts_with("url.invalid:"), "{entry:?}");
    entry
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn nginx_is_told_the_name_that_was_chosen_or_none() {
    let entry = told("url.invalid", |_| {}).await;
    assert_eq!(entry.ssl_server_name, "url.invalid");
    let other = Sni::Name("other.invalid".to_owned());
    let entry = told("other.invalid", |config| config.tls.sni = other).await;
    assert_eq!(entry.ssl_server_name, "other.invalid");
    let entry = told("url.invalid", |config| config.tls.sni = Sni::Off).await;
    assert_eq!(entry.ssl_server_name, "");
}
