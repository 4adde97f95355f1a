//! Open loops into queues whose answers theory knows, and the schedules behind them.

use super::simulated::{Gateway, close, load, ms, run, serving, simulation};
use crate::support::assert_conserved;
use dragstrip::gateway::ServiceSpec;
use dragstrip::load::{Arrivals, LoadModel, LoadSpec, Overflow};
use dragstrip::metrics::snapshot::{CheckLevel, Figures, Snapshot};
use std::cell::RefCell;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

fn open(rate_hz: f64, arrivals: Arrivals) -> LoadModel {
    LoadModel::Open {
        rate_hz,
        arrivals,
        max_in_flight: 100_000,
        overflow: Overflow::Queue,
    }
}

fn servers(profile: &str, number: u32) -> Gateway {
    Gateway::new(&ServiceSpec {
        servers: NonZeroU32::new(number),
        seed: 5,
        ..serving(profile)
    })
}

/// A million requests at `rate_hz`, Poisson.
fn million(rate_hz: f64, gateway: Gateway) -> Arc<Snapshot> {
    let load = load(open(rate_hz, Arrivals::Poisson), 1e6 / rate_hz);
    let last = simulation(load, &[gateway], Duration::from_secs(10)).finish();
    assert_conserved(&last);
    let n = last.variants.a.run.requests as f64;
    assert!((n - 1e6).abs() < 6_000.0, "{n} requests");
    last
}

/// Mean, p50, p95 and p99 in ms with the tolerances of each.
fn assert_times(run: &Figures, expected: [Option<f64>; 4], tolerance: [f64; 4]) {
    let times = &run.response_us;
    let measured = [
        times.mean.expect("no failures") / 1e3,
        ms(times, "p50"),
        ms(times, "p95"),
        ms(times, "p99"),
    ];
    for (i, what) in ["mean", "p50", "p95", "p99"].into_iter().enumerate() {
        if let Some(expected) = expected[i] {
            close(what, measured[i], expected, tolerance[i]);
        }
    }
}

const MARKOVIAN: [f64; 4] = [0.015, 0.015, 0.025, 0.035];

#[test]
fn n08_m_m_1() {
    // Response times are exponential with rate μ − λ.
    let last = million(50.0, servers("exp:10ms", 1));
    let expected = [Some(20.0), Some(13.86), Some(59.9), Some(92.1)];
    assert_times(&last.variants.a.run, expected, MARKOVIAN);
    assert!(
        last.checks
            .iter()
            .all(|check| check.level == CheckLevel::Ok),
        "{:#?}",
        last.checks
    );
}

#[test]
fn n09_m_m_4() {
    let last = million(100.0, servers("exp:25ms", 4));
    let expected = [Some(30.33), Some(22.55), Some(85.42), Some(126.7)];
    assert_times(&last.variants.a.run, expected, MARKOVIAN);
}

#[test]
fn n10_m_d_1() {
    let last = million(50.0, servers("fixed:10ms", 1));
    let expected = [Some(15.0), None, Some(30.51), Some(43.36)];
    assert_times(&last.variants.a.run, expected, [0.015, 0.0, 0.02, 0.03]);
}

/// The instants at which requests reached a gateway that answers at once, in seconds, ascending.
fn arrivals(load: LoadSpec) -> Vec<f64> {
    let noted = Rc::default();
    let gateway = Gateway::new(&serving("instant")).noting(&noted);
    let last = run(load, &[gateway]);
    assert_conserved(&last);
    let mut seconds: Vec<f64> = RefCell::borrow(&noted)
        .iter()
        .map(|tick| tick.as_secs_f64())
        .collect();
    seconds.sort_by(f64::total_cmp);
    assert_eq!(seconds.len() as u64, last.variants.a.run.requests);
    seconds
}

