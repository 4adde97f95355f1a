//! How many pairs a true difference takes, at 5 % noise of each block.

use super::noise::normal;
use dragstrip::stats::{ALPHA, Family, Scale, Symmetry, closed_testing};
use rand::SeedableRng;
use rand::rngs::SmallRng;

/// 5 % noise in both blocks of a pair.
const NOISE: f64 = 0.05 * std::f64::consts::SQRT_2;

/// The median number of pairs until the second of four metrics is decided; `errors`: silent errors are judged with them.
/// `pair` gives the four differences.
fn pairs_to_decide(errors: bool, pair: impl Fn(usize, &mut SmallRng) -> [f64; 4]) -> usize {
    let mut needed: Vec<usize> = (0..501)
        .map(|seed| {
            let mut rng = SmallRng::seed_from_u64(seed);
            let mut metrics = vec![Symmetry::new(Scale::Logs); 4];
            metrics.extend(errors.then(|| Symmetry::new(Scale::Shares)));
            (1..200)
                .find(|&number| {
                    let differences = pair(number, &mut rng);
                    for (i, metric) in metrics.iter_mut().enumerate() {
                        metric.push(Some(differences.get(i).copied().unwrap_or(0.0)));
                    }
                    let e: Vec<f64> = metrics.iter().map(|metric| metric.ln_e().exp()).collect();
                    closed_testing(&e, errors.then_some(4))[1] >= 1.0 / ALPHA
                })
                .unwrap_or(200)
        })
        .collect();
    needed.sort_unstable();
    needed[needed.len() / 2]
}

/// One metric that differs, and all four.
fn alone_and_all(errors: bool, size: f64) -> (usize, usize) {
    let alone = pairs_to_decide(errors, |_, rng| {
        std::array::from_fn(|i| if i == 1 { size } else { 0.0 } + NOISE * normal(rng))
    });
    let all = pairs_to_decide(errors, |_, rng| {
        std::array::from_fn(|_| size + NOISE * normal(rng))
    });
    println!("{size:.3}, errors judged too: {errors}: alone {alone}, all {all} pairs");
    (alone, all)
}

#[test]
fn a_clear_difference_takes_the_published_number_of_pairs() {
    for change in [-0.2_f64, -0.5] {
        let (alone, all) = alone_and_all(false, change.ln_1p());
        assert!((8..=9).contains(&alone), "{change} alone: {alone}");
        assert!((6..=7).contains(&all), "{change} everywhere: {all}");
    }
}

#[test]
fn silent_errors_in_the_family_cost_at_most_one_pair() {
    // Nobody failed, so their evidence stays at 1; it has little weight.
    assert_eq!(alone_and_all(true, (-0.2_f64).ln_1p()), (9, 7));
    assert_eq!(alone_and_all(true, (-0.5_f64).ln_1p()), (9, 7));
}

#[test]
fn a_contrary_infinite_pair_is_outlived() {
    for (change, all) in [(-0.2_f64, true), (-0.2, false), (-0.5, true), (-0.5, false)] {
        let size = change.ln_1p();
        let pairs = pairs_to_decide(true, |number, rng| {
            std::array::from_fn(|i| match i {
                1 if number == 3 => f64::INFINITY,
                _ if i == 1 || all => size + NOISE * normal(rng),
                _ => NOISE * normal(rng),
            })
        });
        println!("{change}, one contrary infinity, all differ: {all}: {pairs} pairs");
        assert!(pairs <= 16, "{change}, all differ: {all}: {pairs}");
    }
}

#[test]
fn fewer_than_six_pairs_never_decide() {
    let mut family = Family::new(&[Scale::Logs; 4], ALPHA / 4.0);
    for pairs in 1..=6 {
        (0..4).for_each(|i| family.push(i, Some(f64::NEG_INFINITY)));
        family.look();
        assert_eq!(family.all_decided(), pairs == 6);
    }
    assert_eq!(
        family.span(0).map(|span| span.is_finite()),
        Some(false),
        "six pairs decide, but do not limit"
    );
}
