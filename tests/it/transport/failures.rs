//! Every way an exchange can fail, told apart.

use super::server::{Server, raw, say};
use super::{http, once, spec, transport};
use crate::support::{closed, spec as spec_of_load, start_with, variant};
use dragstrip::clock::Clock;
use dragstrip::outcome::Outcome;
use dragstrip::transport::{
    ConnectionCounters, EngineKind, HttpVersion, ReqwestTransport, Share, Timeouts, Tls, Transport,
    TransportConfig,
};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn refused_connections() {
    // Bound and closed again: nobody listens there.
    let addr = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let lane = transport(&format!("http://{addr}/"), &TransportConfig::default());
    let exchange = lane.transport.exchange().await;
    assert_eq!(exchange.outcome, Outcome::Connect);
    assert_eq!(exchange.first_byte, None);
    let text = exchange.error.unwrap();
    assert!(text.to_lowercase().contains("refused"), "{text}");
    let totals = lane.counters.totals();
    assert_eq!((totals.opened, totals.failed), (0, 1));
}

#[tokio::test]
async fn refused_connections_over_tls_are_not_tls_failures() {
    let addr = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let config = TransportConfig {
        tls: Tls {
            verify: false,
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let exchange = once(&format!("https://{addr}/"), &config).await;
    assert_eq!(exchange.outcome, Outcome::Connect, "{exchange:?}");
}

#[tokio::test]
async fn names_that_do_not_exist() {
    let exchange = once("http://nowhere.invalid/", &TransportConfig::default()).await;
    assert_eq!(exchange.outcome, Outcome::Connect, "{exchange:?}");
}

#[tokio::test]
async fn the_connect_timeout_counts_as_a_failed_connect() {
    // Accepted by the system, never answered: the handshake cannot end.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = silent.local_addr().unwrap();
    let config = TransportConfig {
        tls: Tls {
            verify: false,
            ..Tls::default()
        },
        timeouts: Timeouts {
            connect: Some(Duration::from_millis(50)),
            ..Timeouts::default()
        },
        ..TransportConfig::default()
    };
    let lane = transport(&format!("https://{addr}/"), &config);
    let exchange = lane.transport.exchange().await;
    assert_eq!(exchange.outcome, Outcome::Connect, "{exchange:?}");
    assert_eq!(
        exchange.error.unwrap(),
        "no connection within the connect timeout"
    );
    assert_eq!(lane.counters.totals().failed, 1);
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls() {
    let server = Server::start(None);
    let config = TransportConfig {
        tls: Tls {
            verify: false,
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let exchange = once(&format!("https://{}/ok", server.addr), &config).await;
    assert_eq!(exchange.outcome, Outcome::Tls, "{exchange:?}");
}

#[tokio::test]
async fn a_server_that_hangs_up_in_the_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || while listener.accept().is_ok() {});
    let config = TransportConfig {
        tls: Tls {
            verify: false,
            ..Tls::default()
        },
        ..TransportConfig::default()
    };
    let exchange = once(&format!("https://{addr}/"), &config).await;
    assert_eq!(exchange.outcome, Outcome::Tls, "{exchange:?}");
}

#[tokio::test]
async fn garbage_in_place_of_an_answer() {
    let addr = raw(|stream| say(stream, "220 smtp.example ESMTP\r\n\r\n"));
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let exchange = once(&format!("http://{addr}/"), &http(version)).await;
        assert_eq!(exchange.outcome, Outcome::Protocol, "{exchange:?}");
        assert!(exchange.error.is_some());
    }
}

#[tokio::test]
async fn a_connection_closed_before_the_answer() {
    let addr = raw(|_| {});
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let exchange = once(&format!("http://{addr}/"), &http(version)).await;
        assert_eq!(exchange.outcome, Outcome::Protocol, "{exchange:?}");
        assert_eq!(exchange.first_byte, None);
    }
}

#[tokio::test]
async fn bodies_that_stop_short() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nhello",
    ] {
        let addr = raw(move |stream| say(stream, answer));
        let exchange = once(&format!("http://{addr}/"), &TransportConfig::default()).await;
        assert_eq!(exchange.outcome, Outcome::Body, "{exchange:?}");
        assert!(exchange.first_byte.is_some());
        assert!(exchange.error.is_some());
        assert_eq!(exchange.bytes, 5);
    }
}

#[tokio::test]
async fn statuses_are_reported_after_the_body() {
    let server = Server::start(None);
    for status in [404, 429, 500, 503] {
        let url = format!("http://{}/status/{status}", server.addr);
        let exchange = once(&url, &TransportConfig::default()).await;
        assert_eq!(exchange.outcome, Outcome::Http(status));
        assert_eq!((exchange.bytes, exchange.error), (5, None));
    }
    let url = format!("http://{}/status/201", server.addr);
    let exchange = once(&url, &TransportConfig::default()).await;
    assert_eq!(exchange.outcome, Outcome::Ok);
}

#[tokio::test]
async fn redirects_are_answers_like_any_other() {
    let addr = raw(|stream| {
        say(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n",
        );
    });
    let exchange = once(&format!("http://{addr}/"), &TransportConfig::default()).await;
    assert_eq!(exchange.outcome, Outcome::Http(302));
}

#[tokio::test]
async fn the_first_byte_comes_before_a_slow_body() {
    let addr = raw(|stream| {
        say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
        std::thread::sleep(Duration::from_millis(60));
        say(stream, "world");
    });
    let exchange = once(&format!("http://{addr}/"), &TransportConfig::default()).await;
    assert_eq!((exchange.outcome, exchange.bytes), (Outcome::Ok, 10));
    let body = exchange.done.since(exchange.first_byte.unwrap());
    assert!(body >= Duration::from_millis(50), "{body:?}");
}

#[tokio::test]
async fn error_texts_hold_no_secrets() {
    let addr = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://user:hunter2@{addr}/?key=hunter2");
    let transport = ReqwestTransport::new(
        &spec(&url),
        &TransportConfig::default(),
        Share::WHOLE,
        Arc::<ConnectionCounters>::default(),
        Clock::monotonic(),
    )
    .unwrap();
    let text = transport.exchange().await.error.unwrap();
    assert!(!text.contains("hunter2"), "{text}");
}

/// The load's own timeout cuts an exchange off, so the engine itself has no say any more.
#[test]
fn a_request_that_had_no_connection_in_its_time_is_told_from_one_that_had_no_answer() {
    let server = Server::start(None);
    // Accepted by the system, never answered: the handshake cannot end.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let never = format!("http://{}/never", server.addr);
    let shut = format!("https://{}/", silent.local_addr().unwrap());
    for engine in [EngineKind::Reqwest, EngineKind::Direct] {
        for version in [HttpVersion::Auto, HttpVersion::Http11] {
            for (url, expected) in [(&never, "no complete answer"), (&shut, "no connection")] {
                let mut load = spec_of_load(closed(2, (0, 0)), 500);
                load.timeout = Duration::from_millis(200);
                load.threads = 1;
                let mut config = http(version);
                config.engine = engine;
                config.tls.verify = false;
                let last = start_with(load, vec![variant(url, config)]).join();
                let a = &last.variants.a;
                assert!(a.run.outcomes["timeout"] >= 2, "{:#?}", a.run);
                let texts: Vec<_> = a.errors.iter().map(|error| &error.text).collect();
                let expected = format!("{expected} within 0.2 s");
                assert_eq!(texts, [&expected], "{engine:?} {version:?}");
            }
        }
    }
}
