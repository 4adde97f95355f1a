//! (c)'s gate: with dependent requests, the intervals that are shown hold.

use super::noise::{Autoregressive, share};
use dragstrip::stats::{
    Buckets, Dependence, Likelihood, UNPLANNED, estimate, may_be_shown, quantile_interval,
};
use hdrhistogram::Histogram;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, Exp};

/// The level of each interval of four.
const ALPHA: f64 = 0.0125;
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

type Recording = Histogram<u64>;

fn empty() -> Recording {
    Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("bounds")
}

fn buckets(histogram: &Recording) -> Buckets {
    let steps: Vec<(u64, u64)> = histogram
        .iter_recorded()
        .map(|step| (step.value_iterated_to(), step.count_at_value()))
        .collect();
    Buckets::from_hdr(&steps, 0)
}

/// One run that is looked at every second: per quantile, whether an interval was shown, and whether one that was shown
/// excluded the truth. `second` gives the latencies of a second in µs.
fn watched(
    seconds: u32,
    truth_us: [f64; 3],
    mut second: impl FnMut() -> Vec<f64>,
) -> [(bool, bool); 3] {
    let mut all = empty();
    let mut dependence = Dependence::default();
    let mut seen = [(false, false); 3];
    for now in 1..=seconds {
        let mut fresh = empty();
        for us in second() {
            fresh.record(us as u64).expect("in range");
        }
        dependence.push(&buckets(&fresh));
        all.add(&fresh).expect("same bounds");
        let ranked = buckets(&all);
        for (i, p) in QUANTILES.into_iter().enumerate() {
            let tau = dependence.tau(p, estimate(&ranked, p));
            if !may_be_shown(f64::from(now), ranked.count(), tau, p) {
                continue;
            }
            let likelihood = Likelihood::new(p, ALPHA, UNPLANNED).with_dependence(tau);
            let holds = quantile_interval(&ranked, &likelihood).contains(truth_us[i]);
            seen[i] = (true, seen[i].1 || !holds);
        }
    }
    seen
}

/// `rate` requests a second whose logarithms are autoregressive, each φ times the one before and fresh noise.
fn moody(rate: u32, phi: f64, seconds: u32, seed: u64) -> [(bool, bool); 3] {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut mood = Autoregressive::new(phi, &mut rng);
    let latency = |z: f64| 100_000.0 * (0.5 * z).exp();
    // Quantiles of the standard normal distribution.
    let truth = [0.0, 1.644_853_626_951, 2.326_347_874_041].map(latency);
    watched(seconds, truth, || {
        (0..rate).map(|_| latency(mood.next(&mut rng))).collect()
    })
}

/// M/M/1 at 80 requests a second and ρ = 0.8: times in the system are exponential with mean 50 ms.
fn queueing(seconds: u32, seed: u64) -> [(bool, bool); 3] {
    let mut rng = SmallRng::seed_from_u64(seed);
    let (gaps, work) = (
        Exp::new(80.0).expect("a rate"),
        Exp::new(100.0).expect("a rate"),
    );
    let mut in_system = Exp::new(20.0).expect("a rate").sample(&mut rng);
    let mut until_next = 0.0;
    let truth = QUANTILES.map(|p| -(1.0 - p).ln() * 50_000.0);
    watched(seconds, truth, || {
        let mut latencies = Vec::new();
        while until_next < 1.0 {
            let gap: f64 = gaps.sample(&mut rng);
            until_next += gap;
            in_system = f64::max(in_system - gap, 0.0) + work.sample(&mut rng);
            latencies.push(in_system * 1e6);
        }
        until_next -= 1.0;
        latencies
    })
}

/// The worst share of false intervals over the quantiles, and the shares of runs that showed any.
fn judge(name: &str, runs: u64, run: impl Fn(u64) -> [(bool, bool); 3]) -> f64 {
    let seen: Vec<_> = (0..runs).map(run).collect();
    let of = |i: usize, wrong: bool| {
        share(runs, |at| {
            let (shown, failed) = seen[at as usize][i];
            if wrong { failed } else { shown }
        })
    };
    let wrong = [0, 1, 2].map(|i| of(i, true));
    println!(
        "{name}: false {wrong:.4?}, shown {:.2?}",
        [0, 1, 2].map(|i| of(i, false))
    );
    wrong.into_iter().fold(0.0, f64::max)
}

#[test]
fn what_is_shown_of_dependent_requests_holds() {
    assert!(judge("AR .99", 40, |seed| moody(100, 0.99, 180, seed)) <= 0.05);
    assert!(judge("AR .999", 40, |seed| moody(100, 0.999, 180, seed)) <= 0.05);
    assert!(judge("M/M/1", 40, |seed| queueing(180, seed)) <= 0.05);
}

#[test]
#[ignore = "long: see the module's documentation"]
fn what_is_shown_of_dependent_requests_holds_long() {
    let ten_minutes = |rate: u32, phi: f64, runs: u64| {
        let name = format!("AR {phi}, {rate}/s, 10 min");
        judge(&name, runs, |seed| moody(rate, phi, 600, seed))
    };
    assert!(ten_minutes(1_000, 0.99, 200) <= 0.025);
    assert!(ten_minutes(1_000, 0.999, 200) <= 0.025);
    assert!(judge("M/M/1, 10 min", 400, |seed| queueing(600, seed)) <= 0.025);
    assert!(ten_minutes(100, 0.99, 400) <= 0.04);
    // A memory of 10 s with one request a second beyond p99: the least that the gate lets through, and its weakest place.
    assert!(ten_minutes(100, 0.999, 400) <= 0.05);
}
