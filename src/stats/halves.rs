//! Whether the second half of a measurement differs from the first by more than noise: Welch's t over batch means
//! (B. L. Welch, 1947). A notice rests on it, never a verdict, so its limits are set for few false alarms.

/// Batches that a half must have.
const FEWEST: usize = 10;

/// The least t. With 18 degrees of freedom noise alone exceeds it once in 10,000 looks; batches that are not quite independent
/// are allowed for.
const LEAST_T: f64 = 5.0;

/// The least relative change worth a word.
const LEAST_CHANGE: f64 = 0.05;

/// The relative change from the first half's mean to the second's, if it is more than noise. `values` are batch means in the
/// order of time, positive and in any one unit.
pub fn drift(values: &[f64]) -> Option<f64> {
    let (first, second) = values.split_at(values.len() / 2);
    if first.len() < FEWEST {
        return None;
    }
    let (a, b) = (Moments::of(first), Moments::of(second));
    if a.mean <= 0.0 {
        return None;
    }
    let change = b.mean / a.mean - 1.0;
    let error = (a.variance / first.len() as f64 + b.variance / second.len() as f64).sqrt();
    let apart = (b.mean - a.mean).abs();
    (change.abs() > LEAST_CHANGE && apart > LEAST_T * error).then_some(change)
}

struct Moments {
    mean: f64,
    variance: f64,
}

impl Moments {
    fn of(values: &[f64]) -> Moments {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Moments {
            mean,
            variance: squares / (n - 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn a_step_is_seen_and_a_small_one_is_not_worth_a_word() {
        let step = |to: f64| -> Vec<f64> {
            (0..40)
                .map(|i| if i < 20 { 100.0 } else { to } + f64::from(i % 3))
                .collect()
        };
        assert!((drift(&step(150.0)).expect("seen") - 0.495).abs() < 0.01);
        assert!(drift(&step(50.0)).is_some_and(|change| change < -0.4));
        assert_eq!(drift(&step(103.0)), None);
        assert_eq!(drift(&[1.0, 2.0]), None);
        assert_eq!(drift(&[0.0; 40]), None);
    }

    #[test]
    fn noise_alone_raises_no_alarm() {
        let mut rng = SmallRng::seed_from_u64(1);
        let alarms = (0..2_000)
            .filter(|_| {
                let values: Vec<f64> = (0..40).map(|_| rng.random_range(50.0..150.0)).collect();
                drift(&values).is_some()
            })
            .count();
        assert!(alarms <= 2, "{alarms} of 2000");
    }

    #[test]
    fn looking_every_second_raises_few_more() {
        let mut rng = SmallRng::seed_from_u64(2);
        let alarmed = (0..200)
            .filter(|_| {
                let seconds: Vec<f64> = (0..600).map(|_| rng.random_range(50.0..150.0)).collect();
                (20..=600).any(|now: usize| {
                    // As `trend` does: at most 40 batches of whole seconds.
                    let size = now.div_ceil(40);
                    let means: Vec<f64> = seconds[..now]
                        .chunks(size)
                        .map(|batch| batch.iter().sum::<f64>() / batch.len() as f64)
                        .collect();
                    drift(&means).is_some()
                })
            })
            .count();
        // One look in 10,000 would be 0.02; the looks of one run hang together.
        assert!(alarmed <= 4, "{alarmed} of 200 runs");
    }
}
