//! `h2_stream_window`, `h2_connection_window`, `h2_adaptive_window`, `h2_ping`, `h2_ping_timeout`: HTTP/2's own frames.

use super::{Way, until};
use crate::transport::keys::curt::{Curt, Then};
use crate::transport::keys::http2::{BEGINNING, windows};
use crate::transport::keys::{Pair, clear, with};
use crate::transport::server::{Connection, Server};
use dragstrip::transport::{Http2, HttpVersion};
use std::time::{Duration, Instant};

#[tokio::test]
pub(super) async fn the_upstream_is_told_of_the_windows_that_were_chosen() {
    let chosen = Http2 {
        stream_window: Some(100_000),
        connection_window: Some(300_000),
        ..Http2::default()
    };
    let adaptive = Http2 {
        adaptive_window: true,
        ..Http2::default()
    };
    let pair = Pair::start();
    for version in [HttpVersion::H2c, HttpVersion::Http2] {
        for settings in [Http2::default(), chosen, adaptive] {
            let (mut config, server, url) = pair.speaking(version);
            config.http2 = settings;
            let way = Way::to(&url, config);
            way.in_turn("/bytes/1000000", 1).await;
            let connection = server.seen.connections().pop().unwrap();
            let (stream, opened) = windows(&connection);
            let is_chosen = (stream, opened) == (Some(100_000), 300_000 - BEGINNING);
            assert_eq!(is_chosen, settings == chosen, "{version:?} {settings:?}");
            // Whoever adapts starts with the protocol's own window, and measures with pings.
            let measures = opened == 0 && connection.pings() > 0;
            assert_eq!(measures, settings == adaptive, "{version:?} {settings:?}");
        }
    }
}

#[tokio::test]
pub(super) async fn an_idle_upstream_is_asked_again_and_again_or_never() {
    let server = Server::start(None);
    let asking = |ping| {
        let config = with(|config| {
            config.http = HttpVersion::H2c;
            config.http2.ping = ping;
        });
        Way::to(&clear(&server), config)
    };
    let quiet = asking(None);
    quiet.in_turn("/ok", 1).await;
    let began = Instant::now();
    let asking = asking(Some(Duration::from_millis(20)));
    asking.in_turn("/ok", 1).await;
    let thrice = |all: &[Connection]| all[1].pings() >= 3;
    server.seen.until("a third ping", thrice).await;
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!(server.seen.connections()[0].pings(), 0);
}

#[tokio::test]
pub(super) async fn an_upstream_that_answers_no_ping_is_given_up() {
    let curt = Curt::start(HttpVersion::H2c, 0, Then::Silence);
    let config = with(|config| {
        config.http = HttpVersion::H2c;
        config.http2.ping = Some(Duration::from_millis(30));
        config.http2.ping_timeout = Some(Duration::from_millis(50));
    });
    let way = Way::to(&curt.url(), config);
    let began = Instant::now();
    assert_eq!(way.in_vain().await, "upstream_timeout");
    assert!(began.elapsed() >= Duration::from_millis(30 + 50));
    // The upstream sees the gateway leave.
    until(|| curt.ended.try_recv().is_ok()).await;
}
