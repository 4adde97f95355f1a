//! Who refuses before the load is named, with what to do about it; both are asked, and nothing starts.

use super::server::{Canned, Then, answer, json};
use super::{Served, run};
use crate::transport::certificates::Authority;
use crate::transport::certificates::Terms;
use crate::transport::server::Server;
use std::net::TcpListener;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Barrier};

/// A URL at which nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn a_refused_key_is_said_for_both_and_is_not_repeated() {
    // Both repeat what they were sent, in their own ways.
    let echo = |_: usize, head: &str| {
        let key = head
            .lines()
            .find_map(|line| line.strip_prefix("authorization: "));
        let message = format!("no entry with {} \u{1b}[31m here", key.unwrap_or("nothing"));
        let body = serde_json::json!({ "error": { "message": message } });
        Then::Answer(json("401 Unauthorized", &body.to_string()))
    };
    let a = Canned::start(echo);
    let b = Canned::start(|_, head| {
        let head = head.replace("\r\n", " ");
        Then::Answer(answer("403 Forbidden", &[], &head))
    });
    let (url_a, url_b) = (a.url(), b.url());
    let ended = run(&[
        "--a",
        &url_a,
        "--b",
        &url_b,
        "--path",
        "/v1?api_key=querysecret",
        "--header",
        "Authorization: Bearer s3cret-of-ours",
        "--header",
        "x-team: bluebirds",
    ]);
    ended.started_nothing();
    ended.says(
        1,
        &[
            &format!("dragstrip: A ({url_a}/v1?api_key=[redacted]): 401 Unauthorized: the key was refused; check the authorization header"),
            "; it says: no entry with [redacted] ·[31m here",
            &format!("dragstrip: B ({url_b}/v1?api_key=[redacted]): 403 Forbidden: the key was refused"),
        ],
    );
    for secret in ["s3cret", "querysecret", "bluebirds", "\u{1b}"] {
        assert!(!ended.stderr.contains(secret), "{secret}: {}", ended.stderr);
    }
    assert_eq!((a.asked().len(), b.asked().len()), (1, 1));
    assert!(a.asked()[0].contains("authorization: Bearer s3cret-of-ours\r\n"));
}

#[test]
fn a_login_in_the_url_is_not_repeated_either() {
    let server = Canned::always(
        "401 Unauthorized",
        &[],
        "who is me:pa55word, alias bWU6cGE1NXdvcmQ=?",
    );
    let ended = run(&["--a", &format!("http://me:pa55word@{}", server.addr)]);
    ended.started_nothing();
    ended.says(
        1,
        &[
            "the gateway (http://127.0.0.1:",
            "it says: who is [redacted], alias [redacted]?",
        ],
    );
    assert!(!ended.stderr.contains("pa55word"), "{}", ended.stderr);
}

#[test]
fn what_is_wrong_with_a_request_is_pointed_at() {
    for (status, headers, body, words) in [
        (
            "401 Unauthorized",
            vec![],
            "",
            "401 Unauthorized: no key was sent; give one with --header",
        ),
        (
            "400 Bad Request",
            vec![],
            "no model",
            "400 Bad Request: it does not understand the request; check the body and the headers; it says: no model",
        ),
        (
            "404 Not Found",
            vec![],
            "<html><title>404 Not Found</title></html>",
            "check the URL and --path; it says: 404 Not Found",
        ),
        (
            "405 Method Not Allowed",
            vec!["allow: POST"],
            "",
            "405 Method Not Allowed: GET is not possible here; check --method (it takes POST)",
        ),
        (
            "429 Too Many Requests",
            vec!["retry-after: 30"],
            "",
            "429 Too Many Requests: rate limited before any load (retry-after: 30)",
        ),
        (
            "418 I'm a teapot",
            vec![],
            "",
            "418 I'm a teapot: the request was refused",
        ),
        (
            "301 Moved Permanently",
            vec!["location: https://x:sesame@h/y?key=sesame"],
            "",
            "301 Moved Permanently: it points to https://h/y, and redirects are not followed",
        ),
    ] {
        let server = Canned::always(status, &headers, body);
        let ended = run(&["--a", &server.url()]);
        ended.started_nothing();
        ended.says(1, &["dragstrip: the gateway (http://127.0.0.1:", words]);
        assert!(!ended.stderr.contains("sesame"), "{}", ended.stderr);
        assert_eq!(server.asked().len(), 1, "{status}");
    }
}

#[test]
fn litellms_words_for_an_unknown_key_are_understood() {
    // As 1.71.1 answers to a wrong key where it has no database.
    let body = r#"{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}"#;
    let server = Canned::start(move |_, _| Then::Answer(json("400 Bad Request", body)));
    let ended = run(&["--a", &server.url(), "--header", "authorization: Bearer x"]);
    ended.started_nothing();
    ended.says(
        1,
        &["400 Bad Request: the key was refused (a LiteLLM without a database says so"],
    );
}

