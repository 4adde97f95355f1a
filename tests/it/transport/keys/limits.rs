//! `max_connections`, `streams`, `at_limit`: how many requests go on at once, and what becomes of the others.

use super::{Pair, VERSIONS, clear, in_turn, together, transport, with};
use crate::support::{assert_conserved, closed, spec, start_with, variant};
use crate::transport::server::{Connection, Server};
use dragstrip::metrics::snapshot::Snapshot;
use dragstrip::transport::{AtLimit, HttpVersion};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
pub(super) async fn http_2_spreads_over_as_many_connections_as_there_may_be() {
    let pair = Pair::start();
    for version in [HttpVersion::H2c, HttpVersion::Http2] {
        let (mut config, server, url) = pair.speaking(version);
        config.limits.connections = Some(3);
        let lane = transport(&format!("{url}/drip/30"), &config);
        // One on each first, so that all the others find an open connection.
        in_turn(&lane, 3).await;
        together(&lane, 12).await;
        let all = server.seen.connections();
        assert_eq!(served(&all), [5, 5, 5], "{version:?}");
        assert!(all.iter().all(|one| one.most_streams == 4), "{all:#?}");
        // Any number of streams is no limit on what goes on at once.
        assert_eq!(lane.counters.totals().limit, None);
    }
}

#[tokio::test]
pub(super) async fn http_1_has_as_many_connections_as_there_may_be() {
    let server = Server::start(None);
    let config = with(|config| config.limits.connections = Some(3));
    let lane = transport(&format!("{}/slow", clear(&server)), &config);
    together(&lane, 12).await;
    let all = server.seen.connections();
    assert_eq!(served(&all).iter().sum::<usize>(), 12);
    assert_eq!((all.len(), server.seen.most_open()), (3, 3));
    assert_eq!(lane.counters.totals().limit, Some(3));
}

#[tokio::test]
pub(super) async fn connections_that_are_not_kept_are_never_more_than_there_may_be() {
    let pair = Pair::start();
    for version in VERSIONS {
        let (mut config, server, url) = pair.speaking(version);
        config.keep_alive = false;
        config.limits.connections = Some(2);
        let before = server.seen.opened();
        let lane = transport(&format!("{url}/drip/5"), &config);
        assert_eq!(lane.counters.totals().limit, Some(2), "{version:?}");
        together(&lane, 12).await;
        let all = server.seen.connections().split_off(before);
        assert_eq!(served(&all), [1; 12], "{version:?}");
        // The server may hear of the end of a connection only after it has accepted the one that follows it.
        let most = server.seen.most_open();
        assert!((2..=4).contains(&most), "{version:?}: {most}");
        server.seen.until_closed().await;
    }
}

#[tokio::test]
pub(super) async fn one_http_2_connection_carries_as_many_streams_as_it_may() {
    let pair = Pair::start();
    for version in [HttpVersion::H2c, HttpVersion::Http2] {
        let (mut config, server, url) = pair.speaking(version);
        config.limits.streams = Some(4);
        let url = format!("{url}/drip/20");
        let lane = transport(&url, &config);
        together(&lane, 12).await;
        let only = server.seen.only();
        assert_eq!((only.served, only.most_streams), (12, 4), "{version:?}");
        assert_eq!(lane.counters.totals().limit, Some(4));
        config.limits.connections = Some(3);
        let lane = transport(&url, &config);
        together(&lane, 30).await;
        let all = server.seen.connections().split_off(1);
        assert_eq!(served(&all).iter().sum::<usize>(), 30);
        let most: Vec<_> = all.iter().map(|one| one.most_streams).collect();
        assert_eq!(most, [4, 4, 4], "{version:?}");
        assert_eq!(lane.counters.totals().limit, Some(12));
    }
}

fn served(all: &[Connection]) -> Vec<usize> {
    all.iter().map(|one| one.served).collect()
}

/// A run of three users who never pause, with one place among them, each request held for 60 ms.
fn run(version: HttpVersion, at_limit: AtLimit) -> (Arc<Snapshot>, Server) {
    let server = Server::start(None);
    let config = with(|config| {
        config.http = version;
        config.limits.connections = Some(1);
        config.limits.streams = version.is_multiplexed().then_some(1);
        config.limits.at_limit = at_limit;
    });
    let mut load = spec(closed(3, (0, 0)), 600);
    load.threads = 1;
    let url = format!("{}/wait/60", clear(&server));
    let last = start_with(load, vec![variant(&url, config)]).join();
    assert_conserved(&last);
    assert_eq!(server.seen.most_open(), 1);
    assert_eq!(server.seen.connections()[0].most_streams, 1);
    (last, server)
}

#[test]
pub(super) fn who_finds_no_place_waits_or_is_dropped_at_once_or_in_time() {
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let dropped = |at_limit| {
            let (last, server) = run(version, at_limit);
            let run = &last.variants.a.run;
            assert!(run.ok > 0, "{run:#?}");
            let dropped = run.outcomes.get("dropped").copied().unwrap_or_default();
            let place = if version.is_multiplexed() {
                "stream"
            } else {
                "connection"
            };
            for error in &last.variants.a.errors {
                let expected = format!("every {place} was in use (at_limit)");
                assert_eq!(error.text, expected, "{version:?}");
            }
            assert_eq!(last.variants.a.errors.is_empty(), dropped == 0);
            assert_eq!(run.failed, dropped, "nothing else goes wrong: {run:#?}");
            // Whatever was dropped has never been sent.
            assert_eq!(server.seen.connections()[0].served as u64, run.ok);
            dropped
        };
        assert_eq!(dropped(AtLimit::Wait), 0);
        // Two users who wait 40 ms in vain, 600 ms long, and once more at the end.
        let in_time = dropped(AtLimit::WaitFor(Duration::from_millis(40)));
        assert!(in_time > 0 && in_time <= 2 * (600 / 40 + 1), "{in_time}");
        let at_once = dropped(AtLimit::Fail);
        assert!(at_once > 100, "{at_once}");
    }
}
