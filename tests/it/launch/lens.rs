//! The upstream lens: what built-in endpoints see of launched gateways, whose transports differ in one setting.

use super::{GATEWAY, Stage};
use serde_json::Value;

/// A variant whose gateway's upstream side is `transport`, before an endpoint of its own with `profile`.
fn variant(name: &str, transport: &str, profile: &str) -> String {
    let command = GATEWAY.replace(']', &format!(", '--transport', '{transport}']"));
    format!(
        "[{name}]
url = 'http://127.0.0.1:{{{{port}}}}'
endpoint = {{ profile = '{profile}' }}
launch = {{ command = {command}, ready = '/health' }}
"
    )
}

/// What the endpoints of A and B saw in a run of these two, with `more` options.
fn seen(a: &str, b: &str, more: &[&str]) -> (Value, [Value; 2]) {
    let stage = Stage::new(&format!("{a}{b}"));
    let done = stage.run(&[&["--duration", "1500ms"], more].concat());
    assert_eq!(done.code, Some(0), "{}", done.said);
    let snapshot = stage.snapshot();
    let upstream = ["a", "b"].map(|side| snapshot["variants"][side]["upstream"].clone());
    (snapshot, upstream)
}

fn count(seen: &Value, name: &str) -> u64 {
    let value = seen.pointer(&format!("/{name}"));
    let value = value.and_then(Value::as_u64);
    value.unwrap_or_else(|| panic!("no {name}: {seen}"))
}

#[test]
fn one_request_on_each_connection_against_many_is_seen_from_behind() {
    let (a, b) = (
        variant("a", "keep_alive=false", "instant"),
        variant("b", "http=1.1", "instant"),
    );
    let (snapshot, [closed, kept]) = seen(&a, &b, &[]);
    assert_eq!(closed["requests_per_connection"], 1.0, "{closed}");
    assert_eq!(count(&closed, "most_requests"), 1, "{closed}");
    assert_eq!(count(&closed, "opened"), count(&closed, "requests"));
    // Each was closed as it had asked for, but for those that the end of the run caught.
    let asked = count(&closed, "closed_by/asked");
    assert!(asked + 4 >= count(&closed, "opened"), "{closed}");

    // Both users' connections at most; the preflight's four at once are left out, and so are its requests.
    assert!(
        kept["requests_per_connection"].as_f64() > Some(10.0),
        "{kept}"
    );
    assert!(count(&kept, "most_in_service") <= 2, "{kept}");
    assert_eq!(kept["http"]["HTTP/1.1"], kept["requests"], "{kept}");
    for (side, seen) in [("a", &closed), ("b", &kept)] {
        let run = &snapshot["variants"][side]["run"];
        let (ok, cancelled) = (count(run, "ok"), count(run, "cancelled"));
        let requests = count(seen, "requests");
        // Those whose answers came before the measured time, or that were open at its end.
        assert!(
            (ok..=ok + cancelled + 8).contains(&requests),
            "{requests} of {run}"
        );
    }
}

#[test]
fn a_limit_on_connections_is_seen_from_behind() {
    let (a, b) = (
        variant("a", "max_connections=2", "fixed:5ms"),
        variant("b", "http=1.1", "fixed:5ms"),
    );
    let (_, [limited, free]) = seen(&a, &b, &["--users", "12", "--think", "0s"]);
    assert!(count(&limited, "requests") > 100, "{limited}");
    assert_eq!(count(&limited, "most_in_service"), 2, "{limited}");
    assert!(count(&limited, "opened") <= 2, "{limited}");
    assert!(
        (9..=12).contains(&count(&free, "most_in_service")),
        "{free}"
    );
}

#[test]
fn without_an_endpoint_of_its_own_nothing_is_seen_from_behind() {
    let stage = Stage::new(
        "[a]
url = 'http://127.0.0.1:{{port}}'
launch = { command = ['dragstrip', 'endpoint', '--listen', '127.0.0.1:{{port}}'], ready = '/health' }
",
    );
    let done = stage.run(&["--duration", "300ms"]);
    assert_eq!(done.code, Some(0), "{}", done.said);
    let snapshot = stage.snapshot();
    assert!(snapshot["variants"]["a"]["upstream"].is_null());
}
