//! The direct engine over HTTP/3, as its servers and its own accounts see it.

mod ends;
mod path;

use super::certificates::{Authority, Terms};
use super::direct::{Direct, futures_all};
use super::keys::trusting;
use super::server::{Server, http3};
use dragstrip::transport::{
    ConnectionTotals, EngineKind, HttpVersion, Sni, Transport, TransportConfig,
};
use http::Version;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::task::LocalSet;
use tokio_rustls::rustls::server::{ServerSessionMemoryCache, StoresServerSessions};

/// An authority, a server that it vouches for, and the settings to speak HTTP/3 with it.
struct Served {
    authority: Authority,
    server: Server,
}

impl Served {
    fn start() -> Served {
        let authority = Authority::new();
        let server = http3::start(authority.server().serve(&h3()));
        Served { authority, server }
    }

    fn config(&self, change: impl FnOnce(&mut TransportConfig)) -> TransportConfig {
        speaking(&self.authority, change)
    }

    fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.server.addr)
    }

    fn lane(&self, path: &str, change: impl FnOnce(&mut TransportConfig)) -> Direct {
        Direct::new(&self.url(path), &self.config(change))
    }
}

fn h3() -> Terms<'static> {
    Terms {
        alpn: &["h3"],
        ..Terms::default()
    }
}

fn speaking(authority: &Authority, change: impl FnOnce(&mut TransportConfig)) -> TransportConfig {
    trusting(authority, |config| {
        config.engine = EngineKind::Direct;
        config.http = HttpVersion::Http3;
        change(config);
    })
}

/// Runs a test where local tasks can run.
async fn locally(test: impl Future<Output = ()>) {
    LocalSet::new().run_until(Box::pin(test)).await;
}

fn agreement(totals: &ConnectionTotals) -> (&str, (&str, &str)) {
    let (agreement, _) = &totals.openings.agreements[0];
    (agreement.http, agreement.tls.unwrap())
}

#[tokio::test]
async fn requests_share_one_connection_and_every_instant_is_known() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/ok?q=1", |_| {});
        lane.together(8).await;
        for _ in 0..3 {
            let exchange = lane.ok().await;
            assert_eq!(exchange.version, Some(Version::HTTP_3));
            assert_eq!((exchange.reused, exchange.bytes), (Some(true), 5));
            let (ready, written) = (exchange.ready.unwrap(), exchange.written.unwrap());
            let first_byte = exchange.first_byte.unwrap();
            assert!(ready <= written && written <= first_byte && first_byte <= exchange.done);
        }
        let seen = served.server.seen.only();
        assert_eq!(seen.served, 11);
        for asked in &seen.requests {
            assert_eq!(
                (asked.version, asked.method.as_str()),
                (Version::HTTP_3, "POST")
            );
            assert_eq!(asked.uri.path_and_query().unwrap(), "/ok?q=1");
            assert_eq!(
                asked.uri.authority().unwrap().as_str(),
                served.server.addr.to_string()
            );
            assert_eq!(asked.header("content-length"), Some("7"));
        }
        assert_eq!(lane.books(), (1, [0, 0, 0]));
        let totals = lane.counters.totals();
        assert_eq!((totals.answered, totals.most_answered), (11, Some(11)));
        let (http, (tls, suite)) = agreement(&totals);
        assert_eq!((http, tls), ("HTTP/3", "TLS 1.3"));
        assert_eq!(suite, "TLS13_AES_256_GCM_SHA384");
        let openings = &totals.openings;
        assert_eq!(openings.full_handshakes, 1);
        // Its handshake is TCP's and TLS's in one.
        assert_eq!((openings.tls_us.len(), openings.tcp_us.len()), (1, 0));
        let counters = Arc::clone(&lane.counters);
        drop(lane);
        served.server.seen.until_closed().await;
        assert_eq!(counters.totals().closed, Some([0, 1, 0]));
    })
    .await;
}

