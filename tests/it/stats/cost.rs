//! What looking costs: at most 3 ms for each second of a run, for both variants.

use super::noise::normal;
use dragstrip::stats::{
    Buckets, Dependence, Family, Likelihood, Scale, Side, UNPLANNED, difference_interval, estimate,
    quantile_interval, ratio_interval,
};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use std::hint::black_box;
use std::time::Instant;

/// `count` requests in each of 2,000 buckets: more than a run of many hours fills.
fn wide(count: u64) -> Buckets {
    Buckets::of(
        (1..=2_000_i32).map(|i| {
            let low = 1_000.0 * 1.002_f64.powi(i);
            (low, low * 1.002, count)
        }),
        7,
    )
}

fn milliseconds(times: u32, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    (0..times).for_each(|_| work());
    begin.elapsed().as_secs_f64() * 1e3 / f64::from(times)
}

#[test]
#[ignore = "measures time: run it alone, in a release build"]
fn a_second_and_a_pair_are_cheap() {
    let mut dependence = Dependence::default();
    (0..255).for_each(|_| dependence.push(&wide(1)));
    for count in [1, 1_000] {
        let (a, b, one) = (wide(count), wide(count), wide(1));
        let mut fresh = Dependence::default();
        let second = milliseconds(20, || {
            fresh.push(&one);
            for p in [0.5, 0.95, 0.99] {
                let tau = dependence.tau(p, estimate(&a, p)) + dependence.tau(p, estimate(&b, p));
                let likelihood = Likelihood::new(p, 0.0125, UNPLANNED).with_dependence(tau);
                black_box(quantile_interval(&a, &likelihood));
                black_box(quantile_interval(&b, &likelihood));
                let side = |buckets| Side {
                    buckets,
                    likelihood: &likelihood,
                };
                black_box(ratio_interval(side(&a), side(&b)));
                black_box(difference_interval(side(&a), side(&b)));
            }
        });
        println!("a second, {count} requests a bucket: {second:.2} ms");
    }
    let mut rng = SmallRng::seed_from_u64(1);
    let mut family = Family::new(&[Scale::Logs; 5], 0.01);
    let mut begin = 0;
    for end in [100, 400, 1_600, 4_000] {
        let pair = milliseconds(end - begin, || {
            (0..5).for_each(|i| family.push(i, Some(0.05 * normal(&mut rng))));
            family.look();
        });
        println!("a pair of five metrics, from {begin} to {end} pairs: {pair:.2} ms");
        begin = end;
    }
}
