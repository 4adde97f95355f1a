//! How many more pairs a verdict or an interval takes: computed from what has been seen, never printed as constants.

use super::family::{ALPHA, Family, closed_testing};
use super::symmetry::{Span, Symmetry};
use super::wealth::clearest;

/// A verdict that is further away is not announced.
const FARTHEST: usize = 200;

/// How far the verdict on a metric is away: worth keeping between looks, as it takes a while to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// See [`pairs_needed`].
    pub needed: Option<usize>,
    /// See [`least_needed`].
    pub least: Option<usize>,
}

impl Outlook {
    /// For metric `i`.
    pub fn of(family: &Family, i: usize) -> Outlook {
        Outlook {
            needed: pairs_needed(family, i),
            least: least_needed(family, i),
        }
    }
}

/// How many more pairs decide metric `i` if they all turn out like the median one so far; with it, the other metrics whose
/// pairs have all gone one way go on so, and the rest stays where it is. 0 if it is decided, `None` if more than 200 pairs
/// would not suffice or if there are none yet.
pub fn pairs_needed(family: &Family, i: usize) -> Option<usize> {
    family.symmetry(i)?.median()?;
    more(family, i, |symmetry, own| {
        let (above, below) = symmetry.signs();
        let one_way = above.min(below) == 0 && above + below > 0;
        symmetry.median().filter(|_| own || one_way)
    })
}

/// The smallest number of further pairs that can decide metric `i`: as if all were infinitely clear from now on, for it and
/// for all metrics that have shown any difference. At 5 % and with all metrics clear that is 6 from the beginning.
pub fn least_needed(family: &Family, i: usize) -> Option<usize> {
    more(family, i, |symmetry, own| {
        let (above, below) = symmetry.signs();
        let silent = above + below == 0 && symmetry.pairs() > 0;
        let way = if symmetry.points_up() || above > below {
            f64::INFINITY
        } else {
            f64::NEG_INFINITY
        };
        (own || !silent).then_some(way)
    })
}

/// Lets every metric go on as `next(metric, is it i)` says until `i` is decided.
fn more(family: &Family, i: usize, next: impl Fn(&Symmetry, bool) -> Option<f64>) -> Option<usize> {
    if family.decision(i).is_some() {
        return Some(0);
    }
    let mut futures: Vec<_> = family
        .symmetries()
        .enumerate()
        .map(|(at, symmetry)| (symmetry.wealth(), next(symmetry, at == i)))
        .collect();
    for pairs in 1..=FARTHEST {
        for (wealth, difference) in &mut futures {
            if let Some(d) = *difference {
                wealth.add(&[d], 0.0);
            }
        }
        let e: Vec<f64> = futures
            .iter()
            .map(|(wealth, _)| wealth.halves().ln_m().exp())
            .collect();
        if closed_testing(&e, family.quiet())[i] >= 1.0 / ALPHA {
            return Some(pairs);
        }
    }
    None
}

/// From how many pairs on an interval at level `alpha` can have two finite ends.
pub fn finite_from(alpha: f64) -> usize {
    (1..FARTHEST)
        .find(|&pairs| clearest(pairs, 0).ln_m() >= -alpha.ln())
        .unwrap_or(FARTHEST)
}

/// By how much the number of pairs must grow for the interval of a logarithmic change to fit into ±`margin` (0.05 = 5 %): its
/// halves shrink like 1/√pairs about the centre at the present noise. 1 if it fits; `None` if it will not (the centre lies
/// outside, or an end is infinite).
pub fn growth_to_margin(span: Span, margin: f64) -> Option<f64> {
    if !span.is_finite() || margin <= 0.0 || margin >= 1.0 {
        return None;
    }
    let (room_below, room_above) = (
        span.centre - (-margin).ln_1p(),
        margin.ln_1p() - span.centre,
    );
    if room_below <= 0.0 || room_above <= 0.0 {
        return None;
    }
    let below = (span.centre - span.low) / room_below;
    let above = (span.high - span.centre) / room_above;
    Some(below.max(above).powi(2).max(1.0))
}

/// The change furthest from none that the interval of a logarithmic change allows, as a share: 0.042 for "within ±4.2 %".
/// What a comparison of a variant with itself cannot tell differences below. +∞ if an end is infinite.
pub fn outer_edge(span: Span) -> f64 {
    // An unlimited lower end is a change of −100 %, but it limits nothing.
    if !span.is_finite() {
        return f64::INFINITY;
    }
    span.low.exp_m1().abs().max(span.high.exp_m1().abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Scale;

    fn family(scales: &[Scale], pairs: &[&[f64]]) -> Family {
        let mut family = Family::new(scales, 0.0125);
        for pair in pairs {
            for (i, &d) in pair.iter().enumerate() {
                family.push(i, Some(d));
            }
            family.look();
        }
        family
    }

    #[test]
    fn fewer_than_six_pairs_cannot_decide() {
        let four = family(&[Scale::Logs; 4], &[]);
        assert_eq!(least_needed(&four, 0), Some(6));
        assert_eq!(pairs_needed(&four, 0), None);
        assert_eq!(finite_from(0.0125), 8);
        // A metric that shows nothing costs nobody a pair, if it is one that may.
        let quiet = family(
            &[Scale::Logs, Scale::Logs, Scale::Shares],
            &[&[-1.0, -1.0, 0.0]],
        );
        assert_eq!(least_needed(&quiet, 0), Some(5));
    }

    #[test]
    fn what_is_announced_comes_true() {
        for d in [-0.05, -0.2, -1.0] {
            let mut family = family(&[Scale::Logs; 4], &[&[d, d, d, 0.01], &[d, d, d, -0.01]]);
            let needed = pairs_needed(&family, 0).expect("foreseeable");
            for _ in 0..needed {
                assert_eq!(family.decision(0), None);
                (0..3).for_each(|i| family.push(i, Some(d)));
                family.push(3, None);
                family.look();
            }
            assert!(family.decision(0).is_some(), "{d} after {needed}");
            assert_eq!(pairs_needed(&family, 0), Some(0));
        }
    }

    #[test]
    fn a_margin_needs_the_square_of_the_width() {
        let span = |low, high| Span {
            low,
            high,
            centre: 0.0,
            constant: true,
        };
        let growth = growth_to_margin(span(-0.1, 0.1), 0.05).expect("possible");
        assert!((growth - (0.1 / 0.05_f64.ln_1p()).powi(2)).abs() < 1e-12);
        assert_eq!(growth_to_margin(span(-0.01, 0.01), 0.05), Some(1.0));
        assert_eq!(growth_to_margin(span(f64::NEG_INFINITY, 0.1), 0.05), None);
        let apart = Span {
            centre: 0.1,
            ..span(0.08, 0.12)
        };
        assert_eq!(growth_to_margin(apart, 0.05), None);
    }

    #[test]
    fn the_outer_edge_is_the_larger_share() {
        let span = |low, high| Span {
            low,
            high,
            centre: 0.0,
            constant: true,
        };
        assert!((outer_edge(span(0.97_f64.ln(), 1.042_f64.ln())) - 0.042).abs() < 1e-12);
        assert_eq!(outer_edge(span(f64::NEG_INFINITY, 0.1)), f64::INFINITY);
    }
}
