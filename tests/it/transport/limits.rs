//! Limits on connections and on the pool, seen from the server.

use super::certificates::serving;
use super::server::Server;
use super::transport;
use dragstrip::outcome::Outcome;
use dragstrip::transport::{Exchange, Limits, ReqwestTransport, Tls, Transport, TransportConfig};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use tokio::task::LocalSet;

/// `n` users, each sending `requests` one after another through the same transport, as the load engine does.
async fn crowd(transport: ReqwestTransport, users: usize, requests: usize) -> Vec<Exchange> {
    let transport = Rc::new(transport);
    let local = LocalSet::new();
    let tasks: Vec<_> = (0..users)
        .map(|_| {
            let transport = Rc::clone(&transport);
            local.spawn_local(async move {
                let mut exchanges = Vec::new();
                for _ in 0..requests {
                    let slot = match transport.try_slot() {
                        Some(slot) => slot,
                        None => transport.slot().await,
                    };
                    exchanges.push(transport.exchange().await);
                    drop(slot);
                }
                exchanges
            })
        })
        .collect();
    let mut all = Vec::new();
    local
        .run_until(async {
            for task in tasks {
                all.extend(task.await.unwrap());
            }
        })
        .await;
    all
}

#[tokio::test]
pub(super) async fn the_limit_on_connections_is_never_exceeded() {
    for (path, pool, users) in [
        ("ok", None, 100),
        ("ok", Some(7), 100),
        ("slow", None, 100),
        ("drip", None, 100),
        // As many users as connections: the next request starts in the very task that ended the last.
        ("ok", None, 7),
        ("drip", None, 7),
    ] {
        let server = Server::start(None);
        let config = TransportConfig {
            limits: Limits {
                connections: Some(7),
                ..Limits::default()
            },
            pool,
            ..TransportConfig::default()
        };
        let url = format!("http://{}/{path}", server.addr);
        let lane = transport(&url, &config);
        let exchanges = crowd(lane.transport, users, 700 / users).await;
        assert_eq!(exchanges.len(), 700);
        assert!(exchanges.iter().all(|e| e.outcome == Outcome::Ok));
        assert_eq!(server.seen.most_open(), 7);
        assert_eq!(server.seen.opened(), 7, "all are kept");
        assert_eq!(lane.counters.totals().reused, 693);
    }
}

#[test]
fn the_limit_holds_for_a_task_that_sends_without_a_pause() {
    // As on a load thread: tasks of the runtime proper, which run before the one that puts the connection back.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())
        .unwrap();
    for path in ["ok", "drip"] {
        let server = Server::start(None);
        let config = TransportConfig {
            limits: Limits {
                connections: Some(1),
                ..Limits::default()
            },
            ..TransportConfig::default()
        };
        let url = format!("http://{}/{path}", server.addr);
        runtime.block_on(async {
            let lane = transport(&url, &config);
            let sender = tokio::task::spawn_local(async move {
                for _ in 0..100 {
                    assert_eq!(lane.transport.exchange().await.outcome, Outcome::Ok);
                }
            });
            sender.await.unwrap();
        });
        assert_eq!(server.seen.opened(), 1);
    }
}

#[tokio::test]
async fn the_limit_holds_over_tls_whichever_version_is_chosen() {
    let (_, tls) = serving(&["h2", "http/1.1"]);
    let server = Server::start(Some(tls));
    let config = TransportConfig {
        limits: Limits {
            connections: Some(3),
            ..Limits::default()
        },
        tls: Tls {
            verify: false,
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let lane = transport(&format!("https://{}/ok", server.addr), &config);
    let exchanges = crowd(lane.transport, 20, 20).await;
    assert!(exchanges.iter().all(|e| e.outcome == Outcome::Ok));
    assert_eq!(server.seen.opened(), 3);
}

#[tokio::test]
async fn abandoned_exchanges_give_their_connections_back() {
    let server = Server::start(None);
    let config = TransportConfig {
        limits: Limits {
            connections: Some(2),
            ..Limits::default()
        },
        ..TransportConfig::default()
    };
    let lane = transport(&format!("http://{}/never", server.addr), &config);
    let requests = &server.seen.requests;
    for round in 1..=20 {
        let slot = lane.transport.slot().await;
        let mut exchange = Box::pin(lane.transport.exchange());
        // Abandoned once the server has it, so that the connection is surely in use.
        while requests.load(Ordering::SeqCst) < round {
            tokio::select! {
                biased;
                exchange = &mut exchange => panic!("{exchange:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
        drop(exchange);
        drop(slot);
    }
    let (a, b) = tokio::join!(lane.transport.slot(), lane.transport.slot());
    drop((a, b));
    assert_eq!(lane.counters.totals().opened, 20);
}

#[tokio::test]
async fn the_pool_keeps_no_more_than_it_may() {
    let server = Server::start(None);
    let config = TransportConfig {
        pool: Some(2),
        ..TransportConfig::default()
    };
    let lane = transport(&format!("http://{}/slow", server.addr), &config);
    crowd(lane.transport, 8, 1).await;
    // The transport is gone with `crowd`, so look at a second one that lives on.
    let lane = transport(&format!("http://{}/slow", server.addr), &config);
    let sent = at_once(&lane.transport, 8).await;
    assert!(sent.iter().all(|e| e.outcome == Outcome::Ok));
    while server.seen.open.load(Ordering::SeqCst) != 2 {
        tokio::task::yield_now().await;
    }
}

/// `n` exchanges at once.
pub(crate) async fn at_once(transport: &impl Transport, n: usize) -> Vec<Exchange> {
    let mut open: Vec<_> = (0..n)
        .map(|_| Some(Box::pin(transport.exchange())))
        .collect();
    let mut ended = Vec::new();
    std::future::poll_fn(|cx| {
        for slot in &mut open {
            if let Some(exchange) = slot
                && let std::task::Poll::Ready(exchange) = exchange.as_mut().poll(cx)
            {
                ended.push(exchange);
                *slot = None;
            }
        }
        if open.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    ended
}
