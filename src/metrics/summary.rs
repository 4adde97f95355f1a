//! From a distribution, failures and requests still open to the figures that are shown.
//!
//! A percentile is the value at rank ⌈p·n⌉ (nearest rank). In a judged latency n counts failures too, and they rank above
//! every finite value; so a percentile can lie *among failures*, which is said and not hidden. In a live window, requests
//! that have been open for longer than its p99 are ranked at their present age, and what that touches is a lower bound. In a
//! run, requests that have not ended count as `censored` says.

use super::censored::{Estimate, ProductLimit};
use super::counts::OutcomeCounts;
use super::recorder::Distribution;
use super::snapshot::{Latency, Percentile};

/// The percentiles of every summary, with the names of their fields.
const PERCENTILES: [(&str, f64); 5] = [
    ("p50", 0.50),
    ("p90", 0.90),
    ("p95", 0.95),
    ("p99", 0.99),
    ("p999", 0.999),
];

/// Rank ⌈p·n⌉, at least 1. The small allowance keeps products such as 0.95 × 20 from landing above their whole number.
pub(super) fn rank(p: f64, n: u64) -> u64 {
    ((p * n as f64 - 1e-9).ceil() as u64).clamp(1, n.max(1))
}

/// The summary of finite values alone.
pub(super) fn finite(values: &Distribution) -> Latency {
    ranked(values, &[], &OutcomeCounts::default())
}

/// The summary of all requests that ended: `values` are those of ok requests, `outcomes` tells the failures.
pub(super) fn judged(values: &Distribution, outcomes: &OutcomeCounts) -> Latency {
    ranked(values, &[], outcomes)
}

/// As [`judged`], with the requests still open at `ages_us` (µs, any order) where they exceed the p99 of what has ended.
pub(super) fn live(values: &Distribution, outcomes: &OutcomeCounts, ages_us: &[u64]) -> Latency {
    let ended = judged(values, outcomes);
    let limit = match ended.get("p99") {
        // Failures must not hide that the others have come to a halt.
        Percentile::Beyond(_) => finite(values).p99.unwrap_or(0),
        Percentile::Unknown => 0,
        Percentile::Exactly(us) | Percentile::AtLeast(us) => us,
    };
    let mut old: Vec<u64> = ages_us.iter().copied().filter(|&age| age > limit).collect();
    if old.is_empty() {
        return ended;
    }
    old.sort_unstable();
    ranked(values, &old, outcomes)
}

/// The summary of all requests intended in a run, ended or not: `ages_us` are those of requests that are open or were given
/// up, in any order.
pub(super) fn run(
    values: &Distribution,
    outcomes: &OutcomeCounts,
    mut ages_us: Vec<u64>,
) -> Latency {
    if ages_us.is_empty() {
        return judged(values, outcomes);
    }
    ages_us.sort_unstable();
    let failed = outcomes.failed();
    let mut estimate = ProductLimit::new(values.histogram().buckets(), &ages_us, failed);
    let mut figures = Builder::new(values, &ages_us, outcomes);
    for (name, p) in PERCENTILES {
        match estimate.at(p) {
            Some(Estimate::Value(us)) => figures.set(name, us),
            Some(Estimate::AtLeast(us)) => figures.set_at_least(name, us),
            Some(Estimate::Failure) => figures.set_beyond(name),
            None => {}
        }
    }
    // Whoever is younger than the slowest answer does not make the maximum uncertain.
    let old = ages_us
        .last()
        .copied()
        .filter(|age| Some(*age) > values.max());
    figures.finish(failed, old)
}

/// `ages` are ascending.
fn ranked(values: &Distribution, ages: &[u64], outcomes: &OutcomeCounts) -> Latency {
    let failed = outcomes.failed();
    let finite = values.count() + ages.len() as u64;
    let n = finite + failed;
    if n == 0 {
        return Latency::default();
    }
    let mut figures = Builder::new(values, ages, outcomes);
    let mut walk = Walk {
        buckets: values.histogram().buckets(),
        ages,
        below: 0,
    };
    for (name, p) in PERCENTILES {
        let rank = rank(p, n);
        if rank > finite {
            figures.set_beyond(name);
            continue;
        }
        let value = walk.value_at(rank);
        if ages.first().is_some_and(|&first| value >= first) {
            figures.set_at_least(name, value);
        } else {
            figures.set(name, value);
        }
    }
    figures.finish(failed, ages.last().copied())
}

/// Puts a summary together.
struct Builder {
    latency: Latency,
    failure: Option<String>,
    /// No percentile is above it: a bucket's upper edge can lie above the largest value in it.
    largest: Option<u64>,
    largest_value: Option<u64>,
}

impl Builder {
    fn new(values: &Distribution, ages: &[u64], outcomes: &OutcomeCounts) -> Self {
        let clean = outcomes.failed() == 0 && ages.is_empty();
        let latency = Latency {
            min: values.min().into_iter().chain(ages.first().copied()).min(),
            mean: values.mean().filter(|_| clean),
            ..Latency::default()
        };
        Builder {
            latency,
            failure: outcomes
                .commonest_failure()
                .map(|outcome| outcome.to_string()),
            largest: values.max().into_iter().chain(ages.last().copied()).max(),
            largest_value: values.max(),
        }
    }

    fn set(&mut self, name: &str, us: u64) {
        let us = Some(us.min(self.largest.unwrap_or(u64::MAX)));
        match name {
            "p50" => self.latency.p50 = us,
            "p90" => self.latency.p90 = us,
            "p95" => self.latency.p95 = us,
            "p99" => self.latency.p99 = us,
            _ => self.latency.p999 = us,
        }
    }

