//! `keep_alive`, `pool`, `pool_idle`, `max_connections`, `streams`, `connect_timeout`: how many connections the upstream sees,
//! and for how long.

use super::{VERSIONS, Way};
use crate::transport::keys::{Pair, clear, with};
use crate::transport::server::{Connection, Server};
use dragstrip::transport::HttpVersion;
use std::io::Read;
use std::net::TcpListener;
use std::time::{Duration, Instant};

#[tokio::test]
pub(super) async fn a_connection_is_kept_or_closed_after_each_request() {
    let pair = Pair::start();
    for version in VERSIONS {
        for (keep_alive, expected) in [(true, 1), (false, 4)] {
            let (mut config, server, url) = pair.speaking(version);
            config.keep_alive = keep_alive;
            let before = server.seen.opened();
            let way = Way::to(&url, config);
            way.in_turn("/ok", 4).await;
            let all = server.seen.connections().split_off(before);
            assert_eq!(all.len(), expected, "{version:?} {keep_alive}");
            for connection in &all {
                let said = connection.requests[0].header("connection");
                // HTTP/2 has no such header.
                let close = !keep_alive && version == HttpVersion::Http11;
                assert_eq!(said, close.then_some("close"), "{version:?}");
            }
            if !keep_alive {
                // All of them, though the gateway is still there.
                let over = |all: &[Connection]| closed(&all[before..]) == expected;
                server.seen.until("the end of four connections", over).await;
            }
        }
    }
}

fn closed(all: &[Connection]) -> usize {
    all.iter().filter(|one| one.closed.is_some()).count()
}

#[tokio::test]
pub(super) async fn as_many_idle_connections_are_kept_as_the_pool_holds() {
    let server = Server::start(None);
    let way = Way::to(&clear(&server), with(|config| config.pool = Some(2)));
    way.together("/wait/300", 6).await;
    assert_eq!(server.seen.opened(), 6);
    let left = |all: &[Connection]| closed(all) == 4;
    server.seen.until("the end of four connections", left).await;
    // The two that are left carry the next two requests; a third request needs a connection of its own.
    way.together("/wait/300", 2).await;
    assert_eq!(server.seen.opened(), 6);
    way.together("/wait/300", 3).await;
    assert_eq!(server.seen.opened(), 7);
}

#[tokio::test]
pub(super) async fn an_idle_connection_is_closed_after_its_time_and_not_before() {
    let limit = Duration::from_millis(100);
    let pair = Pair::start();
    for version in VERSIONS {
        let (mut config, server, url) = pair.speaking(version);
        let patient = Way::to(&url, config.clone());
        patient.in_turn("/ok", 1).await;
        config.pool_idle = Some(limit);
        let way = Way::to(&url, config);
        way.in_turn("/ok", 1).await;
        let last = server.seen.opened() - 1;
        let its_end = |all: &[Connection]| all[last].closed.is_some();
        let seen = &server.seen;
        seen.until("the end of an idle connection", its_end).await;
        let connection = &seen.connections()[last];
        let idle = connection.closed.unwrap() - connection.requests[0].at;
        assert!(idle >= limit, "{version:?}: {idle:?}");
        // That of a gateway without such a limit, which has been idle for longer, is still there.
        assert_eq!(seen.connections()[last - 1].closed, None);
        patient.in_turn("/ok", 1).await;
        assert_eq!(seen.opened(), last + 1, "{version:?}");
        way.in_turn("/ok", 1).await;
        assert_eq!(seen.opened(), last + 2, "{version:?}");
    }
}

#[tokio::test]
pub(super) async fn there_are_as_many_connections_and_streams_as_there_may_be() {
    let pair = Pair::start();
    for (version, connections, streams) in [
        (HttpVersion::Http11, Some(3), None),
        (HttpVersion::H2c, None, Some(4)),
        (HttpVersion::Http2, None, Some(4)),
        (HttpVersion::H2c, Some(3), Some(2)),
        (HttpVersion::Http2, Some(3), Some(2)),
    ] {
        let (mut config, server, url) = pair.speaking(version);
        config.limits.connections = connections;
        config.limits.streams = streams;
        let before = server.seen.opened();
        let way = Way::to(&url, config);
        way.together("/wait/100", 12).await;
        let all = server.seen.connections().split_off(before);
        let most: Vec<_> = all.iter().map(|one| one.most_streams).collect();
        let expected = vec![streams.unwrap_or(1); connections.unwrap_or(1)];
        assert_eq!(most, expected, "{version:?}");
        let answered: usize = all.iter().map(|one| one.served).sum();
        assert_eq!(answered, 12, "{version:?}");
    }
}

#[tokio::test]
pub(super) async fn a_connection_that_takes_too_long_to_make_is_given_up() {
    let limit = Duration::from_millis(60);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    // Whoever accepts hears a client's hello, says nothing, and sees the client leave.
    let upstream = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        heard.len()
    });
    let config = with(|config| {
        config.tls.verify = false;
        config.timeouts.connect = Some(limit);
    });
    let way = Way::to(&url, config);
    let began = Instant::now();
    assert_eq!(way.in_vain().await, "upstream_timeout");
    assert!(began.elapsed() >= limit);
    assert!(upstream.join().unwrap() > 0);
}
