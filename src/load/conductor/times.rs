//! How long the parts of a run take, and what is left of them.

use super::Conductor;
use super::stage::Stage;
use crate::clock::Tick;
use crate::load::spec::{LoadModel, Warmup};
use std::time::Duration;

/// Automatic warm-up: at least, at most, and in cycles of think time and mean response.
const WARMUP_S: (f64, f64, f64) = (5.0, 30.0, 3.0);

/// Settling after a pause or a standstill: at least, at most, and in cycles.
const SETTLING_S: (f64, f64, f64) = (1.0, 30.0, 2.0);

impl Conductor {
    /// How long the load settles after it has been held: two cycles, at least a second.
    pub(super) fn settle(&self, now: Tick) -> Duration {
        let (least, most, cycles) = SETTLING_S;
        Duration::from_secs_f64((cycles * self.cycle_s(now)).clamp(least, most))
    }

    /// Mean think time and response.
    pub(super) fn cycle_s(&self, now: Tick) -> f64 {
        let think = match self.setup.spec.model {
            LoadModel::Closed { think, .. } => think.mean().as_secs_f64(),
            LoadModel::Open { .. } => 0.0,
        };
        think + self.setup.aggregator.mean_response_s(now)
    }

    pub(super) fn phase_end(&self) -> Option<Tick> {
        match self.stage {
            Stage::Ramp { until } | Stage::Settling { until, .. } => Some(until),
            Stage::WarmUp { since } => Some(since + self.warmup(self.setup.clock.now())),
            Stage::Measuring { until } => until,
            Stage::Paused { .. } | Stage::Draining | Stage::Done => None,
        }
    }

    /// Seconds of the whole run and seconds left of this phase, where they are known.
    pub(super) fn times(&self, now: Tick) -> (Option<f64>, Option<f64>) {
        let end = self.phase_end();
        let left = end.map(|end| end.since(now).as_secs_f64());
        let after = match self.stage {
            Stage::Ramp { until } => Some(until + self.warmup(now)),
            Stage::WarmUp { .. } => end,
            _ => None,
        };
        let total = match (self.stage, self.setup.spec.duration) {
            (Stage::Measuring { until }, _) => until,
            (Stage::Settling { until, left }, _) => left.map(|left| until + left),
            (Stage::Ramp { .. } | Stage::WarmUp { .. }, Some(duration)) => {
                after.map(|after| after + duration)
            }
            (Stage::Draining | Stage::Done, Some(_)) => self.load.stop_at,
            _ => None,
        };
        (total.map(Tick::as_secs_f64), left)
    }

    pub(super) fn warmup(&self, now: Tick) -> Duration {
        match self.setup.spec.warmup {
            Warmup::Fixed(duration) => duration,
            Warmup::Auto => {
                let (least, most, cycles) = WARMUP_S;
                Duration::from_secs_f64((cycles * self.cycle_s(now)).clamp(least, most))
            }
        }
    }
}
