//! Where a metric stands: which of the states of a verdict applies, with all that is needed to word it (see `words`).
//!
//! A huge difference must not look like ignorance while its proof is collected, and noise must not look like equality. Waiting
//! times are computed from the evidence so far and from how long a pair takes.

use super::family::Family;
use super::outlook::{Outlook, finite_from, growth_to_margin, outer_edge};
use super::symmetry::Span;

/// What a metric measures: its words and which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Requests finished per second: more is better.
    Rps,
    /// A latency: less is better.
    Latency,
    /// The share of failures.
    Errors,
}

impl Metric {
    /// Whether B is better if its figure is above A's (`up`) or below.
    pub fn b_is_better(self, up: bool) -> bool {
        match self {
            Metric::Rps => up,
            Metric::Latency | Metric::Errors => !up,
        }
    }
}

/// From this many pairs on "ahead in all of them" says more than a coin would.
const LEAST_AHEAD: usize = 3;

/// Without a margin of the user's, changes within ±5 % are worth no more waiting.
pub const USUAL_MARGIN: f64 = 0.05;

/// Where a metric stands. Shares are from 0 to 1, seconds are to wait from now.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// The user's own setting decides the figure: no verdict.
    SetByYou,
    /// Blocks are too short for the quantile.
    TooFewRequests {
        /// Requests that each block needs.
        needs: u64,
        /// Requests that the poorer block has.
        has: u64,
    },
    /// Too few pairs for any verdict.
    Collecting {
        /// Pairs so far.
        pairs: usize,
        /// Pairs with which a verdict is possible at the earliest.
        least: usize,
        /// Seconds until then.
        seconds: f64,
        /// The run is over.
        over: bool,
    },
    /// All pairs so far went one way.
    Ahead {
        /// B's figure is above A's.
        up: bool,
        /// Pairs so far.
        pairs: usize,
        /// If it goes on like this: (pairs when it is decided, seconds until then).
        decided: Option<(usize, f64)>,
        /// The run is over.
        over: bool,
    },
    /// A verdict, for good.
    Decided {
        /// B's figure is above A's.
        up: bool,
        /// Pairs when it was decided.
        pairs: usize,
        /// From how many pairs on there is an interval, if there is none yet.
        interval_from: Option<usize>,
        /// The user's margin, if the whole difference is within it.
        within: Option<f64>,
    },
    /// The pooled requests say so, the pairs not yet.
    Leaning {
        /// B's figure is above A's.
        up: bool,
    },
    /// Whatever difference there is, it is at most this share.
    NoDifference {
        /// The outer edge of the interval.
        within: f64,
    },
    /// Equal as far as the user cares.
    Same {
        /// The user's margin.
        margin: f64,
    },
    /// The interval allows too much either way.
    TooNoisy {
        /// The change from A to B as a share: at least …
        low: f64,
        /// … and at most; +∞ if nothing limits it.
        high: f64,
        /// The margin that is aimed at.
        margin: f64,
        /// Seconds until the interval fits into ±margin at the present noise; `None` if it will not.
        seconds: Option<f64>,
    },
    /// No request failed on either side.
    NoFailures,
    /// Failures, but no proof yet that the variants differ in them.
    FailuresSeen {
        /// Share of A's requests.
        a: f64,
        /// Share of B's requests.
        b: f64,
    },
    /// One variant fails more: nothing else can be compared fairly.
    NotComparable {
        /// Share of A's requests.
        a: f64,
        /// Share of B's requests.
        b: f64,
    },
}

/// All that a standing depends on beside the pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// What the metric measures.
    pub metric: Metric,
    /// How far the verdict is away, as of the last look.
    pub outlook: Outlook,
    /// Seconds that a pair takes at present.
    pub pair_s: f64,
    /// Seconds until the running pair is complete.
    pub left_s: f64,
    /// No pair is to come any more.
    pub over: bool,
    /// The user's margin as a share, if he set one.
    pub margin: Option<f64>,
    /// Where the interval of the pooled requests points, if it excludes equality and may be shown: true if B is above A.
    pub leaning: Option<bool>,
    /// (needed, had) requests of the poorer block, where a quantile is judged.
    pub requests: Option<(u64, u64)>,
    /// Shares of failures of A and B.
    pub failed: (f64, f64),
    /// The figure is the user's own setting.
    pub set_by_you: bool,
}

