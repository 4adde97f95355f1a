//! Deciding several metrics at once with at most 5 % false verdicts for all of them together, however often one looks.
//!
//! Closed testing with e-values (V. Vovk & R. Wang, "E-values: calibration, combination and applications", 2021): metric i
//! is decided when the mean evidence of every set of metrics that contains it reaches 1/α = 20. With means only the sets with
//! the smallest other e matter: `e*_i = min over k = 0 … K−1 of (e_i + sum of the k smallest other e) / (k + 1)`. Decisions
//! stick: each set's mean is a martingale, which ever reaches 20 with probability at most 5 %.
//!
//! One metric may be *quiet*: where no request fails, the evidence on errors stays at 1 for ever and would nearly halve each
//! mean that it is part of. Weights that are fixed before the data keep a mean a martingale, so in sets with others the
//! quiet one has at most a quarter of the weight. Nobody pays for it then, and errors that do differ are decided a pair later.

use super::symmetry::{Span, Symmetry};
use super::wealth::Scale;

/// The share of runs with any false verdict, at most.
pub const ALPHA: f64 = 0.05;

/// The weight of a quiet metric in sets with others, at most.
const QUIET: f64 = 0.25;

/// `e*` of each metric from its `e`, all at the same look; `quiet`: the place of the metric that may have nothing to say for
/// ever. +∞ is allowed, NaN is not.
pub fn closed_testing(e: &[f64], quiet: Option<usize>) -> Vec<f64> {
    let mut order: Vec<usize> = (0..e.len()).filter(|i| Some(*i) != quiet).collect();
    order.sort_by(|&i, &j| e[i].total_cmp(&e[j]));
    let quiet_e = quiet.and_then(|quiet| e.get(quiet).copied());
    let with_quiet = |mean: f64, others: usize| {
        quiet_e.map_or(f64::INFINITY, |quiet| {
            let weight = QUIET.min(1.0 / (others + 1) as f64);
            (1.0 - weight) * mean + weight * quiet
        })
    };
    (0..e.len())
        .map(|i| {
            let own = Some(i) != quiet;
            let mut sum = if own { e[i] } else { 0.0 };
            let mut least = if own {
                e[i].min(with_quiet(e[i], 1))
            } else {
                e[i]
            };
            for (k, &other) in order.iter().filter(|&&other| other != i).enumerate() {
                sum += e[other];
                let count = k + 1 + usize::from(own);
                let mean = sum / count as f64;
                least = least.min(with_quiet(mean, count));
                if own {
                    least = least.min(mean);
                }
            }
            least
        })
        .collect()
}

/// A verdict: it stays, whatever comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// After so many pairs of the metric.
    pub pairs: usize,
    /// B is above A (larger D).
    pub up: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Member {
    symmetry: Symmetry,
    decision: Option<Decision>,
    span: Span,
    /// Pairs when `span` was computed.
    span_pairs: usize,
}

/// The metrics that are judged together. Their number must be fixed before the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    members: Vec<Member>,
    /// The level of each interval.
    interval_alpha: f64,
}

impl Family {
    /// One metric for each scale. `interval_alpha` is the level of each interval: 5 % shared by all that are shown.
    pub fn new(scales: &[Scale], interval_alpha: f64) -> Self {
        let members = scales
            .iter()
            .map(|&scale| {
                let symmetry = Symmetry::new(scale);
                Member {
                    span: symmetry.interval(interval_alpha),
                    symmetry,
                    decision: None,
                    span_pairs: 0,
                }
            })
            .collect();
        Family {
            members,
            interval_alpha,
        }
    }

    /// Adds a pair to one metric (see [`Symmetry::push`]). Metrics may have different numbers of pairs, as some need
    /// neighbouring pairs merged. An `i` beyond the last is ignored. Call [`Family::look`] when all have theirs.
    pub fn push(&mut self, i: usize, difference: Option<f64>) {
        if let Some(member) = self.members.get_mut(i) {
            member.symmetry.push(difference);
        }
    }

