//! (c)'s gate: with dependent requests, the intervals that are shown hold.

use super::noise::{Autoregressive, share};
use crate::support::give_way;
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

/// Per quantile, the share of runs with a false interval; tells also the shares of runs that showed any.
fn judge(name: &str, runs: u64, run: impl Fn(u64) -> [(bool, bool); 3]) -> [f64; 3] {
    give_way();
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
    wrong
}

fn within(found: [f64; 3], limits: [f64; 3]) -> bool {
    (0..3).all(|i| found[i] <= limits[i])
}

#[test]
fn what_is_shown_of_dependent_requests_holds() {
    let short = |name, run: &dyn Fn(u64) -> [(bool, bool); 3]| {
        assert!(within(judge(name, 40, run), [0.05; 3]), "{name}");
    };
    short("AR .99", &|seed| moody(100, 0.99, 180, seed));
    short("AR .999", &|seed| moody(100, 0.999, 180, seed));
    short("M/M/1", &|seed| queueing(180, seed));
}

/// Where a second brings many requests beyond the quantile, the level of 1.25 % holds. Where it brings one or less and they
/// come in clusters, p99 is first shown when its τ happens to be estimated too low, and is false in up to 8 % of runs: the
/// gate's weakest place, and one reason why what it lets through is never a verdict.
#[test]
#[ignore = "long: see the module's documentation"]
fn what_is_shown_of_dependent_requests_holds_long() {
    let minutes = |rate: u32, phi: f64, minutes: u32, runs: u64| {
        let name = format!("AR {phi}, {rate}/s, {minutes} min");
        judge(&name, runs, |seed| moody(rate, phi, 60 * minutes, seed))
    };
    assert!(within(minutes(1_000, 0.99, 10, 200), [0.025; 3]));
    assert!(within(minutes(1_000, 0.999, 10, 200), [0.025; 3]));
    assert!(within(minutes(100, 0.99, 10, 400), [0.025, 0.025, 0.05]));
    assert!(within(minutes(100, 0.999, 20, 200), [0.025, 0.04, 0.08]));
    let queue = judge("M/M/1, 80/s, 10 min", 400, |seed| queueing(600, seed));
    assert!(within(queue, [0.025, 0.025, 0.08]));
}
