//! One metric's pairs: the evidence that B is not A, and the interval of changes that the evidence still allows.
//!
//! Each pair of blocks gives one difference D, `ln q_B − ln q_A` or `f_B − f_A`. With the order inside pairs drawn by a fair
//! coin, D is symmetric about 0 when B is A in everything, whatever drifts and whatever depends on what; and about μ when B
//! is A times exp(μ). `wealth` bets against that. {μ : M(μ) < 1/α} is the interval, at every look.

use super::wealth::{Scale, Wealth, clearest};

/// So many pairs are kept for the interval: at 10 s a pair, eleven hours. Later pairs still add evidence at μ = 0; the
/// interval stays as it was, which is valid too.
const MOST: usize = 4_096;

/// Ends are exact to this (0.00001 %).
const EXACT: f64 = 1e-7;

/// How far outside all differences M has reached its limit to the last bit: tanh(40) = 1.
const OUTSIDE: f64 = 40.0;

/// The changes μ that the pairs allow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Lower end, −∞ if nothing limits it.
    pub low: f64,
    /// Upper end, +∞ if nothing limits it.
    pub high: f64,
    /// The change contradicted least: the centre to draw. Between the ends.
    pub centre: f64,
    /// False if no μ is left below 1/α: the differences are so skewed that B is not A times any constant. The ends are then
    /// where the two one-sided halves of the evidence stop contradicting each other.
    pub constant: bool,
}

impl Span {
    /// Every change is allowed: nothing is known.
    pub const ALL: Span = Span {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
        centre: 0.0,
        constant: true,
    };

    /// Whether both ends are finite.
    pub fn is_finite(&self) -> bool {
        self.low.is_finite() && self.high.is_finite()
    }

    /// Whether no change at all is allowed for.
    pub fn contains_zero(&self) -> bool {
        self.low <= 0.0 && 0.0 <= self.high
    }
}

/// The pairs of one metric so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Symmetry {
    scale: Scale,
    pairs: Vec<f64>,
    at_zero: Wealth,
    above: usize,
    below: usize,
    level: usize,
    void: usize,
}

impl Symmetry {
    /// No pairs yet.
    pub fn new(scale: Scale) -> Self {
        Symmetry {
            scale,
            pairs: Vec::new(),
            at_zero: Wealth::new(scale),
            above: 0,
            below: 0,
            level: 0,
            void: 0,
        }
    }

    /// Adds a pair's difference, ±∞ allowed; `None` (or NaN) for a pair that says nothing, which multiplies M by 1.
    pub fn push(&mut self, difference: Option<f64>) {
        let Some(d) = difference.filter(|d| !d.is_nan()) else {
            self.void += 1;
            return;
        };
        self.at_zero.add(&[d], 0.0);
        if self.pairs.len() < MOST {
            self.pairs.push(d);
        }
        if d > 0.0 {
            self.above += 1;
        } else if d < 0.0 {
            self.below += 1;
        } else {
            self.level += 1;
        }
    }

    /// What the differences are measured in.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Pairs so far, those that say nothing included.
    pub fn pairs(&self) -> usize {
        self.above + self.below + self.level + self.void
    }

    /// How many pairs were above 0, and below.
    pub fn signs(&self) -> (usize, usize) {
        (self.above, self.below)
    }

    /// ln M(0): the evidence that B differs from A. O(1).
    pub fn ln_e(&self) -> f64 {
        self.at_zero.halves().ln_m()
    }

    /// Whether the evidence speaks for B above A (larger D).
    pub fn points_up(&self) -> bool {
        let halves = self.at_zero.halves();
        halves.above > halves.below
    }

    /// The wealth at μ = 0, to be carried on.
    pub(super) fn wealth(&self) -> Wealth {
        self.at_zero.clone()
    }

    /// ln M(μ) over the pairs that are kept. O(pairs).
    pub fn ln_m(&self, mu: f64) -> f64 {
        Wealth::at(self.scale, &self.pairs, mu).halves().ln_m()
    }

    /// The median difference so far; `None` without one.
    pub fn median(&self) -> Option<f64> {
        let mut sorted = self.pairs.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    }

