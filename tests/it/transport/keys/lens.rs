//! What a transport says of its connections is what the server saw.

use super::curt::{Curt, Then};
use super::{
    Lane, Pair, VERSIONS, clear, clear_text_of, http, in_turn, together, transport, trusting, with,
};
use crate::transport::certificates::serving;
use crate::transport::limits::at_once;
use crate::transport::server::Server;
#[cfg(target_os = "linux")]
use crate::transport::socket;
use dragstrip::outcome::Outcome;
use dragstrip::transport::{ConnectionTotals, HttpVersion, TlsVersion, Transport};
use hdrhistogram::Histogram;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixListener;
use std::time::Duration;

#[tokio::test]
async fn what_was_agreed_on_is_what_the_server_has_agreed_to() {
    let pair = Pair::start();
    for version in [HttpVersion::Auto, HttpVersion::Http11, HttpVersion::Http2] {
        for max in [TlsVersion::V12, TlsVersion::V13] {
            let config = trusting(&pair.authority, |config| {
                config.http = version;
                config.tls.max = max;
            });
            let lane = transport(&format!("https://{}/ok", pair.secure.addr), &config);
            in_turn(&lane, 1).await;
            let agreements = lane.counters.totals().openings.agreements.clone();
            assert_eq!(agreements.len(), 1);
            let (ours, connections) = agreements[0];
            let theirs = pair.secure.seen.connections().pop().unwrap();
            let (protocol, cipher) = ours.tls.unwrap();
            let handshake = theirs.agreed();
            assert_eq!(handshake.cipher.as_str(), Some(cipher));
            assert_eq!(protocol, format!("TLS {}", max.name()));
            assert_eq!(
                handshake.alpn.as_deref() == Some("h2"),
                ours.http == "HTTP/2"
            );
            let spoken = theirs.requests[0].version;
            assert_eq!(spoken == ::http::Version::HTTP_2, ours.http == "HTTP/2");
            assert_eq!(connections, 1);
        }
    }
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let lane = transport(&format!("{}/ok", clear(&pair.clear)), &http(version));
        in_turn(&lane, 1).await;
        let (ours, _) = lane.counters.totals().openings.agreements[0];
        assert_eq!(ours.http == "HTTP/2", version == HttpVersion::H2c);
        assert_eq!(ours.tls, None);
    }
}

#[tokio::test]
async fn requests_per_connection_are_those_that_the_server_served() {
    let pair = Pair::start();
    for version in VERSIONS {
        let (config, server, url) = pair.speaking(version);
        let before = server.seen.opened();
        let lane = transport(&format!("{url}/slow"), &config);
        in_turn(&lane, 1).await;
        together(&lane, 3).await;
        in_turn(&lane, 2).await;
        let all = server.seen.connections().split_off(before);
        let most = all.iter().map(|one| one.served as u64).max();
        let totals = lane.counters.totals();
        assert_eq!(totals.opened, all.len() as u64, "{version:?}");
        assert_eq!(totals.answered, 6);
        assert_eq!(totals.reused, 6 - totals.opened);
        assert_eq!(totals.most_answered, most);
    }
}

#[tokio::test]
async fn the_time_to_connect_is_the_sum_of_its_parts() {
    let pair = Pair::start();
    let config = trusting(&pair.authority, |config| config.keep_alive = false);
    for secure in [false, true] {
        let (scheme, server) = if secure {
            ("https", &pair.secure)
        } else {
            ("http", &pair.clear)
        };
        for name in [false, true] {
            let host = if name { "localhost" } else { "127.0.0.1" };
            let url = format!("{scheme}://{host}:{}/ok", server.addr.port());
            let lane = transport(&url, &config);
            in_turn(&lane, 1).await;
            let openings = lane.counters.totals().openings;
            assert_eq!(openings.dns_us.len(), u64::from(name), "{url}");
            assert_eq!(openings.tls_us.len(), u64::from(secure), "{url}");
            let parts = [&openings.dns_us, &openings.tcp_us, &openings.tls_us];
            let sum: u64 = parts.into_iter().map(only).sum();
            let whole = only(&openings.connect_us);
            // Each is rounded to three digits, and to whole microseconds.
            let allowed = 4 + whole / 250;
            assert!(sum.abs_diff(whole) <= allowed, "{url}: {openings:?}");
        }
    }
}

