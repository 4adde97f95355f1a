//! The ends of a scale: they give way at once to what does not fit, and come back slowly, one round step at a time.

/// How long a scale is too long before it gets shorter by a step, seconds of the run.
const PATIENCE_S: f64 = 5.0;

/// The ends of a scale, and since when they are further apart than they need be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
    slack_since: Option<f64>,
    /// It has held something.
    used: bool,
}

/// The next round value in the direction of another.
pub(super) struct Steps {
    pub(super) up: fn(f64) -> f64,
    pub(super) down: fn(f64) -> f64,
}

impl Range {
    /// A scale that nothing has been put on.
    pub(super) fn new(low: f64, high: f64) -> Range {
        Range {
            low,
            high,
            slack_since: None,
            used: false,
        }
    }

    /// The scale at `now` (seconds of the run), when `low` to `high` would be just right.
    #[must_use]
    pub(super) fn following(self, (low, high): (f64, f64), now: f64, steps: &Steps) -> Range {
        let exact = |slack_since| Range {
            low,
            high,
            slack_since,
            used: true,
        };
        if !self.used || self.low > high || self.high < low {
            // What was there before says nothing about this.
            return exact(None);
        }
        let wide = Range {
            low: self.low.min(low),
            high: self.high.max(high),
            ..self
        };
        if wide.low >= low && wide.high <= high {
            return exact(None);
        }
        let since = self
            .slack_since
            .filter(|since| *since <= now)
            .unwrap_or(now);
        if now - since < PATIENCE_S {
            return Range {
                slack_since: Some(since),
                ..wide
            };
        }
        Range {
            low: (steps.up)(wide.low).min(low),
            high: (steps.down)(wide.high).max(high),
            slack_since: Some(now),
            used: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: Steps = Steps {
        up: |x| x * 2.0,
        down: |x| x / 2.0,
    };

    #[test]
    fn it_grows_at_once_and_shrinks_by_a_step_at_a_time() {
        let ends = |range: &Range| (range.low, range.high);
        let mut range = Range::new(1.0, 1_000.0).following((4.0, 64.0), 0.0, &STEPS);
        assert_eq!(ends(&range), (4.0, 64.0), "nothing was on it");
        range = range.following((2.0, 512.0), 1.0, &STEPS);
        assert_eq!(ends(&range), (2.0, 512.0));
        let mut seen = Vec::new();
        for second in 2..40 {
            range = range.following((4.0, 64.0), f64::from(second), &STEPS);
            seen.push(ends(&range));
        }
        seen.dedup();
        assert_eq!(
            seen,
            [(2.0, 512.0), (4.0, 256.0), (4.0, 128.0), (4.0, 64.0)]
        );
    }

    #[test]
    fn what_lies_elsewhere_gets_a_scale_of_its_own() {
        let range = Range::new(1.0, 2.0).following((1.0, 8.0), 0.0, &STEPS);
        let other = range.following((64.0, 512.0), 1.0, &STEPS);
        assert_eq!((other.low, other.high), (64.0, 512.0));
    }
}
