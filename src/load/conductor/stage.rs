//! The stages of a run and the ways from one to the next.

use super::{Conductor, GRACE, readings};
use crate::clock::Tick;
use crate::load::control::{LoadState, Turn};
use crate::load::spec::Warmup;
use crate::load::standstill::Standstill;
use crate::metrics::snapshot::Phase;
use std::time::Duration;

/// Where a run stands, with the instants that its phases need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stage {
    Ramp {
        until: Tick,
    },
    WarmUp {
        since: Tick,
    },
    Measuring {
        until: Option<Tick>,
    },
    /// Back under load after it was held; `left` is what is still to be measured.
    Settling {
        until: Tick,
        left: Option<Duration>,
    },
    Paused {
        resume: Resume,
    },
    Draining,
    Done,
}

/// What a pause interrupted; the durations are what is left or has passed of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Resume {
    Ramp { left: Duration },
    WarmUp { passed: Duration },
    Measuring { left: Option<Duration> },
}

impl Conductor {
    /// Goes on to the next phase if the present one is over.
    pub(super) fn advance(&mut self, idle: bool) {
        let now = self.setup.clock.now();
        match self.stage {
            Stage::Ramp { until } if now >= until => {
                self.enter(Stage::WarmUp { since: until }, now);
            }
            Stage::WarmUp { since } if now >= since + self.warmup(now) => {
                let from = match self.setup.spec.warmup {
                    Warmup::Fixed(duration) => since + duration,
                    Warmup::Auto => now,
                };
                let until = self.setup.spec.duration.map(|duration| from + duration);
                self.enter(Stage::Measuring { until }, now);
                if self.setup.spec.warmup == Warmup::Auto {
                    self.setup.aggregator.start_run(from, now);
                }
            }
            Stage::Settling { until, left } if now >= until => {
                let until = left.map(|left| until + left);
                self.enter(Stage::Measuring { until }, now);
            }
            Stage::Measuring { until: Some(until) } if now >= until => {
                self.enter(Stage::Draining, now);
            }
            Stage::Draining if idle || self.cancelled_at.is_some_and(|at| now >= at + GRACE) => {
                self.stage = Stage::Done;
            }
            _ => {}
        }
    }

    pub(super) fn enter(&mut self, stage: Stage, now: Tick) {
        self.collect(now);
        let resumed = matches!(self.stage, Stage::Paused { .. });
        self.stage = stage;
        if resumed {
            self.announce_run();
        }
        let (phase, stop_at) = match stage {
            Stage::Ramp { .. } => (Phase::Ramp, None),
            Stage::WarmUp { .. } | Stage::Settling { .. } => (Phase::WarmUp, None),
            Stage::Measuring { until } => (Phase::Measuring, until),
            Stage::Paused { .. } => (Phase::Paused, None),
            Stage::Draining | Stage::Done => (Phase::Draining, self.load.stop_at.or(Some(now))),
        };
        self.setup.aggregator.enter(phase);
        let turns = match stage {
            Stage::Paused { .. } => [None; 2],
            _ if resumed => [Some(Turn::begin(now)); 2],
            _ => self.load.turns,
        };
        self.change_load(LoadState {
            turns,
            stop_at,
            ..self.load
        });
    }

    /// Where the run's start is known beforehand the shards are told beforehand, so that not one request around it is
    /// counted on the wrong side.
    pub(super) fn announce_run(&mut self) {
        if let Stage::Settling { until, .. } = self.stage {
            self.setup.aggregator.resume_run(until);
        }
        let Warmup::Fixed(warmup) = self.setup.spec.warmup else {
            return;
        };
        let now = self.setup.clock.now();
        match self.stage {
            Stage::Ramp { until } => self.setup.aggregator.start_run(until + warmup, now),
            Stage::WarmUp { since } => self.setup.aggregator.start_run(since + warmup, now),
            _ => {}
        }
    }

    pub(super) fn change_load(&mut self, load: LoadState) {
        self.load = load;
        self.setup.load.send_replace(load);
    }

    /// This process did not run for a while: nothing of that belongs to the measurement.
    pub(super) fn stood_still(&mut self, standstill: Standstill, now: Tick) {
        let (gap, settle) = (standstill.length(), self.settle(now));
        self.setup
            .aggregator
            .stood_still(standstill.from, now, readings(&self.setup.connections));
        let stage = match self.stage {
            Stage::Ramp { until } => Stage::Ramp { until: until + gap },
            Stage::WarmUp { since } => Stage::WarmUp { since: since + gap },
            Stage::Measuring { until } => Stage::Settling {
                until: now + settle,
                left: until.map(|until| until.since(standstill.from)),
            },
            Stage::Settling { left, .. } => Stage::Settling {
                until: now + settle,
                left,
            },
            stage @ (Stage::Paused { .. } | Stage::Draining | Stage::Done) => stage,
        };
        // Told even if nothing changes: users who saw the old end pass have left and are called back.
        self.enter(stage, now);
        self.announce_run();
        // The load threads have yet to act on it; until then no picture is true.
        self.next_beat = now + self.setup.beat;
    }
}
