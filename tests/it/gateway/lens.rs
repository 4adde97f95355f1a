//! What the endpoint sees of connections: who closed them, and in which version of HTTP requests came.

use super::client::{delayed, endpoint, post_h2c, until};
use dragstrip::gateway::ServerHandle;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A connection on which this was sent.
fn sent(server: &ServerHandle, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

/// Reads the answer to `GET /health`.
fn read_answer(stream: &TcpStream) {
    let mut answer = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while line != "\r\n" {
        line.clear();
        answer.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    answer.read_exact(&mut vec![0; length]).unwrap();
}

const KEPT: &str = "GET /health HTTP/1.1\r\nhost: h\r\n\r\n";
const CLOSED: &str = "GET /health HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
const OLD: &str = "GET /health HTTP/1.0\r\nhost: h\r\n\r\n";
const LONG: &str = "POST /chat/completions HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n{}";

#[tokio::test]
async fn who_closed_a_connection_and_when_is_seen() {
    let server = endpoint(delayed("fixed:60s"));
    let seen = || server.counters().lens_reading();

    let before = Instant::now();
    let idle = sent(&server, KEPT);
    read_answer(&idle);
    let (idle_for, answered) = (Duration::from_millis(30), Instant::now());
    until(|| answered.elapsed() >= idle_for).await;
    drop(idle);
    until(|| seen().closed.idle == 1).await;
    let longest = seen().longest_idle.unwrap();
    assert!(longest <= before.elapsed(), "{longest:?}");
    assert!(longest >= idle_for, "{longest:?}");

    let torn = sent(&server, LONG);
    until(|| seen().in_service == 1).await;
    drop(torn);
    until(|| seen().closed.mid_request == 1).await;
    assert_eq!((seen().in_service, seen().most_in_service), (0, 1));

    for (n, request) in [(1, CLOSED), (2, OLD)] {
        sent(&server, request).read_to_end(&mut Vec::new()).unwrap();
        until(|| seen().closed.asked == n).await;
    }
    sent(&server, "nonsense\r\n\r\n")
        .read_to_end(&mut Vec::new())
        .unwrap();
    until(|| seen().closed.server == 1).await;

    let all = seen();
    assert_eq!((all.opened, all.open, all.used), (5, 0, 4));
    assert_eq!(all.requests, [1, 3, 0]);
    assert_eq!(all.closed.idle, 1);
}

#[tokio::test]
async fn streams_of_one_connection_are_requests_on_it() {
    let server = endpoint(delayed("instant"));
    let seen = || server.counters().lens_reading();
    post_h2c(server.addr(), "/chat/completions", "{}").await;
    post_h2c(
        server.addr(),
        "/chat/completions",
        "{\"model\":\"m\",\"messages\":[],\"stream\":true}",
    )
    .await;
    until(|| seen().in_service == 0).await;
    assert_eq!((seen().opened, seen().requests), (2, [0, 0, 2]));
}
