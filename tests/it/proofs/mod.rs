//! Proofs about whole runs of the real program: that the screen changes no number, that a terminal nobody reads delays
//! nothing, and that what happens to this machine (a suspended process, no descriptor or port left, no processor time) is
//! survived, shown, and not taken for the gateway's doing.
//!
//! A machine that is busy with something else proves nothing about lateness. So where a test asserts how late something was,
//! and a run that was disturbed ([`was_quiet`]) does not bear it out, the run is repeated, up to [`ATTEMPTS`] times. What a
//! defect does, it does in every attempt.

mod conditions;
#[cfg(unix)]
mod exhausted;
#[cfg(unix)]
mod frozen_terminal;
#[cfg(unix)]
mod same_numbers;
mod starved;
#[cfg(unix)]
mod suspended;

use dragstrip::gateway::endpoint::{self, EndpointConfig};
use dragstrip::gateway::{ServerHandle, ServiceSpec, listen};
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// Runs at most, where the machine may disturb.
const ATTEMPTS: usize = 5;

/// How long a condition may take to come: far more than it needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// An endpoint that serves as `service` says.
fn serve(service: ServiceSpec) -> ServerHandle {
    let config = EndpointConfig {
        service,
        ..EndpointConfig::default()
    };
    let any = "127.0.0.1:0".parse().expect("an address");
    endpoint::spawn(config, listen(any).expect("a port")).expect("starts")
}

/// An endpoint whose delays have this profile.
fn delaying(profile: &str) -> ServerHandle {
    serve(ServiceSpec {
        profile: profile.parse().expect("a profile"),
        ..ServiceSpec::default()
    })
}

/// The arguments of a run of `server` on one load thread: those given, split at blanks, and `--out`.
fn arguments(server: &ServerHandle, more: &str, out: &Path) -> Vec<String> {
    let url = server.url();
    let run = format!(
        "run --no-preflight --a {url} --path /v1/chat/completions --json {{}} --threads 1 --seed 5 {more} --out"
    );
    run.split_whitespace()
        .map(str::to_owned)
        .chain([out.to_str().expect("a path").to_owned()])
        .collect()
}

/// Runs scenarios at once, since all of them do little but wait, and says which have failed.
fn at_once(scenarios: &[(&str, fn())]) {
    let failed: Vec<&str> = std::thread::scope(|scope| {
        let running: Vec<_> = scenarios
            .iter()
            .map(|(name, scenario)| {
                let thread = std::thread::Builder::new().name((*name).to_owned());
                (
                    *name,
                    thread.spawn_scoped(scope, scenario).expect("a thread"),
                )
            })
            .collect();
        running
            .into_iter()
            .filter_map(|(name, thread)| thread.join().err().map(|_| name))
            .collect()
    });
    assert!(failed.is_empty(), "failed: {failed:?}");
}

/// Waits for a condition.
fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The snapshot in a file.
fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a snapshot");
    serde_json::from_str(&text).expect("JSON")
}

/// The run figures of A.
fn run_of(snapshot: &Value) -> &Value {
    &snapshot["variants"]["a"]["run"]
}

/// A figure in ms, e.g. `response_us`, `p99`.
fn ms(snapshot: &Value, field: &str, name: &str) -> f64 {
    let value = &run_of(snapshot)[field][name];
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{field}.{name} is {value}"))
        / 1e3
}

fn count(snapshot: &Value, name: &str) -> u64 {
    run_of(snapshot)[name].as_u64().expect("a count")
}

/// The self-check called `name`.
fn check<'a>(snapshot: &'a Value, name: &str) -> &'a Value {
    let checks = snapshot["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no check {name} in {checks:?}"))
}

/// Whether the machine let the client do its work.
fn was_quiet(snapshot: &Value) -> bool {
    ["heartbeat", "client lag"]
        .iter()
        .all(|name| check(snapshot, name)["level"] == "ok")
}

/// Whether nothing at all went wrong in it, this machine's punctuality included.
fn is_without_red(snapshot: &Value) -> bool {
    let checks = snapshot["checks"].as_array().expect("checks");
    checks.iter().all(|check| check["level"] != "red")
}

/// Runs until a run is as `judge` asserts. If it is not, that is a failure, unless the run was disturbed and attempts are left.
/// A disturbed run counts only if nothing in it needs an excuse; only the last attempt may have one.
fn quiet<R>(mut run: impl FnMut() -> (Value, R), judge: impl Fn(&Value, &R)) {
    for _ in 1..ATTEMPTS {
        let (snapshot, notes) = run();
        if was_quiet(&snapshot) {
            return judge(&snapshot, &notes);
        }
        if is_without_red(&snapshot)
            && catch_unwind(AssertUnwindSafe(|| judge(&snapshot, &notes))).is_ok()
        {
            return;
        }
    }
    let (snapshot, notes) = run();
    judge(&snapshot, &notes);
}

/// Asserts that every request was answered; what was open when this machine stood still by itself is excused.
fn assert_all_ok(snapshot: &Value) {
    let stood_still = snapshot["gaps"]
        .as_array()
        .is_some_and(|gaps| !gaps.is_empty());
    let cancelled = if stood_still {
        count(snapshot, "cancelled")
    } else {
        0
    };
    let ok = count(snapshot, "ok");
    assert_eq!(
        ok + cancelled,
        count(snapshot, "requests"),
        "{}",
        run_of(snapshot)
    );
}

/// Self-checks of this machine's punctuality, which others on it can spoil.
const PUNCTUALITY: [&str; 3] = ["client lag", "heartbeat", "own CPU"];

/// Asserts that every intended request is accounted for, and that no check is red. If the machine was busy in every attempt,
/// its own lateness is no defect: then it must be far below what the test has done to the program, which lasts seconds.
fn assert_sound(snapshot: &Value) {
    let of = |name| count(snapshot, name);
    assert_eq!(
        of("requests"),
        of("ok") + of("failed") + of("cancelled") + of("in_flight"),
        "{}",
        run_of(snapshot)
    );
    for check in snapshot["checks"].as_array().expect("checks") {
        let excused = !was_quiet(snapshot) && PUNCTUALITY.iter().any(|name| check["name"] == *name);
        if !excused {
            assert_ne!(check["level"], "red", "{check}");
        }
    }
    assert!(
        ms(snapshot, "client_lag_us", "p99") < 1_000.0,
        "{}",
        run_of(snapshot)
    );
    let heartbeat = check(snapshot, "heartbeat")["detail"].to_string();
    assert!(!heartbeat.contains(" s late"), "{heartbeat}");
}
