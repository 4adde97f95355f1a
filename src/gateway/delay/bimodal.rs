//! Two delays, such as those of a cache that hits or misses.

use super::super::words::{Portion, shown};
use super::{ProfileError, not_too_long, of_seconds};
use std::time::Duration;

/// A share of the requests takes the slow delay, the others the fast one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bimodal {
    fast: Duration,
    slow: Duration,
    share: Portion,
}

impl Bimodal {
    pub(super) fn new(
        fast: Duration,
        slow: Duration,
        share: Portion,
    ) -> Result<Bimodal, ProfileError> {
        if fast > slow {
            return Err(ProfileError::Falls(shown(fast), shown(slow)));
        }
        not_too_long(slow)?;
        Ok(Bimodal { fast, slow, share })
    }

    /// The delay of most requests, or rather of those that are not in [`Bimodal::share`].
    pub fn fast(&self) -> Duration {
        self.fast
    }

    /// The longer delay.
    pub fn slow(&self) -> Duration {
        self.slow
    }

    /// The share of the requests that take the longer delay.
    pub fn share(&self) -> Portion {
        self.share
    }

    pub(super) fn mean(&self) -> Duration {
        let share = self.share.share();
        of_seconds(self.fast.as_secs_f64() * (1.0 - share) + self.slow.as_secs_f64() * share)
    }

    pub(super) fn quantile(&self, p: f64) -> Duration {
        let fast = 1.0 - self.share.share();
        if p <= fast && fast > 0.0 {
            self.fast
        } else {
            self.slow
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_share_is_at_the_top() {
        let ms = Duration::from_millis;
        let of = |share| Bimodal::new(ms(20), ms(200), Portion::new(share).unwrap()).unwrap();
        let tenth = of(0.1);
        assert_eq!(tenth.mean(), ms(38));
        assert_eq!(
            (tenth.quantile(0.9), tenth.quantile(0.91)),
            (ms(20), ms(200))
        );
        assert_eq!(
            (of(0.0).quantile(1.0), of(1.0).quantile(0.0)),
            (ms(20), ms(200))
        );
    }
}
