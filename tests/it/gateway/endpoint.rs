//! The endpoint's contract: every route and field, and the order of a stream.

use super::client::{begin, endpoint, get, post, post_h2c, request, send, until};
use dragstrip::gateway::endpoint::EndpointConfig;
use http::Method;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CHAT: &str =
    r#"{"model":"gpt-\"x\"","messages":[{"role":"user","content":"hello"}],"user":"u","new":{}}"#;

#[tokio::test]
async fn a_chat_completion_has_every_field() {
    let server = endpoint(EndpointConfig::default());
    for path in [
        "/chat/completions",
        "/v1/chat/completions",
        "/openai/deployments/m/chat/completions?api-version=1",
    ] {
        let answer = post(server.addr(), path, CHAT).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "application/json");
        let mut body = answer.json();
        let id = body["id"].take();
        assert!(id.as_str().unwrap().starts_with("chatcmpl-"), "{id}");
        assert!(body["created"].take().as_u64().unwrap() > 1_600_000_000);
        let content = body["choices"][0]["message"]["content"].take();
        assert!(!content.as_str().unwrap().is_empty());
        let usage = &body["usage"];
        let tokens = |name: &str| usage[name].as_u64().unwrap();
        assert_eq!(
            tokens("total_tokens"),
            tokens("prompt_tokens") + tokens("completion_tokens")
        );
        assert_eq!(tokens("prompt_tokens"), CHAT.len().div_ceil(4) as u64);
        body["usage"].take();
        assert_eq!(
            body,
            json!({
                "id": null,
                "object": "chat.completion",
                "created": null,
                "model": "gpt-\"x\"",
                "system_fingerprint": "fp_dragstrip",
                "choices": [{
                    "index": 0,
                    "message": {"role": "assistant", "content": null},
                    "logprobs": null,
                    "finish_reason": "stop",
                }],
                "usage": null,
            })
        );
    }
}

#[tokio::test]
async fn identifiers_differ() {
    let server = endpoint(EndpointConfig::default());
    let first = post(server.addr(), "/chat/completions", "{}").await.json();
    let second = post(server.addr(), "/chat/completions", "{}").await.json();
    assert_ne!(first["id"], second["id"]);
    assert_eq!(first["model"], "fake-openai-endpoint");
}