/// The one time that has been recorded, or 0.
fn only(times: &Histogram<u32>) -> u64 {
    assert!(times.len() <= 1);
    times.max()
}

/// The second of two requests, of which the first was answered.
async fn second(curt: &Curt) -> (Lane, dragstrip::transport::Exchange) {
    let lane = transport(&curt.url(), &http(curt.version));
    in_turn(&lane, 1).await;
    let exchange = lane.transport.exchange().await;
    (lane, exchange)
}

fn counts(totals: &ConnectionTotals) -> [u64; 4] {
    [totals.opened, totals.failed, totals.answered, totals.stale]
}

#[tokio::test]
async fn a_reset_of_a_kept_connection_is_stale_and_that_of_a_fresh_one_is_not() {
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let (lane, exchange) = second(&Curt::start(version, 1, Then::Reset)).await;
        assert_eq!(exchange.outcome, Outcome::Protocol, "{exchange:?}");
        let text = exchange.error.unwrap();
        assert!(text.starts_with("stale keep-alive: "), "{text}");
        // It was not sent again.
        assert_eq!(counts(&lane.counters.totals()), [1, 0, 1, 1]);

        let fresh = Curt::start(version, 0, Then::Reset);
        let lane = transport(&fresh.url(), &http(version));
        let exchange = lane.transport.exchange().await;
        assert_eq!(exchange.outcome, Outcome::Protocol, "{exchange:?}");
        let text = exchange.error.unwrap();
        assert!(!text.contains("stale"), "{text}");
        assert_eq!(counts(&lane.counters.totals()), [1, 0, 0, 0]);
    }
}

#[tokio::test]
async fn who_shares_a_new_connection_that_is_reset_has_met_no_stale_one() {
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let curt = Curt::start(version, 0, Then::Reset);
        let lane = transport(&curt.url(), &http(version));
        for exchange in at_once(&lane.transport, 8).await {
            assert_eq!(exchange.outcome, Outcome::Protocol, "{exchange:?}");
            let text = exchange.error.unwrap();
            assert!(!text.contains("stale"), "{version:?} {text}");
        }
        let totals = lane.counters.totals();
        assert_eq!((totals.answered, totals.stale), (0, 0), "{version:?}");

        // The same once a connection has answered: the eight find it closed, or never used.
        let curt = Curt::start(version, 1, Then::Reset);
        let lane = transport(&curt.url(), &http(version));
        in_turn(&lane, 1).await;
        let sent = at_once(&lane.transport, 8).await;
        let is_stale = |exchange: &&dragstrip::transport::Exchange| {
            let text = exchange.error.as_deref();
            text.is_some_and(|text| text.starts_with("stale keep-alive: "))
        };
        let stale = sent.iter().filter(is_stale).count();
        assert_eq!(lane.counters.totals().stale, stale as u64);
        // Over HTTP/1.1 one of them took the kept connection, over HTTP/2 all did.
        let expected = if version == HttpVersion::H2c { 8 } else { 1 };
        assert_eq!(stale, expected, "{version:?} {sent:?}");
    }
}

#[tokio::test]
async fn a_farewell_is_called_one_and_is_not_stale() {
    for answers in [0, 1] {
        let curt = Curt::start(HttpVersion::H2c, answers, Then::Farewell);
        let lane = transport(&curt.url(), &http(HttpVersion::H2c));
        in_turn(&lane, answers).await;
        for exchange in at_once(&lane.transport, 4).await {
            assert_eq!(exchange.outcome, Outcome::Protocol, "{exchange:?}");
            let text = "the server said farewell (GOAWAY) before it took the request";
            assert_eq!(exchange.error.as_deref(), Some(text));
        }
        assert_eq!(lane.counters.totals().stale, 0);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_reset_behind_a_unix_socket_is_stale_only_if_an_answer_came_before() {
    let folder = tempfile::tempdir().unwrap();
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        for answers in [0, 1] {
            let curt = Curt::start(version, answers, Then::Reset);
            let path = folder.path().join(format!("{version:?}{answers}"));
            relay(UnixListener::bind(&path).unwrap(), curt.addr);
            let config = with(|config| {
                config.http = version;
                config.socket.unix = Some(path);
            });
            let lane = transport("http://target.invalid/", &config);
            in_turn(&lane, answers).await;
            let sent = at_once(&lane.transport, 4).await;
            let failed = sent.iter().filter(|one| one.outcome != Outcome::Ok);
            // Over HTTP/1.1 one takes the kept connection, and each of the others has its own, which answers once.
            let (failures, stale) = match (answers, version) {
                (0, _) => (4, 0),
                (_, HttpVersion::H2c) => (4, 4),
                _ => (1, 1),
            };
            assert_eq!(failed.count(), failures, "{version:?} {sent:?}");
            assert_eq!(lane.counters.totals().stale, stale, "{version:?}");
        }
    }
}

/// Passes on, both ways and until either end closes, what comes to a Unix socket.
#[cfg(unix)]
fn relay(listener: UnixListener, to: SocketAddr) {
    std::thread::spawn(move || {
        while let Ok((near, _)) = listener.accept() {
            let far = TcpStream::connect(to).unwrap();
            let (mut asks, mut tells) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut asks, &mut tells));
            std::thread::spawn(move || {
                // A reset ends it like an end.
                let _ = std::io::copy(&mut &far, &mut &near);
                near.shutdown(Shutdown::Both)
            });
        }
    });
}

