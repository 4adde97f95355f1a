//! Logarithmic scales for latencies, and one that is steady.

use super::range::{Range, Steps};
use super::{round_down, round_up};

/// A logarithmic scale for latencies in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogScale {
    /// Its lower end, above 0.
    pub low_us: f64,
    /// Its upper end, at least ten times as much.
    pub high_us: f64,
}

impl LogScale {
    /// Where `us` lies: 0 at the lower end, 1 at the upper one; never outside.
    pub fn position(&self, us: f64) -> f64 {
        let share = (us.max(1e-3) / self.low_us).ln() / (self.high_us / self.low_us).ln();
        share.clamp(0.0, 1.0)
    }

    /// The values of the form (factor × a power of ten) on the scale, ascending.
    pub fn ticks(&self, factor: f64) -> Vec<f64> {
        let exponents = self.low_us.log10().floor() as i32..=self.high_us.log10().ceil() as i32;
        exponents
            .map(|exponent| factor * 10f64.powi(exponent))
            .filter(|&us| us >= self.low_us * 0.999 && us <= self.high_us * 1.001)
            .collect()
    }

    /// From one round value to another, at least a factor of ten apart, with both on it.
    pub(in crate::tui) fn around(low_us: f64, high_us: f64) -> LogScale {
        let high_us = round_up(high_us.max(10.0), &[1.0, 2.0, 5.0]);
        let low_us = round_down(low_us.max(1.0)).min(high_us / 10.0);
        LogScale { low_us, high_us }
    }
}

impl Default for LogScale {
    fn default() -> Self {
        LogScale {
            low_us: 1e3,
            high_us: 1e6,
        }
    }
}

/// A scale that grows at once and shrinks slowly, step by step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::tui) struct Steady(Range);

impl Default for Steady {
    fn default() -> Self {
        let usual = LogScale::default();
        Steady(Range::new(usual.low_us, usual.high_us))
    }
}

impl Steady {
    /// The scale for values from `low_us` to `high_us` at `now` (seconds of the run), when this was the last one.
    #[must_use]
    pub(in crate::tui) fn following(self, low_us: f64, high_us: f64, now: f64) -> Steady {
        const STEPS: Steps = Steps {
            up: |us| round_up(us * 1.001, &[1.0, 2.0, 5.0]),
            down: |us| round_down(us * 0.999),
        };
        let fresh = LogScale::around(low_us, high_us);
        Steady(self.0.following((fresh.low_us, fresh.high_us), now, &STEPS))
    }

    /// The scale as it is now.
    pub(in crate::tui) fn scale(&self) -> LogScale {
        LogScale {
            low_us: self.0.low,
            high_us: self.0.high,
        }
    }
}