#[tokio::test]
async fn a_transport_that_closes_tells_the_server() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/ok", |_| {});
        lane.ok().await;
        lane.transport.close().await;
        served.server.seen.until_closed().await;
        assert_eq!(lane.books(), (1, [0, 1, 0]));
    })
    .await;
}

#[tokio::test]
async fn a_body_is_sent_whole_and_one_that_is_larger_than_any_window_comes_back() {
    locally(async {
        let served = Served::start();
        let mut spec = super::spec(&served.url("/length"));
        spec.body = vec![b'x'; 12 << 20].into();
        let lane = Direct::asking(&spec, &served.config(|_| {}));
        for number in 0..2 {
            let exchange = lane.ok().await;
            assert_eq!(exchange.bytes, 12 << 20);
            assert_eq!(exchange.opening.is_some(), number == 0);
            assert!(exchange.written.unwrap() <= exchange.first_byte.unwrap());
        }
    })
    .await;
}

#[tokio::test]
async fn connections_and_streams_have_their_limits() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/slow", |config| {
            config.limits.connections = Some(3);
            config.limits.streams = Some(4);
        });
        lane.together(30).await;
        let seen = &served.server.seen;
        assert_eq!((seen.opened(), seen.most_open()), (3, 3));
        assert_eq!(lane.counters.totals().limit, Some(12));
        let connections = seen.connections();
        for connection in &connections {
            assert_eq!(connection.most_streams, 4);
            assert!((8..=12).contains(&connection.served), "{connection:#?}");
        }
        // Each has a socket of its own.
        let peers: std::collections::BTreeSet<_> = connections.iter().map(|one| one.peer).collect();
        assert_eq!(peers.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn each_request_has_a_connection_of_its_own_where_none_is_kept() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/slow", |config| {
            config.keep_alive = false;
            config.limits.connections = Some(2);
        });
        let two_at_most = (0..6).map(|_| async {
            lane.ok().await;
            let (opened, closed) = lane.books();
            assert!(opened - closed.iter().sum::<u64>() <= 2);
        });
        futures_all(two_at_most).await;
        served.server.seen.until_closed().await;
        assert_eq!(served.server.seen.opened(), 6);
        assert_eq!(lane.books(), (6, [0, 6, 0]));
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_time() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/ok", |config| {
            config.pool_idle = Some(Duration::from_millis(50));
        });
        lane.ok().await;
        served.server.seen.until_closed().await;
        lane.until(1, [0, 0, 1]).await;
        assert_eq!(lane.ok().await.reused, Some(false));
    })
    .await;
}

/// A server's memory of sessions, which counts what is taken up again.
#[derive(Debug)]
struct Remembered {
    sessions: Arc<ServerSessionMemoryCache>,
    resumed: AtomicUsize,
}

