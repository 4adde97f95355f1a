//! How fast a variant goes at present: what windows and waiting times are measured by.

use super::{Variant, rate};
use crate::clock::Tick;
use crate::stats::Buckets;

/// What the last whole second of a variant tells the comparison.
#[derive(Debug, Clone, Default)]
pub(in crate::metrics) struct LastSecond {
    /// Ok completions per second.
    pub(in crate::metrics) rps: f64,
    /// What ended in it; failures are slower than any finite time.
    pub(in crate::metrics) ended: Option<Buckets>,
}

impl Variant {
    /// The mean response time in the live window, in seconds. If none has ended in it: what it was last, or the age of the
    /// oldest open request. What it was before the window last started afresh counts until twice that time has passed, as
    /// quick answers come first.
    pub fn mean_response_s(&self, now: Tick) -> f64 {
        let window = self.window.recent();
        let mean = match window.ended.ok_response.mean() {
            Some(us) => us / 1e6,
            None => self.oldest_age_s(now).max(self.recent_s),
        };
        if window.seconds < 2.0 * self.before_s {
            mean.max(self.before_s)
        } else {
            mean
        }
    }

    pub(super) fn oldest_age_s(&self, now: Tick) -> f64 {
        let open = self.open_outside.iter().chain(&self.open_in_run);
        open.min()
            .map_or(0.0, |oldest| now.since(*oldest).as_secs_f64())
    }

    /// The last whole second.
    pub(in crate::metrics) fn last_second(&self) -> &LastSecond {
        &self.last_second
    }

    /// Requests per second that were intended in the live window.
    pub(in crate::metrics) fn intended_per_s(&self) -> f64 {
        let window = self.window.recent();
        rate(window.intended, window.seconds).unwrap_or(0.0)
    }
}
