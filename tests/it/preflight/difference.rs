//! That A and B differ is proven by what cannot be chance, or a standing notice says that it is not.

use super::server::{Canned, Then, answer, json};
use super::{Served, run};
use crate::transport::server::Server;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
        ended.says(0, &["preflight: "]);
        assert!(!ended.stderr.contains("differ"), "{}", ended.stderr);
    }
}

#[test]
fn two_transports_do_not_prove_that_two_alike_gateways_differ() {
    let [a, b] = [(); 2].map(|()| Canned::always("200 OK", &[], "hello"));
    let transport = ["--transport-b", "keep_alive=false"];
    let ended = run(&[&["--a", &a.url(), "--b", &b.url()], &transport[..]].concat());
    assert_eq!(
        ended.notices(NOT_VERIFIED),
        [
            "not verified that A and B differ: dragstrip reaches them by two transports, reqwest against reqwest, keep_alive false, \
             but the gateways are not known to differ: their answers look alike, and no built-in endpoint behind each could tell"
        ]
    );
}

#[test]
fn what_changes_from_answer_to_answer_is_no_proof() {
    // One server under two names; the other one is its own balancer, and gives each new connection to the next.
    let rotating = Canned::start(|number, _| {
        let (server, via) = match number % 2 {
            0 => ("server: nginx/1.22.1", "via: 1.1 edge-0"),
            _ => ("server: envoy", "via: 1.1 edge-1"),
        };
        Then::Answer(answer("200 OK", &[server, via], "hello"))
    });
    let (a, b) = (
        rotating.url(),
        format!("http://localhost:{}", rotating.addr.port()),
    );
    let ended = run(&["--a", &a, "--b", &b, "--preflight-only"]);
    ended.says(0, &[]);
    let why = "not verified that A and B differ: their answers differ only in what may be chance, and no built-in endpoint";
    assert!(ended.stdout.contains(why), "{}", ended.stdout);
    // The plan's request once each, and what costs nothing after it.
    let asked = rotating.asked();
    let plain = asked.iter().filter(|head| head.starts_with("GET / "));
    let heads = asked.iter().filter(|head| head.starts_with("HEAD / "));
    assert_eq!((plain.count(), heads.count()), (2, 6), "{asked:?}");

    // Always the same by each, and still no more than a name of its own.
    for (a, b) in [
        ("via: 1.1 edge-0", "via: 1.1 edge-1"),
        ("server: edge-0", "server: edge-1"),
        ("server: gw/7f3a (pod 1)", "server: gw/8e11 (pod 2)"),
        ("x-powered-by: Express", "x-powered-by: 7f3a"),
    ] {
        let [a, b] = [a, b].map(|header| Canned::always("200 OK", &[header], "hello"));
        let ended = run(&["--a", &a.url(), "--b", &b.url(), "--preflight-only"]);
        assert!(ended.stdout.contains(why), "{}", ended.stdout);
    }
}

#[test]
fn two_litellms_behind_one_balancer_are_not_told_apart() {
    let key = ["--header", "Authorization: Bearer sk-1234"];
    let asked = Arc::new(AtomicUsize::new(0));
    let balanced = Canned::start(move |_, head| {
        let headers = [
            "content-type: application/json",
            "x-litellm-version: 1.71.1",
        ];
        Then::Answer(if head.starts_with("GET /health/readiness ") {
            let aiohttp = asked.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
            let body =
                format!(r#"{{"litellm_version":"1.71.1","use_aiohttp_transport":{aiohttp}}}"#);
            json("200 OK", &body)
        } else {
            answer("200 OK", &headers, "{}")
        })
    });
    let (a, b) = (
        balanced.url(),
        format!("http://localhost:{}", balanced.addr.port()),
    );
    let ended = run(&[&["--a", &a, "--b", &b, "--preflight-only"], &key[..]].concat());
    let why = "not verified that A and B differ: what LiteLLM says of itself is not steady, and no built-in endpoint";
    assert!(ended.stdout.contains(why), "{}", ended.stdout);
}

#[test]
fn who_answers_tells_two_gateways_apart() {
    let a = Canned::always("200 OK", &["server: nginx/1.22.1"], "hello");
    let b = Canned::always("200 OK", &["server: envoy"], "hello");
    let c = Canned::always("200 OK", &["via: 1.1 cache"], "hello");
    let (a, b, c) = (a.url(), b.url(), c.url());
    run(&["--a", &a, "--b", &b]).says(
        0,
        &["A and B differ: A answers as nginx/1.22.1, B as envoy"],
    );
    run(&["--a", &c, "--b", &b]).says(0, &["A and B differ: B answers as envoy, A does not"]);
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
        // Once, and three times more over new connections; the key is shown only to who wants it.
        let tries = 1 + usize::from(wants_key);
        assert_eq!(asked.len(), 4 * tries, "{asked:?}");
        for (at, head) in asked.iter().enumerate() {
            assert_eq!(head.contains("sk-1234"), at % tries == 1, "{asked:?}");
        }
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
