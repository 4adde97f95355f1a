//! `connect_timeout`, `read_timeout`, `timeout`: the server sees the client give up, after that time and no sooner.

use super::{Pair, VERSIONS, are_closed, clear, failing, one, transport, with};
use crate::transport::server::{Connection, Frame, Server};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{HttpVersion, Timeouts, Transport};
use std::io::Read;
use std::net::TcpListener;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_millis(60);

#[tokio::test]
pub(super) async fn a_connection_that_takes_too_long_to_make_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    // Whoever accepts hears a client's hello, says nothing, and sees the client leave.
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        heard.len()
    });
    let config = with(|config| {
        config.tls.verify = false;
        config.timeouts.connect = Some(LIMIT);
    });
    let began = Instant::now();
    let (outcome, text) = failing(&url, &config).await;
    assert!(began.elapsed() >= LIMIT);
    assert_eq!(outcome, Outcome::Connect);
    assert_eq!(text, "no connection within the connect timeout");
    assert!(server.join().unwrap() > 0);
}

/// Waits until the server sees that the last client has given its request up.
async fn given_up(server: &Server, version: HttpVersion, last: usize) {
    let is_over = |all: &[Connection]| match version {
        HttpVersion::Http11 => are_closed(&all[last..]),
        // The connection stays, the stream is reset.
        _ => reset(&all[last]),
    };
    server.seen.until("the client's giving up", is_over).await;
    if version != HttpVersion::Http11 {
        let connection = &server.seen.connections()[last];
        assert_eq!(connection.closed, None, "{version:?}");
    }
}

fn reset(connection: &Connection) -> bool {
    let mut frames = connection.frames.iter();
    frames.any(|frame| matches!(frame, Frame::Reset { code: 8, .. }))
}

/// Sends a request to a server that is too slow for the limits, in every version.
async fn too_slow(path: &str, limits: Timeouts, answered: bool, words: &str) {
    let pair = Pair::start();
    for version in VERSIONS {
        let (mut config, server, url) = pair.speaking(version);
        config.timeouts = limits;
        let last = server.seen.opened();
        let lane = transport(&format!("{url}{path}"), &config);
        let began = Instant::now();
        let exchange = lane.transport.exchange().await;
        let took = began.elapsed();
        assert_eq!(exchange.outcome, Outcome::Timeout, "{version:?}");
        assert_eq!(exchange.error.as_deref(), Some(words), "{version:?}");
        assert_eq!(exchange.first_byte.is_some(), answered, "{version:?}");
        assert_eq!(exchange.bytes, if answered { 4 } else { 0 });
        assert!(took >= LIMIT, "{version:?}: {took:?}");
        given_up(server, version, last).await;
        let totals = lane.counters.totals();
        assert_eq!((totals.stale, totals.failed), (0, 0));
    }
}

#[tokio::test]
pub(super) async fn a_server_that_says_nothing_for_too_long_is_given_up() {
    let limits = Timeouts {
        read: Some(LIMIT),
        ..Timeouts::default()
    };
    let words = "no byte for 60ms (read_timeout)";
    too_slow("/never", limits, false, words).await;
    too_slow("/drip/3600000", limits, true, words).await;
}

#[tokio::test]
pub(super) async fn an_answer_that_takes_too_long_in_all_is_given_up() {
    let limits = Timeouts {
        total: Some(LIMIT),
        ..Timeouts::default()
    };
    let words = "not ended within 60ms (timeout)";
    too_slow("/never", limits, false, words).await;
    too_slow("/drip/3600000", limits, true, words).await;
}

#[tokio::test]
pub(super) async fn an_answer_that_is_later_than_it_may_be_does_not_count_however_small_the_limit_is()
 {
    let pair = Pair::start();
    let limit = Duration::from_micros(1);
    for version in VERSIONS {
        let (mut config, _, url) = pair.speaking(version);
        config.timeouts.total = Some(limit);
        let lane = transport(&format!("{url}/ok"), &config);
        for _ in 0..20 {
            let exchange = lane.transport.exchange().await;
            assert_eq!(exchange.outcome, Outcome::Timeout, "{exchange:?}");
            let text = exchange.error.as_deref();
            assert_eq!(text, Some("not ended within 1us (timeout)"));
        }
    }
}

#[tokio::test]
pub(super) async fn each_byte_gives_an_answer_more_time_to_be_read_but_not_in_all() {
    let server = Server::start(None);
    // Two parts and the end, 300 ms apart.
    let url = format!("{}/drip/300", clear(&server));
    let limit = Some(Duration::from_millis(550));
    let exchange = one(&url, &with(|config| config.timeouts.read = limit)).await;
    assert_eq!(exchange.bytes, 8);
    let (outcome, text) = failing(&url, &with(|config| config.timeouts.total = limit)).await;
    assert_eq!(outcome, Outcome::Timeout);
    assert_eq!(text, "not ended within 550ms (timeout)");
}