/// Where metric `i` of `family` stands. An `i` that is not in the family stands at its beginning.
pub fn standing(family: &Family, i: usize, question: &Question) -> Standing {
    if question.set_by_you {
        return Standing::SetByYou;
    }
    if question.metric == Metric::Errors {
        return errors(family.decision(i).is_some(), question.failed);
    }
    let wait_s = |pairs: usize| pairs.saturating_sub(1) as f64 * question.pair_s + question.left_s;
    let span = family.span(i).unwrap_or(Span::ALL);
    let margin = question.margin;
    let pairs = family.symmetry(i).map_or(0, super::Symmetry::pairs);
    if let Some(decision) = family.decision(i) {
        return Standing::Decided {
            up: decision.up,
            pairs: decision.pairs,
            interval_from: Some(finite_from(family.interval_alpha()))
                .filter(|&from| !span.is_finite() && pairs < from),
            within: margin.filter(|&margin| outer_edge(span) <= margin),
        };
    }
    if let Some((needs, has)) = question.requests
        && has < needs
        && pairs == 0
    {
        return Standing::TooFewRequests { needs, has };
    }
    if let Some(equal) = equality(span, margin) {
        return equal;
    }
    let (above, below) = family.symmetry(i).map_or((0, 0), super::Symmetry::signs);
    // Pairs that say nothing are neither for nor against.
    let telling = above + below;
    if telling >= LEAST_AHEAD && above.max(below) == telling {
        return Standing::Ahead {
            up: above > 0,
            pairs: telling,
            decided: question
                .outlook
                .needed
                .map(|more| (telling + more, wait_s(more))),
            over: question.over,
        };
    }
    if let Some(up) = question.leaning {
        return Standing::Leaning { up };
    }
    if pairs < finite_from(family.interval_alpha()) {
        let more = question.outlook.least.unwrap_or(0);
        return Standing::Collecting {
            pairs,
            least: pairs + more,
            seconds: wait_s(more),
            over: question.over,
        };
    }
    undecided(span, margin, pairs, &wait_s)
}

/// What an interval says where there is no verdict.
fn undecided(
    span: Span,
    margin: Option<f64>,
    pairs: usize,
    wait_s: &impl Fn(usize) -> f64,
) -> Standing {
    if !span.contains_zero() {
        // The interval alone is no verdict: the family of metrics is.
        return Standing::Leaning { up: span.low > 0.0 };
    }
    let margin = margin.unwrap_or(USUAL_MARGIN);
    let seconds = growth_to_margin(span, margin)
        .map(|growth| wait_s(((growth - 1.0) * pairs as f64).ceil() as usize));
    Standing::TooNoisy {
        low: span.low.exp_m1(),
        high: span.high.exp_m1(),
        margin,
        seconds,
    }
}

/// Whether an interval is narrow enough about zero to call the variants alike.
fn equality(span: Span, margin: Option<f64>) -> Option<Standing> {
    let edge = outer_edge(span);
    match margin {
        _ if !span.contains_zero() => None,
        Some(margin) if edge <= margin => Some(Standing::Same { margin }),
        None if edge <= USUAL_MARGIN => Some(Standing::NoDifference { within: edge }),
        _ => None,
    }
}

