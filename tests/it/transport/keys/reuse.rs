//! `http`, `keep_alive`, `pool`, `pool_idle`: which version is spoken, and what becomes of connections afterwards.

use super::{Pair, VERSIONS, are_closed, clear, in_turn, one, together, transport, trusting, with};
use crate::transport::server::Server;
use dragstrip::transport::HttpVersion;
use http::Version;
use std::time::Duration;

#[tokio::test]
pub(super) async fn the_server_is_spoken_to_in_the_version_that_was_chosen() {
    let pair = Pair::start();
    for (version, expected) in [
        (HttpVersion::Auto, Version::HTTP_11),
        (HttpVersion::Http11, Version::HTTP_11),
        (HttpVersion::H2c, Version::HTTP_2),
    ] {
        let url = format!("{}/ok", clear(&pair.clear));
        one(&url, &with(|config| config.http = version)).await;
        let asked = pair.clear.seen.asked().pop().unwrap();
        assert_eq!(asked.version, expected, "{version:?}");
    }
    for (version, offered, expected) in [
        (HttpVersion::Auto, &["h2", "http/1.1"][..], Version::HTTP_2),
        (HttpVersion::Http11, &["http/1.1"], Version::HTTP_11),
        (HttpVersion::Http2, &["h2"], Version::HTTP_2),
    ] {
        let config = trusting(&pair.authority, |config| config.http = version);
        one(&format!("https://{}/ok", pair.secure.addr), &config).await;
        let connection = pair.secure.seen.connections().pop().unwrap();
        assert_eq!(connection.hello.unwrap().alpn, offered, "{version:?}");
        assert_eq!(connection.requests[0].version, expected, "{version:?}");
    }
}

#[tokio::test]
pub(super) async fn a_connection_is_kept_or_closed_after_each_request_in_every_version() {
    let pair = Pair::start();
    for version in VERSIONS {
        let (mut config, server, url) = pair.speaking(version);
        let url = format!("{url}/slow");
        let before = server.seen.opened();
        let kept = transport(&url, &config);
        in_turn(&kept, 5).await;
        assert_eq!(server.seen.opened() - before, 1, "{version:?}");
        drop(kept);
        config.keep_alive = false;
        let before = server.seen.opened();
        let lane = transport(&url, &config);
        in_turn(&lane, 3).await;
        together(&lane, 3).await;
        let all = server.seen.connections().split_off(before);
        assert_eq!(all.len(), 6, "{version:?}");
        for connection in &all {
            assert_eq!(connection.served, 1, "{version:?}");
            let said = connection.requests[0].header("connection");
            // HTTP/2 has no such header.
            let expected = (version == HttpVersion::Http11).then_some("close");
            assert_eq!(said, expected, "{version:?}");
        }
        // All of them, though the transport is still there.
        server.seen.until_closed().await;
        assert_eq!(lane.counters.totals().opened, 6);
    }
}

#[tokio::test]
pub(super) async fn as_many_idle_connections_are_kept_as_the_pool_holds() {
    let server = Server::start(None);
    let config = with(|config| config.pool = Some(2));
    let lane = transport(&format!("{}/wait/50", clear(&server)), &config);
    together(&lane, 8).await;
    assert_eq!(server.seen.opened(), 8);
    let six_closed = |all: &[super::Connection]| {
        let closed = all.iter().filter(|one| one.closed.is_some());
        closed.count() == 6
    };
    server
        .seen
        .until("the end of six connections", six_closed)
        .await;
    // The two that are left carry the next two requests; a third request needs a connection of its own.
    together(&lane, 2).await;
    assert_eq!(server.seen.opened(), 8);
    together(&lane, 3).await;
    assert_eq!(server.seen.opened(), 9);
}

#[tokio::test]
pub(super) async fn an_idle_connection_is_closed_after_its_time_and_not_before() {
    let limit = Duration::from_millis(100);
    let pair = Pair::start();
    for version in VERSIONS {
        let (mut config, server, url) = pair.speaking(version);
        let url = format!("{url}/ok");
        let patient = transport(&url, &config);
        in_turn(&patient, 1).await;
        config.pool_idle = Some(limit);
        let lane = transport(&url, &config);
        in_turn(&lane, 1).await;
        let last = server.seen.opened() - 1;
        let its_end = |all: &[super::Connection]| are_closed(&all[last..]);
        server
            .seen
            .until("the end of an idle connection", its_end)
            .await;
        let connection = &server.seen.connections()[last];
        let idle = connection.closed.unwrap() - connection.requests[0].at;
        assert!(idle >= limit, "{version:?}: {idle:?}");
        // One without that limit, which has been idle for longer, is still there.
        assert_eq!(server.seen.connections()[last - 1].closed, None);
        in_turn(&patient, 1).await;
        assert_eq!(server.seen.opened(), last + 1, "{version:?}");
        in_turn(&lane, 1).await;
        assert_eq!(server.seen.opened(), last + 2, "{version:?}");
    }
}
