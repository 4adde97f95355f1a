//! Ratio and difference of one quantile between two variants: (b) of the project's statistics.
//!
//! Each variant's E is a martingale, and so is their product; so the pairs of true quantiles with `E_A · E_B < 1/α` hold both
//! at every look. Per cell i, `e(i) = ln E(clamp(k*, below, upto))` is the least that a quantile in the cell contradicts.
//! All pairs of cells with `e_A(i) + e_B(j) < ln(1/α)` are accepted; the interval spans what they allow. e falls towards the
//! likeliest cell and rises beyond it, so the outermost accepted pairs are found with two pointers that only move outwards
//! in one and inwards in the other: linear in the accepted cells.

use super::buckets::{Buckets, Cell};
use super::likelihood::Likelihood;
use super::quantile::Interval;

/// One variant's requests and the likelihood of its quantile. Both sides of a comparison need the same p and α; their
/// dependence may differ.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// All requests of the variant.
    pub buckets: &'a Buckets,
    /// The quantile's likelihood.
    pub likelihood: &'a Likelihood,
}

/// What B's quantile is as a multiple of A's, from 0 to +∞: where both could be infinite (or both 0) the end is 0 or +∞.
pub fn ratio_interval(a: Side<'_>, b: Side<'_>) -> Interval {
    span(
        a,
        b,
        |a, b| {
            if a.hi == f64::INFINITY || b.lo == 0.0 {
                0.0
            } else {
                b.lo / a.hi
            }
        },
        |a, b| {
            if a.lo == 0.0 || b.hi == f64::INFINITY {
                f64::INFINITY
            } else {
                b.hi / a.lo
            }
        },
    )
}

/// B's quantile minus A's, in the unit of the buckets; where both could be infinite the end is −∞ or +∞.
pub fn difference_interval(a: Side<'_>, b: Side<'_>) -> Interval {
    span(
        a,
        b,
        |a, b| {
            if a.hi == f64::INFINITY {
                f64::NEG_INFINITY
            } else {
                b.lo - a.hi
            }
        },
        |a, b| {
            if b.hi == f64::INFINITY {
                f64::INFINITY
            } else {
                b.hi - a.lo
            }
        },
    )
}

/// The least of `low` and the greatest of `high` over all accepted pairs (cell of A, cell of B). `low` must grow with B's cell
/// and fall with A's, and so must `high`.
fn span(
    a: Side<'_>,
    b: Side<'_>,
    low: impl Fn(&Cell, &Cell) -> f64,
    high: impl Fn(&Cell, &Cell) -> f64,
) -> Interval {
    let limit = a.likelihood.ln_limit();
    let (a, b) = (Valley::of(a), Valley::of(b));
    Interval {
        // Small ratios: B's cells to the left of its likeliest with A's to the right of its own.
        low: outermost(&b, -1, &a, limit, |b, a| low(a, b), f64::min),
        high: outermost(&a, -1, &b, limit, &high, f64::max),
    }
}

/// Walks `inner` one way from its likeliest cell and `outer` the other way, along the edge of what is accepted.
fn outermost(
    inner: &Valley<'_>,
    way: isize,
    outer: &Valley<'_>,
    limit: f64,
    value: impl Fn(&Cell, &Cell) -> f64,
    better: impl Fn(f64, f64) -> f64,
) -> f64 {
    let (inner_least, outer_least) = (inner.e(inner.centre), outer.e(outer.centre));
    let (mut far, mut far_e) = (outer.centre, outer_least);
    while let Some((next, e)) = outer.step(far, -way)
        && inner_least + e < limit
    {
        (far, far_e) = (next, e);
    }
    let mut near = inner.centre;
    let mut best = value(&inner.cells[near], &outer.cells[far]);
    while let Some((next, e)) = inner.step(near, way)
        && e + outer_least < limit
    {
        near = next;
        while far != outer.centre
            && e + far_e >= limit
            && let Some(back) = outer.step(far, way)
        {
            (far, far_e) = back;
        }
        best = better(best, value(&inner.cells[near], &outer.cells[far]));
    }
    best
}

/// A variant's cells with what a quantile in each contradicts.
struct Valley<'a> {
    cells: &'a [Cell],
    likelihood: &'a Likelihood,
    n: f64,
    likeliest: f64,
    /// The cell of the likeliest count.
    centre: usize,
}