fn errors(decided: bool, (a, b): (f64, f64)) -> Standing {
    if decided {
        Standing::NotComparable { a, b }
    } else if a > 0.0 || b > 0.0 {
        Standing::FailuresSeen { a, b }
    } else {
        Standing::NoFailures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Scale;

    const ASKED: Question = Question {
        metric: Metric::Latency,
        outlook: Outlook {
            needed: None,
            least: None,
        },
        pair_s: 14.0,
        left_s: 6.0,
        over: false,
        margin: None,
        leaning: None,
        requests: None,
        failed: (0.0, 0.0),
        set_by_you: false,
    };

    /// Where the only metric of `family` stands.
    fn stands(family: &Family, asked: &Question) -> Standing {
        let asked = Question {
            outlook: Outlook::of(family, 0),
            ..*asked
        };
        standing(family, 0, &asked)
    }

    fn after(pairs: &[f64]) -> Family {
        let mut family = Family::new(&[Scale::Logs], 0.05);
        for &d in pairs {
            family.push(0, Some(d));
            family.look();
        }
        family
    }

    #[test]
    fn a_huge_difference_is_ahead_before_it_is_proven() {
        assert_eq!(
            stands(&after(&[-1.0; 2]), &ASKED),
            Standing::Collecting {
                pairs: 2,
                least: 6,
                seconds: 3.0 * 14.0 + 6.0,
                over: false,
            }
        );
        assert_eq!(
            stands(&after(&[-1.0; 5]), &ASKED),
            Standing::Ahead {
                up: false,
                pairs: 5,
                decided: Some((6, 6.0)),
                over: false,
            }
        );
        let Standing::Decided { up, pairs, .. } = stands(&after(&[-1.0; 9]), &ASKED) else {
            panic!("undecided");
        };
        assert_eq!((up, pairs), (false, 6));
    }

    #[test]
    fn what_the_user_set_is_no_verdict_however_clear() {
        let set = Question {
            set_by_you: true,
            ..ASKED
        };
        assert_eq!(stands(&after(&[-1.0; 9]), &set), Standing::SetByYou);
    }

    #[test]
    fn noise_is_told_from_equality() {
        let mixed = |size: f64, n: usize| -> Vec<f64> {
            (0..n)
                .map(|i| if i % 2 == 0 { size } else { -size } * (1.0 + i as f64 / 50.0))
                .collect()
        };
        let quiet = after(&mixed(0.01, 40));
        let Standing::NoDifference { within } = stands(&quiet, &ASKED) else {
            panic!("{:?}", stands(&quiet, &ASKED));
        };
        assert!(within < 0.02, "{within}");
        let strict = Question {
            margin: Some(0.05),
            ..ASKED
        };
        assert_eq!(stands(&quiet, &strict), Standing::Same { margin: 0.05 });
        let Standing::TooNoisy {
            low, high, seconds, ..
        } = stands(&after(&mixed(0.2, 40)), &strict)
        else {
            panic!("not noisy");
        };
        assert!(low < -0.05 && high > 0.05);
        assert!(seconds.is_some_and(|seconds| seconds > 60.0), "{seconds:?}");
        let leaning = Question {
            leaning: Some(false),
            ..ASKED
        };
        assert_eq!(
            stands(&after(&mixed(0.2, 4)), &leaning),
            Standing::Leaning { up: false }
        );
    }

    #[test]
    fn short_blocks_and_failures_have_states_of_their_own() {
        let short = Question {
            requests: Some((500, 120)),
            ..ASKED
        };
        assert_eq!(
            stands(&after(&[]), &short),
            Standing::TooFewRequests {
                needs: 500,
                has: 120
            }
        );
        let failing = Question {
            metric: Metric::Errors,
            failed: (0.0, 0.031),
            ..ASKED
        };
        assert_eq!(
            stands(&after(&[0.03; 2]), &failing),
            Standing::FailuresSeen { a: 0.0, b: 0.031 }
        );
        assert_eq!(
            stands(&after(&[0.03; 60]), &failing),
            Standing::NotComparable { a: 0.0, b: 0.031 }
        );
        let sound = Question {
            metric: Metric::Errors,
            ..ASKED
        };
        assert_eq!(stands(&after(&[]), &sound), Standing::NoFailures);
    }
}
