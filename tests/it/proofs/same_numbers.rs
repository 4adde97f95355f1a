//! The screen does not change the numbers: the same load with the screen, in a pseudo-terminal, and headless.
//!
//! The endpoint draws the same delays in the same order in every run, so that runs differ by the machine's noise alone. They
//! alternate, screen and headless, and medians of three are compared. A screen that kept the load threads from their work
//! would show in each of them.

use super::{ATTEMPTS, arguments, assert_all_ok, count, delaying, ms, read};
use crate::pty::Terminal;
use serde_json::Value;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Only one of these tests runs at a time: each is the other's noise.
static TURN: Mutex<()> = Mutex::new(());

/// Runs of each kind.
const PAIRS: usize = 3;

/// What is compared, and by how many ms it may differ on a quiet machine. On a busy one the runs without the screen differ by
/// more among themselves; then so may the others.
const COMPARED: [(&str, &str, f64); 6] = [
    ("response_us", "p50", 1.0),
    ("response_us", "p95", 1.0),
    ("response_us", "p99", 3.0),
    ("client_lag_us", "p50", 0.5),
    ("client_lag_us", "p95", 1.0),
    ("client_lag_us", "p99", 3.0),
];

/// One run of `load`, with the screen or without.
fn run(load: &str, folder: &Path, screen: bool) -> Value {
    // 200 distinct delays: p99 is 60 ms, p95 35 ms.
    let server = delaying("tail:15ms,30ms,35ms,60ms");
    let out = folder.join("out.json");
    let args = arguments(&server, load, &out);
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    if screen {
        args.push("--exit");
        let mut terminal = Terminal::start((160, 48), &args, &[]);
        assert_eq!(terminal.wait_for_end().exit_code(), 0);
    } else {
        args.push("--headless");
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_dragstrip"))
            .args(&args)
            .output()
            .expect("runs");
        assert!(done.status.success(), "{done:?}");
    }
    read(&out)
}

/// The median of a figure in several runs, and how far apart they are.
fn median(runs: &[Value], field: &str, name: &str) -> (f64, f64) {
    let mut values: Vec<f64> = runs.iter().map(|run| ms(run, field, name)).collect();
    values.sort_by(f64::total_cmp);
    let spread = values[values.len() - 1] - values[0];
    (values[values.len() / 2], spread)
}

/// The medians of the requests sent; a tenth apart is too much.
fn rates(with: &[Value], without: &[Value]) -> Difference {
    let [on, off] = [with, without].map(|runs| {
        let mut sent: Vec<u64> = runs.iter().map(|run| count(run, "requests")).collect();
        sent.sort_unstable();
        sent[sent.len() / 2] as f64
    });
    ((on - off).abs() > 0.1 * off, "requests", "", on, off)
}

/// Whether a figure is too far apart, its name, and its value with the screen and without.
type Difference = (bool, &'static str, &'static str, f64, f64);

/// Runs `load` both ways, up to [`ATTEMPTS`] times, until all figures agree.
fn compare(load: &str, also: impl Fn(&Value, &Value)) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut apart: Vec<Difference> = Vec::new();
    for _ in 0..ATTEMPTS {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..PAIRS {
            with.push(run(load, folder.path(), true));
            without.push(run(load, folder.path(), false));
            also(&with[with.len() - 1], &without[without.len() - 1]);
        }
        apart = COMPARED
            .iter()
            .map(|(field, name, allowed)| {
                let ((on, _), (off, noise)) =
                    (median(&with, field, name), median(&without, field, name));
                (
                    (on - off).abs() > allowed.max(noise),
                    *field,
                    *name,
                    on,
                    off,
                )
            })
            .chain([rates(&with, &without)])
            .filter(|(apart, ..)| *apart)
            .collect();
        if apart.is_empty() {
            return;
        }
    }
    panic!("with the screen, without, in ms: {apart:?}");
}

#[test]
fn an_open_loop_has_the_same_percentiles_with_and_without_the_screen() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for arrivals in ["constant", "poisson"] {
        let load = format!("--rate 200 --arrivals {arrivals} --warmup 0s --duration 1s");
        let pairs = |with: &Value, without: &Value| {
            // The same seed makes the same arrivals, to the last one.
            assert_eq!(count(with, "requests"), count(without, "requests"));
            assert_all_ok(with);
            assert_all_ok(without);
            if arrivals == "constant" {
                assert_eq!(count(with, "requests"), 200, "rate × time");
            }
        };
        if arrivals == "constant" {
            compare(&load, pairs);
        } else {
            let folder = tempfile::tempdir().expect("a folder");
            let [with, without] = [true, false].map(|screen| run(&load, folder.path(), screen));
            pairs(&with, &without);
        }
    }
}

#[test]
fn a_closed_loop_has_the_same_percentiles_with_and_without_the_screen() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    // How many requests there are depends on every answer, so the counts can only be alike; RPS is compared with the rest.
    compare(
        "--users 10 --think 20ms..40ms --warmup 0s --duration 1s",
        |with, without| {
            assert_all_ok(with);
            assert_all_ok(without);
        },
    );
}
