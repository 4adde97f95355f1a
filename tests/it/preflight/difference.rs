//! That A and B differ is proven by what cannot be chance, or a standing notice says that it is not.

use super::server::{Canned, Then, answer, json};
use super::{Served, run};
use crate::transport::server::Server;

const NOT_VERIFIED: &str = "not verified that A and B differ";

#[test]
fn two_transports_to_one_gateway_differ_by_construction() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let ended = run(&["--a", &url, "--transport-b", "keep_alive=false"]);
    ended.says(
        0,
        &["A and B differ: one gateway is reached by two transports: reqwest against reqwest, keep_alive false"],
    );
    assert_eq!(ended.notices(NOT_VERIFIED), [""; 0]);
}

#[test]
fn two_alike_gateways_are_not_verified_and_that_stands() {
    let endpoint = Served::endpoint(&[]);
    let [a, b] = [(); 2].map(|()| Served::gateway(&endpoint.url, "pool=9"));
    let ended = run(&["--a", &a.url, "--b", &b.url, "--path", "/health"]);
    let notices = ended.notices(NOT_VERIFIED);
    assert_eq!(
        notices,
        [
            "not verified that A and B differ: their answers look alike, and no built-in endpoint behind each could tell"
        ]
    );
    let snapshot = ended.snapshot();
    let mut log = snapshot["log"].as_array().unwrap().iter();
    assert!(
        log.any(|entry| entry["source"] == "preflight" && entry["text"] == notices[0].as_str())
    );
}

#[test]
fn a_copy_of_a_and_a_gateway_alone_are_not_asked_to_differ() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    for args in [&["--a", &url, "--aa"][..], &["--a", &url]] {
        let ended = run(args);
        assert_eq!(ended.notices(NOT_VERIFIED), [""; 0]);
        assert!(!ended.stderr.contains("differ"), "{}", ended.stderr);
    }
}

#[test]
fn who_answers_tells_two_gateways_apart() {
    let a = Canned::always("200 OK", &["server: nginx/1.22.1"], "hello");
    let b = Canned::always("200 OK", &["server: envoy"], "hello");
    let c = Canned::always("200 OK", &["server: envoy", "via: 1.1 cache"], "hello");
    let (a, b, c) = (a.url(), b.url(), c.url());
    run(&["--a", &a, "--b", &b]).says(
        0,
        &["A and B differ: A answers as nginx/1.22.1, B as envoy"],
    );
    run(&["--a", &b, "--b", &c]).says(
        0,
        &["A and B differ: B answers with via: 1.1 cache, A without"],
    );
}

/// A proxy that answers as LiteLLM 1.71.1 does. `wants_key`: also where that one does not.
fn litellm(aiohttp: bool, wants_key: bool) -> Canned {
    Canned::start(move |_, head| {
        let ready = head.starts_with("GET /health/readiness HTTP/1.1");
        let has_key = head.contains("authorization: Bearer sk-1234");
        let headers = [
            "content-type: application/json",
            "server: uvicorn",
            "x-litellm-version: 1.71.1",
        ];
        Then::Answer(match (ready, has_key) {
            (false, true) => answer("200 OK", &headers, "{}"),
            (true, key) if key || !wants_key => {
                let body = format!(
                    r#"{{"status":"healthy","litellm_version":"1.71.1","use_aiohttp_transport":{aiohttp}}}"#
                );
                json("200 OK", &body)
            }
            _ => json("401 Unauthorized", r#"{"error":{"message":"no"}}"#),
        })
    })
}

#[test]
fn litellm_says_itself_which_transport_it_uses() {
    let key = [
        "--header",
        "Authorization: Bearer sk-1234",
        "--path",
        "/v1/x?y=1",
    ];
    for wants_key in [false, true] {
        let (a, b) = (litellm(false, wants_key), litellm(true, wants_key));
        let ended = run(&[&["--a", &a.url(), "--b", &b.url()], &key[..]].concat());
        ended.says(
            0,
            &[
                "A and B differ: A is LiteLLM 1.71.1 with use_aiohttp_transport=false, B is LiteLLM 1.71.1 with use_aiohttp_transport=true",
                "server uvicorn, x-litellm-version 1.71.1, LiteLLM 1.71.1 with use_aiohttp_transport=false",
            ],
        );
        let asked = a.asked();
        let asked: Vec<&String> = asked
            .iter()
            .filter(|head| head.contains("readiness"))
            .collect();
        // The key is shown only to who wants it.
        assert_eq!(asked.len(), 1 + usize::from(wants_key), "{asked:?}");
        assert!(!asked[0].contains("sk-1234"), "{asked:?}");
    }
}

#[test]
fn two_litellms_with_one_transport_are_said_to_be_alike() {
    let (a, b) = (litellm(true, false), litellm(true, false));
    let ended = run(&[
        "--a",
        &a.url(),
        "--b",
        &b.url(),
        "--header",
        "Authorization: Bearer sk-1234",
    ]);
    assert_eq!(
        ended.notices(NOT_VERIFIED),
        [
            "not verified that A and B differ: both are LiteLLM 1.71.1 with use_aiohttp_transport=true, and no built-in endpoint \
             behind each could tell"
        ]
    );
}
