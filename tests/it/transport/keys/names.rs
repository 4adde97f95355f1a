//! `resolve`, `dns`, `sni`: which names are looked up, and which are told.

use super::{in_turn, one, together, transport, trusting, with};
use crate::transport::certificates::{Authority, Terms};
use crate::transport::server::Server;
use dragstrip::clock::Clock;
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::transport::{
    AnyTransport, ConnectionCounters, EngineKind, HttpVersion, Share, Sni, Transport,
    TransportConfig,
};
use http::Version;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tokio::task::LocalSet;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::test]
pub(super) async fn a_name_that_nobody_has_leads_to_the_address_that_was_given() {
    let authority = Authority::new();
    let tls = authority.server_named(&["target.invalid"]);
    let clear = Server::start(None);
    let secure = Server::start(Some(tls.serve(&Terms::default())));
    for (version, scheme, server) in [
        (HttpVersion::Http11, "http", &clear),
        (HttpVersion::H2c, "http", &clear),
        (HttpVersion::Http11, "https", &secure),
        (HttpVersion::Http2, "https", &secure),
    ] {
        let config = trusting(&authority, |config| {
            config.http = version;
            config.dns.resolve = Some(HERE);
        });
        let host = format!("target.invalid:{}", server.addr.port());
        let lane = transport(&format!("{scheme}://{host}/ok"), &config);
        in_turn(&lane, 1).await;
        let connection = server.seen.connections().pop().unwrap();
        assert_eq!(connection.requests[0].host(), Some(host.as_str()));
        if let Some(hello) = connection.hello {
            assert_eq!(hello.sni.as_deref(), Some("target.invalid"));
        }
        // Nobody was asked.
        assert_eq!(lane.counters.totals().openings.dns_us.len(), 0);
    }
}

#[tokio::test]
pub(super) async fn a_name_is_looked_up_for_each_connection_or_once() {
    let server = Server::start(None);
    for (cached, expected) in [(false, 5), (true, 1)] {
        let config = with(|config| {
            config.keep_alive = false;
            config.dns.cached = cached;
        });
        let before = server.seen.opened();
        let url = format!("http://localhost:{}/ok", server.addr.port());
        let lane = transport(&url, &config);
        in_turn(&lane, 5).await;
        assert_eq!(server.seen.opened() - before, 5);
        let openings = lane.counters.totals().openings;
        assert_eq!(openings.dns_us.len(), expected, "cached: {cached}");
        assert_eq!(openings.connect_us.len(), 5);
    }
}

#[tokio::test]
pub(super) async fn the_connections_of_a_limit_share_what_was_looked_up_once() {
    let server = Server::start(None);
    for (cached, expected) in [(false, 3), (true, 1)] {
        let config = with(|config| {
            config.limits.connections = Some(3);
            config.dns.cached = cached;
        });
        let before = server.seen.opened();
        let url = format!("http://localhost:{}/slow", server.addr.port());
        let lane = transport(&url, &config);
        together(&lane, 6).await;
        assert_eq!(server.seen.opened() - before, 3);
        let openings = lane.counters.totals().openings;
        assert_eq!(openings.dns_us.len(), expected, "cached: {cached}");
    }
}

#[tokio::test]
async fn the_load_threads_of_a_variant_share_what_was_looked_up_once() {
    let server = Server::start(None);
    let url = format!("http://localhost:{}/ok", server.addr.port());
    let pacer = Pacer::new(Clock::monotonic()).unwrap();
    let local = LocalSet::new();
    let all = local.run_until(async {
        for engine in [EngineKind::Reqwest, EngineKind::Direct] {
            for (cached, expected) in [(false, 3), (true, 1)] {
                let config = with(|config| {
                    config.engine = engine;
                    config.dns.cached = cached;
                });
                let counters = Arc::<ConnectionCounters>::default();
                let before = server.seen.opened();
                for index in 0..3 {
                    let share = Share { index, of: 3 };
                    let spec = crate::transport::spec(&url);
                    let counters = Arc::clone(&counters);
                    let thread =
                        AnyTransport::new(&spec, &config, share, counters, &pacer).unwrap();
                    assert_eq!(thread.exchange().await.outcome, Outcome::Ok);
                }
                assert_eq!(server.seen.opened() - before, 3);
                let asked = counters.totals().openings.dns_us.len();
                assert_eq!(asked, expected, "{engine:?}, cached: {cached}");
            }
        }
    });
    Box::pin(all).await;
}

/// Whether a server whose certificate has `certified` is reached under the URL's `host`, and what it heard then.
async fn reached(
    host: &str,
    certified: &str,
    change: impl FnOnce(&mut TransportConfig),
) -> Result<(Option<String>, String), Outcome> {
    let authority = Authority::new();
    let tls = authority.server_named(&[certified]);
    let server = Server::start(Some(tls.serve(&Terms::default())));
    let config = trusting(&authority, |config| {
        config.dns.resolve = Some(HERE);
        change(config);
    });
    let url = format!("https://{host}:{}/ok", server.addr.port());
    let exchange = super::once(&url, &config).await;
    let connection = server.seen.connections().pop().unwrap();
    let sni = connection.hello.unwrap().sni;
    match exchange.outcome {
        Outcome::Ok => {
            let told = connection.requests[0].host().unwrap().to_owned();
            let (host, port) = told.rsplit_once(':').unwrap();
            assert_eq!(port, server.addr.port().to_string());
            Ok((sni, host.to_owned()))
        }
        other => Err(other),
    }
}

#[tokio::test]
pub(super) async fn the_server_is_told_the_name_that_was_chosen_and_must_have_it() {
    let other = |config: &mut TransportConfig| {
        config.http = HttpVersion::Http11;
        config.tls.sni = Sni::Name("other.invalid".to_owned());
    };
    // The certificate is checked against it; the Host header stays the URL's.
    let told = reached("url.invalid", "other.invalid", other).await;
    assert_eq!(
        told,
        Ok((Some("other.invalid".to_owned()), "url.invalid".to_owned()))
    );
    let refused = reached("url.invalid", "url.invalid", other).await;
    assert_eq!(refused, Err(Outcome::Tls));
}

#[tokio::test]
pub(super) async fn a_server_may_be_told_no_name_and_must_have_the_urls() {
    for version in [HttpVersion::Http11, HttpVersion::Http2] {
        let off = |config: &mut TransportConfig| {
            config.http = version;
            config.tls.sni = Sni::Off;
        };
        let told = reached("url.invalid", "url.invalid", off).await;
        assert_eq!(told, Ok((None, "url.invalid".to_owned())));
        let refused = reached("url.invalid", "other.invalid", off).await;
        assert_eq!(refused, Err(Outcome::Tls));
    }
}

#[tokio::test]
pub(super) async fn another_name_works_for_an_address_in_the_url_too() {
    let authority = Authority::new();
    let tls = authority.server_named(&["other.invalid"]);
    let server = Server::start(Some(tls.serve(&Terms::default())));
    let config = trusting(&authority, |config| {
        config.http = HttpVersion::Http11;
        config.tls.sni = Sni::Name("other.invalid".to_owned());
    });
    one(&format!("https://{}/ok", server.addr), &config).await;
    let connection = server.seen.only();
    let hello = connection.hello.as_ref().unwrap();
    assert_eq!(hello.sni.as_deref(), Some("other.invalid"));
    let asked = &connection.requests[0];
    assert_eq!(asked.host(), Some(server.addr.to_string().as_str()));
    assert_eq!(asked.version, Version::HTTP_11);
}