impl StoresServerSessions for Remembered {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.sessions.put(key, value)
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.sessions.get(key)
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        let taken = self.sessions.take(key);
        self.resumed
            .fetch_add(usize::from(taken.is_some()), Relaxed);
        taken
    }

    fn can_cache(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn sessions_are_resumed_unless_they_are_not_to_be() {
    locally(async {
        for (resumption, expected) in [(true, (1, 2)), (false, (3, 0))] {
            let authority = Authority::new();
            let remembered = Arc::new(Remembered {
                sessions: ServerSessionMemoryCache::new(32),
                resumed: AtomicUsize::new(0),
            });
            let mut tls = authority.server().serve(&h3());
            tls.session_storage = Arc::clone(&remembered) as Arc<_>;
            let server = http3::start(tls);
            let config = speaking(&authority, |config| {
                config.tls.resumption = resumption;
                config.keep_alive = false;
            });
            let lane = Direct::new(&format!("https://{}/slow", server.addr), &config);
            for _ in 0..3 {
                // Slow, so that the ticket has come before the connection ends.
                lane.ok().await;
            }
            let openings = lane.counters.totals().openings;
            let counted = (openings.full_handshakes, openings.resumed_handshakes);
            assert_eq!(counted, expected);
            assert_eq!(remembered.resumed.load(Relaxed) as u64, expected.1);
        }
    })
    .await;
}

#[tokio::test]
async fn names_and_certificates_take_effect() {
    locally(async {
        let served = Served::start();
        let port = served.server.addr.port();
        let me = served.authority.client("me");
        let lane = Direct::new(
            &format!("https://localhost:{port}/ok"),
            &served.config(|config| {
                config.tls.cert = Some(me.cert_file());
                config.tls.key = Some(me.key_file());
            }),
        );
        lane.ok().await;
        let hello = served.server.seen.only().hello.unwrap();
        assert_eq!(hello.sni.as_deref(), Some("localhost"));
        assert_eq!(hello.alpn, ["h3"]);

        let named = served.authority.server_named(&["other.example"]);
        let terms = Terms {
            clients: Some(&served.authority),
            ..h3()
        };
        let strict = http3::start(named.serve(&terms));
        let lane = Direct::new(
            &format!("https://{}/ok", strict.addr),
            &served.config(|config| {
                config.tls.sni = Sni::Name("other.example".to_owned());
                config.tls.cert = Some(me.cert_file());
                config.tls.key = Some(me.key_file());
                config.socket.local_address = Some([127, 0, 0, 5].into());
            }),
        );
        lane.ok().await;
        let seen = strict.seen.only();
        assert_eq!(
            seen.hello.as_ref().unwrap().sni.as_deref(),
            Some("other.example")
        );
        assert_eq!(seen.agreed().client.as_deref(), Some(me.der()));
        assert_eq!(seen.peer.unwrap().ip().to_string(), "127.0.0.5");
        assert_eq!(seen.requests[0].uri.host(), Some("127.0.0.1"));
    })
    .await;
}

#[tokio::test]
async fn names_are_looked_up_and_replaced_and_certificates_may_go_unchecked() {
    locally(async {
        let stranger = Authority::new();
        let server = http3::start(stranger.server().serve(&h3()));
        let port = server.addr.port();
        for (host, change) in [
            (
                "nowhere.invalid",
                (|config| config.dns.resolve = Some([127, 0, 0, 1].into()))
                    as fn(&mut TransportConfig),
            ),
            ("localhost", |config| config.dns.cached = true),
        ] {
            let config = super::keys::with(|config| {
                config.engine = EngineKind::Direct;
                config.http = HttpVersion::Http3;
                config.tls.verify = false;
                config.timeouts.connect = Some(Duration::from_secs(5));
                change(config);
            });
            let lane = Direct::new(&format!("https://{host}:{port}/ok"), &config);
            lane.ok().await;
            assert_eq!(
                lane.counters.totals().openings.dns_us.len(),
                u64::from(host == "localhost")
            );
        }
        let names: Vec<_> = server
            .seen
            .connections()
            .into_iter()
            .map(|one| one.hello.unwrap().sni)
            .collect();
        assert_eq!(
            names,
            [
                Some("nowhere.invalid".to_owned()),
                Some("localhost".to_owned())
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_server_that_takes_few_streams_at_once_is_waited_for_before_the_request_is_ready() {
    locally(async {
        let authority = Authority::new();
        let mut limits = quinn::TransportConfig::default();
        limits.max_concurrent_bidi_streams(2_u32.into());
        let server = http3::start_with(authority.server().serve(&h3()), limits);
        let config = speaking(&authority, |_| {});
        let lane = Direct::new(&format!("https://{}/slow", server.addr), &config);
        let ready = std::cell::RefCell::new(Vec::new());
        futures_all((0..6).map(|_| async {
            let at = lane.ok().await.ready.unwrap();
            ready.borrow_mut().push(at);
        }))
        .await;
        let mut ready = ready.into_inner();
        ready.sort();
        let waited: Vec<_> = ready.iter().map(|at| at.since(ready[0])).collect();
        assert_eq!(server.seen.only().most_streams, 2);
        // Each answer takes 20 ms.
        assert!(
            waited[1] < waited[2] && waited[2] >= Duration::from_millis(20),
            "{waited:?}"
        );
        assert!(waited[4] >= Duration::from_millis(40), "{waited:?}");
    })
    .await;
}
