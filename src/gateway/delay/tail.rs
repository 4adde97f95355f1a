//! Delays given by four percentiles, as reports state them.
//!
//! The shape between them is the one that is straight on the usual percentile plot, whose axis is 1 / (1 − p): with
//! `s = −ln(1 − p)` the delay is linear in `s` from each point to the next, that is, piecewise exponential. Above the 99th
//! percentile it goes on with the slope from the 95th to the 99th, without an upper end; below the median it begins at half
//! the median, for a service has a floor.

use super::super::words::shown;
use super::{ProfileError, not_too_long, of_seconds};
use std::time::Duration;

/// The shares of the four percentiles.
const SHARES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// A distribution with exactly these four percentiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// P50, P90, P95, P99.
    percentiles: [Duration; 4],
}

/// A stretch on which the delay is `from + slope · (s − start)`.
struct Stretch {
    /// Where it begins and ends, in `s = −ln(1 − p)`; the last one ends at infinity.
    start: f64,
    end: f64,
    /// In seconds, and seconds per unit of `s`.
    from: f64,
    slope: f64,
}

impl Tail {
    pub(super) fn new(percentiles: [Duration; 4]) -> Result<Tail, ProfileError> {
        for pair in percentiles.windows(2) {
            if pair[0] > pair[1] {
                return Err(ProfileError::Falls(shown(pair[0]), shown(pair[1])));
            }
        }
        not_too_long(percentiles[3])?;
        Ok(Tail { percentiles })
    }

    /// The 50th, 90th, 95th and 99th percentile.
    pub fn percentiles(&self) -> [Duration; 4] {
        self.percentiles
    }

    fn stretches(&self) -> [Stretch; 5] {
        let [p50, p90, p95, p99] = self.percentiles.map(|delay| delay.as_secs_f64());
        let [s50, s90, s95, s99] = SHARES.map(|share| -(-share).ln_1p());
        let between = |(start, from): (f64, f64), (end, to): (f64, f64)| Stretch {
            start,
            end,
            from,
            slope: (to - from) / (end - start),
        };
        let last = between((s95, p95), (s99, p99));
        let beyond = Stretch {
            start: s99,
            end: f64::INFINITY,
            from: p99,
            slope: last.slope,
        };
        [
            between((0.0, p50 / 2.0), (s50, p50)),
            between((s50, p50), (s90, p90)),
            between((s90, p90), (s95, p95)),
            last,
            beyond,
        ]
    }

    /// The sum over the stretches of ∫ (from + slope · u) e^−(start + u) du, u from 0 to d = end − start:
    /// `e^−start (from (1 − e^−d) + slope (1 − (1 + d) e^−d))`.
    pub(super) fn mean(&self) -> Duration {
        let area = |stretch: &Stretch| {
            let d = stretch.end - stretch.start;
            let (rest, ramp) = if d.is_finite() {
                ((-d).exp(), (1.0 + d) * (-d).exp())
            } else {
                (0.0, 0.0)
            };
            (-stretch.start).exp() * (stretch.from * (1.0 - rest) + stretch.slope * (1.0 - ramp))
        };
        of_seconds(self.stretches().iter().map(area).sum())
    }

    pub(super) fn quantile(&self, p: f64) -> Duration {
        // Exactly, not to the last bit of a logarithm.
        if let Some(i) = SHARES.iter().position(|share| share.total_cmp(&p).is_eq()) {
            return self.percentiles[i];
        }
        let s = -(-p).ln_1p();
        let stretches = self.stretches();
        let [.., last] = &stretches;
        let stretch = stretches
            .iter()
            .find(|stretch| s < stretch.end)
            .unwrap_or(last);
        if stretch.slope == 0.0 {
            // Otherwise the end would be 0 times infinity.
            return of_seconds(stretch.from);
        }
        of_seconds(stretch.from + stretch.slope * (s - stretch.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(ms: [u64; 4]) -> Tail {
        Tail::new(ms.map(Duration::from_millis)).unwrap()
    }

    #[test]
    fn it_hits_its_percentiles_and_is_straight_between_them() {
        let tail = tail([60, 120, 180, 400]);
        let ms = |p| tail.quantile(p).as_secs_f64() * 1e3;
        for (p, expected) in [
            (0.0, 30.0),
            (0.5, 60.0),
            (0.9, 120.0),
            (0.95, 180.0),
            (0.99, 400.0),
            // Half of the way from 0.5 to 0.9 in s is where 1 − p is √(0.5 · 0.1).
            (1.0 - 0.05_f64.sqrt(), 90.0),
            // A fifth of the requests beyond the 99th percentile are beyond the next step of the same height.
            (0.998, 620.0),
        ] {
            assert!((ms(p) - expected).abs() < 1e-5, "{p}: {}", ms(p));
        }
        assert_eq!(tail.quantile(1.0), Duration::MAX);
    }

    #[test]
    fn an_exponentials_percentiles_give_its_upper_half_back() {
        let exponential = |p: f64| Duration::from_secs_f64(-0.1 * (-p).ln_1p());
        let tail = Tail::new(SHARES.map(exponential)).unwrap();
        for p in [0.6, 0.75, 0.93, 0.97, 0.999, 0.999_999] {
            let (a, b) = (tail.quantile(p), exponential(p));
            assert!(a.abs_diff(b) < Duration::from_nanos(50), "{p}: {a:?} {b:?}");
        }
    }

    #[test]
    fn four_equal_percentiles_end_there() {
        let tail = tail([60; 4]);
        assert_eq!(tail.quantile(1.0), Duration::from_millis(60));
        // Below the median 30 · ½ + (30 / ln 2) (1 − (1 + ln 2) / 2), above it 60 · ½.
        let mean = tail.mean().as_secs_f64() * 1e3;
        assert!((mean - 51.640_426).abs() < 1e-5, "{mean}");
    }
}
