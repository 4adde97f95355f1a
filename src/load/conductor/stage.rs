//! The stages of a run and the ways from one to the next.

use super::turns::{Next, Turns, only};
use super::{Conductor, GRACE, readings};
use crate::clock::Tick;
use crate::load::control::{LoadState, Turn};
use crate::load::spec::Warmup;
use crate::load::standstill::Standstill;
use crate::metrics::snapshot::{Phase, Side, SlotStage};
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
    /// A slot has begun and is not yet measured.
    SlotSettling {
        since: Tick,
    },
    /// What is due from `from` on is measured; that lies a little ahead.
    Opening {
        from: Tick,
        until: Option<Tick>,
    },
    /// Between two turns: what is open is waited for, then comes `next`.
    Clearing {
        since: Tick,
        next: Next,
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
    Clearing { next: Next },
}

impl Stage {
    /// The same as the stage of a slot.
    fn in_slot(self) -> SlotStage {
        match self {
            Stage::Ramp { .. } | Stage::WarmUp { .. } => SlotStage::WarmUp,
            Stage::Settling { .. } | Stage::SlotSettling { .. } | Stage::Opening { .. } => {
                SlotStage::Settling
            }
            Stage::Measuring { .. } => SlotStage::Block,
            Stage::Clearing { .. } | Stage::Paused { .. } | Stage::Draining | Stage::Done => {
                SlotStage::Draining
            }
        }
    }
}

impl Conductor {
    /// Goes on to the next phase if the present one is over.
    pub(super) fn advance(&mut self, idle: bool) {
        let now = self.setup.clock.now();
        match self.stage {
            Stage::Draining if idle || self.cancelled_at.is_some_and(|at| now >= at + GRACE) => {
                self.stage = Stage::Done;
            }
            _ if self.turns.is_some() => self.advance_turns(now),
            Stage::Ramp { until } if now >= until => {
                self.enter(Stage::WarmUp { since: until }, now);
            }
            Stage::WarmUp { since } if now >= since + self.warmup(now) => {
                let from = match self.setup.spec.warmup {
                    Warmup::Fixed(duration) => since + duration,
                    Warmup::Auto => now,
                };
                let until = self.setup.spec.duration.map(|duration| from + duration);
                self.warm = [true; 2];
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
            // Evidence comes with the pictures.
            Stage::Measuring { .. } if now >= self.next_beat && self.is_decided() => {
                self.load.stop_at = Some(now);
                self.enter(Stage::Draining, now);
            }
            _ => {}
        }
    }

    fn is_decided(&self) -> bool {
        self.setup.spec.until_decided && self.setup.aggregator.is_decided()
    }

    pub(super) fn enter(&mut self, stage: Stage, now: Tick) {
        self.collect(now);
        let resumed = matches!(self.stage, Stage::Paused { .. });
        self.stage = stage;
        if resumed {
            self.announce_run();
        }
        self.setup.aggregator.enter(self.phase());
        if let Some(turns) = &mut self.turns {
            turns.slot.stage = stage.in_slot();
            self.setup.aggregator.take_turn(Some(turns.slot));
        }
        let stop_at = match stage {
            // Unless another turn comes after this one.
            Stage::Measuring { until } if self.turns.as_ref().is_none_or(Turns::is_last) => until,
            Stage::Draining | Stage::Done => self.load.stop_at.or(Some(now)),
            _ => None,
        };
        self.change_load(LoadState {
            turns: self.under_load(resumed, now),
            stop_at,
            ..self.load
        });
    }

    /// What the present stage is called on the screen.
    pub(super) fn phase(&self) -> Phase {
        let alternate = self.turns.as_ref().is_some_and(|turns| turns.alternate);
        match self.stage {
            Stage::Ramp { .. } => Phase::Ramp,
            Stage::WarmUp { .. } | Stage::Settling { .. } => Phase::WarmUp,
            Stage::Opening { .. } if !alternate => Phase::WarmUp,
            // Unless what is open belongs to A's whole run, and B's is to come.
            Stage::Clearing {
                next: Next::Load(side),
                ..
            } if alternate || side == Side::A => Phase::WarmUp,
            Stage::Measuring { .. }
            | Stage::SlotSettling { .. }
            | Stage::Opening { .. }
            | Stage::Clearing { .. } => Phase::Measuring,
            Stage::Paused { .. } => Phase::Paused,
            Stage::Draining | Stage::Done => Phase::Draining,
        }
    }

    /// Who is under load in the present stage. `resumed`: it comes after a pause.
    fn under_load(&self, resumed: bool, now: Tick) -> [Option<Turn>; 2] {
        if let Stage::Paused { .. } | Stage::Clearing { .. } = self.stage {
            return [None; 2];
        }
        let Some(turns) = &self.turns else {
            return if resumed {
                [Some(Turn::begin(now)); 2]
            } else {
                self.load.turns
            };
        };
        if resumed {
            return only(turns.slot.variant, Turn::begin(now));
        }
        let mut load = self.load.turns;
        for turn in load.iter_mut().flatten() {
            match self.stage {
                Stage::Measuring { until: Some(until) } => turn.until = Some(until),
                // What was to be its end before it was interrupted is none any more.
                Stage::Settling { .. } => turn.until = None,
                _ => {}
            }
        }
        load
    }

    /// Where the run's start is known beforehand the shards are told beforehand, so that not one request around it is
    /// counted on the wrong side.
    pub(super) fn announce_run(&mut self) {
        if self.turns.is_some() {
            // Those who take turns have blocks, which are announced when they are opened.
            return;
        }
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
        for (end, turn) in self.ramp_ends.iter_mut().zip(load.turns) {
            *end = end.or(turn.map(|turn| turn.from + self.setup.spec.ramp));
        }
        self.load = load;
        self.setup.load.send_replace(load);
    }

    /// This process did not run for a while: nothing of that belongs to the measurement.
    pub(super) fn stood_still(&mut self, standstill: Standstill, now: Tick) {
        let (gap, settle) = (standstill.length(), self.settle(now));
        self.setup
            .aggregator
            .stood_still(standstill.from, now, readings(&self.setup.connections));
        let stage = match (self.set_aside(standstill.from), self.stage) {
            (Some(Resume::Clearing { next }), _) => Stage::Clearing { since: now, next },
            (_, stage) => match stage {
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
                Stage::Opening { from, until } => Stage::Settling {
                    until: now + settle,
                    left: until.map(|until| until.since(from)),
                },
                stage => stage,
            },
        };
        // Told even if nothing changes: users who saw the old end pass have left and are called back.
        self.enter(stage, now);
        self.announce_run();
        // The load threads have yet to act on it; until then no picture is true.
        self.next_beat = now + self.setup.beat;
    }
}
