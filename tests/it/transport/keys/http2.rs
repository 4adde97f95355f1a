//! `h2_stream_window`, `h2_connection_window`, `h2_adaptive_window`, `h2_ping`, `h2_ping_timeout`: HTTP/2's own frames.

use super::curt::{Curt, Then};
use super::{Pair, http, in_turn, transport};
use crate::transport::server::{Connection, Frame, Setting};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{Exchange, Http2, HttpVersion, Timeouts, Transport, TransportConfig};
use std::time::{Duration, Instant};

/// What every connection may carry before the first word of its window.
pub(crate) const BEGINNING: u64 = 65_535;

/// The connection on which a client with these settings got a body of a million bytes.
async fn fetching(http2: Http2) -> Vec<Connection> {
    let pair = Pair::start();
    let mut found = Vec::new();
    for version in [HttpVersion::H2c, HttpVersion::Http2] {
        let (mut config, server, url) = pair.speaking(version);
        config.http2 = http2;
        let lane = transport(&format!("{url}/bytes/1000000"), &config);
        assert_eq!(in_turn(&lane, 1).await[0].bytes, 1_000_000);
        found.push(server.seen.only());
    }
    found
}

/// The windows that a client opens at its start: a stream's, and by how much that of the connection grows.
pub(crate) fn windows(connection: &Connection) -> (Option<u32>, u64) {
    let begun = connection.frames.iter();
    let before = begun.take_while(|frame| !matches!(frame, Frame::Headers { .. }));
    let opened = before.map(|frame| match frame {
        Frame::WindowUpdate { stream: 0, by } => u64::from(*by),
        _ => 0,
    });
    (connection.setting(Setting::InitialWindowSize), opened.sum())
}

#[tokio::test]
pub(super) async fn the_server_is_told_of_the_windows_that_were_chosen() {
    for connection in fetching(Http2::default()).await {
        let (stream, opened) = windows(&connection);
        assert_ne!((stream, opened), (Some(100_000), 300_000 - BEGINNING));
    }
    let chosen = Http2 {
        stream_window: Some(100_000),
        connection_window: Some(300_000),
        ..Http2::default()
    };
    for connection in fetching(chosen).await {
        let expected = (Some(100_000), 300_000 - BEGINNING);
        assert_eq!(windows(&connection), expected);
        // Told again and again, or the body would not have come whole.
        assert!(connection.connection_window_opened() > 600_000);
        assert_eq!(connection.pings(), 0);
    }
    let smallest = Http2 {
        connection_window: Some(65_535),
        ..Http2::default()
    };
    for connection in fetching(smallest).await {
        assert_eq!(windows(&connection).1, 0);
    }
}

#[tokio::test]
pub(super) async fn adaptive_windows_start_small_and_measure_with_pings() {
    let adaptive = Http2 {
        adaptive_window: true,
        ..Http2::default()
    };
    for connection in fetching(adaptive).await {
        let (stream, opened) = windows(&connection);
        // The protocol's own beginning, said or left unsaid.
        assert!(matches!(stream, None | Some(65_535)), "{stream:?}");
        assert_eq!(opened, 0);
        assert!(connection.pings() > 0);
    }
}

#[tokio::test]
pub(super) async fn an_idle_peer_is_asked_again_and_again_or_never() {
    let pair = Pair::start();
    for version in [HttpVersion::H2c, HttpVersion::Http2] {
        let (mut config, server, url) = pair.speaking(version);
        let quiet = transport(&format!("{url}/ok"), &config);
        in_turn(&quiet, 1).await;
        config.http2.ping = Some(Duration::from_millis(20));
        let began = Instant::now();
        let asking = transport(&format!("{url}/ok"), &config);
        in_turn(&asking, 1).await;
        let thrice = |all: &[Connection]| all[1].pings() >= 3;
        server.seen.until("a third ping", thrice).await;
        let all = server.seen.connections();
        assert_eq!(all[0].pings(), 0);
        assert!(began.elapsed() >= Duration::from_millis(60));
        // It has answered, so its connection is as good as ever.
        in_turn(&asking, 1).await;
        assert_eq!(server.seen.opened(), 2);
    }
}

fn asking() -> TransportConfig {
    let mut config = http(HttpVersion::H2c);
    config.http2.ping = Some(Duration::from_millis(30));
    config.http2.ping_timeout = Some(Duration::from_millis(50));
    config
}

/// Waits for the end of a connection. The client's clock goes on meanwhile, on this thread.
async fn end(curt: &Curt) {
    while curt.ended.try_recv().is_err() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What becomes of a request to a server that takes all and says nothing.
async fn unanswered(config: &TransportConfig) -> Exchange {
    let curt = Curt::start(HttpVersion::H2c, 0, Then::Silence);
    let lane = transport(&curt.url(), config);
    let began = Instant::now();
    let exchange = lane.transport.exchange().await;
    assert!(began.elapsed() >= Duration::from_millis(30 + 50));
    // The server sees the client leave.
    end(&curt).await;
    let totals = lane.counters.totals();
    assert_eq!((totals.opened, totals.stale), (1, 0));
    exchange
}

#[tokio::test]
pub(super) async fn a_peer_that_answers_no_ping_is_given_up() {
    let mut config = asking();
    for read in [None, Some(Duration::from_secs(3_600))] {
        config.timeouts = Timeouts {
            read,
            ..Timeouts::default()
        };
        let exchange = unanswered(&config).await;
        assert_eq!(exchange.outcome, Outcome::Timeout, "{exchange:?}");
        let text = exchange.error.unwrap();
        assert!(text.contains("(h2_ping_timeout)"), "{text}");
    }
}

#[tokio::test]
pub(super) async fn an_idle_connection_to_a_peer_that_answers_no_ping_is_replaced() {
    let curt = Curt::start(HttpVersion::H2c, 1, Then::Silence);
    let lane = transport(&curt.url(), &asking());
    for opened in 1..=2 {
        in_turn(&lane, 1).await;
        assert_eq!(lane.counters.totals().opened, opened);
        end(&curt).await;
    }
}
