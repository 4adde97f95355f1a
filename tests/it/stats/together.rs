//! False verdicts of variants that run together under noise that remembers, over 30 minutes.

use super::noise::{Autoregressive, normal, share};
use dragstrip::stats::{ALPHA, Pace, Scale, Symmetry, Windows};
use rand::SeedableRng;
use rand::rngs::SmallRng;

const PACE: Pace = Pace {
    cycle_s: 0.2,
    per_second: 500.0,
};
const HALF_AN_HOUR_S: usize = 1_800;

/// Whether equal variants are told apart: their difference, second by second, is noise with memory `tau_s` and `white` times as
/// much noise without.
fn told_apart(tau_s: f64, white: f64, seed: u64) -> bool {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut noise = Autoregressive::with_memory(tau_s, &mut rng);
    let mut windows = Windows::new(0.99, 1, PACE);
    let mut metric = Symmetry::new(Scale::Logs);
    let mut differences = Vec::with_capacity(HALF_AN_HOUR_S);
    for _ in 0..HALF_AN_HOUR_S {
        let d = 0.1 * (noise.next(&mut rng) + white * normal(&mut rng));
        differences.push(d);
        if let Some(closed) = windows.second(&[Some(d)], PACE) {
            let inside = &differences[closed.first_s as usize..][..closed.seconds as usize];
            metric.push(Some(inside.iter().sum::<f64>() / inside.len() as f64));
            if metric.ln_e() >= -ALPHA.ln() {
                return true;
            }
        }
    }
    false
}

#[test]
fn noise_that_remembers_hardly_tells_equal_variants_apart() {
    for tau_s in [1.0, 4.0, 15.0] {
        let wrong = share(60, |seed| told_apart(tau_s, 0.0, seed));
        assert!(wrong <= 0.1, "{tau_s} s: {wrong}");
    }
}

#[test]
#[ignore = "long: see the module's documentation"]
fn noise_that_remembers_hardly_tells_equal_variants_apart_long() {
    for tau_s in [1.0, 4.0, 15.0] {
        for white in [0.0, 1.0] {
            let wrong = share(3_000, |seed| told_apart(tau_s, white, seed));
            println!("together, τ = {tau_s} s, white noise × {white}: {wrong:.4}");
            assert!(wrong <= 0.06, "{tau_s} s: {wrong}");
        }
    }
}
