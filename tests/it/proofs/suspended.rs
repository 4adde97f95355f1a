//! A process that is stopped and continued: the gap is marked and left out, all that was to come comes so much later, and
//! nothing counts as the gateway's latency. The same for a load that is held by key.

use super::{
    arguments, assert_sound, at_once, count, delaying, ms, quiet, read, run_of, serve, until,
};
use crate::pty::Terminal;
use dragstrip::gateway::{ServerHandle, ServiceSpec};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::num::NonZeroU32;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long processes are stopped.
const STOP: Duration = Duration::from_millis(1_500);

/// What a busy machine may add to a stretch of time, in seconds.
const SLACK_S: f64 = 0.4;

/// Runs headless and stops the process for a while when the server has seen `stop_at` requests. Returns the last snapshot
/// and the bounds of the time for which the process was stopped, in seconds.
fn stopped(server: &ServerHandle, load: &str, stop_at: u64) -> (Value, [f64; 2]) {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.json");
    let before = server.totals().requests;
    let mut child = Command::new(env!("CARGO_BIN_EXE_dragstrip"))
        .args(arguments(server, load, &out))
        .arg("--headless")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let pid = Pid::from_raw(child.id().cast_signed()).expect("a pid");
    until("the requests before the stop", || {
        server.totals().requests - before >= stop_at
    });
    let asked = Instant::now();
    kill_process(pid, Signal::STOP).expect("a signal");
    let state = format!("/proc/{}/stat", child.id());
    until("the stop", || {
        // Without /proc the signal is taken at its word.
        std::fs::read_to_string(&state).map_or(true, |stat| stat.contains(") T "))
    });
    let stood = Instant::now();
    std::thread::sleep(STOP);
    let least = stood.elapsed().as_secs_f64();
    kill_process(pid, Signal::CONT).expect("a signal");
    let most = asked.elapsed().as_secs_f64();
    assert!(child.wait().expect("ends").success());
    (read(&out), [least, most])
}

/// Asserts that the only gap is the stop, and that the run lasted `seconds` without it.
fn assert_marked(snapshot: &Value, bounds: [f64; 2], seconds: f64) {
    let gaps = snapshot["gaps"].as_array().expect("gaps");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0]["reason"], "suspended");
    // Since the last look of its threads at the clock, 10 ms before at most.
    let gap = gaps[0]["seconds"].as_f64().expect("a length");
    assert!(
        gap > bounds[0] && gap < bounds[1] + SLACK_S,
        "{gap} s, stopped {bounds:?} s"
    );
    let measured = run_of(snapshot)["seconds"].as_f64().expect("seconds");
    assert!(
        (measured - seconds).abs() < SLACK_S,
        "{measured} s measured"
    );
}

/// Asserts that rate × time requests were intended at 200 a second. The measured time is cut twice, where the process stopped
/// and where the load had settled again, and each cut can fall on either side of an arrival. Those of the moment between the
/// last look at the clock and the stop come on top: it is 10 ms, or what a busy machine makes of it.
fn assert_intended(snapshot: &Value, requests: u64) {
    let intended = count(snapshot, "requests");
    assert!(
        (requests - 2..=requests + 20).contains(&intended),
        "{intended} requests intended, {requests} planned"
    );
}

/// Asserts that nothing of the stop is in the latencies of answers that took 100 ms.
fn assert_clean(snapshot: &Value) {
    assert_sound(snapshot);
    let stop_ms = STOP.as_secs_f64() * 1e3;
    assert!(
        ms(snapshot, "response_us", "max") < stop_ms / 2.0,
        "{}",
        run_of(snapshot)
    );
    assert_eq!(count(snapshot, "failed"), 0);
    assert_eq!(count(snapshot, "in_flight"), 0);
}

#[test]
fn what_happens_while_the_process_or_its_load_is_held_counts_for_nothing() {
    at_once(&[
        (
            "an open loop goes on where it stopped",
            an_open_loop_goes_on_where_it_stopped,
        ),
        (
            "a stop just before the end puts the end off",
            a_stop_just_before_the_end_puts_the_end_off,
        ),
        (
            "a stop during the warm up leaves the run whole",
            a_stop_during_the_warm_up_leaves_the_run_whole,
        ),
        (
            "users come back one by one and not all at once",
            users_come_back_one_by_one_and_not_all_at_once,
        ),
        (
            "a stop in a closed loop without think time",
            a_stop_in_a_closed_loop_without_think_time,
        ),
        (
            "a load held by key is left out",
            a_load_held_by_key_is_left_out,
        ),
        (
            "a stop in a slot costs its pair",
            a_stop_in_a_slot_costs_its_pair,
        ),
        (
            "a stop in a turn is made up for in the same turn",
            a_stop_in_a_turn_is_made_up_for_in_the_same_turn,
        ),
    ]);
}

fn an_open_loop_goes_on_where_it_stopped() {
    let server = delaying("fixed:100ms");
    let load = "--rate 200 --warmup 0s --duration 2s";
    quiet(
        || stopped(&server, load, 200),
        |last, bounds| {
            assert_marked(last, *bounds, 2.0);
            assert_intended(last, 400);
            assert_clean(last);
            // 20 were open, in the server or on their way; nobody knows how long they would have taken.
            let cancelled = count(last, "cancelled");
            assert!((10..=40).contains(&cancelled), "{cancelled} cancelled");
        },
    );
}

