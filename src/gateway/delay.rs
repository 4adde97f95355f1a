//! How long the endpoint takes to answer: nothing, a constant, or a distribution given by its quantiles.

use rand::{Rng, RngExt};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The distribution of the endpoint's delay.
#[derive(Clone, Debug, PartialEq)]
pub enum DelayProfile {
    /// No delay.
    Instant,
    /// The same delay always.
    Fixed(Duration),
    /// Piecewise linear between (share of requests, delay) points: shares ascend from 0 to 1, delays never fall.
    Quantiles(Vec<(f64, Duration)>),
}

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProfileError {
    /// A name that is not known.
    #[error("unknown delay profile `{0}`: use instant, fixed:DURATION (as in fixed:60ms) or seed")]
    Unknown(String),
    /// A duration that cannot be read.
    #[error(
        "`{0}` is not a delay: write a number and a unit from us, ms and s, at most 1h, as in fixed:60ms"
    )]
    Duration(String),
    /// Points that are not a distribution.
    #[error("delay quantiles must ascend from share 0 to share 1, with delays that never fall")]
    Points,
}

/// The longest delay, which keeps a slip of the keyboard from looking like a hang.
const LONGEST: Duration = Duration::from_secs(3_600);

/// The delays behind the published benchmark's faster column, in microseconds: median 74 ms, 95 % below 250 ms, 99 % below
/// 330 ms, mean 139 ms.
const SEED: [(f64, u64); 6] = [
    (0.0, 44_000),
    (0.53, 75_800),
    (0.56, 200_000),
    (0.95, 250_000),
    (0.99, 330_000),
    (1.0, 450_000),
];

impl DelayProfile {
    /// The delays of the published benchmark (mean 139 ms).
    pub fn seed() -> DelayProfile {
        DelayProfile::Quantiles(
            SEED.iter()
                .map(|&(share, us)| (share, Duration::from_micros(us)))
                .collect(),
        )
    }

    /// A profile from its points.
    pub fn quantiles(points: Vec<(f64, Duration)>) -> Result<DelayProfile, ProfileError> {
        let ascends = points
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        let whole = points.first().is_some_and(|p| p.0 == 0.0)
            && points
                .last()
                .is_some_and(|p| p.0.total_cmp(&1.0).is_eq() && p.1 <= LONGEST);
        if ascends && whole {
            Ok(DelayProfile::Quantiles(points))
        } else {
            Err(ProfileError::Points)
        }
    }

    /// Draws one delay.
    pub fn draw(&self, rng: &mut impl Rng) -> Duration {
        match self {
            DelayProfile::Instant => Duration::ZERO,
            DelayProfile::Fixed(delay) => *delay,
            DelayProfile::Quantiles(points) => at_share(points, rng.random::<f64>()),
        }
    }

    /// The mean of the distribution.
    pub fn mean(&self) -> Duration {
        match self {
            DelayProfile::Instant => Duration::ZERO,
            DelayProfile::Fixed(delay) => *delay,
            DelayProfile::Quantiles(points) => points
                .windows(2)
                .map(|pair| ((pair[0].1 + pair[1].1) / 2).mul_f64(pair[1].0 - pair[0].0))
                .sum(),
        }
    }
}

/// The delay below which `share` of the requests lie.
fn at_share(points: &[(f64, Duration)], share: f64) -> Duration {
    let above = points.partition_point(|point| point.0 <= share);
    match (
        above.checked_sub(1).and_then(|i| points.get(i)),
        points.get(above),
    ) {
        (Some(low), Some(high)) => {
            let along = (share - low.0) / (high.0 - low.0);
            low.1 + high.1.saturating_sub(low.1).mul_f64(along)
        }
        (Some(end), None) | (None, Some(end)) => end.1,
        (None, None) => Duration::ZERO,
    }
}

impl FromStr for DelayProfile {
    type Err = ProfileError;

