//! The direct engine, as its servers and its own accounts see it. What it makes of servers that misbehave is in the table of
//! behaviours, which both engines are held against.

use super::certificates::{Authority, Terms};
use super::keys::curt::{Curt, Then};
use super::keys::{clear, trusting, with};
use super::server::{Server, raw, say};
use super::spec;
use dragstrip::clock::Clock;
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::transport::{
    AtLimit, ConnectionCounters, DirectTransport, EngineKind, Exchange, HttpVersion, RequestSpec,
    Share, Sni, TlsVersion, Transport, TransportConfig,
};
use http::Version;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::LocalSet;

pub(super) struct Direct {
    pub(super) transport: DirectTransport,
    pub(super) counters: Arc<ConnectionCounters>,
}

impl Direct {
    pub(super) fn new(url: &str, config: &TransportConfig) -> Direct {
        Direct::asking(&spec(url), config)
    }

    pub(super) fn asking(request: &RequestSpec, config: &TransportConfig) -> Direct {
        let counters = Arc::<ConnectionCounters>::default();
        let transport = DirectTransport::new(
            request,
            config,
            Share::WHOLE,
            Arc::clone(&counters),
            Pacer::new(Clock::monotonic()).unwrap(),
        )
        .unwrap();
        Direct {
            transport,
            counters,
        }
    }

    pub(super) async fn ok(&self) -> Exchange {
        let _slot = self.transport.slot().await;
        let exchange = self.transport.exchange().await;
        assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
        exchange
    }

    /// `n` requests at once.
    pub(super) async fn together(&self, n: usize) {
        let all = (0..n).map(|_| self.ok());
        futures_all(all).await;
    }

    /// Connections opened, and closed by the server, by us, for having been idle.
    pub(super) fn books(&self) -> (u64, [u64; 3]) {
        let totals = self.counters.totals();
        (totals.opened, totals.closed.unwrap())
    }

    /// Waits until the books say that.
    pub(super) async fn until(&self, opened: u64, closed: [u64; 3]) {
        let wanted = async {
            while self.books() != (opened, closed) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let came = tokio::time::timeout(Duration::from_secs(20), wanted).await;
        assert!(came.is_ok(), "{:?}", self.books());
    }
}

/// Polls all of them until each has ended.
pub(super) async fn futures_all<F: Future>(futures: impl Iterator<Item = F>) {
    let mut futures: Vec<_> = futures.map(|future| Some(Box::pin(future))).collect();
    std::future::poll_fn(|cx| {
        for slot in &mut futures {
            if let Some(future) = slot
                && future.as_mut().poll(cx).is_ready()
            {
                *slot = None;
            }
        }
        if futures.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

pub(super) fn direct(change: impl FnOnce(&mut TransportConfig)) -> TransportConfig {
    with(|config| {
        config.engine = EngineKind::Direct;
        change(config);
    })
}

#[tokio::test]
async fn a_connection_is_kept_and_whoever_closes_it_is_known() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let server = Server::start(None);
            let url = format!("{}/ok", clear(&server));
            let lane = Direct::new(&url, &direct(|_| {}));
            for number in 0..5 {
                let exchange = lane.ok().await;
                assert_eq!(exchange.reused, Some(number > 0));
                assert_eq!(exchange.version, Some(Version::HTTP_11));
                assert_eq!(exchange.bytes, 5);
                let (ready, written) = (exchange.ready.unwrap(), exchange.written.unwrap());
                let first_byte = exchange.first_byte.unwrap();
                assert!(ready <= written && written <= first_byte && first_byte <= exchange.done);
                assert_eq!(exchange.opening.is_some(), number == 0);
            }
            assert_eq!(lane.books(), (1, [0, 0, 0]));
            let totals = lane.counters.totals();
            assert_eq!(
                (totals.answered, totals.reused, totals.most_answered),
                (5, 4, Some(5))
            );
            assert_eq!(server.seen.opened(), 1);
            let counters = Arc::clone(&lane.counters);
            drop(lane);
            server.seen.until_closed().await;
            assert_eq!(counters.totals().closed, Some([0, 1, 0]));

            let lane = Direct::new(&url, &direct(|config| config.keep_alive = false));
            for _ in 0..3 {
                assert_eq!(lane.ok().await.reused, Some(false));
            }
            // The server closes as it was asked to, and so do we.
            assert_eq!(lane.books().0, 3);
            assert_eq!(lane.books().1.iter().sum::<u64>(), 3);
            let said = server.seen.asked().pop().unwrap();
            assert_eq!(said.header("connection"), Some("close"));

            let time = Some(Duration::from_millis(300));
            let lane = Direct::new(&url, &direct(|config| config.pool_idle = time));
            lane.ok().await;
            lane.until(1, [0, 0, 1]).await;

            let lane = Direct::new(
                &format!("{}/slow", clear(&server)),
                &direct(|config| config.pool = Some(2)),
            );
            lane.together(6).await;
            assert_eq!(lane.books(), (6, [0, 4, 0]));
        }))
        .await;
}

