//! An interval for one quantile of one variant that holds at every look: (a) of the project's statistics.
//!
//! If `k_lo` … `k_hi` are the believable numbers of requests at or below the quantile (see `likelihood`), the quantile lies from
//! the request of rank `k_lo` up to the one of rank `k_hi` + 1. Buckets make that their outer edges.

use super::buckets::Buckets;
use super::likelihood::Likelihood;

/// From one figure to another. An end that the data does not limit is 0 (−∞ for a difference) or +∞; never NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `x` lies in it, ends included.
    pub fn contains(&self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }
}

/// The interval for the quantile of `likelihood`, in the unit of the buckets. +∞ stands for an end among failures and for
/// one beyond all requests. O(log buckets) after O(log n) evaluations of E.
pub fn quantile_interval(buckets: &Buckets, likelihood: &Likelihood) -> Interval {
    let (k_lo, k_hi) = likelihood.believable(buckets.count());
    Interval {
        low: if k_lo == 0 {
            0.0
        } else {
            buckets.cell_of(k_lo).lo
        },
        high: buckets.cell_of(k_hi + 1).hi,
    }
}

/// The estimate `x̂_p` at which dependence is judged: the upper edge of the bucket of rank ⌈p·n⌉. +∞ if that is among failures
/// or if there are no requests.
pub fn estimate(buckets: &Buckets, p: f64) -> f64 {
    let n = buckets.count();
    let rank = ((p * n as f64 - 1e-9).ceil() as u64).clamp(1, n.max(1));
    buckets.cell_of(rank).hi
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hundred() -> Buckets {
        Buckets::from_hdr(&(1..=1_000).map(|us| (us, 1)).collect::<Vec<_>>(), 0)
    }

    #[test]
    fn the_interval_contains_the_estimate_and_tightens() {
        let likelihood = Likelihood::new(0.5, 0.05, 1_000.0);
        let interval = quantile_interval(&hundred(), &likelihood);
        assert!(interval.contains(estimate(&hundred(), 0.5)));
        assert!(
            interval.low > 430.0 && interval.high < 570.0,
            "{interval:?}"
        );
    }

    #[test]
    fn an_unlimited_end_is_infinite() {
        let likelihood = Likelihood::new(0.99, 0.05, 1_000.0);
        let few = Buckets::from_values(&[1.0, 2.0, 3.0], 0);
        assert_eq!(
            quantile_interval(&few, &likelihood),
            Interval {
                low: 0.0,
                high: f64::INFINITY
            }
        );
        let none = Buckets::from_values(&[], 0);
        assert_eq!(quantile_interval(&none, &likelihood).high, f64::INFINITY);
        assert_eq!(estimate(&none, 0.5), f64::INFINITY);
    }

    #[test]
    fn a_quantile_among_failures_is_beyond_all_latencies() {
        let likelihood = Likelihood::new(0.95, 0.05, 1_000.0);
        let failing = Buckets::of([(10.0, 11.0, 700)], 300);
        let interval = quantile_interval(&failing, &likelihood);
        assert_eq!(
            (interval.low, interval.high),
            (f64::INFINITY, f64::INFINITY)
        );
    }
}
