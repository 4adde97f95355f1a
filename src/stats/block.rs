//! One figure of one block of requests, and what a pair of blocks says: the input of the verdict.
//!
//! The quantile is Hyndman & Fan's eighth ("Sample quantiles in statistical packages", 1996), interpolated at rank
//! `h = (n + ⅓)p + ⅓`. It is median-unbiased whatever n is; with the rule (n + 1)p, variants with different n differ at p99
//! by bias alone.

use super::buckets::Buckets;

/// The `p`-quantile of a block, in the unit of the buckets: +∞ if it lies among failures, `None` without requests.
pub fn block_quantile(buckets: &Buckets, p: f64) -> Option<f64> {
    let n = buckets.count();
    if n == 0 {
        return None;
    }
    let third = 1.0 / 3.0;
    let mut h = ((n as f64 + third) * p + third).clamp(1.0, n as f64);
    // A whole rank must not reach for its neighbour, which may be infinite, because of rounding.
    if (h - h.round()).abs() < 1e-9 {
        h = h.round();
    }
    let rank = h.floor() as u64;
    let share = h - h.floor();
    let value = buckets.value_of(rank);
    if share == 0.0 || value == f64::INFINITY {
        return Some(value);
    }
    // An infinite neighbour makes any share of the way infinite.
    let next = buckets.value_of(rank + 1);
    Some(if next == f64::INFINITY {
        next
    } else {
        value + share * (next - value)
    })
}

/// `D = ln b − ln a` for two figures that are not negative (latencies or rates): ±∞ if one alone is infinite or 0. `None`, a
/// pair that says nothing, if both are infinite or both are 0 or one is missing.
pub fn log_difference(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    let d = b?.ln() - a?.ln();
    (!d.is_nan()).then_some(d)
}

/// `D = f_B − f_A` for two shares of failures; `None` if one block has no requests.
pub fn share_difference(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    let d = b? - a?;
    (!d.is_nan()).then_some(d)
}

/// The share of requests that failed; `None` without requests.
pub fn failed_share(buckets: &Buckets) -> Option<f64> {
    let n = buckets.count();
    (n > 0).then(|| buckets.failures() as f64 / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_interpolated_median_unbiased() {
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        let of = |p| block_quantile(&Buckets::from_values(&ten, 0), p).expect("data");
        assert!((of(0.5) - 5.5).abs() < 1e-12);
        // h = 10⅓ · 0.9 + ⅓ = 9.6333.
        assert!((of(0.9) - 9.633_333_333).abs() < 1e-6);
        assert!((of(0.99) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn failures_reach_down_to_the_interpolated_rank() {
        let of = |failures| {
            block_quantile(&Buckets::from_values(&[1.0, 2.0, 3.0], failures), 0.5).expect("data")
        };
        // h = (5 + ⅓)/2 + ⅓ = 3 exactly, then 3.5.
        assert!((of(2) - 3.0).abs() < 1e-9);
        assert_eq!(of(3), f64::INFINITY);
        assert_eq!(block_quantile(&Buckets::from_values(&[], 0), 0.5), None);
    }

    #[test]
    fn a_pair_says_nothing_only_if_both_are_out_of_range() {
        let infinite = Some(f64::INFINITY);
        assert_eq!(log_difference(Some(1.0), infinite), infinite);
        assert_eq!(log_difference(infinite, Some(1.0)), Some(f64::NEG_INFINITY));
        assert_eq!(log_difference(infinite, infinite), None);
        assert_eq!(log_difference(Some(0.0), Some(0.0)), None);
        assert_eq!(log_difference(Some(0.0), Some(5.0)), infinite);
        assert_eq!(log_difference(None, Some(5.0)), None);
        let buckets = Buckets::from_values(&[1.0], 3);
        assert_eq!(
            share_difference(Some(0.5), failed_share(&buckets)),
            Some(0.25)
        );
    }
}