#[tokio::test]
async fn who_says_that_a_connection_ends_has_closed_it() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let addr = raw(|stream| {
                let mut request = [0; 1_000];
                // Whatever comes is a request.
                let _ = stream.read(&mut request);
                say(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok",
                );
                // It leaves the closing to the client.
                let _ = stream.read(&mut request);
            });
            let lane = Direct::new(&format!("http://{addr}/"), &direct(|_| {}));
            lane.ok().await;
            lane.ok().await;
            assert_eq!(lane.books(), (2, [2, 0, 0]));
        }))
        .await;
}

#[tokio::test]
async fn a_server_that_closes_is_noticed_while_the_connection_is_idle() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let curt = Curt::start(HttpVersion::Http11, 1, Then::End);
            let lane = Direct::new(&curt.url(), &direct(|_| {}));
            lane.ok().await;
            lane.until(1, [1, 0, 0]).await;
            // The next request has a connection of its own, and nothing is stale.
            lane.ok().await;
            assert_eq!(lane.counters.totals().stale, 0);
            assert_eq!(lane.books().0, 2);
        }))
        .await;
}

#[tokio::test]
async fn a_reset_of_a_kept_connection_is_stale_and_is_not_sent_again() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let curt = Curt::start(HttpVersion::Http11, 1, Then::Reset);
            let lane = Direct::new(&curt.url(), &direct(|_| {}));
            lane.ok().await;
            let exchange = lane.transport.exchange().await;
            assert_eq!(exchange.outcome, Outcome::Protocol, "{exchange:?}");
            let text = exchange.error.unwrap();
            assert!(text.starts_with("stale keep-alive: "), "{text}");
            let totals = lane.counters.totals();
            assert_eq!((totals.opened, totals.answered, totals.stale), (1, 1, 1));
            assert_eq!(totals.closed, Some([1, 0, 0]));

            let fresh = Curt::start(HttpVersion::Http11, 0, Then::Reset);
            let lane = Direct::new(&fresh.url(), &direct(|_| {}));
            let exchange = lane.transport.exchange().await;
            assert_eq!(exchange.outcome, Outcome::Protocol, "{exchange:?}");
            assert!(!exchange.error.unwrap().contains("stale"));
            assert_eq!(lane.counters.totals().stale, 0);
        }))
        .await;
}

#[tokio::test]
async fn there_are_never_more_connections_than_there_may_be() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let server = Server::start(None);
            let url = format!("{}/slow", clear(&server));
            let lane = Direct::new(&url, &direct(|config| config.limits.connections = Some(3)));
            lane.together(12).await;
            assert_eq!((server.seen.opened(), server.seen.most_open()), (3, 3));
            assert_eq!(lane.counters.totals().limit, Some(3));
            let curt = direct(|config| {
                config.limits.connections = Some(1);
                config.limits.at_limit = AtLimit::Fail;
            });
            let lane = Direct::new(&url, &curt);
            let slot = lane.transport.try_slot();
            assert!(slot.is_some() && lane.transport.try_slot().is_none());
            assert_eq!(lane.transport.patience(), Some(Duration::ZERO));
        }))
        .await;
}

#[tokio::test]
async fn its_time_limits_end_a_request_by_name() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let server = Server::start(None);
            let limit = Some(Duration::from_millis(50));
            for (path, key, config) in [
                (
                    "never",
                    "(read_timeout)",
                    direct(|c| c.timeouts.read = limit),
                ),
                (
                    "drip/400",
                    "(read_timeout)",
                    direct(|c| c.timeouts.read = limit),
                ),
                ("never", "(timeout)", direct(|c| c.timeouts.total = limit)),
                (
                    "drip/400",
                    "(timeout)",
                    direct(|c| c.timeouts.total = limit),
                ),
            ] {
                let lane = Direct::new(&format!("{}/{path}", clear(&server)), &config);
                let exchange = lane.transport.exchange().await;
                assert_eq!(exchange.outcome, Outcome::Timeout, "{path}: {exchange:?}");
                let text = exchange.error.unwrap();
                assert!(text.contains(key), "{path}: {text}");
                // A connection with half an answer on it is of no more use.
                assert_eq!(lane.books(), (1, [0, 1, 0]), "{path}");
            }
            // Accepted by the system, never answered: the handshake cannot end.
            let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let config = direct(|config| {
                config.tls.verify = false;
                config.timeouts.connect = limit;
            });
            let url = format!("https://{}/", silent.local_addr().unwrap());
            let lane = Direct::new(&url, &config);
            let exchange = lane.transport.exchange().await;
            assert_eq!(exchange.outcome, Outcome::Connect, "{exchange:?}");
            let totals = lane.counters.totals();
            assert_eq!((totals.opened, totals.failed), (0, 1));
        }))
        .await;
}