    /// Reads `instant`, `seed` and `fixed:60ms`.
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        match text {
            "instant" => Ok(DelayProfile::Instant),
            "seed" => Ok(DelayProfile::seed()),
            _ => match text.strip_prefix("fixed:") {
                Some(delay) => parse_delay(delay).map(DelayProfile::Fixed),
                None => Err(ProfileError::Unknown(text.to_owned())),
            },
        }
    }
}

fn parse_delay(text: &str) -> Result<Duration, ProfileError> {
    let wrong = || ProfileError::Duration(text.to_owned());
    let unit = text
        .find(|c: char| c.is_ascii_alphabetic())
        .ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit);
    let seconds_per_unit = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    match Duration::try_from_secs_f64(number * seconds_per_unit) {
        Ok(delay) if delay <= LONGEST => Ok(delay),
        _ => Err(wrong()),
    }
}

impl fmt::Display for DelayProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DelayProfile::Instant => f.write_str("instant"),
            DelayProfile::Fixed(delay) => write!(f, "fixed:{delay:?}"),
            profile if *profile == DelayProfile::seed() => f.write_str("seed"),
            DelayProfile::Quantiles(points) => write!(f, "quantiles of {} points", points.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn the_seed_has_its_known_mean_and_percentiles() {
        let profile = DelayProfile::seed();
        // The areas under its five pieces, in ms: 31.747 + 4.137 + 87.75 + 11.6 + 3.9.
        assert!(profile.mean().as_micros().abs_diff(139_134) <= 1);
        let mut rng = StdRng::seed_from_u64(1);
        let mut drawn: Vec<f64> = (0..100_000)
            .map(|_| profile.draw(&mut rng).as_secs_f64() * 1e3)
            .collect();
        drawn.sort_by(f64::total_cmp);
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        assert!((mean - 139.134).abs() < 1.2, "{mean}");
        // Which share lies below each known percentile; four standard errors of a share are 4 √(p (1 − p) / n).
        for (p, ms) in [(0.5, 74.0), (0.95, 250.0), (0.99, 330.0)] {
            let below = drawn.partition_point(|&d| d <= ms) as f64 / drawn.len() as f64;
            let error = 4.0 * (p * (1.0 - p) / drawn.len() as f64).sqrt();
            assert!((below - p).abs() < error, "{ms} ms: {below}");
        }
        assert!(drawn[0] >= 44.0 && drawn[drawn.len() - 1] <= 450.0);
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

    #[test]
    fn names_are_read_and_written_alike() {
        for name in ["instant", "seed", "fixed:60ms", "fixed:1.5s", "fixed:0ns"] {
            match name.parse::<DelayProfile>() {
                Ok(profile) => assert_eq!(profile.to_string(), name),
                Err(error) => assert_eq!(name, "fixed:0ns", "{error}"),
            }
        }
        for wrong in [
            "",
            "fast",
            "fixed:",
            "fixed:60",
            "fixed:-1s",
            "fixed:60 ms ",
            "fixed:NaNs",
            "fixed:2000h",
            "fixed:1e9s",
        ] {
            let error = wrong.parse::<DelayProfile>().unwrap_err().to_string();
            assert!(error.contains("fixed:60ms"), "{wrong}: {error}");
        }
    }

    #[test]
    fn points_must_be_a_distribution() {
        let ms = Duration::from_millis;
        for wrong in [
            vec![],
            vec![(0.0, ms(1))],
            vec![(0.0, ms(1)), (0.9, ms(2))],
            vec![(0.0, ms(2)), (1.0, ms(1))],
            vec![(0.0, ms(1)), (f64::NAN, ms(1)), (1.0, ms(2))],
        ] {
            assert_eq!(DelayProfile::quantiles(wrong), Err(ProfileError::Points));
        }
        let right = vec![(0.0, ms(1)), (1.0, ms(3))];
        assert_eq!(DelayProfile::quantiles(right).unwrap().mean(), ms(2));
    }
}
