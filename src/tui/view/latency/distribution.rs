//! One variant's response times of the run, in the order of their length: the answers, then the failures above them.
//!
//! Requests that are still open have no place in it yet.

use crate::metrics::snapshot::{Latency, Percentile, VariantSnapshot};

/// Where the curve of a distribution ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct End {
    /// The share of requests up to here, on the [`stretched`] axis.
    pub(super) at: f64,
    /// The slowest answer, µs.
    pub(super) us: u64,
    /// Failures lie above.
    pub(super) failures: bool,
}

/// The answers and the number of failures.
#[derive(Clone, Copy)]
pub(super) struct Distribution<'a> {
    buckets: &'a [(u64, u64)],
    ok: u64,
    failed: u64,
}

/// The place of a share of requests on an axis on which each nine takes as much room as the one before.
pub(super) fn stretched(share: f64) -> f64 {
    -(1.0 - share).log10()
}

/// The share at a place on that axis.
fn share_at(place: f64) -> f64 {
    1.0 - 10f64.powf(-place)
}

impl<'a> Distribution<'a> {
    pub(super) fn of(variant: &'a VariantSnapshot) -> Distribution<'a> {
        let buckets = variant.histogram.buckets();
        let ok = buckets
            .iter()
            .fold(0u64, |sum, &(_, count)| sum.saturating_add(count));
        Distribution {
            buckets,
            ok,
            failed: variant.run.failed,
        }
    }

    pub(super) fn buckets(&self) -> &'a [(u64, u64)] {
        self.buckets
    }

    /// How many were answered.
    pub(super) fn ok(&self) -> u64 {
        self.ok
    }

    pub(super) fn failed(&self) -> u64 {
        self.failed
    }

    /// How many have ended.
    pub(super) fn ended(&self) -> u64 {
        self.ok.saturating_add(self.failed)
    }

    /// The share of those that have ended that were answered; 0 when none has.
    pub(super) fn answered(&self) -> f64 {
        self.ok as f64 / self.ended().max(1) as f64
    }

    /// Where the curve ends: at the first failure, or where less than one request is left. `None` without an answer.
    pub(super) fn end(&self) -> Option<End> {
        let &(us, _) = self.buckets.last()?;
        let ended = self.ended() as f64;
        let left = (self.failed as f64).max(1.0);
        Some(End {
            at: (ended / left).log10(),
            us,
            failures: self.failed > 0,
        })
    }

    /// The curve: response times (µs) at `steps` places from `from` to `until` on the [`stretched`] axis, each with its
    /// place, until the curve ends.
    pub(super) fn curve(&self, from: f64, until: f64, steps: usize) -> Vec<(f64, u64)> {
        let Some(end) = self.end().filter(|end| end.at + 1e-9 >= from) else {
            return Vec::new();
        };
        let ended = self.ended() as f64;
        let mut points = Vec::with_capacity(steps + 1);
        let mut buckets = self.buckets.iter();
        let mut passed = 0.0;
        let mut us = 0;
        for i in 0..steps {
            let place = from + (until - from) * i as f64 / steps.saturating_sub(1).max(1) as f64;
            if place > end.at + 1e-9 {
                break;
            }
            let rank = (share_at(place) * ended * (1.0 - 1e-12)).ceil();
            while passed < rank {
                let Some(&(bucket, count)) = buckets.next() else {
                    break;
                };
                passed += count as f64;
                us = bucket;
            }
            points.push((place, us));
        }
        if end.at < until {
            points.push((end.at, end.us));
        }
        points
    }

    /// The 99.99th percentile beside `run`, which knows of requests that are still open what this does not.
    /// `failure` names the commonest one. Unknown below 10,000 requests: there it would be the maximum.
    pub(super) fn p9999<'f>(&self, run: &'f Latency, failure: &'f str) -> Percentile<'f> {
        const SHARE: f64 = 0.9999;
        if let Percentile::Beyond(failure) = run.get("p999") {
            return Percentile::Beyond(failure);
        }
        if self.ended() < 10_000 {
            return Percentile::Unknown;
        }
        if self.answered() < SHARE {
            return Percentile::Beyond(failure);
        }
        let place = stretched(SHARE);
        let Some(&(_, us)) = self.curve(place, place, 1).first() else {
            return Percentile::Unknown;
        };
        let us = us.max(run.p999.unwrap_or(0));
        // Where the slowest of all is open, this one may be too.
        let open = |name| matches!(run.get(name), Percentile::AtLeast(_));
        if open("p999") || open("max") {
            Percentile::AtLeast(us)
        } else {
            Percentile::Exactly(us)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distribution(buckets: &[(u64, u64)], failed: u64) -> Distribution<'_> {
        Distribution {
            buckets,
            ok: buckets.iter().map(|&(_, count)| count).sum(),
            failed,
        }
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn the_curve_is_the_plain_rank_and_ends_with_the_slowest_answer() {
        let all = distribution(&[(10, 500), (20, 400), (30, 90), (40, 10)], 0);
        let places = [0.5, 0.9, 0.99].map(stretched);
        for (place, us) in places.into_iter().zip([10, 20, 30]) {
            assert_eq!(all.curve(place, place, 1), [(place, us)]);
        }
        let curve = all.curve(places[0], 4.0, 50);
        assert!(curve.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1));
        let (place, us) = curve[curve.len() - 1];
        assert!(near(place, 3.0) && us == 40, "{place} {us}");
    }

    #[test]
    fn where_failures_begin_it_ends() {
        let failing = distribution(&[(10, 90)], 10);
        let end = failing.end().expect("an end");
        assert!(near(end.at, 1.0) && end.failures && end.us == 10);
        let last = failing.curve(0.3, 4.0, 20).pop().expect("a point");
        assert!(near(last.0, 1.0));
        let hopeless = distribution(&[(10, 4)], 6);
        assert!(hopeless.curve(stretched(0.5), 4.0, 20).is_empty());
        assert!(distribution(&[], 9).end().is_none());
    }

    #[test]
    fn the_last_percentile_needs_requests_and_never_lies_below_the_one_before() {
        let few = [(10, 9_999)];
        let many = [(10, 99_980), (90, 20)];
        let run = |p999, at_least: &[&str]| Latency {
            p999: Some(p999),
            max: Some(95),
            at_least: at_least.iter().map(|&name| name.to_owned()).collect(),
            ..Latency::default()
        };
        let at = |buckets, failed, run: &Latency| {
            let shown = distribution(buckets, failed).p9999(run, "timeout");
            crate::text::percentile(shown, 30.0)
        };
        assert_eq!(at(&few, 0, &run(10, &[])), "—");
        assert_eq!(at(&many, 0, &run(10, &[])), "90 µs");
        assert_eq!(at(&many, 0, &run(10, &["max"])), "≥ 90 µs");
        assert_eq!(at(&many, 0, &run(93, &["p999", "max"])), "≥ 93 µs");
        assert_eq!(at(&many, 50, &run(10, &[])), "> 30 s");
        let mut beyond = run(10, &[]);
        beyond.p999 = None;
        beyond.beyond = [("p999".to_owned(), "http_503".to_owned())].into();
        assert_eq!(at(&few, 40, &beyond), "∞ http_503");
    }

    #[test]
    fn counts_beyond_all_reason_do_no_harm() {
        let huge = [(1, u64::MAX), (u64::MAX, u64::MAX)];
        let all = Distribution {
            buckets: &huge,
            ok: u64::MAX,
            failed: u64::MAX,
        };
        assert!(all.curve(0.3, 4.0, 9).len() <= 10);
    }
}
