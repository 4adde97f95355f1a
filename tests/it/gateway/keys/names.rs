//! `resolve`, `dns`, `sni`: which names the gateway looks up, and which it tells the upstream.

use super::Way;
use crate::transport::certificates::{Authority, Terms};
use crate::transport::keys::{trusting, with};
use crate::transport::server::Server;
use dragstrip::transport::{HttpVersion, Sni};
use std::net::{IpAddr, Ipv4Addr};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::test]
pub(super) async fn a_name_that_nobody_has_leads_to_the_address_that_was_given() {
    let server = Server::start(None);
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let config = with(|config| {
            config.http = version;
            config.dns.resolve = Some(HERE);
        });
        let host = format!("upstream.invalid:{}", server.addr.port());
        let way = Way::to(&format!("http://{host}"), config);
        way.in_turn("/ok", 1).await;
        let connection = server.seen.connections().pop().unwrap();
        assert_eq!(connection.requests[0].host(), Some(host.as_str()));
        let openings = way.0.upstream().unwrap().openings;
        assert_eq!(openings.dns_us.len(), 0, "nobody was asked");
    }
}

/// An upstream cannot see look-ups: the gateway's own count stands beside the connections that it saw.
#[tokio::test]
pub(super) async fn a_name_is_looked_up_for_each_connection_or_once() {
    let server = Server::start(None);
    for (cached, expected) in [(false, 5), (true, 1)] {
        let config = with(|config| {
            config.keep_alive = false;
            config.dns.cached = cached;
        });
        let before = server.seen.opened();
        let url = format!("http://localhost:{}", server.addr.port());
        let way = Way::to(&url, config);
        way.in_turn("/ok", 5).await;
        assert_eq!(server.seen.opened() - before, 5);
        let openings = way.0.upstream().unwrap().openings;
        assert_eq!(openings.dns_us.len(), expected, "cached: {cached}");
    }
}

#[tokio::test]
pub(super) async fn the_upstream_is_told_the_name_that_was_chosen_or_none() {
    let authority = Authority::new();
    let other = || Sni::Name("other.invalid".to_owned());
    // The certificate must have the name that was told, or the URL's if none was.
    for (sni, certified, told) in [
        (Sni::Host, "upstream.invalid", Some("upstream.invalid")),
        (other(), "other.invalid", Some("other.invalid")),
        (Sni::Off, "upstream.invalid", None),
    ] {
        let tls = authority.server_named(&[certified]);
        let server = Server::start(Some(tls.serve(&Terms::default())));
        let config = trusting(&authority, |config| {
            config.http = HttpVersion::Http11;
            config.dns.resolve = Some(HERE);
            config.tls.sni = sni;
        });
        let host = format!("upstream.invalid:{}", server.addr.port());
        let way = Way::to(&format!("https://{host}"), config);
        way.in_turn("/ok", 2).await;
        let connection = server.seen.only();
        assert_eq!(connection.hello.as_ref().unwrap().sni.as_deref(), told);
        for asked in &connection.requests {
            assert_eq!(asked.host(), Some(host.as_str()), "{told:?}");
        }
    }
    let tls = authority.server_named(&["upstream.invalid"]);
    let server = Server::start(Some(tls.serve(&Terms::default())));
    let config = trusting(&authority, |config| {
        config.http = HttpVersion::Http11;
        config.dns.resolve = Some(HERE);
        config.tls.sni = other();
    });
    let url = format!("https://upstream.invalid:{}", server.addr.port());
    assert_eq!(Way::to(&url, config).in_vain().await, "upstream_tls");
    assert_eq!(server.seen.only().served, 0);
}
