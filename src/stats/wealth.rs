//! The wealth of one who bets that pairs are not symmetric about μ: the process behind the verdict, (d) of the project's
//! statistics, after Vovk & Wang's symmetry e-tests (2208.08925).
//!
//! `M_J(μ) = Σ_c w_c · (1/18) · Σ over λ ∈ ±s·{1, 2, 4, …, 256} of Π_j (1 + c · tanh(λ(D_j − μ)))` with (c, w) = (1, ¾) and
//! (0.8, ¼), s = 1 for logarithms and 4 for shares. tanh is odd and at most 1, so if each `D_j` is as likely to lie as far
//! above μ as below, M is a martingale that starts at 1. tanh(±∞) = ±1; the part with c = 0.8 outlives a contrary infinity.
//! Everything is kept in logarithms.

/// How many λ there are of each sign.
const SIZES: usize = 9;

/// The cautious c.
const CAUTIOUS: f64 = 0.8;

/// ln 1.8 and ln 0.2: what one pair can win and lose the cautious.
const LN_WON: f64 = 0.587_786_664_902_119;
const LN_LOST: f64 = -1.609_437_912_434_100_3;

/// ln(¾/18) and ln(¼/18): the weight of one bet.
const LN_BOLD_SHARE: f64 = -3.178_053_830_347_946;
const LN_CAUTIOUS_SHARE: f64 = -4.276_666_119_016_055;

/// Products of so many factors stay far from the limits of an f64.
const CHUNK: usize = 256;

/// The unit that the differences of a metric are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Differences of logarithms: λ from 1 to 256.
    Logs,
    /// Differences of shares from 0 to 1: λ from 4 to 1024.
    Shares,
}

impl Scale {
    /// s: what λ starts with.
    fn first(self) -> f64 {
        match self {
            Scale::Logs => 1.0,
            Scale::Shares => 4.0,
        }
    }
}

/// ln M, split by what is bet on. M = exp(above) + exp(below).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Halves {
    /// The bets with λ > 0, which win where the differences are above μ.
    pub(super) above: f64,
    /// The bets with λ < 0.
    pub(super) below: f64,
}

impl Halves {
    pub(super) fn ln_m(self) -> f64 {
        ln_add(self.above, self.below)
    }
}

/// The logarithm of each bet's wealth at one μ. Pairs are added one by one, so looking costs nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wealth {
    scale: Scale,
    /// Per |λ|: [λ > 0, λ < 0] with c = 1.
    bold: [[f64; 2]; SIZES],
    /// Per |λ|: [λ > 0, λ < 0] with c = 0.8.
    cautious: [[f64; 2]; SIZES],
}

impl Wealth {
    pub(super) fn new(scale: Scale) -> Self {
        Wealth {
            scale,
            bold: [[0.0; 2]; SIZES],
            cautious: [[0.0; 2]; SIZES],
        }
    }

    /// The wealth after all of `pairs` at `mu`; no pair may be NaN, `mu` must be finite.
    pub(super) fn at(scale: Scale, pairs: &[f64], mu: f64) -> Self {
        let mut wealth = Wealth::new(scale);
        for chunk in pairs.chunks(CHUNK) {
            wealth.add(chunk, mu);
        }
        wealth
    }

    /// Adds at most [`CHUNK`] pairs. With `r = exp(−2λ|x|)`: 1 + tanh(λ|x|) = 2/(1+r), 1 − tanh(λ|x|) = 2r/(1+r), and
    /// doubling λ squares r; so a pair costs one exponential, and the logarithms are taken of products.
    pub(super) fn add(&mut self, chunk: &[f64], mu: f64) {
        let mut shared = [1.0_f64; SIZES];
        let mut won = [1.0_f64; SIZES];
        let mut lost = [1.0_f64; SIZES];
        // How far the differences below and above μ lie from it: what the bold lose on the wrong side.
        let (mut under, mut over) = (0.0, 0.0);
        for &d in chunk {
            let x = d - mu;
            if x < 0.0 {
                under -= x;
            } else {
                over += x;
            }
            let mut r = (-2.0 * self.scale.first() * x.abs()).exp();
            for size in 0..SIZES {
                let inverse = 1.0 / (1.0 + r);
                let bet = CAUTIOUS * ((1.0 - r) * inverse).copysign(x);
                shared[size] *= inverse;
                won[size] *= 1.0 + bet;
                lost[size] *= 1.0 - bet;
                r *= r;
            }
        }
        let twos = chunk.len() as f64 * std::f64::consts::LN_2;
        let mut lambda = self.scale.first();
        for size in 0..SIZES {
            let common = twos + shared[size].ln();
            self.bold[size][0] += common - 2.0 * lambda * under;
            self.bold[size][1] += common - 2.0 * lambda * over;
            self.cautious[size][0] += won[size].ln();
            self.cautious[size][1] += lost[size].ln();
            lambda *= 2.0;
        }
    }

