//! The direct engine over HTTP/2, as its servers and its own accounts see it.

use super::certificates::{Authority, Terms};
use super::direct::{Direct, direct, futures_all};
use super::keys::curt::{Curt, Then};
use super::keys::{Pair, clear, trusting};
use super::server::{Server, Setting};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{EngineKind, HttpVersion, Transport, TransportConfig};
use http::Version;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;

const BOTH: [HttpVersion; 2] = [HttpVersion::H2c, HttpVersion::Http2];

/// The settings to speak `version` with.
fn speaking(
    pair: &Pair,
    version: HttpVersion,
    change: impl FnOnce(&mut TransportConfig),
) -> (TransportConfig, &Server, String) {
    let (mut config, server, url) = pair.speaking(version);
    config.engine = EngineKind::Direct;
    change(&mut config);
    (config, server, url)
}

/// Runs a test where local tasks can run.
async fn locally(test: impl Future<Output = ()>) {
    LocalSet::new().run_until(Box::pin(test)).await;
}

#[tokio::test]
async fn requests_share_one_connection_and_every_instant_is_known() {
    locally(async {
        let pair = Pair::start();
        for version in BOTH {
            let (config, server, url) = speaking(&pair, version, |_| {});
            let lane = Direct::new(&format!("{url}/ok"), &config);
            lane.together(8).await;
            for _ in 0..3 {
                let exchange = lane.ok().await;
                assert_eq!(exchange.version, Some(Version::HTTP_2));
                assert_eq!((exchange.reused, exchange.bytes), (Some(true), 5));
                let (ready, written) = (exchange.ready.unwrap(), exchange.written.unwrap());
                let first_byte = exchange.first_byte.unwrap();
                assert!(ready <= written && written <= first_byte && first_byte <= exchange.done);
            }
            assert_eq!((lane.books(), server.seen.opened()), ((1, [0, 0, 0]), 1));
            let totals = lane.counters.totals();
            assert_eq!((totals.answered, totals.most_answered), (11, Some(11)));
            assert_eq!(totals.openings.agreements[0].0.http, "HTTP/2");
            let counters = std::sync::Arc::clone(&lane.counters);
            drop(lane);
            server.seen.until_closed().await;
            assert_eq!(counters.totals().closed, Some([0, 1, 0]));
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_is_written_when_its_last_byte_is() {
    locally(async {
        let pair = Pair::start();
        for version in BOTH {
            let (config, _, url) = speaking(&pair, version, |_| {});
            let mut spec = super::spec(&format!("{url}/length"));
            spec.body = vec![b'x'; 3 << 20].into();
            let lane = Direct::asking(&spec, &config);
            for number in 0..2 {
                let exchange = lane.ok().await;
                assert_eq!(exchange.bytes, 3 << 20);
                assert_eq!(exchange.opening.is_some(), number == 0);
                // The server tells how much came once it has all of it.
                assert!(exchange.written.unwrap() <= exchange.first_byte.unwrap());
                assert!(exchange.written.unwrap() > exchange.ready.unwrap());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn connections_and_streams_have_their_limits() {
    locally(async {
        let pair = Pair::start();
        for version in BOTH {
            let (config, server, url) = speaking(&pair, version, |config| {
                config.limits.connections = Some(3);
                config.limits.streams = Some(4);
            });
            let lane = Direct::new(&format!("{url}/slow"), &config);
            lane.together(30).await;
            assert_eq!((server.seen.opened(), server.seen.most_open()), (3, 3));
            assert_eq!(lane.counters.totals().limit, Some(12));
            for connection in server.seen.connections() {
                // In turns, as far as each had room.
                assert!((8..=12).contains(&connection.requests.len()));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn each_request_has_a_connection_of_its_own_where_none_is_kept() {
    locally(async {
        let pair = Pair::start();
        for version in BOTH {
            let (config, server, url) = speaking(&pair, version, |config| {
                config.keep_alive = false;
                config.limits.connections = Some(2);
            });
            let lane = Direct::new(&format!("{url}/slow"), &config);
            let two_at_most = (0..6).map(|_| async {
                lane.ok().await;
                let (opened, closed) = lane.books();
                assert!(opened - closed.iter().sum::<u64>() <= 2);
            });
            futures_all(two_at_most).await;
            server.seen.until_closed().await;
            assert_eq!(server.seen.opened(), 6);
            assert_eq!(lane.books(), (6, [0, 6, 0]));
        }
    })
    .await;
}

#[tokio::test]
async fn the_server_chooses_and_what_it_chose_is_told() {
    locally(async {
        let authority = Authority::new();
        for (offered, version, opened) in [
            (&["h2", "http/1.1"][..], Version::HTTP_2, 1),
            (&["http/1.1"][..], Version::HTTP_11, 8),
        ] {
            let terms = Terms {
                alpn: offered,
                ..Terms::default()
            };
            let server = Server::start(Some(authority.server().serve(&terms)));
            let config = trusting(&authority, |config| config.engine = EngineKind::Direct);
            let lane = Direct::new(&format!("https://{}/slow", server.addr), &config);
            lane.together(8).await;
            assert_eq!(lane.ok().await.version, Some(version));
            // None is opened only to find out.
            assert_eq!(server.seen.opened(), opened, "{offered:?}");
            assert_eq!(lane.books(), (opened as u64, [0, 0, 0]));
        }
    })
    .await;
}

#[tokio::test]
async fn the_windows_and_the_pings_are_those_that_were_chosen() {
    locally(async {
        let pair = Pair::start();
        for version in BOTH {
            let (config, server, url) = speaking(&pair, version, |config| {
                config.http2.stream_window = Some(100_000);
                config.http2.connection_window = Some(300_000);
                config.http2.ping = Some(Duration::from_millis(20));
            });
            let lane = Direct::new(&format!("{url}/bytes/1000000"), &config);
            assert_eq!(lane.ok().await.bytes, 1_000_000);
            let thrice = |all: &[super::server::Connection]| all[0].pings() >= 3;
            server.seen.until("a third ping", thrice).await;
            let connection = server.seen.only();
            let window = connection.setting(Setting::InitialWindowSize);
            assert_eq!(window, Some(100_000));
            // Told again and again, or the body would not have come whole.
            assert!(connection.connection_window_opened() > 600_000);
            assert_eq!(lane.ok().await.reused, Some(true));
        }
    })
    .await;
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_given_up() {
    locally(async {
        let curt = Curt::start(HttpVersion::H2c, 0, Then::Silence);
        let config = direct(|config| {
            config.http = HttpVersion::H2c;
            config.http2.ping = Some(Duration::from_millis(30));
            config.http2.ping_timeout = Some(Duration::from_millis(50));
        });
        let lane = Direct::new(&curt.url(), &config);
        let began = Instant::now();
        let exchange = lane.transport.exchange().await;
        assert!(began.elapsed() >= Duration::from_millis(30 + 50));
        assert_eq!(exchange.outcome, Outcome::Timeout, "{exchange:?}");
        assert!(exchange.error.unwrap().contains("(h2_ping_timeout)"));
        lane.until(1, [0, 1, 0]).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_ends_a_connection_is_known() {
    locally(async {
        let curt = Curt::start(HttpVersion::H2c, 1, Then::End);
        let h2c = |change: fn(&mut TransportConfig)| {
            direct(|config| {
                config.http = HttpVersion::H2c;
                change(config);
            })
        };
        let lane = Direct::new(&curt.url(), &h2c(|_| {}));
        lane.ok().await;
        lane.until(1, [1, 0, 0]).await;
        lane.ok().await;
        assert_eq!(lane.counters.totals().stale, 0);

        // The next request goes out on a connection that is reset under it.
        let curt = Curt::start(HttpVersion::H2c, 1, Then::Reset);
        let lane = Direct::new(&curt.url(), &h2c(|_| {}));
        lane.ok().await;
        let exchange = lane.transport.exchange().await;
        assert_eq!(exchange.outcome, Outcome::Protocol, "{exchange:?}");
        assert!(exchange.error.unwrap().starts_with("stale keep-alive: "));
        lane.until(1, [1, 0, 0]).await;
        let totals = lane.counters.totals();
        assert_eq!((totals.stale, totals.resent), (1, 0));

        let pair = Pair::start();
        let url = format!("{}/ok", clear(&pair.clear));
        let idle = h2c(|config| config.pool_idle = Some(Duration::from_millis(300)));
        let lane = Direct::new(&url, &idle);
        lane.ok().await;
        lane.until(1, [0, 0, 1]).await;
        assert_eq!(lane.ok().await.reused, Some(false));
    })
    .await;
}

#[tokio::test]
async fn those_who_wait_for_one_connection_learn_together_that_there_is_none() {
    locally(async {
        let refused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", refused.local_addr().unwrap());
        drop(refused);
        let config = direct(|config| config.http = HttpVersion::H2c);
        let lane = Direct::new(&url, &config);
        let all = super::limits::at_once(&lane.transport, 5).await;
        for exchange in &all {
            assert_eq!(exchange.outcome, Outcome::Connect, "{exchange:?}");
            assert!(exchange.error.as_ref().unwrap().contains("refused"));
        }
        assert_eq!(lane.counters.totals().failed, 1);
    })
    .await;
}

#[tokio::test]
async fn who_shares_a_new_connection_that_is_reset_has_met_no_stale_one() {
    locally(async {
        for (answers, stale) in [(0, 0), (1, 8)] {
            let curt = Curt::start(HttpVersion::H2c, answers, Then::Reset);
            let config = direct(|config| config.http = HttpVersion::H2c);
            let lane = Direct::new(&curt.url(), &config);
            for _ in 0..answers {
                lane.ok().await;
            }
            let failed = std::cell::Cell::new(0);
            futures_all((0..8).map(|_| async {
                let exchange = lane.transport.exchange().await;
                failed.set(failed.get() + u64::from(exchange.outcome == Outcome::Protocol));
            }))
            .await;
            assert_eq!((failed.get(), lane.counters.totals().stale), (8, stale));
        }
    })
    .await;
}