#[test]
fn the_built_in_endpoint_is_refused_where_it_refuses() {
    let limited = Served::endpoint(&["--fail", "429:100%"]);
    let request = ["--path", "/chat/completions", "--json", "{}"];
    let of_a = ["--a", &limited.url];
    let ended = run(&[&of_a[..], &request].concat());
    ended.started_nothing();
    ended.says(
        1,
        &["429 Too Many Requests: rate limited", "(retry-after: 1)"],
    );
    let ended = run(&[&of_a[..], &["--path", "/nope"]].concat());
    ended.started_nothing();
    ended.says(1, &["404 Not Found: there is nothing at this path"]);
}

#[test]
fn whoever_cannot_be_reached_is_named_and_both_at_once() {
    let server = Server::start(None);
    let good = format!("http://{}/ok", server.addr);
    let (one, two) = (nowhere(), nowhere());
    let refused = |name: &str, url: &str| {
        format!("dragstrip: {name} ({url}/): cannot be reached: Connection refused")
    };
    let ended = run(&["--a", &one, "--b", &good]);
    ended.started_nothing();
    ended.says(1, &[&refused("A", &one), "preflight: B ("]);
    assert!(!ended.stderr.contains("dragstrip: B ("), "{}", ended.stderr);
    let ended = run(&["--a", &good, "--b", &one]);
    ended.started_nothing();
    ended.says(1, &[&refused("B", &one)]);
    assert!(!ended.stderr.contains("dragstrip: A ("), "{}", ended.stderr);
    let ended = run(&["--a", &one, "--b", &two]);
    ended.started_nothing();
    ended.says(1, &[&refused("A", &one), &refused("B", &two)]);
    // Each good one was asked once.
    assert_eq!(server.seen.requests.load(Ordering::SeqCst), 2);
}

#[test]
fn a_certificate_that_nobody_knows_is_refused() {
    let terms = Terms::default();
    let server = Server::start(Some(Authority::new().server().serve(&terms)));
    let stranger = Authority::new();
    let ended = run(&[
        "--a",
        &format!("https://{}/ok", server.addr),
        "--transport-a",
        &format!("ca={}", stranger.file().display()),
    ]);
    ended.started_nothing();
    ended.says(
        1,
        &["): the TLS handshake failed: invalid peer certificate: UnknownIssuer"],
    );
    assert_eq!(server.seen.requests.load(Ordering::SeqCst), 0);
}

#[test]
fn whoever_never_answers_is_given_the_runs_timeout() {
    let server = Server::start(None);
    let url = |path: &str| format!("http://{}/{path}", server.addr);
    let (never, slow) = (url("never"), url("drip/60000"));
    let ended = run(&["--a", &never, "--b", &slow, "--timeout", "300ms"]);
    ended.started_nothing();
    ended.says(
        1,
        &[
            "A (",
            "/never): no answer within 300ms (the run's timeout)",
            "B (",
            "/drip/60000): its answer had not ended within 300ms (the run's timeout)",
        ],
    );
    assert_eq!(server.seen.requests.load(Ordering::SeqCst), 2);
}

#[test]
fn both_are_asked_at_once() {
    // Neither answers before the other one is asked.
    let both = Arc::new(Barrier::new(2));
    let [a, b] = [(); 2].map(|()| {
        let both = Arc::clone(&both);
        Canned::start(move |number, _| {
            if number == 0 {
                both.wait();
            }
            Then::Answer(answer("200 OK", &["server: nginx"], "hello"))
        })
    });
    let ended = run(&["--a", &a.url(), "--b", &b.url(), "--preflight-only"]);
    assert!(
        ended.stdout.ends_with("The run can start.\n"),
        "{}",
        ended.stdout
    );
    ended.says(0, &[]);
}

#[test]
fn what_is_no_http_is_refused_after_a_second_look() {
    let server = Canned::start(|_, _| Then::Answer(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
    let ended = run(&["--a", &server.url()]);
    ended.started_nothing();
    ended.says(
        1,
        &["gave no valid answer: invalid HTTP version parsed, twice"],
    );
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn nothing_is_asked_where_nobody_wants_to_know() {
    let server = Canned::always("401 Unauthorized", &[], "no");
    let ended = run(&["--a", &server.url(), "--no-preflight"]);
    let snapshot = ended.snapshot();
    let run = &snapshot["variants"]["a"]["run"];
    assert!(run["outcomes"]["http_401"].as_u64() > Some(0), "{run}");
    assert!(!ended.stderr.contains("preflight"), "{}", ended.stderr);
}