fn a_stop_just_before_the_end_puts_the_end_off() {
    let server = delaying("fixed:100ms");
    let load = "--rate 200 --warmup 0s --duration 1s";
    quiet(
        || stopped(&server, load, 170),
        |last, bounds| {
            assert_marked(last, *bounds, 1.0);
            assert_intended(last, 200);
            assert_clean(last);
        },
    );
}

fn a_stop_during_the_warm_up_leaves_the_run_whole() {
    let server = delaying("fixed:100ms");
    let load = "--rate 200 --warmup 1s --duration 1s";
    quiet(
        || stopped(&server, load, 60),
        |last, bounds| {
            assert_marked(last, *bounds, 1.0);
            assert_clean(last);
            assert_eq!(
                count(last, "cancelled"),
                0,
                "what was open was none of the run's"
            );
            assert_intended(last, 200);
        },
    );
}

fn users_come_back_one_by_one_and_not_all_at_once() {
    // Two servers at 20 ms take 100 requests a second; 60 users ask for 70. If all came at once, the last would wait 600 ms.
    let server = serve(ServiceSpec {
        profile: "fixed:20ms".parse().expect("a profile"),
        servers: NonZeroU32::new(2),
        ..ServiceSpec::default()
    });
    let load = "--users 60 --think 600ms..1s --ramp 1s --warmup 500ms --duration 2s";
    quiet(
        || stopped(&server, load, 160),
        |last, bounds| {
            assert_marked(last, *bounds, 2.0);
            assert_sound(last);
            assert!(ms(last, "response_us", "max") < 350.0, "{}", run_of(last));
            let requests = count(last, "requests");
            assert!((105..=175).contains(&requests), "{requests} requests");
            assert!(count(last, "cancelled") < 20, "{}", run_of(last));
        },
    );
}

fn a_stop_in_a_closed_loop_without_think_time() {
    let server = delaying("fixed:100ms");
    let load = "--users 20 --warmup 0s --duration 2s";
    quiet(
        || stopped(&server, load, 200),
        |last, bounds| {
            assert_marked(last, *bounds, 2.0);
            assert_clean(last);
            assert_eq!(
                count(last, "cancelled"),
                20,
                "every user had a request open"
            );
        },
    );
}

fn a_stop_in_a_slot_costs_its_pair() {
    let server = delaying("fixed:100ms");
    let load = "--aa --order alternate --rate 200 --warmup 0s --duration 5s";
    // In the first slot, which settles for a second and is measured for five.
    quiet(
        || stopped(&server, load, 300),
        |last, _| {
            assert_eq!(last["gaps"].as_array().map(Vec::len), Some(1));
            let blocks = last["blocks"].as_array().expect("blocks");
            assert_eq!(blocks.len(), 2, "{blocks:?}");
            for block in blocks {
                assert_eq!((&block["pair"], &block["failed"]), (&2.into(), &0.into()));
                let (seconds, requests) = (block["seconds"].as_f64(), block["requests"].as_u64());
                assert!(seconds.is_some_and(|seconds| (seconds - 5.0).abs() < 1e-6));
                assert_eq!(requests, Some(1_000), "rate × time");
            }
            assert_clean(last);
        },
    );
}

fn a_stop_in_a_turn_is_made_up_for_in_the_same_turn() {
    let server = delaying("fixed:100ms");
    let load = "--aa --order sequential --rate 200 --warmup 0s --duration 1s";
    quiet(
        || stopped(&server, load, 100),
        |last, bounds| {
            assert_marked(last, *bounds, 1.0);
            assert_intended(last, 200);
            assert_clean(last);
            let b = &last["variants"]["b"]["run"];
            assert_eq!((&b["requests"], &b["ok"]), (&200.into(), &200.into()));
        },
    );
}

fn a_load_held_by_key_is_left_out() {
    let server = delaying("fixed:100ms");
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.json");
    let run = || {
        let load = "--rate 200 --warmup 0s --duration 1500ms --exit";
        let args = arguments(&server, load, &out);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut terminal = Terminal::start((120, 40), &args, &[]);
        terminal.wait("measuring", |text| text.contains("measuring"));
        terminal.press("p");
        terminal.wait("the pause", |text| text.contains("PAUSED"));
        let start = Instant::now();
        std::thread::sleep(Duration::from_millis(700));
        terminal.press("p");
        let held = start.elapsed().as_secs_f64();
        assert_eq!(terminal.wait_for_end().exit_code(), 0);
        (read(&out), held)
    };
    quiet(run, |last, held| {
        let gaps = last["gaps"].as_array().expect("gaps");
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!(gaps[0]["reason"], "paused");
        let gap = gaps[0]["seconds"].as_f64().expect("a length");
        assert!(
            gap > held - 0.1 && gap < held + 0.2 + SLACK_S,
            "{gap} s, held {held} s"
        );
        let measured = run_of(last)["seconds"].as_f64().expect("seconds");
        assert!((measured - 1.5).abs() < 0.2, "{measured} s measured");
        // What was due between the last request and the pause is not made up for.
        let requests = count(last, "requests");
        assert!((296..=302).contains(&requests), "{requests} requests");
        assert_sound(last);
        assert_eq!(
            count(last, "ok"),
            count(last, "requests"),
            "what is open goes on"
        );
        assert!(ms(last, "response_us", "max") < 350.0, "{}", run_of(last));
    });
}
