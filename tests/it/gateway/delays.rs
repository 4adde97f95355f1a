//! The endpoint's delays over real sockets: never too short, told truly, first in first out, and frozen on time.

use super::client::{
    begin, delayed, endpoint, get, post, post_h2c, request, send, serving, socket, whole,
};
use dragstrip::gateway::ServiceSpec;
use dragstrip::gateway::endpoint::EndpointConfig;
use dragstrip::gateway::proxy::{self, GatewayConfig};
use dragstrip::transport::HELD_HEADER;
use dragstrip::transport::TransportConfig;
use http::Method;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};
use url::Url;

const CHAT: &str = "/chat/completions";

#[tokio::test]
async fn every_answer_says_how_long_it_was_held() {
    let server = endpoint(EndpointConfig::default());
    let addr = server.addr();
    for (method, path, body) in [
        (Method::GET, "/health", ""),
        (Method::GET, "/v1/models", ""),
        (Method::GET, "/nowhere", ""),
        (Method::PUT, CHAT, ""),
        (Method::POST, CHAT, "no JSON"),
        (Method::POST, CHAT, "{}"),
        (Method::POST, CHAT, r#"{"stream":true}"#),
        (Method::POST, "/v1/embeddings", "{}"),
    ] {
        let started = Instant::now();
        let answer = send(addr, request(method, path, body)).await;
        let took = started.elapsed();
        assert!(
            answer.held() <= took,
            "{path}: {:?} {took:?}",
            answer.held()
        );
    }
}

#[tokio::test]
async fn delays_are_never_too_short_and_never_more_than_the_client_sees() {
    for threads in [1, 2] {
        let server = endpoint(EndpointConfig {
            threads,
            ..delayed("fixed:20ms")
        });
        let mut over = Vec::new();
        for i in 0..21 {
            let body = ["{}", r#"{"stream":true}"#][i % 2];
            let started = Instant::now();
            // Of a stream the first chunk counts, which comes with the head.
            let response = begin(server.addr(), request(Method::POST, CHAT, body))
                .await
                .unwrap();
            let took = started.elapsed();
            let held = whole(response).await.unwrap().held();
            assert!(
                Duration::from_millis(20) <= held && held <= took,
                "{held:?} {took:?}"
            );
            over.push(took.saturating_sub(Duration::from_millis(20)));
        }
        over.sort();
        // Generous, for the machine may be busy; it is some tenths of a millisecond otherwise.
        assert!(over[10] < Duration::from_millis(10), "{over:?}");
    }
}

#[tokio::test]
async fn the_delay_passes_a_gateway_and_http_2() {
    let server = endpoint(delayed("fixed:5ms"));
    let config = GatewayConfig {
        upstream: Url::parse(&server.url()).unwrap(),
        transport: TransportConfig::default(),
    };
    let gateway = proxy::spawn(&config, socket()).unwrap();
    for addr in [server.addr(), gateway.addr()] {
        for answer in [
            post(addr, CHAT, "{}").await,
            post_h2c(addr, CHAT, "{}").await,
        ] {
            assert!(answer.held() >= Duration::from_millis(5));
            assert_eq!(answer.headers.get_all(HELD_HEADER).iter().count(), 1);
        }
    }
}

#[tokio::test]
async fn health_and_errors_do_not_wait_and_take_no_server() {
    // Whoever took the only server would keep it for an hour.
    let server = endpoint(serving(ServiceSpec {
        profile: "fixed:1h".parse().unwrap(),
        servers: NonZeroU32::new(1),
        ..ServiceSpec::default()
    }));
    assert_eq!(get(server.addr(), "/health").await.status, 200);
    assert_eq!(get(server.addr(), "/v1/models").await.status, 200);
    assert_eq!(post(server.addr(), CHAT, "no JSON").await.status, 400);
}

#[tokio::test]
async fn one_server_takes_one_request_after_the_other() {
    let server = endpoint(serving(ServiceSpec {
        profile: "fixed:5ms".parse().unwrap(),
        servers: NonZeroU32::new(1),
        ..ServiceSpec::default()
    }));
    let addr = server.addr();
    let started = Instant::now();
    let clients: Vec<_> = (0..40)
        .map(|_| tokio::spawn(async move { post(addr, CHAT, "{}").await.held() }))
        .collect();
    let mut held = Vec::new();
    for client in clients {
        held.push(client.await.unwrap());
    }
    let took = started.elapsed();
    // 40 · 5 ms; the rest is connecting.
    assert!(took >= Duration::from_millis(200), "{took:?}");
    assert!(took < Duration::from_millis(600), "{took:?}");
    held.sort();
    assert!(held[0] >= Duration::from_millis(5), "{held:?}");
    // All came within the first moments, so each waited about 5 ms longer than the one before.
    assert!(held[39] >= Duration::from_millis(100), "{held:?}");
}

#[tokio::test]
async fn a_freeze_holds_what_comes_in_it_until_its_end() {
    let server = endpoint(EndpointConfig {
        freeze_from_first_request: true,
        ..serving(ServiceSpec {
            profile: "fixed:1ms".parse().unwrap(),
            freezes: vec!["0s+150ms".parse().unwrap()],
            ..ServiceSpec::default()
        })
    });
    let addr = server.addr();
    let first = post(addr, CHAT, "{}").await.held();
    assert!(first >= Duration::from_millis(151), "{first:?}");
    let second = post(addr, CHAT, "{}").await.held();
    assert!(second < Duration::from_millis(150), "{second:?}");
}
