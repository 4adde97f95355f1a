//! The gateway's upstream side does what its transport says, as the upstream sees it.

use super::client::{begin, get, post, request, send, until, whole};
use super::proxy::gateway;
use crate::transport::certificates::{Authority, Terms};
use crate::transport::keys::curt::{Curt, Then};
use crate::transport::keys::{Pair, VERSIONS, clear, trusting, with};
use crate::transport::proxies::{Kind, Proxy};
use crate::transport::server::{Server, TEXT_BYTES};
use crate::transport::{http, once};
use dragstrip::gateway::ServerHandle;
use dragstrip::outcome::Outcome;
use dragstrip::transport::{AtLimit, Compression, HttpVersion, Timeouts};
use http::{Method, Version};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Three requests through the gateway, with a body both ways.
async fn thrice(gateway: &ServerHandle) {
    for _ in 0..3 {
        let answer = post(gateway.addr(), "/length", "12345").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "xxxxx"));
    }
    let upstream = gateway.upstream().unwrap();
    assert_eq!((upstream.opened, upstream.reused), (1, 2));
}

#[tokio::test]
pub(super) async fn the_upstream_is_spoken_to_in_the_version_that_was_chosen() {
    let pair = Pair::start();
    for version in VERSIONS {
        let (config, server, url) = pair.speaking(version);
        thrice(&gateway(&url, config)).await;
        let connection = server.seen.connections().pop().unwrap();
        assert_eq!(connection.served, 3, "{version:?}");
        for asked in &connection.requests {
            let is_http2 = asked.version == Version::HTTP_2;
            assert_eq!(is_http2, version.is_multiplexed());
            assert_eq!(asked.host(), Some(server.addr.to_string().as_str()));
        }
    }
}

#[cfg(unix)]
#[tokio::test]
pub(super) async fn the_upstream_may_be_behind_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let seen = crate::transport::server::on_unix_socket(&path, None);
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let config = with(|config| {
            config.http = version;
            config.socket.unix = Some(path.clone());
        });
        thrice(&gateway("http://upstream.invalid", config)).await;
        let connection = seen.connections().pop().unwrap();
        assert_eq!((connection.peer, connection.served), (None, 3));
        let asked = &connection.requests[0];
        assert_eq!(asked.host(), Some("upstream.invalid"), "{version:?}");
    }
}

#[tokio::test]
pub(super) async fn the_upstream_may_be_behind_a_proxy() {
    let server = Server::start(None);
    for (proxy, scheme, kind) in [
        (
            Proxy::http(server.addr, Some("me:pw")),
            "http",
            Kind::Forward,
        ),
        (
            Proxy::socks5(server.addr, Some("me:pw")),
            "socks5h",
            Kind::SocksName,
        ),
    ] {
        let url = format!("{scheme}://me:pw@{}", proxy.addr);
        let config = with(|config| config.proxy = Some(url));
        thrice(&gateway("http://upstream.invalid", config)).await;
        for wish in proxy.wishes() {
            assert_eq!(wish.kind, kind);
            assert_eq!(wish.login.as_deref(), Some("me:pw"));
            assert!(wish.target.contains("upstream.invalid"), "{wish:?}");
        }
        let asked = server.seen.asked().pop().unwrap();
        assert_eq!(asked.host(), Some("upstream.invalid"));
        assert_eq!(asked.header("proxy-authorization"), None);
    }
}

#[tokio::test]
pub(super) async fn the_upstream_sees_the_gateways_certificate() {
    let authority = Authority::new();
    let me = authority.client("gateway");
    let tls = authority.server().serve(&Terms {
        clients: Some(&authority),
        ..Terms::default()
    });
    let server = Server::start(Some(tls));
    let url = format!("https://{}", server.addr);
    let config = trusting(&authority, |config| {
        config.tls.cert = Some(me.cert_file());
        config.tls.key = Some(me.key_file());
    });
    thrice(&gateway(&url, config)).await;
    let connection = server.seen.only();
    assert_eq!(connection.agreed().client.as_deref(), Some(me.der()));
    let nameless = trusting(&authority, |config| config.http = HttpVersion::Http11);
    let answer = get(gateway(&url, nameless).addr(), "/ok").await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.json()["error"]["code"], "upstream_tls");
}

#[tokio::test]
pub(super) async fn who_finds_no_connection_free_is_told_so_at_once_or_in_time() {
    let patience = Duration::from_millis(80);
    for (version, at_limit, least) in [
        (HttpVersion::Http11, AtLimit::Fail, Duration::ZERO),
        (HttpVersion::H2c, AtLimit::Fail, Duration::ZERO),
        (HttpVersion::Http11, AtLimit::WaitFor(patience), patience),
    ] {
        let server = Server::start(None);
        let config = with(|config| {
            config.http = version;
            config.limits.connections = Some(1);
            config.limits.streams = version.is_multiplexed().then_some(1);
            config.limits.at_limit = at_limit;
        });
        let gateway = gateway(&clear(&server), config);
        let addr = gateway.addr();
        let first = tokio::spawn(async move { get(addr, "/never").await });
        until(|| server.seen.requests.load(Ordering::SeqCst) == 1).await;
        let began = Instant::now();
        let answer = get(addr, "/ok").await;
        assert!(began.elapsed() >= least, "{at_limit:?}");
        assert_eq!(answer.status, 503);
        let error = &answer.json()["error"];
        assert_eq!(error["code"], "upstream_busy");
        let place = if version.is_multiplexed() {
            "every stream to"
        } else {
            "every connection to"
        };
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(place), "{message}");
        assert_eq!(server.seen.asked().len(), 1, "it has not been sent on");
        // Once the first has gone, there is room again.
        first.abort();
        while get(addr, "/ok").await.status != 200 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test]