#[test]
fn n07_a_constant_schedule_is_rate_times_time_and_even() {
    for (rate, seconds, threads) in [
        (1.0, 100.0, 1),
        (7.3, 100.0, 2),
        (1_000.0, 10.0, 3),
        (50_000.0, 1.0, 2),
    ] {
        let mut load = load(open(rate, Arrivals::Constant), seconds);
        load.threads = threads;
        let starts = arrivals(load);
        assert_eq!(starts.len(), (rate * seconds).round() as usize);
        for (i, start) in starts.iter().enumerate() {
            let due = i as f64 / rate;
            assert!(
                (start - due).abs() < 2e-9,
                "request {i} at {start} for {due}"
            );
        }
    }
}

#[test]
fn n07_a_poisson_schedule_has_exponential_gaps() {
    for threads in [1, 3] {
        let mut load = load(open(1_000.0, Arrivals::Poisson), 100.0);
        load.threads = threads;
        let starts = arrivals(load);
        let n = starts.len() as f64;
        // The count is Poisson: five standard deviations are p = 6·10⁻⁷.
        assert!((n - 100_000.0).abs() < 5.0 * 100_000f64.sqrt(), "{n}");
        let mut gaps: Vec<f64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_by(f64::total_cmp);
        // Kolmogorov–Smirnov: 2.7/√n is p = 9·10⁻⁷.
        let distance = gaps
            .iter()
            .enumerate()
            .map(|(i, gap)| {
                let below = 1.0 - (-gap * 1_000.0).exp();
                ((i as f64 + 0.5) / gaps.len() as f64 - below).abs()
            })
            .fold(0.0, f64::max);
        assert!(distance < 2.7 / n.sqrt(), "{distance}");
    }
}

#[test]
fn n07_both_variants_and_all_threads_are_out_of_step() {
    let noted = Rc::default();
    let gateway = || Gateway::new(&serving("instant")).noting(&noted);
    let mut load = load(open(100.0, Arrivals::Constant), 1.0);
    load.threads = 2;
    run(load, &[gateway(), gateway()]);
    let mut seen: Vec<u64> = RefCell::borrow(&noted).iter().map(|tick| tick.0).collect();
    seen.sort_unstable();
    assert_eq!(seen.len(), 200);
    // Four parts of 50 a second, 5 ms from one arrival to the next of whichever.
    assert!(
        seen.windows(2).all(|pair| pair[1] - pair[0] == 5_000_000),
        "{seen:?}"
    );
}

#[test]
fn n14_beyond_the_cap_arrivals_are_dropped() {
    let model = LoadModel::Open {
        rate_hz: 100.0,
        arrivals: Arrivals::Constant,
        max_in_flight: 5,
        overflow: Overflow::Drop,
    };
    let last = run(load(model, 60.0), &[Gateway::new(&serving("fixed:95ms"))]);
    assert_conserved(&last);
    let run = &last.variants.a.run;
    close("served", run.ok as f64 / 60.0, 50.0, 0.02);
    close("dropped", run.outcomes["dropped"] as f64 / 60.0, 50.0, 0.02);
    assert_eq!(run.ok + run.outcomes["dropped"], run.requests);
    assert!(
        last.notices
            .iter()
            .any(|n| n.text.contains("50.0/s dropped")),
        "{:?}",
        last.notices
    );
}

#[test]
fn a_queue_that_grows_without_end_withholds_latency_and_judges_the_rest() {
    let gateways = [servers("fixed:12ms", 1), servers("fixed:1ms", 1)];
    let last = run(load(open(100.0, Arrivals::Constant), 60.0), &gateways);
    assert_conserved(&last);
    assert!(
        last.notices
            .iter()
            .any(|n| n.text.starts_with("A's queue grows without end")),
        "{:?}",
        last.notices
    );
    let metrics = &last.comparison.as_ref().expect("two variants").metrics;
    let withheld: Vec<bool> = metrics
        .iter()
        .map(|metric| metric.text.starts_with("withheld: A's queue"))
        .collect();
    assert_eq!(withheld, [false, true, true, true, false]);
}

#[test]
fn a_stable_queue_is_left_in_peace() {
    let gateways = [servers("exp:8ms", 1), servers("exp:8ms", 1)];
    let last = run(load(open(100.0, Arrivals::Poisson), 120.0), &gateways);
    assert!(
        !last.notices.iter().any(|n| n.text.contains("queue")),
        "{:?}",
        last.notices
    );
}
