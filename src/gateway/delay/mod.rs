//! How long the endpoint takes to serve one request: nothing, a constant, or a distribution.
//!
//! Every profile is its quantile function. A delay is drawn as `quantile(U)` with U uniform in [0, 1), so what a test
//! expects and what the endpoint does come from the same formula, and equal seeds give comparable delays in all profiles.

mod bimodal;
mod error;
mod lognormal;
mod normal;
mod quantiles;
mod tail;
mod text;

pub use bimodal::Bimodal;
pub use error::ProfileError;
pub use lognormal::LogNormal;
pub use quantiles::Quantiles;
pub use tail::Tail;

use super::words::Portion;
use rand::{Rng, RngExt};
use std::time::Duration;

/// The longest delay in a setting, which keeps a slip of the keyboard from looking like a hang.
const LONGEST: Duration = Duration::from_secs(3_600);

/// The distribution of the endpoint's delay.
#[derive(Clone, Debug, PartialEq)]
pub enum DelayProfile {
    /// No delay.
    Instant,
    /// The same delay always.
    Fixed(Duration),
    /// Exponential with this mean m: the quantile of p is −m ln(1 − p).
    Exponential(Duration),
    /// The logarithm of the delay is normal.
    LogNormal(LogNormal),
    /// One of two delays.
    Bimodal(Bimodal),
    /// Given by its 50th, 90th, 95th and 99th percentile.
    Tail(Tail),
    /// Piecewise linear between points.
    Quantiles(Quantiles),
}

impl DelayProfile {
    /// Exponential delays.
    pub fn exponential(mean: Duration) -> Result<DelayProfile, ProfileError> {
        not_too_long(mean).map(DelayProfile::Exponential)
    }

    /// Log-normal delays: `sigma` is the standard deviation of the delay's natural logarithm, from 0 to 4.
    pub fn log_normal(median: Duration, sigma: f64) -> Result<DelayProfile, ProfileError> {
        LogNormal::new(median, sigma).map(DelayProfile::LogNormal)
    }

    /// A `share` of the requests takes `slow`, the others take `fast`.
    pub fn bimodal(
        fast: Duration,
        slow: Duration,
        share: Portion,
    ) -> Result<DelayProfile, ProfileError> {
        Bimodal::new(fast, slow, share).map(DelayProfile::Bimodal)
    }

    /// Delays with exactly these 50th, 90th, 95th and 99th percentiles.
    pub fn tail(percentiles: [Duration; 4]) -> Result<DelayProfile, ProfileError> {
        Tail::new(percentiles).map(DelayProfile::Tail)
    }

    /// Piecewise linear between (share of requests, delay) points: shares ascend from 0 to 1, delays never fall.
    pub fn quantiles(points: Vec<(f64, Duration)>) -> Result<DelayProfile, ProfileError> {
        Quantiles::new(points).map(DelayProfile::Quantiles)
    }

    /// The delays of the published benchmark (mean 139 ms).
    pub fn seed() -> DelayProfile {
        DelayProfile::Quantiles(Quantiles::seed())
    }

    /// Draws one delay.
    pub fn draw(&self, rng: &mut impl Rng) -> Duration {
        match self {
            DelayProfile::Instant => Duration::ZERO,
            DelayProfile::Fixed(delay) => *delay,
            _ => self.quantile(rng.random()),
        }
    }

    /// The mean of the distribution.
    pub fn mean(&self) -> Duration {
        match self {
            DelayProfile::Instant => Duration::ZERO,
            DelayProfile::Fixed(delay) | DelayProfile::Exponential(delay) => *delay,
            DelayProfile::LogNormal(shape) => shape.mean(),
            DelayProfile::Bimodal(shape) => shape.mean(),
            DelayProfile::Tail(shape) => shape.mean(),
            DelayProfile::Quantiles(shape) => shape.mean(),
        }
    }

    /// The true quantile: the delay that a share `p` of the requests does not exceed, in closed form. `p` outside of 0 to 1
    /// is taken as the nearer end; where there is no longest delay, that of 1 is `Duration::MAX`.
    pub fn quantile(&self, p: f64) -> Duration {
        let p = p.clamp(0.0, 1.0);
        match self {
            DelayProfile::Instant => Duration::ZERO,
            DelayProfile::Fixed(delay) => *delay,
            DelayProfile::Exponential(mean) => of_seconds(-mean.as_secs_f64() * (-p).ln_1p()),
            DelayProfile::LogNormal(shape) => shape.quantile(p),
            DelayProfile::Bimodal(shape) => shape.quantile(p),
            DelayProfile::Tail(shape) => shape.quantile(p),
            DelayProfile::Quantiles(shape) => shape.quantile(p),
        }
    }
}