    pub(super) fn halves(&self) -> Halves {
        let half = |sign: usize| {
            let bold = ln_sum(self.bold.iter().map(|bets| bets[sign]));
            let cautious = ln_sum(self.cautious.iter().map(|bets| bets[sign]));
            ln_add(bold + LN_BOLD_SHARE, cautious + LN_CAUTIOUS_SHARE)
        };
        Halves {
            above: half(0),
            below: half(1),
        }
    }
}

/// What M tends to when `above` of the differences are infinitely far above μ and `below` infinitely far below: as μ leaves
/// them all behind, and what pairs of such clarity would bring.
pub(super) fn clearest(above: usize, below: usize) -> Halves {
    let nine = (SIZES as f64).ln();
    let half = |won: usize, lost: usize| {
        let bold = if lost > 0 {
            f64::NEG_INFINITY
        } else {
            won as f64 * std::f64::consts::LN_2
        };
        let cautious = won as f64 * LN_WON + lost as f64 * LN_LOST;
        nine + ln_add(bold + LN_BOLD_SHARE, cautious + LN_CAUTIOUS_SHARE)
    };
    Halves {
        above: half(above, below),
        below: half(below, above),
    }
}

/// ln(exp(x) + exp(y)); −∞ stands for 0.
fn ln_add(x: f64, y: f64) -> f64 {
    let (high, low) = if x < y { (y, x) } else { (x, y) };
    if low == f64::NEG_INFINITY {
        high
    } else {
        high + (low - high).exp().ln_1p()
    }
}

/// ln of the sum of exp; −∞ stands for 0.
fn ln_sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let high = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if high == f64::NEG_INFINITY {
        return high;
    }
    high + terms.map(|term| (term - high).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, term by term.
    fn plain(first: f64, pairs: &[f64], mu: f64) -> f64 {
        let mut sum = 0.0;
        for (c, weight) in [(1.0, 0.75), (0.8, 0.25)] {
            for i in 0..9 {
                for sign in [1.0, -1.0] {
                    let lambda = sign * first * f64::from(1 << i);
                    let product: f64 = pairs
                        .iter()
                        .map(|d| 1.0 + c * (lambda * (d - mu)).tanh())
                        .product();
                    sum += weight / 18.0 * product;
                }
            }
        }
        sum
    }

    #[test]
    fn it_is_the_defined_mixture() {
        let pairs = [0.1, -0.02, 0.3, f64::INFINITY, -0.2, 0.0, 0.004];
        for (scale, first) in [(Scale::Logs, 1.0), (Scale::Shares, 4.0)] {
            for mu in [-0.5, -0.01, 0.0, 0.1, 2.0] {
                let ln_m = Wealth::at(scale, &pairs, mu).halves().ln_m();
                let expected = plain(first, &pairs, mu).ln();
                assert!((ln_m - expected).abs() < 1e-9, "{mu}: {ln_m} {expected}");
            }
        }
    }

    #[test]
    fn far_from_all_pairs_it_is_the_clearest_case() {
        let pairs = [0.1, 0.2, f64::INFINITY, f64::NEG_INFINITY];
        let far = Wealth::at(Scale::Logs, &pairs, -60.0).halves().ln_m();
        assert!((far - clearest(3, 1).ln_m()).abs() < 1e-9);
        assert!(clearest(0, 0).ln_m().abs() < 1e-12);
    }

    #[test]
    fn one_by_one_or_all_at_once_is_the_same() {
        let pairs: Vec<f64> = (0..600).map(|i| f64::from(i % 13) * 0.01 - 0.05).collect();
        let mut wealth = Wealth::new(Scale::Logs);
        pairs.iter().for_each(|&d| wealth.add(&[d], 0.0));
        let at_once = Wealth::at(Scale::Logs, &pairs, 0.0).halves().ln_m();
        assert!((wealth.halves().ln_m() - at_once).abs() < 1e-8);
    }

    #[test]
    fn extreme_evidence_stays_a_number() {
        let clear = Wealth::at(Scale::Logs, &vec![50.0; 4_000], 0.0).halves();
        assert!(clear.ln_m() > 2_000.0 && clear.ln_m().is_finite());
        assert!(Wealth::at(Scale::Logs, &[], 0.0).halves().ln_m().abs() < 1e-12);
        let torn = Wealth::at(Scale::Logs, &[f64::INFINITY, f64::NEG_INFINITY], 0.0);
        assert!(torn.halves().ln_m().is_finite());
    }
}
