//! The failures that transports are known for, as whole runs show them: a server does it, and the snapshot says so.

use super::keys::clear;
use super::keys::curt::{Curt, Then};
use super::server::Server;
use crate::gateway::client::{delayed, endpoint};
use crate::gateway::proxy::gateway;
use crate::support::PATIENCE;
use dragstrip::transport::{AtLimit, HttpVersion, TransportConfig};
use serde_json::Value;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program, about to run for so long under this load, with these options besides.
fn program(url: &str, duration: &str, options: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_dragstrip"));
    program
        .args(["run", "--no-preflight", "--a", url, "--body", "{\"a\":1}"])
        .args(["--warmup", "0s", "--duration", duration])
        .args(["--format", "json"])
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    program
}

fn snapshot(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn run(url: &str, duration: &str, options: &[&str]) -> Value {
    snapshot(&program(url, duration, options).output().unwrap())
}

/// The one notice that begins like this.
fn notice(snapshot: &Value, beginning: &str) -> String {
    let notices = snapshot["notices"].as_array().unwrap().iter();
    let texts = notices.map(|notice| notice["text"].as_str().unwrap());
    let found: Vec<_> = texts.filter(|text| text.starts_with(beginning)).collect();
    assert_eq!(found.len(), 1, "{beginning}: {:#}", snapshot["notices"]);
    found[0].to_owned()
}

/// A few requests at once, not as many as this machine can send.
const GENTLE: [&str; 4] = ["--users", "4", "--think", "4ms..6ms"];

#[test]
fn a_server_with_nothing_wrong_is_accused_of_nothing() {
    let server = Server::start(None);
    for engine in ["engine=reqwest", "engine=direct"] {
        let url = format!("{}/ok", clear(&server));
        let options = [&GENTLE[..], &["--transport-a", engine]].concat();
        let snapshot = run(&url, "700ms", &options);
        assert!(snapshot["variants"]["a"]["run"]["ok"].as_u64().unwrap() > 100);
        for notice in snapshot["notices"].as_array().unwrap() {
            let text = notice["text"].as_str().unwrap();
            for accusation in [
                "stale",
                "hangs",
                "silent",
                "at once",
                "refuse",
                "does not keep",
                "starves",
                "two speeds",
            ] {
                assert!(!text.contains(accusation), "{text}");
            }
        }
    }
}

#[test]
fn a_server_that_closes_kept_connections_under_requests_is_stale_keep_alive() {
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        for engine in ["reqwest", "direct"] {
            // Three answers, and a reset in place of the fourth.
            let curt = Curt::start(version, 3, Then::Reset);
            let http = if version.is_multiplexed() {
                "h2c"
            } else {
                "1.1"
            };
            let transport = format!("engine={engine},http={http}");
            let options = ["--users", "1", "--think", "2ms..3ms"];
            let options = [&options[..], &["--transport-a", &transport]].concat();
            let snapshot = run(&curt.url(), "500ms", &options);
            let a = &snapshot["variants"]["a"];
            let stale = a["connections"]["stale"].as_u64().unwrap();
            assert!(stale > 1, "{transport}: {a:#}");
            assert_eq!(a["run"]["outcomes"]["protocol"], stale, "{transport}");
            let said = notice(&snapshot, "the gateway fails one round trip after reuse");
            let counted = format!("stale keep-alive ({stale} requests on kept connections");
            assert!(said.contains(&counted), "{said}");
        }
    }
}

#[test]
fn a_gateway_whose_upstream_has_gone_fails_at_once_as_from_a_poisoned_pool() {
    let upstream = endpoint(delayed("fixed:200ms"));
    let gateway = gateway(&upstream.url(), TransportConfig::default());
    let url = format!("{}/chat/completions", gateway.url());
    let options = ["--users", "4", "--think", "4ms..6ms"];
    let running = program(&url, "1500ms", &options).spawn().unwrap();
    let start = Instant::now();
    while upstream.totals().requests < 12 {
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(1));
    }
    upstream.stop();
    let snapshot = snapshot(&running.wait_with_output().unwrap());
    let said = notice(&snapshot, "the gateway's failures come at once: http_502");
    assert!(said.ends_with("as with a poisoned pool"), "{said}");
}

#[test]
fn a_gateway_that_turns_away_whom_it_has_no_connection_for_refuses_fast() {
    let upstream = endpoint(delayed("fixed:100ms"));
    let mut transport = TransportConfig::default();
    transport.limits.connections = Some(1);
    transport.limits.at_limit = AtLimit::Fail;
    let gateway = gateway(&upstream.url(), transport);
    let url = format!("{}/chat/completions", gateway.url());
    let snapshot = run(&url, "800ms", &GENTLE);
    let said = notice(&snapshot, "the gateway refuses fast: http_503");
    assert!(said.contains("would make its median look better"), "{said}");
}

#[test]
fn a_server_that_never_answers_hangs_until_a_limit_that_is_named() {
    let server = Server::start(None);
    for (path, options, expected) in [
        (
            "/never",
            &["--timeout", "500ms"][..],
            ("hangs", "took all the time that --timeout 500ms gives"),
        ),
        (
            "/never",
            &["--transport-a", "timeout=500ms"],
            ("hangs", "took all the time that timeout=500ms gives"),
        ),
        (
            // It begins an answer and says no more.
            "/drip/3600000",
            &["--transport-a", "engine=direct,read_timeout=500ms"],
            ("falls silent", "were ended by read_timeout=500ms"),
        ),
    ] {
        let url = format!("{}{path}", clear(&server));
        let options = [&["--users", "6"], options].concat();
        let snapshot = run(&url, "1200ms", &options);
        let said = notice(&snapshot, &format!("the gateway {}", expected.0));
        assert!(said.ends_with(expected.1), "{said}");
    }
}

#[test]
fn a_server_that_ends_each_connection_after_one_answer_does_not_keep_connections() {
    for engine in ["engine=reqwest", "engine=direct"] {
        let curt = Curt::start(HttpVersion::Http11, 1, Then::End);
        let options = [&GENTLE[..], &["--transport-a", engine]].concat();
        let snapshot = run(&curt.url(), "800ms", &options);
        let said = notice(&snapshot, "the gateway does not keep connections");
        assert!(said.contains("though keep_alive is on"), "{said}");
        // Who does not mean to keep them has nothing to complain of.
        let unkept = format!("{engine},keep_alive=false");
        let options = [&GENTLE[..], &["--transport-a", &unkept]].concat();
        let snapshot = run(&curt.url(), "800ms", &options);
        let connections = &snapshot["variants"]["a"]["connections"];
        assert!(connections["opened"].as_u64().unwrap() >= 100);
        let notices = snapshot["notices"].to_string();
        assert!(!notices.contains("does not keep"), "{notices}");
    }
}

#[test]
fn a_server_that_begins_some_answers_much_later_has_two_speeds() {
    let slow = endpoint(delayed("bimodal:5ms,100ms,30%"));
    let url = format!("{}/chat/completions", slow.url());
    let snapshot = run(&url, "1500ms", &["--users", "8"]);
    let notices = snapshot["notices"].to_string();
    assert!(notices.contains("two speeds"), "{notices}");
}
