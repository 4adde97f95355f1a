//! False verdicts of variants that run together under noise that remembers, over 30 minutes.

use super::noise::{Autoregressive, normal, share};
use dragstrip::stats::{ALPHA, Pace, Scale, Symmetry, Windows, closed_testing};
use rand::SeedableRng;
use rand::rngs::SmallRng;

const PACE: Pace = Pace {
    cycle_s: 0.2,
    per_second: 500.0,
};
const HALF_AN_HOUR_S: usize = 1_800;

/// Whether equal variants are told apart, by one metric and by the family of `metrics`. Their differences, second by second, are
/// noise with memory `tau_s`, half of its variance shared by all, and `white` times as much noise without memory.
fn told_apart(metrics: usize, tau_s: f64, white: f64, seed: u64) -> (bool, bool) {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut noise: Vec<Autoregressive> = (0..=metrics)
        .map(|_| Autoregressive::with_memory(tau_s, &mut rng))
        .collect();
    let mut windows = Windows::new(0.99, metrics, PACE);
    let mut judged = vec![Symmetry::new(Scale::Logs); metrics];
    let mut seconds: Vec<Vec<f64>> = Vec::with_capacity(HALF_AN_HOUR_S);
    let (mut one, mut family) = (false, false);
    for _ in 0..HALF_AN_HOUR_S {
        let values: Vec<f64> = noise.iter_mut().map(|noise| noise.next(&mut rng)).collect();
        let differences: Vec<f64> = values[1..]
            .iter()
            .map(|own| 0.07 * (own + values[0]) + 0.1 * white * normal(&mut rng))
            .collect();
        let known: Vec<Option<f64>> = differences.iter().copied().map(Some).collect();
        seconds.push(differences);
        if let Some(closed) = windows.second(&known, PACE) {
            let inside = &seconds[closed.first_s as usize..][..closed.seconds as usize];
            for (i, metric) in judged.iter_mut().enumerate() {
                let sum: f64 = inside.iter().map(|second| second[i]).sum();
                metric.push(Some(sum / inside.len() as f64));
            }
            let e: Vec<f64> = judged.iter().map(|metric| metric.ln_e().exp()).collect();
            one |= e[0] >= 1.0 / ALPHA;
            family |= closed_testing(&e, None)
                .into_iter()
                .any(|e| e >= 1.0 / ALPHA);
        }
    }
    (one, family)
}

/// The shares of half-hours in which one metric and the family are told apart.
fn wrong(runs: u64, metrics: usize, tau_s: f64, white: f64) -> (f64, f64) {
    let mut ones = 0;
    let family = share(runs, |seed| {
        let (one, family) = told_apart(metrics, tau_s, white, seed);
        ones += u64::from(one);
        family
    });
    let one = ones as f64 / runs as f64;
    println!(
        "together, τ = {tau_s} s, {metrics} metrics, white noise × {white}: one {one:.4}, family {family:.4}"
    );
    (one, family)
}

#[test]
fn noise_that_remembers_hardly_tells_equal_variants_apart() {
    for tau_s in [1.0, 4.0, 15.0] {
        let (one, family) = wrong(40, 4, tau_s, 0.0);
        assert!(one <= 0.1 && family <= 0.1, "{tau_s} s: {one}, {family}");
    }
}

#[test]
#[ignore = "long: see the module's documentation"]
fn noise_that_remembers_hardly_tells_equal_variants_apart_long() {
    for tau_s in [1.0, 4.0, 15.0] {
        let (one, family) = wrong(1_500, 4, tau_s, 0.0);
        assert!(one <= 0.06 && family <= 0.06, "{tau_s} s: {one}, {family}");
        // As much noise without memory hides a long one for a while.
        let (one, family) = wrong(1_500, 4, tau_s, 1.0);
        assert!(one <= 0.1 && family <= 0.1, "{tau_s} s: {one}, {family}");
        // The longest memory over the metrics is what protects: a lone metric is told apart more often.
        let (lone, _) = wrong(1_500, 1, tau_s, 0.0);
        assert!(lone <= 0.1, "{tau_s} s: {lone}");
    }
}
