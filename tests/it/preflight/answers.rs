//! What answers are like: noted, warned of, printed; and the run starts.

use super::server::{Canned, Then, answer, json};
use super::{Served, run};
use crate::transport::server::Server;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

#[test]
fn a_good_answer_is_a_line_and_a_line_of_the_log() {
    let body = r#"{"ok": true}"#;
    let server = Canned::start(move |_, _| {
        let headers = [
            "content-type: application/json",
            "server: test/1",
            "set-cookie: session=sesame",
        ];
        Then::Answer(answer("200 OK", &headers, body))
    });
    let ended = run(&["--a", &server.url(), "--label-a", "mine"]);
    let line = ended
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("dragstrip: preflight: "))
        .unwrap_or_else(|| panic!("{}", ended.stderr));
    assert!(
        line.starts_with("the gateway (mine): 200 OK after ")
            && line.ends_with(", JSON, 12 bytes, HTTP/1.1, server test/1"),
        "{line}"
    );
    let snapshot = ended.snapshot();
    let log = snapshot["log"].as_array().unwrap().iter();
    let said: Vec<_> = log
        .filter(|entry| entry["source"] == "preflight")
        .map(|entry| entry["text"].as_str().unwrap())
        .collect();
    assert_eq!(said, [line]);
    assert!(!ended.stdout.contains("sesame") && !ended.stderr.contains("sesame"));
    assert_eq!(ended.notices("before the load"), [""; 0]);
}

#[test]
fn a_failing_gateway_starts_with_a_warning_that_stands() {
    let failing = Served::endpoint(&["--fail", "503:100%"]);
    let ended = run(&[
        "--a",
        &failing.url,
        "--path",
        "/chat/completions",
        "--json",
        "{}",
    ]);
    let [notice] = &ended.notices("before the load")[..] else {
        panic!("{}", ended.stdout);
    };
    assert!(
        notice
            .starts_with("before the load the gateway answered 503 Service Unavailable; it says: "),
        "{notice}"
    );
    ended.says(
        0,
        &["dragstrip: preflight: before the load the gateway answered 503"],
    );
    let snapshot = ended.snapshot();
    let outcomes = &snapshot["variants"]["a"]["run"]["outcomes"];
    assert!(outcomes["http_503"].as_u64() > Some(0), "{outcomes}");
}

#[test]
fn a_connection_that_breaks_off_once_is_no_reason_to_give_up() {
    let server = Canned::start(|number, _| match number {
        0 => Then::Close,
        _ => Then::Answer(json("200 OK", "{}")),
    });
    let ended = run(&["--a", &server.url()]);
    let notices = ended.notices("the gateway's first answer broke off: ");
    assert_eq!(notices.len(), 1, "{}", ended.stdout);
}

#[test]
fn bodies_are_what_they_say_or_that_is_said() {
    let broken = Canned::start(|_, _| Then::Answer(json("200 OK", "{\"a\": 1,\n \"b\" 2}")));
    let stream = "data: {\"a\":1}\n\ndata: [DONE]\n\n";
    let events = Canned::start(move |_, _| {
        let headers = ["content-type: text/event-stream; charset=utf-8"];
        Then::Answer(answer("200 OK", &headers, stream))
    });
    let (a, b) = (broken.url(), events.url());
    let ended = run(&["--a", &a, "--b", &b]);
    ended.says(
        0,
        &[
            "no JSON, 16 bytes, HTTP/1.1",
            "1 event, [DONE], HTTP/1.1",
            "preflight: A's body says that it is JSON and is none: expected `:` at line 2 column 6",
        ],
    );
    assert_eq!(ended.notices("A's body says").len(), 1);
}

#[test]
fn of_a_huge_body_only_the_beginning_is_read() {
    let server = Server::start(None);
    let url = format!("http://{}/bytes/20000000", server.addr);
    let ended = run(&["--a", &url, "--preflight-only"]);
    ended.says(0, &[]);
    let wanted = [
        "the first 8,388,608 bytes",
        "longer than 8,388,608 bytes; reading stopped there",
    ];
    for part in wanted {
        assert!(ended.stdout.contains(part), "{}", ended.stdout);
    }
}

#[test]
fn the_preflight_alone_prints_what_it_finds_and_starts_no_load() {
    let (a, b) = (
        Server::start(None),
        Canned::always("401 Unauthorized", &["server: b"], "no"),
    );
    let (url_a, url_b) = (format!("http://{}/ok", a.addr), b.url());
    let good = run(&["--a", &url_a, "--preflight-only", "--label-a", "one"]);
    good.says(0, &[]);
    assert_eq!(good.stderr, "");
    let lines: Vec<&str> = good.stdout.lines().collect();
    assert_eq!(lines[0], "the gateway (one):");
    assert_eq!(lines[1], format!("  url      {url_a}"));
    assert!(
        lines[2].starts_with("  answer   200 OK after "),
        "{}",
        good.stdout
    );
    assert_eq!(lines[3], "  body     5 bytes");
    assert_eq!(lines[4], "  version  HTTP/1.1");
    assert_eq!(lines.last(), Some(&"The run can start."));
    let bad = run(&["--a", &url_a, "--b", &url_b, "--preflight-only"]);
    bad.says(1, &[]);
    for part in [
        "  refused  401 Unauthorized: no key was sent",
        "  server   b",
        "The run cannot start.",
    ] {
        assert!(bad.stdout.contains(part), "{part}: {}", bad.stdout);
    }
    assert!(!bad.stdout.contains("differ"), "{}", bad.stdout);
    assert_eq!(a.seen.requests.load(Ordering::SeqCst), 2);
    assert_eq!(b.asked().len(), 1);
}

#[test]
fn no_number_comes_twice_at_a_server_of_which_the_preflight_asks_too() {
    let [a, b] = [(); 2].map(|()| Canned::always("200 OK", &[], "hello"));
    let (url_a, url_b) = (a.url(), b.url());
    let ended = run(&["--a", &url_a, "--b", &url_b, "--body", "{{seq}}"]);
    ended.says(0, &[]);
    for server in [a, b] {
        let bodies = server.bodies();
        let numbers = bodies.iter().filter(|body| !body.is_empty());
        let numbers: Vec<u64> = numbers.map(|body| body.parse().unwrap()).collect();
        let each: BTreeSet<u64> = numbers.iter().copied().collect();
        assert!(each.len() > 2, "{numbers:?}");
        assert_eq!(each.len(), numbers.len(), "{numbers:?}");
        // The load begins at 1 whether or not there was a preflight.
        assert_eq!(each.first(), Some(&1));
        assert_eq!(each.last(), Some(&((1 << 53) - 1)));
    }
}

#[test]
fn bodies_made_anew_are_made_for_the_preflight_too() {
    let server = Canned::always("200 OK", &[], "hello");
    let ended = run(&[
        "--a",
        &server.url(),
        "--preflight-only",
        "--body",
        "{{random:77}}",
    ]);
    ended.says(0, &[]);
    let asked = server.asked();
    assert!(
        asked[0].starts_with("POST / ") && asked[0].contains("content-length: 77\r\n"),
        "{asked:?}"
    );
}
