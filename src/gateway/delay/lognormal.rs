//! Delays whose logarithm is normal: many near the median, few far above it, as services often have them.

use super::normal::inverse_normal;
use super::{ProfileError, not_too_long, of_seconds};
use std::time::Duration;

/// The widest spread. At 4 the mean is e⁸, about 3,000, times the median.
const WIDEST: f64 = 4.0;

/// A log-normal distribution: the quantile of p is `median · exp(sigma · Φ⁻¹(p))`, the mean `median · exp(sigma² / 2)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal {
    median: Duration,
    sigma: f64,
}

impl LogNormal {
    pub(super) fn new(median: Duration, sigma: f64) -> Result<LogNormal, ProfileError> {
        if !(0.0..=WIDEST).contains(&sigma) {
            return Err(ProfileError::Sigma(sigma.to_string()));
        }
        let median = not_too_long(median)?;
        Ok(LogNormal { median, sigma })
    }

    /// The median.
    pub fn median(&self) -> Duration {
        self.median
    }

    /// The standard deviation of the delay's natural logarithm.
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    pub(super) fn mean(&self) -> Duration {
        of_seconds(self.median.as_secs_f64() * (self.sigma * self.sigma / 2.0).exp())
    }

    pub(super) fn quantile(&self, p: f64) -> Duration {
        if self.sigma == 0.0 {
            // Otherwise the ends would be 0 times infinity.
            return self.median;
        }
        of_seconds(self.median.as_secs_f64() * (self.sigma * inverse_normal(p)).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_mean_are_the_formulas() {
        let shape = LogNormal::new(Duration::from_millis(80), 0.5).unwrap();
        for (found, ms) in [
            (shape.quantile(0.5), 80.0),
            // 80 e^(0.5 · 1.6448536), 80 e^(0.5 · 2.3263479), 80 e^0.125.
            (shape.quantile(0.95), 182.081_329),
            (shape.quantile(0.99), 256.005_921),
            (shape.mean(), 90.651_876),
        ] {
            assert!(
                (found.as_secs_f64() * 1e3 - ms).abs() < 1e-5,
                "{found:?} {ms}"
            );
        }
        assert_eq!(shape.quantile(0.0), Duration::ZERO);
        assert_eq!(shape.quantile(1.0), Duration::MAX);
        let constant = LogNormal::new(Duration::from_millis(80), 0.0).unwrap();
        assert_eq!(
            (constant.quantile(1.0), constant.mean()),
            (constant.median, constant.median)
        );
    }
}
