//! `proxy`: what proxies of each kind are asked for. How a transport asks an HTTP proxy is in `proxied`.

use super::super::proxied::{through, wish};
use super::{failing, in_turn, once, one, transport};
use crate::transport::certificates::{Authority, Terms};
use crate::transport::proxies::{Kind, Proxy};
use crate::transport::server::Server;
use dragstrip::outcome::Outcome;
use dragstrip::transport::HttpVersion;
use std::net::{IpAddr, Ipv4Addr, TcpListener};

#[tokio::test]
pub(super) async fn a_socks_proxy_gets_an_address_or_a_name_as_it_was_told() {
    let authority = Authority::new();
    let tls = authority.server_named(&["target.invalid"]);
    let clear = Server::start(None);
    let secure = Server::start(Some(tls.serve(&Terms::default())));
    for (server, version, url, port) in [
        (&clear, HttpVersion::Http11, "http://target.invalid/ok", 80),
        (&clear, HttpVersion::H2c, "http://target.invalid/ok", 80),
        (
            &secure,
            HttpVersion::Http2,
            "https://target.invalid/ok",
            443,
        ),
    ] {
        let proxy = Proxy::socks5(server.addr, None);
        let mut config = through(proxy.url_of("socks5h"));
        config.http = version;
        config.tls.ca = Some(authority.file());
        let lane = transport(url, &config);
        in_turn(&lane, 3).await;
        // The name is looked up here, and is said to be that address.
        config.proxy = Some(proxy.url());
        config.dns.resolve = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)));
        one(url, &config).await;
        assert_eq!(
            proxy.wishes(),
            [
                wish(
                    Kind::SocksName,
                    &format!("target.invalid:{port}"),
                    None,
                    true
                ),
                wish(Kind::SocksAddress, &format!("192.0.2.7:{port}"), None, true),
            ],
            "{version:?}"
        );
        let asked = server.seen.asked().pop().unwrap();
        assert_eq!(asked.host(), Some("target.invalid"));
        let openings = lane.counters.totals().openings;
        assert_eq!(openings.dns_us.len(), 0, "the proxy has an address");
    }
}

#[tokio::test]
pub(super) async fn a_name_for_a_socks_proxy_is_looked_up_here() {
    let server = Server::start(None);
    let proxy = Proxy::socks5(server.addr, None);
    let lane = transport("http://localhost/ok", &through(proxy.url()));
    in_turn(&lane, 1).await;
    let wishes = proxy.wishes();
    assert_eq!(wishes[0].kind, Kind::SocksAddress);
    let target = wishes[0].target.as_str();
    assert!(["127.0.0.1:80", "[::1]:80"].contains(&target), "{target}");
    assert_eq!(lane.counters.totals().openings.dns_us.len(), 1);
}

#[tokio::test]
pub(super) async fn a_socks_proxy_is_told_the_login() {
    let server = Server::start(None);
    let proxy = Proxy::socks5(server.addr, Some("me:right"));
    for (login, expected) in [("me:wrong", Outcome::Connect), ("me:right", Outcome::Ok)] {
        let url = proxy.url_with(login).replace("socks5", "socks5h");
        let exchange = once("http://target.invalid/ok", &through(url)).await;
        assert_eq!(exchange.outcome, expected, "{exchange:?}");
        let last = proxy.wishes().pop().unwrap();
        assert_eq!(last.login.as_deref(), Some(login));
        assert_eq!(last.granted, expected == Outcome::Ok);
    }
    assert_eq!(server.seen.asked().len(), 1);
}

#[tokio::test]
pub(super) async fn tls_goes_through_a_tunnel_within_the_proxys_own() {
    let authority = Authority::new();
    let target = authority.server_named(&["target.invalid"]);
    let terms = Terms {
        alpn: &["http/1.1"],
        ..Terms::default()
    };
    let server = Server::start(Some(target.serve(&Terms::default())));
    let own = authority.server().serve(&terms);
    let proxy = Proxy::https(server.addr, Some("me:right"), own);
    for version in [HttpVersion::Http11, HttpVersion::Http2] {
        let mut config = through(proxy.url_with("me:right"));
        config.http = version;
        config.tls.ca = Some(authority.file());
        one("https://target.invalid/ok", &config).await;
        let expected = wish(Kind::Connect, "target.invalid:443", Some("me:right"), true);
        assert_eq!(proxy.wishes().pop(), Some(expected), "{version:?}");
        let connection = server.seen.connections().pop().unwrap();
        let hello = connection.hello.unwrap();
        assert_eq!(hello.sni.as_deref(), Some("target.invalid"));
    }
}

#[tokio::test]
async fn what_a_socks_proxy_says_of_a_refusal_is_told() {
    for (code, said) in [
        (1, "general server failure"),
        (2, "connection not allowed"),
        (3, "network unreachable"),
        (4, "host unreachable"),
        (5, "connection refused"),
        (6, "ttl expired"),
    ] {
        let proxy = Proxy::socks5_refusing(code);
        for url in ["http://192.0.2.7/ok", "https://192.0.2.7/ok"] {
            let (outcome, text) = failing(url, &through(proxy.url())).await;
            assert_eq!(outcome, Outcome::Connect, "{url}");
            assert_eq!(text, format!("SOCKS error: {said}"), "{url}");
        }
    }
}

#[tokio::test]
async fn why_a_socks_proxy_cannot_be_spoken_to_is_told() {
    // Bound and closed again: nobody listens there.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("socks5://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let (outcome, text) = failing("http://192.0.2.7/ok", &through(gone)).await;
    assert_eq!(outcome, Outcome::Connect);
    assert!(text.starts_with("Connection refused"), "{text}");
    // It hangs up on whoever calls.
    let curt = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("socks5://{}", curt.local_addr().unwrap());
    std::thread::spawn(move || curt.accept().map(drop));
    let (outcome, text) = failing("http://192.0.2.7/ok", &through(url)).await;
    assert_eq!(outcome, Outcome::Connect);
    let broken_off = ["unexpected eof", "Connection reset", "Broken pipe"];
    assert!(
        broken_off.iter().any(|said| text.starts_with(said)),
        "{text}"
    );
}
