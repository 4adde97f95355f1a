//! The gateway relays exactly, keeps its limit, and says what went wrong.

use super::client::{
    begin, delayed, endpoint, get, post, post_h2c, request, send, socket, until, whole,
};
use dragstrip::gateway::ServerHandle;
use dragstrip::gateway::endpoint::EndpointConfig;
use dragstrip::gateway::proxy::{self, GatewayConfig};
use dragstrip::transport::{HttpVersion, Limits, Timeouts, Tls, TransportConfig};
use http::Method;
use http_body_util::BodyExt;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

pub(crate) fn gateway(upstream: &str, transport: TransportConfig) -> ServerHandle {
    let config = GatewayConfig {
        upstream: upstream.parse().unwrap(),
        transport,
    };
    proxy::spawn(&config, socket()).unwrap()
}

fn limited(connections: usize) -> TransportConfig {
    TransportConfig {
        limits: Limits {
            connections: Some(connections),
            ..Limits::default()
        },
        ..TransportConfig::default()
    }
}

/// An upstream in the test's hands: each accepted connection is handed over after one request (as read) has come.
struct Upstream {
    addr: SocketAddr,
    taken: Receiver<(String, TcpStream)>,
}

fn upstream() -> Upstream {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let (give, taken) = channel();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let give = give.clone();
            std::thread::spawn(move || take(stream, &give));
        }
    });
    Upstream { addr, taken }
}

/// Reads a head, and a body of the announced length.
fn take(mut stream: TcpStream, give: &Sender<(String, TcpStream)>) {
    let mut text = String::new();
    let mut byte = [0];
    while !text.ends_with("\r\n\r\n") {
        if !stream.read(&mut byte).is_ok_and(|n| n > 0) {
            return;
        }
        text.push(char::from(byte[0]));
    }
    let lower = text.to_lowercase();
    if let Some((_, rest)) = lower.split_once("content-length: ") {
        let length: usize = rest.split("\r\n").next().unwrap().parse().unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        text.push_str(std::str::from_utf8(&body).unwrap());
    }
    let _ = give.send((text, stream));
}

