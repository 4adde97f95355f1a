//! What holds for all data.

use dragstrip::stats::{
    Buckets, Interval, Likelihood, Scale, Side, Symmetry, block_quantile, difference_interval,
    log_difference, quantile_interval, ratio_interval,
};
use proptest::prelude::*;

/// Latencies in µs, ascending by construction of the type, and failures.
fn requests() -> impl Strategy<Value = (Vec<f64>, u64)> {
    (prop::collection::vec(1.0..1e7_f64, 0..300), 0..40_u64)
}

/// Differences of pairs, some infinite; `None` for pairs that say nothing.
fn differences() -> impl Strategy<Value = Vec<Option<f64>>> {
    let one = prop_oneof![
        12 => (-0.5..0.5_f64).prop_map(Some),
        4 => (-5.0..5.0_f64).prop_map(Some),
        1 => Just(Some(f64::INFINITY)),
        1 => Just(Some(f64::NEG_INFINITY)),
        1 => Just(Some(0.0)),
        1 => Just(None),
    ];
    prop::collection::vec(one, 0..40)
}

fn symmetry(differences: &[Option<f64>]) -> Symmetry {
    let mut symmetry = Symmetry::new(Scale::Logs);
    differences.iter().for_each(|&d| symmetry.push(d));
    symmetry
}

/// 1/∞ is 0 and 1/0 is ∞.
fn same(x: f64, y: f64) -> bool {
    x.to_bits() == y.to_bits() || (x - y).abs() <= 1e-9 * x.abs().max(1e-9)
}

fn ordered(interval: Interval) -> bool {
    interval.low <= interval.high
}

proptest! {
    #[test]
    fn swapping_variants_mirrors_ratios_and_differences((a, fa) in requests(), (b, fb) in requests(), p in 0.05..0.99_f64) {
        let likelihood = Likelihood::new(p, 0.0125, 300.0);
        let (a, b) = (Buckets::from_values(&a, fa), Buckets::from_values(&b, fb));
        let side = |buckets| Side { buckets, likelihood: &likelihood };
        let (there, back) = (ratio_interval(side(&a), side(&b)), ratio_interval(side(&b), side(&a)));
        prop_assert!(ordered(there) && ordered(back), "{there:?} {back:?}");
        prop_assert!(same(there.low, 1.0 / back.high) && same(there.high, 1.0 / back.low), "{there:?} {back:?}");
        let (there, back) = (difference_interval(side(&a), side(&b)), difference_interval(side(&b), side(&a)));
        prop_assert!(ordered(there), "{there:?}");
        prop_assert!(same(there.low, -back.high) && same(there.high, -back.low), "{there:?} {back:?}");
    }

    #[test]
    fn scaling_all_latencies_leaves_ratios_unchanged((a, fa) in requests(), (b, fb) in requests(), c in 0.01..100.0_f64) {
        let likelihood = Likelihood::new(0.9, 0.0125, 300.0);
        let scaled = |values: &[f64]| values.iter().map(|value| value * c).collect::<Vec<_>>();
        let ratio = |a: &[f64], b: &[f64]| {
            let (a, b) = (Buckets::from_values(a, fa), Buckets::from_values(b, fb));
            ratio_interval(Side { buckets: &a, likelihood: &likelihood }, Side { buckets: &b, likelihood: &likelihood })
        };
        let (plain, after) = (ratio(&a, &b), ratio(&scaled(&a), &scaled(&b)));
        prop_assert!(same(plain.low, after.low) && same(plain.high, after.high), "{plain:?} {after:?}");
        if !a.is_empty() && !b.is_empty() {
            let d = |a: &[f64], b: &[f64]| {
                let of = |values, failures| block_quantile(&Buckets::from_values(values, failures), 0.9);
                log_difference(of(a, fa), of(b, fb))
            };
            match (d(&a, &b), d(&scaled(&a), &scaled(&b))) {
                (Some(plain), Some(after)) => prop_assert!((plain - after).abs() < 1e-9 || plain.to_bits() == after.to_bits()),
                (plain, after) => prop_assert_eq!(plain, after),
            }
        }
    }

    #[test]
    fn blocks_never_make_a_nan((a, fa) in requests(), (b, fb) in requests(), p in 0.01..0.999_f64) {
        let (a, b) = (Buckets::from_values(&a, fa), Buckets::from_values(&b, fb));
        let mut pairs = symmetry(&[]);
        for _ in 0..4 {
            pairs.push(log_difference(block_quantile(&a, p), block_quantile(&b, p)));
            pairs.push(log_difference(block_quantile(&b, p), block_quantile(&a, p)));
        }
        let span = pairs.interval(0.05);
        prop_assert!(!pairs.ln_e().is_nan() && !span.low.is_nan() && !span.high.is_nan() && !span.centre.is_nan());
        let interval = quantile_interval(&a, &Likelihood::new(p, 0.05, 300.0));
        prop_assert!(ordered(interval));
    }

    #[test]
    fn mirrored_pairs_mirror_the_interval(pairs in differences()) {
        let mirrored: Vec<Option<f64>> = pairs.iter().map(|d| d.map(|d| -d)).collect();
        let (there, back) = (symmetry(&pairs), symmetry(&mirrored));
        prop_assert!((there.ln_e() - back.ln_e()).abs() < 1e-9);
        let (x, y) = (there.interval(0.0125), back.interval(0.0125));
        let close = |x: f64, y: f64| x.to_bits() == y.to_bits() || (x - y).abs() < 1e-5;
        prop_assert!(close(x.low, -y.high) && close(x.high, -y.low), "{x:?} {y:?}");
    }

    #[test]
    fn the_changes_that_pairs_allow_are_one_interval_and_never_none(pairs in differences()) {
        let pairs = symmetry(&pairs);
        let alpha = 0.0125_f64;
        let span = pairs.interval(alpha);
        prop_assert!(span.low <= span.centre && span.centre <= span.high, "{span:?}");
        if span.constant && span.centre.is_finite() {
            for i in 0..=600 {
                let mu = f64::from(i - 300) / 40.0;
                // The ends are found by bisection: right at them it may go either way.
                if (mu - span.low).abs().min((mu - span.high).abs()) < 1e-6 {
                    continue;
                }
                let accepted = pairs.ln_m(mu) < -alpha.ln();
                prop_assert_eq!(accepted, span.low < mu && mu < span.high, "{} in {:?}", mu, span);
            }
        }
    }
}