    /// Looks at the evidence: decides what can be decided and renews the intervals.
    ///
    /// With many pairs an interval is renewed only after 1 % more of them: an earlier one holds as well, and its cost grows
    /// with the pairs.
    pub fn look(&mut self) {
        let closed = closed_testing(&self.e(), self.quiet());
        for (member, e) in self.members.iter_mut().zip(closed) {
            let pairs = member.symmetry.pairs();
            if member.decision.is_none() && e >= 1.0 / ALPHA {
                member.decision = Some(Decision {
                    pairs,
                    up: member.symmetry.points_up(),
                });
            }
            if pairs * 100 >= member.span_pairs * 101 && pairs > member.span_pairs {
                member.span = member.symmetry.interval(self.interval_alpha);
                member.span_pairs = pairs;
            }
        }
    }

    /// How many metrics.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is nothing to judge.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The pairs of metric `i`.
    pub fn symmetry(&self, i: usize) -> Option<&Symmetry> {
        self.members.get(i).map(|member| &member.symmetry)
    }

    /// All metrics' pairs.
    pub fn symmetries(&self) -> impl Iterator<Item = &Symmetry> {
        self.members.iter().map(|member| &member.symmetry)
    }

    /// The verdict on metric `i`, if there is one.
    pub fn decision(&self, i: usize) -> Option<Decision> {
        self.members.get(i).and_then(|member| member.decision)
    }

    /// Whether every metric is decided (`false` for none at all).
    pub fn all_decided(&self) -> bool {
        !self.is_empty() && self.members.iter().all(|member| member.decision.is_some())
    }

    /// The interval of metric `i` at the last look.
    pub fn span(&self, i: usize) -> Option<Span> {
        self.members.get(i).map(|member| member.span)
    }

    /// The level of each interval.
    pub fn interval_alpha(&self) -> f64 {
        self.interval_alpha
    }

    /// The place of the metric that may have nothing to say for ever: shares of failures.
    pub(super) fn quiet(&self) -> Option<usize> {
        self.symmetries()
            .position(|symmetry| symmetry.scale() == Scale::Shares)
    }

    fn e(&self) -> Vec<f64> {
        self.symmetries()
            .map(|symmetry| symmetry.ln_e().exp())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_testing_takes_the_worst_company() {
        // (100 + 1)/2, (100 + 1 + 1)/3 …: the more weak company, the weaker.
        let close = |left: f64, right: f64| (left - right).abs() < 1e-12;
        let closed = closed_testing(&[100.0, 1.0, 1.0, 1.0, 1.0], None);
        assert!(close(closed[0], 104.0 / 5.0), "{closed:?}");
        assert!(close(closed[1], 1.0));
        // Strong company never helps beyond one's own evidence.
        assert!(close(closed_testing(&[25.0, f64::INFINITY], None)[0], 25.0));
        assert!(closed_testing(&[], None).is_empty());
    }

    #[test]
    fn a_quiet_metric_costs_the_others_little_and_pays_for_it() {
        let close = |left: f64, right: f64| (left - right).abs() < 1e-12;
        let four = closed_testing(&[28.0, 28.0, 28.0, 28.0, 1.0], Some(4));
        // Three quarters of 28 and a quarter of 1, not half of both.
        assert!(four[..4].iter().all(|e| close(*e, 21.25)), "{four:?}");
        assert!(close(four[4], 1.0));
        let alone = closed_testing(&[1.0, 1.0, 1.0, 1.0, 100.0], Some(4));
        // With all four others equal weights are less still.
        assert!(close(alone[4], 0.8 + 20.0), "{alone:?}");
        assert!(close(closed_testing(&[1.0, 100.0], Some(1))[1], 25.75));
        assert!(close(closed_testing(&[100.0], Some(0))[0], 100.0));
    }

    #[test]
    fn decisions_stick_and_know_their_direction() {
        let mut family = Family::new(&[Scale::Logs, Scale::Logs], 0.025);
        for _ in 0..7 {
            family.push(0, Some(-0.5));
            family.push(1, Some(0.5));
            family.look();
        }
        let decision = family.decision(0).expect("decided");
        assert_eq!((decision.up, decision.pairs), (false, 6));
        assert!(family.decision(1).expect("decided").up && family.all_decided());
        for _ in 0..20 {
            family.push(0, Some(0.5));
            family.look();
        }
        assert_eq!(family.decision(0), Some(decision));
        family.push(9, Some(1.0));
        assert_eq!((family.len(), family.decision(9)), (2, None));
    }
}