    /// {μ : M(μ) < 1/α}, found outward from its lowest point. O(pairs · 100).
    pub fn interval(&self, alpha: f64) -> Span {
        let limit = -alpha.ln();
        let mut finite: Vec<f64> = self
            .pairs
            .iter()
            .copied()
            .filter(|d| d.is_finite())
            .collect();
        finite.sort_by(f64::total_cmp);
        let (Some(&first), Some(&last)) = (finite.first(), finite.last()) else {
            return self.infinite_only(limit);
        };
        let centre = self.lowest(&finite);
        let up = self.pairs.iter().filter(|&&d| d == f64::INFINITY).count();
        let down = self.pairs.len() - finite.len() - up;
        let (low_limit, high_limit) = (
            clearest(finite.len() + up, down),
            clearest(up, finite.len() + down),
        );
        let (outer_low, outer_high) = (first.min(centre) - OUTSIDE, last.max(centre) + OUTSIDE);
        if self.ln_m(centre) < limit {
            return Span {
                low: if low_limit.ln_m() < limit {
                    f64::NEG_INFINITY
                } else {
                    edge(centre, outer_low, |mu| self.ln_m(mu) < limit)
                },
                high: if high_limit.ln_m() < limit {
                    f64::INFINITY
                } else {
                    edge(centre, outer_high, |mu| self.ln_m(mu) < limit)
                },
                centre,
                constant: true,
            };
        }
        // Each half alone is monotone in μ, so it has one edge.
        let halves = |mu: f64| Wealth::at(self.scale, &self.pairs, mu).halves();
        let from_above = if high_limit.above >= limit {
            f64::INFINITY
        } else {
            edge(outer_high, outer_low, |mu| halves(mu).above < limit)
        };
        let from_below = if low_limit.below >= limit {
            f64::NEG_INFINITY
        } else {
            edge(outer_low, outer_high, |mu| halves(mu).below < limit)
        };
        let (low, high) = (from_above.min(from_below), from_above.max(from_below));
        Span {
            low,
            high,
            centre: centre.clamp(low, high),
            constant: false,
        }
    }

    /// Without finite differences M does not depend on μ: every finite change is allowed, or none is.
    fn infinite_only(&self, limit: f64) -> Span {
        let halves = clearest(self.above, self.below);
        if halves.ln_m() < limit {
            return Span::ALL;
        }
        let end = if halves.above > halves.below {
            f64::INFINITY
        } else {
            f64::NEG_INFINITY
        };
        Span {
            low: end,
            high: end,
            centre: end,
            constant: true,
        }
    }

    /// Where M is smallest: the best of some differences and of what lies between them, then golden section beside it.
    fn lowest(&self, sorted: &[f64]) -> f64 {
        const LOOKS: usize = 16;
        let mut places: Vec<f64> = (0..=LOOKS)
            .map(|i| sorted[i * (sorted.len() - 1) / LOOKS])
            .collect();
        // Room beyond the outermost, which infinities on one side can make the best.
        let width = (sorted[sorted.len() - 1] - sorted[0]).max(0.1);
        places.insert(0, sorted[0] - width);
        places.push(sorted[sorted.len() - 1] + width);
        places.dedup();
        let best = places
            .iter()
            .map(|&mu| self.ln_m(mu))
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(0, |(i, _)| i);
        let low = places[best.saturating_sub(1)];
        let high = places[(best + 1).min(places.len() - 1)];
        let refined = golden(low, high, |mu| self.ln_m(mu));
        if self.ln_m(refined) <= self.ln_m(places[best]) {
            refined
        } else {
            places[best]
        }
    }
}

/// The first μ not accepted on the way from `inside` (accepted) to `outside` (not accepted).
fn edge(inside: f64, outside: f64, accepts: impl Fn(f64) -> bool) -> f64 {
    // Doubling steps first: the edge is mostly near, and so there are few of the costly looks.
    let way = if outside < inside { -1.0 } else { 1.0 };
    let (mut inner, mut step) = (inside, 1.0 / 1024.0);
    let mut outer = outside;
    while step < (outside - inside).abs() {
        let next = inside + way * step;
        if accepts(next) {
            inner = next;
        } else {
            outer = next;
            break;
        }
        step *= 2.0;
    }
    while (outer - inner).abs() > EXACT {
        let between = inner + (outer - inner) / 2.0;
        if accepts(between) {
            inner = between;
        } else {
            outer = between;
        }
    }
    outer
}

/// Golden-section search for a minimum between `low` and `high`.
fn golden(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    const SHARE: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (high - SHARE * (high - low), low + SHARE * (high - low));
    let (mut f_left, mut f_right) = (f(left), f(right));
    while high - low > 1e-6 {
        if f_left <= f_right {
            (high, right, f_right) = (right, left, f_left);
            left = high - SHARE * (high - low);
            f_left = f(left);
        } else {
            (low, left, f_left) = (left, right, f_right);
            right = low + SHARE * (high - low);
            f_right = f(right);
        }
    }
    f64::midpoint(low, high)
}