#[tokio::test]
async fn the_other_routes_answer_too() {
    let server = endpoint(EndpointConfig::default());
    let addr = server.addr();
    assert_eq!(get(addr, "/health").await.json(), json!({"status": "ok"}));
    for path in ["/models", "/v1/models"] {
        let models = get(addr, path).await.json();
        assert_eq!(models["object"], "list");
        assert_eq!(models["data"][0]["id"], "fake-openai-endpoint");
        assert_eq!(models["data"][0]["object"], "model");
    }
    let text = post(addr, "/v1/completions", r#"{"model":"m","prompt":"p"}"#)
        .await
        .json();
    assert_eq!(text["object"], "text_completion");
    assert!(text["choices"][0]["text"].is_string());
    let embeddings = post(addr, "/v1/embeddings", r#"{"model":"m","input":"p"}"#)
        .await
        .json();
    assert_eq!(embeddings["data"][0]["object"], "embedding");
    assert!(embeddings["data"][0]["embedding"].is_array());
}

#[tokio::test]
async fn http_2_in_clear_text_is_spoken() {
    let server = endpoint(EndpointConfig::default());
    let answer = post_h2c(server.addr(), "/v1/chat/completions", CHAT).await;
    assert_eq!(answer.json()["object"], "chat.completion");
}

#[tokio::test]
async fn errors_have_the_form_that_clients_know() {
    let server = endpoint(EndpointConfig::default());
    let addr = server.addr();
    let cases = [
        (request(Method::GET, "/nowhere", ""), 404, "not_found"),
        (
            request(Method::GET, "/chat/completions", ""),
            405,
            "method_not_allowed",
        ),
        (
            request(Method::POST, "/chat/completions", "{"),
            400,
            "invalid_json",
        ),
        (
            request(Method::POST, "/chat/completions", r#"{"model":1}"#),
            400,
            "invalid_json",
        ),
    ];
    for (request, status, code) in cases {
        let answer = send(addr, request).await;
        assert_eq!(answer.status, status);
        let error = &answer.json()["error"];
        assert_eq!(error["code"], code);
        assert_eq!(error["type"], "invalid_request_error");
        assert!(error["message"].is_string() && error["param"].is_null());
        assert_eq!(answer.headers.contains_key("allow"), status == 405);
    }
}

#[tokio::test]
async fn bodies_of_some_megabytes_pass_and_immense_ones_do_not() {
    let server = endpoint(EndpointConfig::default());
    let prompt = format!(r#"{{"model":"m","prompt":"{}"}}"#, "x".repeat(8 << 20));
    let answer = post(server.addr(), "/v1/completions", &prompt).await;
    assert_eq!(answer.status, 200);
    // Only announced: the answer comes without the body having been sent.
    let length = (64 << 20) + 1;
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    let head =
        format!("POST /v1/completions HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("64 MiB"), "{answer}");
}

fn events(text: &str) -> Vec<&str> {
    text.strip_suffix("\n\n")
        .unwrap()
        .split("\n\n")
        .map(|event| event.strip_prefix("data: ").unwrap())
        .collect()
}

#[tokio::test]
async fn a_stream_has_its_events_in_order() {
    let server = endpoint(EndpointConfig::default());
    for (options, with_usage) in [
        ("", false),
        (r#","stream_options":{"include_usage":true}"#, true),
    ] {
        let body = format!(r#"{{"model":"m","stream":true{options}}}"#);
        let answer = post(server.addr(), "/v1/chat/completions", &body).await;
        assert_eq!(
            answer.headers["content-type"],
            "text/event-stream; charset=utf-8"
        );
        let events = events(answer.text());
        let (done, chunks) = events.split_last().unwrap();
        assert_eq!(*done, "[DONE]");
        let mut chunks: Vec<Value> = chunks
            .iter()
            .map(|chunk| serde_json::from_str(chunk).unwrap())
            .collect();
        for chunk in &chunks {
            assert_eq!(chunk["object"], "chat.completion.chunk");
            assert_eq!(chunk["id"], chunks[0]["id"]);
            assert_eq!(chunk["model"], "m");
        }
        if with_usage {
            let usage = chunks.pop().unwrap();
            assert_eq!(usage["choices"], json!([]));
            assert_eq!(usage["usage"]["completion_tokens"], 8);
            assert!(chunks.iter().all(|c| c.get("usage") == Some(&Value::Null)));
        } else {
            assert!(chunks.iter().all(|c| c.get("usage").is_none()));
        }
        let choices: Vec<&Value> = chunks.iter().map(|c| &c["choices"][0]).collect();
        let (last, contents) = choices[1..].split_last().unwrap();
        assert_eq!(choices[0]["delta"]["role"], "assistant");
        assert_eq!(last["delta"], json!({}));
        assert_eq!(last["finish_reason"], "stop");
        assert_eq!(contents.len(), 8);
        for choice in contents {
            assert_eq!(choice["finish_reason"], Value::Null);
            assert!(choice["delta"]["content"].is_string());
        }
    }
}

#[tokio::test]
async fn a_stream_keeps_its_pauses() {
    let gap = Duration::from_millis(10);
    let server = endpoint(EndpointConfig {
        stream_gap: gap,
        ..EndpointConfig::default()
    });
    let asked = request(Method::POST, "/chat/completions", r#"{"stream":true}"#);
    let started = Instant::now();
    let mut body = begin(server.addr(), asked).await.unwrap().into_body();
    let first = body.frame().await.unwrap().unwrap();
    assert!(!first.into_data().unwrap().ends_with(b"data: [DONE]\n\n"));
    let rest = body.collect().await.unwrap().to_bytes();
    assert!(rest.ends_with(b"data: [DONE]\n\n"));
    // Eight words have seven pauses between them.
    assert!(started.elapsed() >= gap * 7, "{:?}", started.elapsed());
}

#[tokio::test]
async fn connections_and_requests_are_counted_and_end_with_the_server() {
    let server = endpoint(EndpointConfig {
        threads: 2,
        ..EndpointConfig::default()
    });
    let addr = server.addr();
    let counters = server.counters();
    for _ in 0..3 {
        get(addr, "/health").await;
    }
    until(|| counters.totals().open == 0).await;
    assert_eq!((server.totals().requests, server.totals().opened), (3, 3));
    let idle = TcpStream::connect(addr).await.unwrap();
    until(|| counters.totals().open == 1).await;
    server.stop();
    assert_eq!(counters.totals().open, 0);
    let mut byte = [0];
    assert!(matches!(idle.try_read(&mut byte), Ok(0) | Err(_)));
    assert!(TcpStream::connect(addr).await.is_err());
}