impl Upstream {
    fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The next request and its connection.
    async fn next(&self) -> (String, TcpStream) {
        loop {
            if let Ok(taken) = self.taken.try_recv() {
                return taken;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

const EMPTY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn requests_and_answers_pass_as_they_are() {
    let upstream = upstream();
    let gateway = gateway(
        &format!("{}/base/", upstream.url()),
        TransportConfig::default(),
    );
    let mut asked = request(Method::PUT, "/v1/x%20y?q=a%2Fb&r", "some body");
    let headers = asked.headers_mut();
    headers.insert("authorization", "Bearer k".parse().unwrap());
    headers.append("x-twice", "1".parse().unwrap());
    headers.append("x-twice", "2".parse().unwrap());
    headers.insert("connection", "x-mine".parse().unwrap());
    headers.insert("x-mine", "secret".parse().unwrap());
    let answering = tokio::spawn(send(gateway.addr(), asked));
    let (seen, mut stream) = upstream.next().await;
    let host = format!("host: {}\r\n", upstream.addr);
    assert!(
        seen.starts_with("PUT /base/v1/x%20y?q=a%2Fb&r HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.contains(&host), "{seen}");
    for line in [
        "authorization: Bearer k\r\n",
        "x-twice: 1\r\n",
        "x-twice: 2\r\n",
        "content-length: 9\r\n",
        "x-forwarded-for: 127.0.0.1\r\n",
        "x-forwarded-host: gateway.example\r\n",
        "via: 1.1 dragstrip\r\n",
    ] {
        assert!(seen.contains(line), "{line} not in {seen}");
    }
    assert!(!seen.contains("x-mine"), "{seen}");
    assert!(seen.ends_with("\r\n\r\nsome body"), "{seen}");
    stream
        .write_all(
            b"HTTP/1.1 418 Teapot\r\nx-a: 1\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 5\r\n\
              keep-alive: timeout=5\r\n\r\nhello",
        )
        .unwrap();
    let answer = answering.await.unwrap();
    assert_eq!(answer.status, 418);
    assert_eq!(answer.headers["x-a"], "1");
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(answer.headers["content-length"], "5");
    assert_eq!(answer.headers["via"], "1.1 dragstrip");
    assert!(!answer.headers.contains_key("keep-alive"));
    assert_eq!(answer.text(), "hello");
}

#[tokio::test]
async fn requests_without_a_body_stay_so() {
    let upstream = upstream();
    let gateway = gateway(&upstream.url(), TransportConfig::default());
    let addr = gateway.addr();
    let answering = tokio::spawn(async move { get(addr, "/health").await });
    let (seen, mut stream) = upstream.next().await;
    assert!(!seen.to_lowercase().contains("transfer-encoding"), "{seen}");
    assert!(!seen.to_lowercase().contains("content-length"), "{seen}");
    stream.write_all(EMPTY).unwrap();
    assert_eq!(answering.await.unwrap().status, 200);
}

#[tokio::test]
async fn chunks_are_relayed_as_they_come() {
    let upstream = upstream();
    let gateway = gateway(&upstream.url(), limited(1));
    let asked = request(Method::GET, "/", "");
    let addr = gateway.addr();
    let answering = tokio::spawn(begin(addr, asked));
    let (_, mut stream) = upstream.next().await;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        .unwrap();
    // The rest is sent only after the first part has come through, so a gateway that waits for all would hang here.
    let mut body = answering.await.unwrap().unwrap().into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first, "first");
    stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n").unwrap();
    assert_eq!(body.collect().await.unwrap().to_bytes(), "second");
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_off() {
    let upstream = upstream();
    let gateway = gateway(&upstream.url(), limited(1));
    for _ in 0..3 {
        let answering = tokio::spawn(begin(gateway.addr(), request(Method::GET, "/", "")));
        let (_, mut stream) = upstream.next().await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello")
            .unwrap();
        drop(stream);
        let answer = answering.await.unwrap().unwrap();
        assert_eq!(answer.status(), 200);
        assert!(whole(answer).await.is_err());
    }
}

#[tokio::test]
async fn streams_and_http_2_pass_through() {
    let server = endpoint(EndpointConfig::default());
    let body = r#"{"stream":true}"#;
    let direct = post(server.addr(), "/chat/completions", body).await;
    for version in [HttpVersion::Auto, HttpVersion::H2c] {
        let transport = TransportConfig {
            http: version,
            ..TransportConfig::default()
        };
        let gateway = gateway(&server.url(), transport);
        let relayed = post(gateway.addr(), "/chat/completions", body).await;
        assert_eq!(relayed.body.len(), direct.body.len());
        assert!(relayed.text().ends_with("data: [DONE]\n\n"));
        let relayed = post_h2c(gateway.addr(), "/chat/completions", body).await;
        assert_eq!(relayed.body.len(), direct.body.len());
    }
}

#[tokio::test]
async fn large_bodies_pass_both_ways() {
    let upstream = upstream();
    let gateway = gateway(&upstream.url(), TransportConfig::default());
    let large = "x".repeat(3 << 20);
    let addr = gateway.addr();
    let sent = large.clone();
    let answering = tokio::spawn(async move { post(addr, "/", &sent).await });
    let (seen, mut stream) = upstream.next().await;
    assert!(seen.ends_with(&large));
    let length = large.len();
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{large}");
    std::thread::spawn(move || stream.write_all(answer.as_bytes()));
    assert_eq!(answering.await.unwrap().text(), large);
}

#[tokio::test]
async fn the_limit_holds_under_a_crowd() {
    let server = endpoint(delayed("fixed:3ms"));
    let gateway = gateway(&server.url(), limited(7));
    let addr = gateway.addr();
    let clients: Vec<_> = (0..200)
        .map(|i| {
            let body = if i % 2 == 0 {
                "{}"
            } else {
                r#"{"stream":true}"#
            };
            tokio::spawn(async move { post(addr, "/chat/completions", body).await })
        })
        .collect();
    for client in clients {
        assert_eq!(client.await.unwrap().status, 200);
    }
    let seen = server.totals();
    assert_eq!((seen.requests, seen.most_open, seen.opened), (200, 7, 7));
    let upstream = gateway.upstream().unwrap();
    assert_eq!((upstream.opened, upstream.reused), (7, 193));
}

#[tokio::test]
async fn those_who_wait_are_served_in_order() {
    let upstream = upstream();
    let gateway = gateway(&upstream.url(), limited(1));
    let addr = gateway.addr();
    let mut clients = Vec::new();
    for i in 0..5 {
        let path = format!("/{i}");
        clients.push(tokio::spawn(async move { get(addr, &path).await }));
        until(|| gateway.totals().requests == i + 1).await;
    }
    for i in 0..5 {
        let (seen, mut stream) = upstream.next().await;
        assert!(seen.starts_with(&format!("GET /{i} ")), "{seen}");
        let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).unwrap();
    }
    for client in clients {
        assert_eq!(client.await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_place() {
    let upstream = upstream();
    let gateway = gateway(&upstream.url(), limited(1));
    let addr = gateway.addr();
    let leave = |path: &'static str| tokio::spawn(async move { get(addr, path).await });

    // While the upstream is thinking.
    let thinking = leave("/thinking");
    let (_, _open) = upstream.next().await;
    // While it waits for its turn: it must not be sent at all.
    let waiting = leave("/waiting");
    until(|| gateway.totals().requests == 2).await;
    let last = leave("/answered");
    until(|| gateway.totals().requests == 3).await;
    waiting.abort();
    until(|| gateway.totals().open == 2).await;
    thinking.abort();
    let (seen, mut stream) = upstream.next().await;
    assert!(seen.starts_with("GET /answered "), "{seen}");
    stream.write_all(EMPTY).unwrap();
    assert_eq!(last.await.unwrap().status, 200);
    drop(stream);

    // In the middle of the answer.
    let reading = tokio::spawn(begin(addr, request(Method::GET, "/reading", "")));
    let (_, mut stream) = upstream.next().await;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello")
        .unwrap();
    drop(reading.await.unwrap().unwrap());
    let after = leave("/after");
    let (seen, mut stream) = upstream.next().await;
    assert!(seen.starts_with("GET /after "), "{seen}");
    stream.write_all(EMPTY).unwrap();
    assert_eq!(after.await.unwrap().status, 200);
}

#[tokio::test]
async fn an_upstream_that_is_down_is_a_bad_gateway() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let gateway = gateway(&format!("http://me:pw@{nobody}/v1"), limited(2));
    for _ in 0..5 {
        let answer = get(gateway.addr(), "/models").await;
        assert_eq!(answer.status, 502);
        let error = &answer.json()["error"];
        assert_eq!(error["code"], "upstream_unreachable");
        assert_eq!(error["type"], "server_error");
        let message = error["message"].as_str().unwrap();
        assert!(message.to_lowercase().contains("refused"), "{message}");
        assert!(!message.contains("pw"), "{message}");
    }
}

#[tokio::test]
async fn an_upstream_that_talks_nonsense_is_a_bad_gateway() {
    let upstream = upstream();
    let gateway = gateway(&upstream.url(), limited(1));
    for said in [&b"220 smtp\r\n\r\n"[..], b""] {
        let addr = gateway.addr();
        let answering = tokio::spawn(async move { get(addr, "/").await });
        let (_, mut stream) = upstream.next().await;
        stream.write_all(said).unwrap();
        drop(stream);
        let answer = answering.await.unwrap();
        assert_eq!(answer.status, 502);
        assert_eq!(answer.json()["error"]["code"], "upstream_protocol");
    }
}

#[tokio::test]
async fn a_connect_timeout_is_a_gateway_timeout() {
    // Accepted by the system and never answered: the TLS handshake cannot end.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let transport = TransportConfig {
        tls: Tls {
            verify: false,
            ..Tls::default()
        },
        timeouts: Timeouts {
            connect: Some(Duration::from_millis(30)),
            ..Timeouts::default()
        },
        ..TransportConfig::default()
    };
    let gateway = gateway(
        &format!("https://{}", silent.local_addr().unwrap()),
        transport,
    );
    let answer = get(gateway.addr(), "/").await;
    assert_eq!(answer.status, 504);
    assert_eq!(answer.json()["error"]["code"], "upstream_timeout");
    assert_eq!(gateway.upstream().unwrap().failed, 1);
}
