//! How strongly a count contradicts a quantile: the beta-binomial mixture of Howard & Ramdas 2022 (arXiv 1906.09712), which
//! may be looked at after every single request.
//!
//! If q is the p-quantile, each request is at or below q with probability p. `E(k; n, p) = B(a+k, b+n−k) / [B(a,b) · p^k ·
//! (1−p)^(n−k)]` with `a = p·m`, `b = (1−p)·m` is then a martingale that starts at 1, so it ever reaches 1/α with probability
//! at most α. k is how many of n requests are at or below q.

use super::gamma::{deviance, stirling_rest};

/// The level at which a quantile is judged and the sample size at which its interval shall be tightest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likelihood {
    /// The quantile, above 0 and below 1.
    p: f64,
    /// The mixture's strength m: as many imagined requests.
    m: f64,
    /// ln(1/α).
    ln_limit: f64,
    /// At least 1: so many requests are worth one independent one.
    tau: f64,
    /// The part of ln E that does not depend on the data.
    constant: f64,
}

/// The sample size that is aimed at without a plan.
pub const UNPLANNED: f64 = 3_000.0;

impl Likelihood {
    /// For quantile `p` (0 < p < 1) at level `alpha` (0 < α < 1). `n_opt`, in requests, must be fixed before the data: a quarter
    /// of the planned number, or [`UNPLANNED`].
    pub fn new(p: f64, alpha: f64, n_opt: f64) -> Self {
        let ln_limit = -alpha.ln();
        let m = (n_opt / (2.0 * ln_limit + (2.0 * ln_limit).ln_1p()) - 1.0).max(1e-3);
        let constant = stirling_rest(m) - stirling_rest(p * m) - stirling_rest((1.0 - p) * m);
        Likelihood {
            p,
            m,
            ln_limit,
            tau: 1.0,
            constant,
        }
    }

    /// The same for dependent requests, of which `tau` (at least 1) are worth one: E is evaluated at (k/τ, n/τ).
    #[must_use]
    pub fn with_dependence(mut self, tau: f64) -> Self {
        self.tau = tau.max(1.0);
        self
    }

    /// The quantile.
    pub fn p(&self) -> f64 {
        self.p
    }

    /// ln(1/α): what [`Likelihood::ln_e`] must stay below to be believed.
    pub fn ln_limit(&self) -> f64 {
        self.ln_limit
    }

    /// ln E for `k` of `n` requests (0 ≤ k ≤ n; need not be whole), within 10⁻⁴ up to n = 10⁹.
    ///
    /// With N = m + n, Stirling's leading parts collapse to two deviances: D(a+k, Np) + D(b+n−k, N(1−p)).
    pub fn ln_e(&self, k: f64, n: f64) -> f64 {
        let (k, n) = (k / self.tau, n / self.tau);
        let (p, q) = (self.p, 1.0 - self.p);
        let (below, above) = (p * self.m + k, q * self.m + (n - k).max(0.0));
        let all = self.m + n;
        deviance(below, all * p)
            + deviance(above, all * q)
            + (stirling_rest(below) + stirling_rest(above) - stirling_rest(all))
            + self.constant
    }

    /// The count that `n` requests make most believable, where E is smallest: k* = n·p + ½ − p (in units of τ requests).
    pub fn likeliest(&self, n: f64) -> f64 {
        (n * self.p + (0.5 - self.p) * self.tau).clamp(0.0, n)
    }

    /// The counts of `n` requests that E does not contradict: all whole k from the first to the second. E is log-convex in k,
    /// so they are found by bisection on both sides of k*.
    pub fn believable(&self, n: u64) -> (u64, u64) {
        let total = n as f64;
        let middle = (self.likeliest(total).round() as u64).min(n);
        let accepts = |k: u64| self.ln_e(k as f64, total) < self.ln_limit;
        let (mut low, mut high) = (middle, middle);
        if accepts(0) {
            low = 0;
        } else {
            let mut refused = 0;
            while low - refused > 1 {
                let between = refused + (low - refused) / 2;
                if accepts(between) {
                    low = between;
                } else {
                    refused = between;
                }
            }
        }
        if accepts(n) {
            high = n;
        } else {
            let mut refused = n;
            while refused - high > 1 {
                let between = high + (refused - high) / 2;
                if accepts(between) {
                    high = between;
                } else {
                    refused = between;
                }
            }
        }
        (low, high)
    }

    /// The smallest number of requests whose interval has a finite upper end. It depends on `n_opt`, so it is computed.
    pub fn fewest_for_a_finite_end(&self) -> u64 {
        let finite = |n: u64| self.ln_e(n as f64, n as f64) >= self.ln_limit;
        let mut enough = 1_u64;
        while !finite(enough) && enough < 1 << 40 {
            enough *= 2;
        }
        let mut short = enough / 2;
        while enough - short > 1 {
            let between = short + (enough - short) / 2;
            if finite(between) {
                enough = between;
            } else {
                short = between;
            }
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_data_nothing_is_contradicted() {
        let likelihood = Likelihood::new(0.99, 0.05, UNPLANNED);
        assert!(likelihood.ln_e(0.0, 0.0).abs() < 1e-9);
        assert_eq!(likelihood.believable(0), (0, 0));
    }

    #[test]
    fn the_smallest_n_for_a_finite_end_is_the_published_one() {
        let fewest: Vec<u64> = [0.5, 0.95, 0.99]
            .map(|p| Likelihood::new(p, 0.0125, 2_000.0).fewest_for_a_finite_end())
            .into();
        assert_eq!(fewest, [45, 235, 727]);
    }

    #[test]
    fn dependence_counts_as_fewer_requests() {
        let plain = Likelihood::new(0.5, 0.05, UNPLANNED);
        let tied = plain.with_dependence(10.0);
        assert!((tied.ln_e(600.0, 1_000.0) - plain.ln_e(60.0, 100.0)).abs() < 1e-12);
        let (low, high) = tied.believable(10_000);
        let (tight_low, tight_high) = plain.believable(10_000);
        assert!(low < tight_low && tight_high < high);
    }

    #[test]
    fn believable_counts_are_exactly_those_below_the_limit() {
        for (p, n) in [(0.5, 300), (0.95, 300), (0.99, 2_000), (0.01, 50)] {
            let likelihood = Likelihood::new(p, 0.05, 500.0);
            let accepted: Vec<u64> = (0..=n)
                .filter(|&k| likelihood.ln_e(k as f64, n as f64) < likelihood.ln_limit())
                .collect();
            let (low, high) = likelihood.believable(n);
            assert_eq!(accepted, (low..=high).collect::<Vec<_>>(), "{p} {n}");
        }
    }
}
