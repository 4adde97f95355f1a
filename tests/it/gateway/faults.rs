//! The endpoint's faults, as a client sees them.

use super::client::{begin, endpoint, get, post, post_h2c, request, serving, until, whole};
use dragstrip::gateway::{Faults, ServerHandle, ServiceSpec};
use http::Method;
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CHAT: &str = "/v1/chat/completions";
const STREAM: &str = r#"{"stream":true}"#;

fn failing(faults: &[&str]) -> ServerHandle {
    let faults = faults
        .iter()
        .try_fold(Faults::default(), |faults, text| faults.and(text.parse()?))
        .unwrap();
    endpoint(serving(ServiceSpec {
        profile: "fixed:2ms".parse().unwrap(),
        faults,
        ..ServiceSpec::default()
    }))
}

/// Everything that comes back until the connection is closed, after one request.
async fn bytes(server: &ServerHandle, body: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    let length = body.len();
    let request =
        format!("POST {CHAT} HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_status_is_an_error_that_clients_know() {
    for (status, kind, code) in [
        (400, "invalid_request_error", "injected_fault"),
        (429, "requests", "rate_limit_exceeded"),
        (503, "server_error", "injected_fault"),
    ] {
        let server = failing(&[&format!("{status}:100%")]);
        for body in ["{}", STREAM] {
            let answer = post(server.addr(), CHAT, body).await;
            assert_eq!(answer.status, status);
            assert!(answer.held() >= Duration::from_millis(2));
            let retry = answer.headers.get("retry-after");
            assert_eq!(retry.is_some_and(|after| after == "1"), status == 429);
            let error = &answer.json()["error"];
            assert_eq!(
                (&error["type"], &error["code"]),
                (&kind.into(), &code.into())
            );
        }
        assert_eq!(get(server.addr(), "/health").await.status, 200);
    }
}

#[tokio::test]
async fn shares_are_kept_and_the_seed_repeats_them() {
    let run = async || {
        let server = failing(&["503:25%", "429:25%"]);
        let mut statuses = Vec::new();
        for _ in 0..200 {
            statuses.push(post(server.addr(), CHAT, "{}").await.status.as_u16());
        }
        statuses
    };
    let statuses = run().await;
    assert_eq!(run().await, statuses);
    for (status, share) in [(200, 100), (503, 50), (429, 50)] {
        let found = statuses.iter().filter(|&&found| found == status).count();
        // Five standard errors: 5 √(200 · ½ · ½) = 35.
        assert!(found.abs_diff(share) < 35, "{status}: {found}");
    }
}

#[tokio::test]
async fn a_hang_lasts_until_the_client_leaves() {
    let server = failing(&["hang:100%"]);
    let addr = server.addr();
    let hanging: Vec<_> = [CHAT, CHAT]
        .into_iter()
        .map(|path| tokio::spawn(begin(addr, request(Method::POST, path, "{}"))))
        .chain([tokio::spawn(async move {
            post_h2c(addr, CHAT, "{}").await;
            unreachable!("it hangs")
        })])
        .collect();
    until(|| server.totals().requests == 3).await;
    assert_eq!(get(addr, "/health").await.status, 200);
    until(|| server.totals().open == 3).await;
    for client in &hanging {
        assert!(!client.is_finished());
        client.abort();
    }
    until(|| server.totals().open == 0).await;
}

#[tokio::test]
async fn a_cut_answer_ends_half_way() {
    let server = failing(&["cut:100%"]);
    let answer = bytes(&server, "{}").await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let announced = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert_eq!(body.len(), announced.parse::<usize>().unwrap() / 2);

    let answer = bytes(&server, STREAM).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains("\"role\":\"assistant\""), "{answer}");
    assert!(!answer.contains("[DONE]"), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "{answer}");

    let response = begin(server.addr(), request(Method::POST, CHAT, "{}"))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(whole(response).await.is_err());
}

#[tokio::test]
async fn a_reset_closes_without_a_byte() {
    let server = failing(&["reset:100%"]);
    for body in ["{}", STREAM] {
        assert_eq!(bytes(&server, body).await, b"");
        let sent = begin(server.addr(), request(Method::POST, CHAT, body)).await;
        assert!(sent.is_err());
    }
    until(|| server.totals().open == 0).await;
}

#[tokio::test]
async fn over_http_2_only_the_stream_fails() {
    for (fault, has_head) in [("cut:100%", true), ("reset:100%", false)] {
        let server = failing(&[fault]);
        let stream = TcpStream::connect(server.addr()).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http2::handshake(
            hyper_util::rt::TokioExecutor::new(),
            hyper_util::rt::TokioIo::new(stream),
        )
        .await
        .unwrap();
        let driver = tokio::spawn(connection);
        for _ in 0..2 {
            let mut asked = request(Method::POST, CHAT, "{}");
            *asked.uri_mut() = format!("http://{}{CHAT}", server.addr()).parse().unwrap();
            match sender.send_request(asked).await {
                Ok(response) => {
                    assert!(has_head, "{fault}");
                    assert!(response.into_body().collect().await.is_err());
                }
                Err(_) => assert!(!has_head, "{fault}"),
            }
        }
        assert!(!driver.is_finished());
        assert_eq!(server.totals().opened, 1);
    }
}
