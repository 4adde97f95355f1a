//! Values computed from the definitions by `tests/stats/reference.py`, with scipy and mpmath.

use dragstrip::stats::{
    Buckets, Likelihood, Scale, Side, Symmetry, difference_interval, quantile_interval,
    ratio_interval,
};
use serde_json::Value;
use std::sync::LazyLock;

static REFERENCE: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../stats/reference.json")).expect("the fixture")
});

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().expect("a list")
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => value.as_f64().expect("a number"),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(number)
        .collect()
}

fn sample(name: &str) -> Buckets {
    let sample = &REFERENCE["samples"][name];
    let buckets: Vec<(u64, u64)> = list(sample, "buckets")
        .iter()
        .map(|pair| (pair[0].as_u64().expect("µs"), pair[1].as_u64().expect("n")))
        .collect();
    Buckets::from_hdr(&buckets, sample["failures"].as_u64().expect("n"))
}

fn assert_same(found: f64, expected: f64, what: &str) {
    let same =
        found.to_bits() == expected.to_bits() || (found - expected).abs() <= 1e-12 * expected.abs();
    assert!(same, "{what}: {found}, expected {expected}");
}

#[test]
fn ln_e_is_exact_to_a_ten_thousandth_up_to_a_thousand_million() {
    let mut worst = 0.0_f64;
    for row in list(&REFERENCE, "ln_e") {
        let [p, alpha, n_opt, k, n, expected] = numbers(row)[..] else {
            panic!("{row}");
        };
        let found = Likelihood::new(p, alpha, n_opt).ln_e(k, n);
        // Relative where ln E itself is far above anything that is compared with a limit.
        let error = (found - expected).abs() / expected.abs().max(1e4) * 1e4;
        worst = worst.max(error);
        assert!(error < 1e-4, "{row}: {found}");
    }
    assert!(worst < 1e-5, "much worse than it was: {worst}");
}

#[test]
fn believable_counts_are_equal() {
    for row in list(&REFERENCE, "believable") {
        let values = numbers(row);
        let found = Likelihood::new(values[0], values[1], values[2]).believable(values[3] as u64);
        assert_eq!(found, (values[4] as u64, values[5] as u64), "{row}");
    }
}

#[test]
fn quantile_intervals_are_equal() {
    for row in list(&REFERENCE, "quantile_intervals") {
        let likelihood = Likelihood::new(number(&row[1]), 0.0125, 2_000.0);
        let found = quantile_interval(&sample(row[0].as_str().expect("a name")), &likelihood);
        assert_same(found.low, number(&row[2]), &row.to_string());
        assert_same(found.high, number(&row[3]), &row.to_string());
    }
}

#[test]
fn intervals_of_ratios_and_differences_are_equal() {
    for row in list(&REFERENCE, "pair_intervals") {
        let likelihood = Likelihood::new(number(&row[2]), 0.0125, 2_000.0);
        let (a, b) = (
            sample(row[0].as_str().expect("a name")),
            sample(row[1].as_str().expect("a name")),
        );
        let side = |buckets| Side {
            buckets,
            likelihood: &likelihood,
        };
        let ratio = ratio_interval(side(&a), side(&b));
        let difference = difference_interval(side(&a), side(&b));
        let (ratios, differences) = (numbers(&row[3]), numbers(&row[4]));
        let what = row.to_string();
        assert_same(ratio.low, ratios[0], &what);
        assert_same(ratio.high, ratios[1], &what);
        assert_same(difference.low, differences[0], &what);
        assert_same(difference.high, differences[1], &what);
    }
}

#[test]
fn the_evidence_of_pairs_is_exact_to_six_digits_and_its_interval_equal() {
    for case in list(&REFERENCE, "symmetry") {
        let scale = if number(&case["first"]) > 1.0 {
            Scale::Shares
        } else {
            Scale::Logs
        };
        let mut symmetry = Symmetry::new(scale);
        numbers(&case["pairs"])
            .into_iter()
            .for_each(|d| symmetry.push(Some(d)));
        for look in list(case, "ln_m") {
            let (mu, expected) = (number(&look[0]), number(&look[1]));
            let found = symmetry.ln_m(mu);
            // Six digits of M are 10⁻⁶ of ln M.
            assert!((found - expected).abs() < 1e-6, "{look}: {found}");
            if mu == 0.0 {
                assert!((symmetry.ln_e() - expected).abs() < 1e-6, "{look}");
            }
        }
        let span = symmetry.interval(0.0125);
        let ends = numbers(&case["ends"]);
        let close = |found: f64, expected: f64| {
            (found.is_infinite() && found.to_bits() == expected.to_bits())
                || (found - expected).abs() < 1e-6
        };
        assert!(
            close(span.low, ends[0]) && close(span.high, ends[1]),
            "{span:?} {ends:?}"
        );
        // The lowest point of a flat valley is not sharp.
        let centre = number(&case["centre"]);
        assert!(
            symmetry.ln_m(span.centre) <= symmetry.ln_m(centre) + 1e-6,
            "{span:?} {centre}"
        );
    }
}
