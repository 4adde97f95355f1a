//! What proxies are asked for: by the transport where it knows them, by a bare client where it does not yet.

use super::certificates::{Authority, Terms, serving};
use super::proxies::{Kind, Proxy, Wish};
use super::server::Server;
use super::{once, transport};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{Tls, Transport, TransportConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(super) fn through(url: String) -> TransportConfig {
    TransportConfig {
        proxy: Some(url),
        ..TransportConfig::default()
    }
}

pub(super) fn wish(kind: Kind, target: &str, login: Option<&str>, granted: bool) -> Wish {
    Wish {
        kind,
        target: target.to_owned(),
        login: login.map(str::to_owned),
        granted,
    }
}

#[tokio::test]
pub(super) async fn clear_text_is_sent_on_by_the_proxy() {
    let server = Server::start(None);
    let proxy = Proxy::http(server.addr, None);
    let lane = transport("http://target.invalid/ok?a=1", &through(proxy.url()));
    for _ in 0..2 {
        let exchange = lane.transport.exchange().await;
        assert_eq!((exchange.outcome, exchange.bytes), (Outcome::Ok, 5));
    }
    let expected = wish(Kind::Forward, "http://target.invalid/ok?a=1", None, true);
    assert_eq!(proxy.wishes(), [expected.clone(), expected]);
    for asked in server.seen.asked() {
        assert_eq!(asked.uri, "/ok?a=1");
        assert_eq!(asked.host(), Some("target.invalid"));
    }
}

#[tokio::test]
pub(super) async fn tls_passes_through_a_tunnel() {
    let authority = Authority::new();
    let identity = authority.server_named(&["target.invalid"]);
    let server = Server::start(Some(identity.serve(&Terms::default())));
    let proxy = Proxy::http(server.addr, None);
    let config = TransportConfig {
        tls: Tls {
            ca: Some(authority.file()),
            ..Tls::default()
        },
        ..through(proxy.url())
    };
    let lane = transport("https://target.invalid/ok", &config);
    for _ in 0..3 {
        let exchange = lane.transport.exchange().await;
        assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
    }
    let expected = wish(Kind::Connect, "target.invalid:443", None, true);
    assert_eq!(proxy.wishes(), [expected]);
    let connection = server.seen.only();
    let hello = connection.hello.as_ref().unwrap();
    assert_eq!(hello.sni.as_deref(), Some("target.invalid"));
    assert_eq!(connection.served, 3);
}

#[tokio::test]
pub(super) async fn a_login_is_demanded_and_a_wrong_one_refused() {
    let (_, tls) = serving(&["http/1.1"]);
    let secret = Server::start(Some(tls));
    let clear = Server::start(None);
    for (server, url, kind, refused) in [
        (
            &clear,
            "http://t.invalid/",
            Kind::Forward,
            Outcome::Http(407),
        ),
        (
            &secret,
            "https://t.invalid/",
            Kind::Connect,
            Outcome::Connect,
        ),
    ] {
        let proxy = Proxy::http(server.addr, Some("me:right"));
        for (given, outcome) in [
            (None, refused),
            (Some("me:wrong"), refused),
            (Some("me:right"), Outcome::Ok),
        ] {
            let proxy_url = given.map_or_else(|| proxy.url(), |login| proxy.url_with(login));
            let config = TransportConfig {
                tls: Tls {
                    verify: false,
                    ..Tls::default()
                },
                ..through(proxy_url)
            };
            let exchange = once(url, &config).await;
            assert_eq!(exchange.outcome, outcome, "{exchange:?}");
            let last = proxy.wishes().pop().unwrap();
            let target = match kind {
                Kind::Connect => "t.invalid:443",
                _ => url,
            };
            assert_eq!(last, wish(kind, target, given, outcome == Outcome::Ok));
        }
        assert_eq!(server.seen.asked().len(), 1);
    }
}

#[tokio::test]
pub(super) async fn the_proxy_itself_may_speak_tls() {
    let (authority, tls) = serving(&["http/1.1"]);
    let server = Server::start(None);
    let proxy = Proxy::https(server.addr, None, tls);
    let config = TransportConfig {
        tls: Tls {
            ca: Some(authority.file()),
            ..Tls::default()
        },
        ..through(proxy.url())
    };
    let exchange = once("http://target.invalid/ok", &config).await;
    assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
    assert_eq!(proxy.wishes()[0].kind, Kind::Forward);
}

/// Writes `said`, then reads as many bytes as `answer` has and compares them.
async fn talk(stream: &mut TcpStream, said: &[u8], answer: &[u8]) {
    stream.write_all(said).await.unwrap();
    let mut read = vec![0; answer.len()];
    stream.read_exact(&mut read).await.unwrap();
    assert_eq!(read, answer, "after {said:?}");
}

const DONE: &[u8] = &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

#[tokio::test]
async fn socks_knows_names_from_addresses() {
    let server = Server::start(None);
    let proxy = Proxy::socks5(server.addr, None);
    assert_eq!(proxy.url_of("socks5h"), format!("socks5h://{}", proxy.addr));
    let name = [b"\x05\x01\x00\x03\x08t.invali".as_slice(), &[0, 80]].concat();
    let v4 = [5, 1, 0, 1, 192, 0, 2, 1, 0, 80];
    let mut v6 = vec![5, 1, 0, 4];
    v6.extend_from_slice(&[0; 15]);
    v6.extend_from_slice(&[1, 1, 0]);
    for request in [name.as_slice(), &v4, &v6] {
        let mut stream = TcpStream::connect(proxy.addr).await.unwrap();
        talk(&mut stream, &[5, 1, 0], &[5, 0]).await;
        talk(&mut stream, request, DONE).await;
        talk(
            &mut stream,
            b"GET /ok HTTP/1.1\r\nhost: t\r\n\r\n",
            b"HTTP/1.1 200 OK",
        )
        .await;
    }
    assert_eq!(
        proxy.wishes(),
        [
            wish(Kind::SocksName, "t.invali:80", None, true),
            wish(Kind::SocksAddress, "192.0.2.1:80", None, true),
            wish(Kind::SocksAddress, "[::1]:256", None, true),
        ]
    );
}

#[tokio::test]
async fn socks_lets_in_who_knows_the_login() {
    let server = Server::start(None);
    let proxy = Proxy::socks5(server.addr, Some("me:right"));
    let connect = || TcpStream::connect(proxy.addr);
    let mut stream = connect().await.unwrap();
    talk(&mut stream, &[5, 1, 0], &[5, 0xff]).await;
    let mut stream = connect().await.unwrap();
    talk(&mut stream, &[5, 2, 0, 2], &[5, 2]).await;
    talk(&mut stream, b"\x01\x02me\x05wrong", &[1, 1]).await;
    let mut stream = connect().await.unwrap();
    talk(&mut stream, &[5, 2, 0, 2], &[5, 2]).await;
    talk(&mut stream, b"\x01\x02me\x05right", &[1, 0]).await;
    talk(&mut stream, &[5, 1, 0, 1, 192, 0, 2, 1, 0, 80], DONE).await;
    assert_eq!(
        proxy.wishes(),
        [
            wish(Kind::SocksGreeting, "", None, false),
            wish(Kind::SocksGreeting, "", Some("me:wrong"), false),
            wish(Kind::SocksAddress, "192.0.2.1:80", Some("me:right"), true),
        ]
    );
}