/// A length of time from a computed number of seconds; too many are `Duration::MAX`.
fn of_seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

fn not_too_long(delay: Duration) -> Result<Duration, ProfileError> {
    if delay <= LONGEST {
        Ok(delay)
    } else {
        Err(ProfileError::Delay(super::words::shown(delay)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn profile(text: &str) -> DelayProfile {
        text.parse().unwrap()
    }

    const ALL: [&str; 9] = [
        "instant",
        "fixed:60ms",
        "exp:100ms",
        "lognormal:80ms,0.5",
        "bimodal:20ms,200ms,10%",
        "tail:60ms,120ms,180ms,400ms",
        "tail:60ms,60ms,180ms,180ms",
        "seed",
        "quantiles:0=10ms,1=20ms",
    ];

    #[test]
    fn an_exponential_has_its_textbook_quantiles() {
        let profile = profile("exp:100ms");
        for (p, ms) in [
            (0.0, 0.0),
            (0.5, 69.314_718_056),
            (0.95, 299.573_227_355),
            (0.99, 460.517_018_599),
        ] {
            let found = profile.quantile(p).as_secs_f64() * 1e3;
            assert!((found - ms).abs() < 1e-6, "{p}: {found}");
        }
        assert_eq!(profile.quantile(1.0), Duration::MAX);
        assert_eq!(profile.mean(), Duration::from_millis(100));
    }

    #[test]
    fn quantiles_never_fall_and_strange_shares_do_not_panic() {
        for text in ALL {
            let profile = profile(text);
            let all: Vec<_> = (0..=1_000)
                .map(|i| profile.quantile(f64::from(i) / 1e3))
                .collect();
            assert!(all.is_sorted(), "{text}");
            for strange in [
                f64::NAN,
                -1.0,
                2.0,
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::MIN_POSITIVE,
            ] {
                let _ = profile.quantile(strange);
            }
            assert_eq!(profile.quantile(-1.0), profile.quantile(0.0), "{text}");
        }
    }

    #[test]
    fn means_are_the_areas_under_the_quantiles() {
        for text in ALL {
            let profile = profile(text);
            // The midpoint rule, with the tail cut into ever finer pieces: [1 − 2^−k, 1 − 2^−(k+1)].
            let mut area = 0.0;
            for k in 0..40 {
                let (from, width) = (1.0 - 0.5_f64.powi(k), 0.5_f64.powi(k + 1));
                let pieces = 4_000;
                for i in 0..pieces {
                    let p = from + width * (f64::from(i) + 0.5) / f64::from(pieces);
                    area += profile.quantile(p).as_secs_f64() * width / f64::from(pieces);
                }
            }
            let mean = profile.mean().as_secs_f64();
            assert!((area - mean).abs() <= 2e-4 * mean, "{text}: {area} {mean}");
        }
    }

    #[test]
    fn draws_follow_the_true_quantiles_and_the_mean() {
        let n = 100_000_usize;
        for text in ALL {
            let profile = profile(text);
            let mut rng = StdRng::seed_from_u64(1);
            let mut drawn: Vec<_> = (0..n).map(|_| profile.draw(&mut rng)).collect();
            drawn.sort();
            for p in [0.25, 0.5, 0.9, 0.95, 0.99] {
                let at = profile.quantile(p);
                let below = drawn.partition_point(|&d| d < at) as f64 / n as f64;
                let within = drawn.partition_point(|&d| d <= at) as f64 / n as f64;
                // Four standard errors of a share are 4 √(p (1 − p) / n).
                let error = 4.0 * (p * (1.0 - p) / n as f64).sqrt();
                assert!(
                    below - error < p && p < within + error,
                    "{text} {p}: {below} {within}"
                );
            }
            let mean = drawn.iter().sum::<Duration>().as_secs_f64() / n as f64;
            let true_mean = profile.mean().as_secs_f64();
            assert!(
                (mean - true_mean).abs() <= 0.02 * true_mean,
                "{text}: {mean}"
            );
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_delays() {
        let draws = |seed| {
            let mut rng = StdRng::seed_from_u64(seed);
            (0..50)
                .map(|_| DelayProfile::seed().draw(&mut rng))
                .collect::<Vec<_>>()
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
    }
}
