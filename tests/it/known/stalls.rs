//! Gateways that stand still: what a load generator that waits for answers would never see (coordinated omission).

use super::simulated::{Gateway, load, ms, run, serving};
use crate::frames::{app, frame};
use crate::support::assert_conserved;
use dragstrip::gateway::{Freeze, ServiceSpec};
use dragstrip::load::{Arrivals, LoadModel, Overflow};
use dragstrip::metrics::snapshot::{NoticeLevel, Percentile, Snapshot};
use std::time::Duration;

fn open_100() -> LoadModel {
    LoadModel::Open {
        rate_hz: 100.0,
        arrivals: Arrivals::Constant,
        max_in_flight: 100_000,
        overflow: Overflow::Queue,
    }
}

/// 1 ms for each request, and frozen from `at` for `length` seconds.
fn freezing(at: f64, length: f64) -> ServiceSpec {
    ServiceSpec {
        freezes: vec![Freeze {
            at: Duration::from_secs_f64(at),
            length: Duration::from_secs_f64(length),
        }],
        ..serving("fixed:1ms")
    }
}

fn within(what: &str, value: f64, expected: f64, tolerance: f64) {
    assert!(
        (value - expected).abs() <= tolerance,
        "{what}: {value} ms, expected {expected} ± {tolerance}"
    );
}

#[test]
fn n03_the_response_time_counts_from_the_intended_start() {
    let last = run(
        load(open_100(), 20.0),
        &[Gateway::new(&freezing(9.995, 10.0))],
    );
    assert_conserved(&last);
    let run = &last.variants.a.run;
    assert_eq!((run.requests, run.ok), (2_000, 2_000));
    for (name, expected) in [("p90", 8_000.0), ("p99", 9_800.0), ("max", 10_000.0)] {
        within(name, ms(&run.response_us, name), expected, 30.0);
    }
    // p75 is in no summary: from the histogram.
    let mut below = 0;
    let p75 = last
        .variants
        .a
        .histogram
        .buckets()
        .iter()
        .find(|(_, count)| {
            below += count;
            below >= 1_500
        });
    within(
        "p75",
        p75.expect("2,000 values").0 as f64 / 1e3,
        5_000.0,
        30.0,
    );
}

#[test]
fn n04_service_time_on_one_connection_hides_the_stall_and_the_screen_shows_both() {
    let gateway = Gateway::new(&freezing(9.995, 10.0)).with_connections(1);
    let last = run(load(open_100(), 20.0), &[gateway]);
    assert_conserved(&last);
    let run = &last.variants.a.run;
    within("service p99", ms(&run.service_us, "p99"), 1.0, 2.0);
    within("service max", ms(&run.service_us, "max"), 10_000.0, 30.0);
    // All but one waited for the connection, and that is in the response time.
    assert!(ms(&run.response_us, "p99") > 9_000.0);
    assert!(ms(&run.slot_wait_us, "p99") > 9_000.0);
    // The screen sets the two against each other, and marks that it is the wait that makes the latency.
    let screen = frame(&app(Snapshot::clone(&last)), 160, 48);
    let row = screen.lines().find(|line| line.contains("▲ service p50"));
    let row = row.unwrap_or_else(|| panic!("no such row:\n{screen}"));
    assert!(
        row.contains("p99 1.00 ms") && row.contains("slot wait p99"),
        "{row}"
    );
    assert!(row.contains(" s"), "the wait is in seconds: {row}");
}

#[test]
fn n05_a_hundred_seconds_of_each() {
    let last = run(
        load(open_100(), 200.0),
        &[Gateway::new(&freezing(99.995, 100.0))],
    );
    assert_conserved(&last);
    let run = &last.variants.a.run;
    // 20,000 requests, 10 ms apart: the half that meets the freeze takes 10 ms, 20 ms … 100 s.
    let mut below = 0;
    let p75 = last
        .variants
        .a
        .histogram
        .buckets()
        .iter()
        .find(|(_, count)| {
            below += count;
            below >= 15_000
        });
    // One interval, and the histogram's own rounding of 0.1 %.
    within("p75", p75.expect("values").0 as f64 / 1e3, 50_000.0, 60.0);
    within("p99", ms(&run.response_us, "p99"), 98_000.0, 110.0);
    within(
        "mean",
        run.response_us.mean.expect("all ok") / 1e3,
        25_000.0,
        10.0,
    );
}

#[test]
fn n06_a_stall_at_the_very_end_is_drained() {
    let last = run(load(open_100(), 10.0), &[Gateway::new(&freezing(9.5, 5.0))]);
    assert_conserved(&last);
    let run = &last.variants.a.run;
    assert_eq!((run.requests, run.ok, run.failed), (1_000, 1_000, 0));
    within("max", ms(&run.response_us, "max"), 5_001.0, 1.0);
    // The last 50 of 1,000 waited for 4.5 s and more.
    within("p95", ms(&run.response_us, "p95"), 1.0, 0.1);
    assert!(ms(&run.response_us, "p99") > 4_800.0);
    // Completions of the drain are no throughput of the run.
    within("RPS", run.rps.expect("a rate"), 95.0, 1e-6);
}

#[test]
fn n06_a_stall_beyond_the_timeout_is_slower_than_any_time() {
    let mut load = load(open_100(), 10.0);
    load.timeout = Duration::from_secs(2);
    let last = run(load, &[Gateway::new(&freezing(9.5, 100.0))]);
    assert_conserved(&last);
    let run = &last.variants.a.run;
    assert_eq!((run.requests, run.ok), (1_000, 950));
    assert_eq!(run.outcomes["timeout"], 50);
    assert_eq!(run.response_us.get("p99"), Percentile::Beyond("timeout"));
    within("p95", ms(&run.response_us, "p95"), 1.0, 0.1);
    assert!(last.notices.iter().any(|n| n.level >= NoticeLevel::Warning));
}

#[test]
fn n15_thirty_per_cent_timeouts() {
    let mut load = load(open_100(), 60.0);
    load.timeout = Duration::from_secs(1);
    let spec = ServiceSpec {
        faults: super::simulated::faults("hang:30%"),
        ..serving("fixed:20ms")
    };
    let last = run(load, &[Gateway::new(&spec)]);
    assert_conserved(&last);
    let run = &last.variants.a.run;
    assert_eq!(run.requests, 6_000);
    assert_eq!(run.failed, run.outcomes["timeout"]);
    let share = run.failed as f64 / 6_000.0;
    // Five standard deviations of a binomial share.
    assert!((share - 0.3).abs() < 0.03, "{share}");
    within("p50", ms(&run.response_us, "p50"), 20.0, 0.1);
    assert_eq!(run.response_us.get("p95"), Percentile::Beyond("timeout"));
    assert_eq!(
        dragstrip::text::percentile(run.response_us.get("p95"), 1.0),
        "> 1 s"
    );
}