#[tokio::test]
async fn who_waited_for_anothers_attempt_to_connect_fails_as_that_did() {
    let (authority, old) = serving(&["http/1.1"]);
    let server = Server::start(Some(old));
    let config = trusting(&authority, |config| config.http = HttpVersion::Http2);
    let lane = transport(&format!("https://{}/ok", server.addr), &config);
    for exchange in at_once(&lane.transport, 8).await {
        assert_eq!(exchange.outcome, Outcome::Tls, "{exchange:?}");
    }
}

#[tokio::test]
async fn an_attempt_that_ends_with_its_request_has_failed() {
    let limit = Some(Duration::from_millis(60));
    for version in [HttpVersion::Http11, HttpVersion::Http2] {
        // It takes connections, and never says a word of the handshake.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", silent.local_addr().unwrap());
        let config = with(|config| {
            config.http = version;
            config.tls.verify = false;
            config.timeouts.total = limit;
        });
        let lane = transport(&url, &config);
        let exchange = lane.transport.exchange().await;
        assert_eq!(exchange.outcome, Outcome::Timeout, "{exchange:?}");
        assert_eq!(counts(&lane.counters.totals()), [0, 1, 0, 0], "{version:?}");
        // The same when nobody waits any longer.
        let mut given_up = Box::pin(lane.transport.exchange());
        std::future::poll_fn(|cx| {
            assert!(given_up.as_mut().poll(cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        drop(given_up);
        assert_eq!(counts(&lane.counters.totals()), [0, 2, 0, 0], "{version:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_is_known_to_be_closed_is_replaced_and_nothing_is_stale() {
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let curt = Curt::start(version, 1, Then::End);
        let lane = transport(&curt.url(), &http(version));
        for _ in 0..3 {
            in_turn(&lane, 1).await;
            while !socket::clients_of(curt.addr).is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        assert_eq!(counts(&lane.counters.totals()), [3, 0, 3, 0], "{version:?}");
    }
}

#[tokio::test]
async fn a_server_that_closes_after_each_answer_costs_stale_requests_at_most() {
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let curt = Curt::start(version, 1, Then::End);
        let lane = transport(&curt.url(), &http(version));
        let mut stale = 0;
        for _ in 0..50 {
            let exchange = lane.transport.exchange().await;
            if exchange.outcome != Outcome::Ok {
                let text = exchange.error.unwrap();
                assert!(text.starts_with("stale keep-alive: "), "{text}");
                stale += 1;
            }
        }
        let totals = lane.counters.totals();
        let expected = [50 - stale, 0, 50 - stale, stale];
        assert_eq!(counts(&totals), expected, "{version:?}");
    }
}

#[tokio::test]
async fn attempts_that_come_to_no_connection_are_counted_as_failed() {
    // Bound and closed again: nobody listens there.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let lane = transport(&clear_text_of(nobody.unwrap()), &with(|_| {}));
    for _ in 0..3 {
        let exchange = lane.transport.exchange().await;
        assert_eq!(exchange.outcome, Outcome::Connect);
    }
    assert_eq!(counts(&lane.counters.totals()), [0, 3, 0, 0]);
}