impl<'a> Valley<'a> {
    fn of(side: Side<'a>) -> Self {
        let cells = side.buckets.cells();
        let n = side.buckets.count() as f64;
        let likeliest = side.likelihood.likeliest(n);
        let centre = cells.partition_point(|cell| (cell.upto as f64) < likeliest);
        Valley {
            cells,
            likelihood: side.likelihood,
            n,
            likeliest,
            centre: centre.min(cells.len() - 1),
        }
    }

    fn e(&self, at: usize) -> f64 {
        let cell = &self.cells[at];
        let k = self.likeliest.clamp(cell.below as f64, cell.upto as f64);
        self.likelihood.ln_e(k, self.n)
    }

    /// The next cell and its e.
    fn step(&self, at: usize, way: isize) -> Option<(usize, f64)> {
        at.checked_add_signed(way)
            .filter(|&next| next < self.cells.len())
            .map(|next| (next, self.e(next)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(from: u64, count: u64) -> Buckets {
        Buckets::from_hdr(
            &(0..200)
                .map(|i| (from + from * i / 200, count))
                .collect::<Vec<_>>(),
            0,
        )
    }

    /// All pairs, as the definition has it.
    fn plain(a: Side<'_>, b: Side<'_>) -> Interval {
        let limit = a.likelihood.ln_limit();
        let (va, vb) = (Valley::of(a), Valley::of(b));
        let mut interval = Interval {
            low: f64::INFINITY,
            high: 0.0,
        };
        for i in 0..va.cells.len() {
            for j in 0..vb.cells.len() {
                if va.e(i) + vb.e(j) < limit {
                    interval.low = interval.low.min(vb.cells[j].lo / va.cells[i].hi);
                    interval.high = interval.high.max(vb.cells[j].hi / va.cells[i].lo);
                }
            }
        }
        interval
    }

    #[test]
    fn two_pointers_find_what_all_pairs_give() {
        for (p, count) in [(0.5, 1), (0.5, 30), (0.95, 20), (0.99, 100)] {
            let likelihood = Likelihood::new(p, 0.0125, 3_000.0);
            let (a, b) = (steps(1_000, count), steps(700, count));
            let side = |buckets| Side {
                buckets,
                likelihood: &likelihood,
            };
            assert_eq!(
                ratio_interval(side(&a), side(&b)),
                plain(side(&a), side(&b)),
                "{p} {count}"
            );
        }
    }

    #[test]
    fn a_clear_difference_is_seen_in_both() {
        let likelihood = Likelihood::new(0.5, 0.0125, 3_000.0);
        let (a, b) = (steps(1_000, 30), steps(700, 30));
        let side = |buckets| Side {
            buckets,
            likelihood: &likelihood,
        };
        let ratio = ratio_interval(side(&a), side(&b));
        assert!(ratio.contains(0.7) && ratio.high < 0.75, "{ratio:?}");
        let difference = difference_interval(side(&a), side(&b));
        assert!(
            difference.contains(-450.0) && difference.high < -380.0,
            "{difference:?}"
        );
    }

    #[test]
    fn infinite_on_both_sides_is_unknown_and_on_one_side_decided() {
        let likelihood = Likelihood::new(0.95, 0.05, 1_000.0);
        let side = |buckets| Side {
            buckets,
            likelihood: &likelihood,
        };
        let failing = Buckets::of([(10.0, 11.0, 700)], 300);
        let sound = Buckets::of([(10.0, 11.0, 1_000)], 0);
        let unknown = Interval {
            low: 0.0,
            high: f64::INFINITY,
        };
        assert_eq!(ratio_interval(side(&failing), side(&failing)), unknown);
        let nothing = Buckets::of([], 0);
        assert_eq!(ratio_interval(side(&nothing), side(&nothing)), unknown);
        let better = ratio_interval(side(&failing), side(&sound));
        assert_eq!((better.low, better.high), (0.0, 0.0));
        let worse = ratio_interval(side(&sound), side(&failing));
        assert_eq!((worse.low, worse.high), (f64::INFINITY, f64::INFINITY));
        let both = difference_interval(side(&failing), side(&failing));
        assert_eq!((both.low, both.high), (f64::NEG_INFINITY, f64::INFINITY));
    }
}