    fn set_at_least(&mut self, name: &str, us: u64) {
        self.latency.at_least.push(name.to_owned());
        self.set(name, us);
    }

    fn set_beyond(&mut self, name: &str) {
        self.latency.beyond.extend(
            self.failure
                .clone()
                .map(|failure| (name.to_owned(), failure)),
        );
    }

    /// `old`: the age of the oldest request that has not ended, if it is beyond all that have.
    fn finish(mut self, failed: u64, old: Option<u64>) -> Latency {
        if failed > 0 {
            self.set_beyond("max");
        } else if let Some(age) = old {
            self.latency.max = Some(age.max(self.largest_value.unwrap_or(0)));
            self.latency.at_least.push("max".to_owned());
        } else {
            self.latency.max = self.largest_value;
        }
        self.latency
    }
}

/// A walk upwards through buckets and single values merged; ranks must be asked in ascending order.
struct Walk<'a> {
    buckets: &'a [(u64, u64)],
    ages: &'a [u64],
    below: u64,
}

impl Walk<'_> {
    fn value_at(&mut self, rank: u64) -> u64 {
        loop {
            let (value, count, from_ages) = match (self.buckets.first(), self.ages.first()) {
                (Some(&(value, count)), Some(&age)) if value <= age => (value, count, false),
                (_, Some(&age)) => (age, 1, true),
                (Some(&(value, count)), None) => (value, count, false),
                (None, None) => return 0,
            };
            if self.below + count >= rank {
                return value;
            }
            self.below += count;
            if from_ages {
                self.ages = &self.ages[1..];
            } else {
                self.buckets = &self.buckets[1..];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::recorder::Recorder;
    use crate::outcome::Outcome;

    fn values(us: impl IntoIterator<Item = u64>) -> Distribution {
        let mut recorder = Recorder::default();
        us.into_iter().for_each(|us| recorder.record(us));
        recorder.take()
    }

    fn failures(outcome: Outcome, n: usize) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        (0..n).for_each(|_| counts.add(outcome));
        counts
    }

    #[test]
    fn percentiles_are_the_nearest_ranks() {
        let latency = finite(&values(1..=1_000));
        assert_eq!(
            (latency.min, latency.p50, latency.p90, latency.p95),
            (Some(1), Some(500), Some(900), Some(950))
        );
        assert_eq!(
            (latency.p99, latency.p999, latency.max),
            (Some(990), Some(999), Some(1_000))
        );
        assert_eq!(finite(&values([7])).p999, Some(7));
        assert_eq!((rank(0.95, 20), rank(0.5, 1), rank(0.99, 0)), (19, 1, 1));
    }

    #[test]
    fn nothing_recorded_is_unknown_not_zero() {
        assert_eq!(finite(&values([])), Latency::default());
    }

    #[test]
    fn thirty_per_cent_timeouts_leave_the_median_finite_and_the_95th_beyond() {
        let latency = judged(
            &values((1..=700).map(|i| i * 100)),
            &failures(Outcome::Timeout, 300),
        );
        assert_eq!(
            latency.get("p50"),
            Percentile::Exactly(latency.p50.expect("finite"))
        );
        assert!(latency.p50.expect("finite").abs_diff(50_000) <= 50);
        assert_eq!(latency.get("p95"), Percentile::Beyond("timeout"));
        assert_eq!(latency.get("max"), Percentile::Beyond("timeout"));
        assert_eq!(latency.mean, None);
    }

    #[test]
    fn fast_failures_do_not_improve_the_median() {
        let latency = judged(&values([100; 4]), &failures(Outcome::Http(503), 6));
        assert_eq!(latency.get("p50"), Percentile::Beyond("http_503"));
    }

    #[test]
    fn old_open_requests_are_lower_bounds_in_the_live_window() {
        let latency = live(
            &values([1_000; 98]),
            &OutcomeCounts::default(),
            &[500, 9_000, 8_000],
        );
        assert_eq!(latency.get("p50"), Percentile::Exactly(1_000));
        assert_eq!(latency.get("p99"), Percentile::AtLeast(8_000));
        assert_eq!(latency.get("max"), Percentile::AtLeast(9_000));
    }

    #[test]
    fn a_run_with_open_requests_is_estimated_not_guessed() {
        // Ten of a hundred have not ended: young ones change nothing, old ones are a lower bound.
        let young = run(&values(1..=90), &OutcomeCounts::default(), vec![0; 10]);
        assert_eq!(young.get("p50"), Percentile::Exactly(45));
        assert_eq!(young.get("max"), Percentile::Exactly(90));
        let old = run(&values(1..=90), &OutcomeCounts::default(), vec![500; 10]);
        assert_eq!(old.get("p50"), Percentile::Exactly(50));
        assert_eq!(old.get("p95"), Percentile::AtLeast(500));
        assert_eq!(old.get("max"), Percentile::AtLeast(500));
        assert_eq!(old.mean, None);
    }

    #[test]
    fn a_few_failures_do_not_hide_a_halt() {
        let latency = live(
            &values([1_000; 90]),
            &failures(Outcome::Http(503), 2),
            &[4_000_000; 200],
        );
        assert_eq!(latency.get("p50"), Percentile::AtLeast(4_000_000));
        assert_eq!(latency.get("p999"), Percentile::Beyond("http_503"));
    }

    #[test]
    fn a_gateway_that_never_answers_shows_the_age_of_what_is_open() {
        let latency = live(
            &values([]),
            &OutcomeCounts::default(),
            &[2_000_000, 1_000_000],
        );
        assert_eq!(latency.get("p50"), Percentile::AtLeast(1_000_000));
        assert_eq!(latency.get("p99"), Percentile::AtLeast(2_000_000));
    }
}
