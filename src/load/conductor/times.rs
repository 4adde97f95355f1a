//! How long the parts of a run take, and what is left of them.

use super::Conductor;
use super::slots::{AHEAD, REST};
use super::stage::Stage;
use super::turns::{Next, Turns};
use crate::clock::Tick;
use crate::load::spec::Warmup;
use crate::metrics::snapshot::{Phase, Side};
use crate::stats;
use std::time::Duration;

/// Automatic warm-up: at least, at most, and in cycles of think time and mean response.
const WARMUP_S: (f64, f64, f64) = (5.0, 30.0, 3.0);

impl Conductor {
    /// How long the load settles after it has been held: two cycles, at least a second.
    pub(super) fn settle(&self, now: Tick) -> Duration {
        Duration::from_secs_f64(stats::settling_s(self.cycle_s(now)))
    }

    /// Mean think time and response, of who has the turn in this turn alone.
    pub(super) fn cycle_s(&self, now: Tick) -> f64 {
        self.load.think.mean().as_secs_f64() + self.mean_response_s(now)
    }

    /// The mean response in seconds: of who has the turn in this turn alone, else of the slower variant.
    pub(super) fn mean_response_s(&self, now: Tick) -> f64 {
        let aggregator = &self.setup.aggregator;
        match &self.turns {
            Some(turns) => {
                aggregator
                    .slot_reading(turns.slot.variant, now)
                    .mean_response_s
            }
            None => aggregator.mean_response_s(now),
        }
    }

    /// When the present stage ends, if that is known.
    fn phase_end(&self) -> Option<Tick> {
        match self.stage {
            Stage::Ramp { until } | Stage::Settling { until, .. } => Some(until),
            Stage::WarmUp { since } => Some(since + self.warmup(self.setup.clock.now())),
            Stage::Measuring { until } => until,
            Stage::Opening { from, .. } => Some(from),
            Stage::SlotSettling { since } => self.turns.as_ref()?.settled_at(since),
            Stage::Clearing { .. } | Stage::Paused { .. } | Stage::Draining | Stage::Done => None,
        }
    }

    /// When there is something to do next, if that is known and to come.
    pub(super) fn due(&self, now: Tick) -> Option<Tick> {
        let end = self.phase_end();
        if self.turns.is_none() {
            return end;
        }
        // What begins then is announced a little ahead.
        let ahead = |end: Tick| Tick(end.0.saturating_sub(AHEAD.as_nanos() as u64));
        match self.stage {
            Stage::Ramp { .. } | Stage::WarmUp { .. } => {
                end.min(self.fixed_warm_at().map(ahead).or(end))
            }
            Stage::Settling { .. } | Stage::SlotSettling { .. } => end.map(ahead),
            Stage::Clearing { since, .. } => Some(since + REST).filter(|due| *due > now),
            _ => end,
        }
    }

    /// Seconds of the whole run and seconds left of this phase, where they are known.
    pub(super) fn times(&self, now: Tick) -> (Option<f64>, Option<f64>) {
        if let Some(turns) = &self.turns {
            return self.times_of(turns, now);
        }
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

    /// The same where the variants take turns. What draining takes is not known.
    fn times_of(&self, turns: &Turns, now: Tick) -> (Option<f64>, Option<f64>) {
        let (end, duration) = (self.phase_end(), self.setup.spec.duration);
        let (total, phase_end) = match self.stage {
            Stage::Draining | Stage::Done => (duration.and(self.load.stop_at), None),
            Stage::Ramp { .. } | Stage::WarmUp { .. } if turns.alternate => (None, end),
            _ if turns.alternate => {
                let total = turns.end(duration, now);
                (total, total.filter(|_| self.phase() == Phase::Measuring))
            }
            _ => (self.sequential_end(turns, now), end),
        };
        let left = phase_end.map(|end| end.since(now).as_secs_f64());
        (total.map(Tick::as_secs_f64), left)
    }

    /// When a *sequential* run will have measured both variants.
    fn sequential_end(&self, turns: &Turns, now: Tick) -> Option<Tick> {
        let duration = self.setup.spec.duration?;
        let load_of = |side: Side| self.ramp_left(side, now) + self.warmup(now) + duration;
        let mut side = turns.slot.variant;
        let end = match self.stage {
            Stage::Ramp { until } => until + self.warmup(now) + duration,
            Stage::WarmUp { since } => since + self.warmup(now) + duration,
            Stage::Settling { until, left } => until + left?,
            Stage::Opening { until, .. } | Stage::Measuring { until } => until?,
            Stage::Clearing {
                next: Next::Load(next),
                ..
            } => {
                side = next;
                now + load_of(next)
            }
            _ => return None,
        };
        Some(if side == Side::A {
            end + load_of(Side::B)
        } else {
            end
        })
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