pub(super) async fn the_gateway_has_no_more_connections_open_than_it_may_whether_they_are_kept_or_not()
 {
    let pair = Pair::start();
    for version in VERSIONS {
        for keep_alive in [true, false] {
            let (mut config, server, url) = pair.speaking(version);
            config.keep_alive = keep_alive;
            config.limits.connections = Some(2);
            let before = server.seen.opened();
            let gateway = gateway(&url, config);
            let addr = gateway.addr();
            let clients: Vec<_> = (0..12)
                .map(|_| tokio::spawn(async move { get(addr, "/drip/5").await.status }))
                .collect();
            for client in clients {
                assert_eq!(client.await.unwrap(), 200);
            }
            let opened = server.seen.opened() - before;
            assert_eq!(opened, if keep_alive { 2 } else { 12 }, "{version:?}");
            // It may hear of the end of a connection only after it has accepted the one that follows it.
            let most = server.seen.most_open();
            assert!((2..=4).contains(&most), "{version:?}: {most}");
            drop(gateway);
            server.seen.until_closed().await;
        }
    }
}

#[tokio::test]
pub(super) async fn an_upstream_that_is_too_slow_is_a_gateway_timeout_or_breaks_off() {
    let limit = Some(Duration::from_millis(60));
    let pair = Pair::start();
    for version in VERSIONS {
        for (timeouts, name) in [
            (
                Timeouts {
                    read: limit,
                    ..Timeouts::default()
                },
                "(read_timeout)",
            ),
            (
                Timeouts {
                    total: limit,
                    ..Timeouts::default()
                },
                "(timeout)",
            ),
        ] {
            let (mut config, _, url) = pair.speaking(version);
            config.timeouts = timeouts;
            let gateway = gateway(&url, config);
            let answer = get(gateway.addr(), "/never").await;
            assert_eq!(answer.status, 504, "{version:?}");
            let error = &answer.json()["error"];
            assert_eq!(error["code"], "upstream_timeout");
            let message = error["message"].as_str().unwrap();
            assert!(message.ends_with(name), "{message}");
            let asked = request(Method::GET, "/drip/3600000", "");
            let answer = begin(gateway.addr(), asked).await.unwrap();
            assert_eq!(answer.status(), 200);
            assert!(whole(answer).await.is_err(), "{version:?}");
        }
    }
}

#[tokio::test]
pub(super) async fn what_is_compressed_between_gateway_and_upstream_is_plain_for_the_client() {
    let server = Server::start(None);
    for (name, compression) in Compression::NAMES {
        let config = with(|config| config.compression = compression);
        let gateway = gateway(&clear(&server), config);
        for wanted in [None, Some("deflate")] {
            let mut asked = request(Method::GET, "/text", "");
            if let Some(wanted) = wanted {
                let headers = asked.headers_mut();
                headers.insert("accept-encoding", wanted.parse().unwrap());
            }
            let answer = send(gateway.addr(), asked).await;
            let seen = server.seen.asked().pop().unwrap();
            let accepted = seen.header("accept-encoding");
            if compression == Compression::Off {
                // A matter between the client and the upstream.
                assert_eq!(accepted, wanted);
                let encoded = answer.headers.get("content-encoding");
                assert_eq!(encoded.map(|name| name.to_str().unwrap()), wanted);
            } else {
                let asked_for = accepted.unwrap().split(", ").any(|one| one == name);
                assert!(asked_for || compression == Compression::All, "{name}");
                assert!(!answer.headers.contains_key("content-encoding"));
            }
            if let Some(length) = answer.headers.get("content-length") {
                assert_eq!(*length, answer.body.len().to_string());
            }
            let plain = answer.body == [b'a'; TEXT_BYTES][..];
            assert_eq!(plain, compression != Compression::Off || wanted.is_none());
        }
    }
}

#[tokio::test]
pub(super) async fn an_answer_that_was_cut_off_does_not_reach_the_client_as_a_whole_one() {
    let curt = Curt::start(HttpVersion::H2c, 0, Then::CutOff);
    let whole = Server::start(None);
    for compression in [Compression::Off, Compression::All] {
        let upstream = with(|config| {
            config.http = HttpVersion::H2c;
            config.compression = compression;
        });
        let cut_off = gateway(&curt.url(), upstream.clone());
        let complete = gateway(&clear(&whole), upstream);
        for version in [HttpVersion::Http11, HttpVersion::H2c] {
            let exchange = once(&cut_off.url(), &http(version)).await;
            // The head may be lost with the rest, where both come at once.
            let broken = matches!(exchange.outcome, Outcome::Body | Outcome::Protocol);
            assert!(broken, "{version:?} {exchange:?}");
            // One that is complete, and does not say how long it is either, does.
            let url = format!("{}/drip", complete.url());
            let exchange = once(&url, &http(version)).await;
            assert_eq!((exchange.outcome, exchange.bytes), (Outcome::Ok, 8));
        }
    }
}