#[tokio::test]
async fn tls_is_spoken_as_it_is_told_to() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let authority = Authority::new();
            let me = authority.client("me");
            let terms = Terms {
                clients: Some(&authority),
                ..Terms::default()
            };
            let server = Server::start(Some(
                authority.server_named(&["other.example"]).serve(&terms),
            ));
            let url = format!("https://{}/ok", server.addr);
            let config = trusting(&authority, |config| {
                config.engine = EngineKind::Direct;
                config.http = HttpVersion::Http11;
                config.keep_alive = false;
                config.tls.max = TlsVersion::V12;
                config.tls.sni = Sni::Name("other.example".to_owned());
                (config.tls.cert, config.tls.key) = (Some(me.cert_file()), Some(me.key_file()));
            });
            let lane = Direct::new(&url, &config);
            lane.ok().await;
            lane.ok().await;
            let seen = server.seen.connections();
            for (connection, resumed) in seen.iter().zip([false, true]) {
                let handshake = connection.agreed();
                assert_eq!(handshake.client.as_deref(), Some(me.der()));
                assert_eq!(handshake.resumed, resumed);
                let hello = connection.hello.as_ref().unwrap();
                assert_eq!(hello.sni.as_deref(), Some("other.example"));
                assert_eq!(
                    connection.requests[0].host(),
                    Some(server.addr.to_string().as_str())
                );
            }
            let openings = lane.counters.totals().openings;
            assert_eq!(
                (openings.full_handshakes, openings.resumed_handshakes),
                (1, 1)
            );
            assert_eq!((openings.tls_us.len(), openings.dns_us.len()), (2, 0));
            let (agreement, connections) = openings.agreements[0];
            assert_eq!((agreement.http, connections), ("HTTP/1.1", 2));
            assert_eq!(agreement.tls.unwrap().0, "TLS 1.2");

            let stranger = Authority::new();
            let config = trusting(&stranger, |config| config.http = HttpVersion::Http11);
            let lane = Direct::new(&url, &config);
            let exchange = lane.transport.exchange().await;
            assert_eq!(exchange.outcome, Outcome::Tls, "{exchange:?}");
            assert_eq!(lane.counters.totals().failed, 1);
        }))
        .await;
}

#[tokio::test]
async fn names_and_addresses_are_used_as_they_are_told_to() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let server = Server::start(None);
            let port = server.addr.port();
            let config = direct(|config| {
                config.dns.resolve = Some([127, 0, 0, 1].into());
                config.socket.local_address = Some([127, 0, 0, 2].into());
                config.keep_alive = false;
            });
            let lane = Direct::new(&format!("http://nobody.invalid:{port}/ok"), &config);
            lane.ok().await;
            let connection = server.seen.connections().pop().unwrap();
            assert_eq!(connection.peer.unwrap().ip().to_string(), "127.0.0.2");
            let host = format!("nobody.invalid:{port}");
            assert_eq!(connection.requests[0].host(), Some(host.as_str()));

            for (cached, look_ups) in [(false, 3), (true, 1)] {
                let config = direct(|config| {
                    config.dns.cached = cached;
                    config.keep_alive = false;
                });
                let lane = Direct::new(&format!("http://localhost:{port}/ok"), &config);
                for _ in 0..3 {
                    lane.ok().await;
                }
                let looked_up = lane.counters.totals().openings.dns_us.len();
                assert_eq!(looked_up, look_ups, "cached: {cached}");
            }
        }))
        .await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_takes_the_place_of_the_network() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("s");
            let seen = super::server::on_unix_socket(&path, None);
            let config = direct(|config| config.socket.unix = Some(path));
            let lane = Direct::new("http://nobody.invalid/ok", &config);
            assert_eq!(lane.ok().await.reused, Some(false));
            assert_eq!(lane.ok().await.reused, Some(true));
            assert_eq!(seen.only().requests[0].host(), Some("nobody.invalid"));
        }))
        .await;
}

#[tokio::test]
async fn a_large_request_and_a_large_answer_go_through() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let server = Server::start(None);
            let mut request = spec(&format!("{}/length", clear(&server)));
            request.body = vec![b'x'; 3 << 20].into();
            let counters = Arc::<ConnectionCounters>::default();
            let transport = DirectTransport::new(
                &request,
                &direct(|_| {}),
                Share::WHOLE,
                Arc::clone(&counters),
                Pacer::new(Clock::monotonic()).unwrap(),
            )
            .unwrap();
            for _ in 0..2 {
                let exchange = transport.exchange().await;
                assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
                assert_eq!(exchange.bytes, 3 << 20);
            }
            assert_eq!(counters.totals().opened, 1);
        }))
        .await;
}
