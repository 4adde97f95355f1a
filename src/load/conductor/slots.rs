//! Taking turns: *alternate* and *sequential*, in which one variant is under load while the other waits.
//!
//! ```text
//! alternate    A: ramp, warm-up ─► clear ─► B: ramp, warm-up ─► clear ─► slot ─► clear ─► slot ─► clear ─► judge ─┐
//!                                                                         ▲  a pair: AB or BA, by a coin           │
//!                                                                         └────────────────────────────────────────┘
//! sequential   A: ramp, warm-up, measuring ─► clear ─► B: ramp, warm-up, measuring ─► drain
//! ```
//!
//! What makes the verdict of *alternate* exact: nothing that is decided here depends on which variant a slot belongs to. A slot
//! ends by what it has shown itself, or, in open loops, at an instant that was fixed for both slots before the coin fell.

use super::Conductor;
use super::stage::Stage;
use super::turns::{Next, first_load, only};
use crate::clock::Tick;
use crate::load::control::Turn;
use crate::load::spec::{LoadModel, Warmup};
use crate::metrics::snapshot::{Side, Slot, SlotStage};
use crate::stats;
use std::time::Duration;

/// Orders are given so long ahead that all load threads know of them when they come into force, on a busy machine too.
pub(super) const AHEAD: Duration = Duration::from_millis(20);

/// Between two turns, at least: who was due just before the end of a turn may begin a little late, and the shards wait for that.
pub(super) const REST: Duration = Duration::from_millis(150);

/// Waiting for what is open ends so long after the timeout, whatever happens.
const PATIENCE: Duration = Duration::from_millis(250);

impl Conductor {
    /// `side` comes under load: for the first time with its ramp.
    pub(super) fn begin_load(&mut self, side: Side, now: Tick) {
        let from = now + AHEAD;
        let ramp = self.ramp_left(side, from);
        let Some(turns) = &mut self.turns else { return };
        turns.slot = first_load(side);
        self.load.turns = only(side, Turn::begin(from));
        self.enter(Stage::Ramp { until: from + ramp }, now);
    }

    /// A slot of the present pair begins, or of a new one.
    fn begin_slot(&mut self, second: bool, now: Tick) {
        let fixed = self.fixed();
        let seed = self.setup.spec.seed;
        let Some(turns) = &mut self.turns else { return };
        if !second {
            turns.pair += 1;
            turns.pair_began = now;
            turns.fixed = fixed;
        }
        let side = if stats::a_first(seed, turns.pair - 1) == second {
            Side::B
        } else {
            Side::A
        };
        turns.slot = Slot {
            variant: side,
            pair: Some(turns.pair),
            block: Some(if second { 2 } else { 1 }),
            stage: SlotStage::Settling,
        };
        let from = now + AHEAD;
        let turn = Turn {
            from,
            until: turns.fixed.map(|(settling, block)| from + settling + block),
            draw: Some(turns.pair),
        };
        self.load.turns = only(side, turn);
        self.enter(Stage::SlotSettling { since: from }, now);
    }

    /// Settling and block of both slots of the next pair in an open loop. Fixed before the coin falls, from all earlier slots.
    fn fixed(&self) -> Option<(Duration, Duration)> {
        let LoadModel::Open { .. } = self.setup.spec.model else {
            return None;
        };
        let cycle_s = self.turns.as_ref()?.cycles.longest();
        Some((
            Duration::from_secs_f64(stats::settling_s(cycle_s)),
            Duration::from_secs_f64(stats::block_s(self.load.rate_hz, cycle_s, stats::HIGHEST)),
        ))
    }

    /// Nobody is under load until all that is open has ended; then comes `next`.
    pub(super) fn clear(&mut self, next: Next, now: Tick) {
        self.enter(Stage::Clearing { since: now, next }, now);
    }

    /// Goes on to the next stage of a run whose variants take turns, if the present one is over.
    pub(super) fn advance_turns(&mut self, now: Tick) {
        let Some(turns) = &self.turns else { return };
        let (slot, alternate) = (turns.slot, turns.alternate);
        if let Some(end) = self.warm_at(now) {
            self.warm[slot.variant.index()] = true;
            if alternate {
                self.clear(self.next_cold(), now);
            } else {
                self.open(end, self.setup.spec.duration, now);
            }
            return;
        }
        match self.stage {
            Stage::Ramp { until } if now >= until => {
                self.enter(Stage::WarmUp { since: until }, now);
            }
            Stage::Settling { until, left } if now + AHEAD >= until => {
                self.open(until, left, now);
            }
            Stage::SlotSettling { since } => {
                if let Some(from) = self.settled_at(since, now) {
                    let fixed = self.turns.as_ref().and_then(|turns| turns.fixed);
                    self.open(from, fixed.map(|(_, block)| block), now);
                }
            }
            Stage::Opening { from, until } if now >= from => {
                if let Some(turns) = &mut self.turns {
                    turns.block_from = from;
                }
                self.enter(Stage::Measuring { until }, now);
            }
            Stage::Measuring { until: Some(until) } if now >= until => {
                self.block_is_over(until, now);
            }
            Stage::Measuring { until: None } if alternate => self.end_block(now),
            Stage::Clearing { since, next } if now >= since + REST => {
                self.collect(now);
                let aggregator = &self.setup.aggregator;
                let idle = aggregator.is_idle(Side::A) && aggregator.is_idle(Side::B);
                if idle || now >= since + self.setup.spec.timeout + PATIENCE {
                    self.cleared(next, now);
                }
            }
            _ => {}
        }
    }

    /// When ramp and warm-up are over, if they are, or will be in a moment.
    fn warm_at(&self, now: Tick) -> Option<Tick> {
        self.fixed_warm_at()
            .or(match self.stage {
                Stage::WarmUp { since } if now >= since + self.warmup(now) => Some(now + AHEAD),
                _ => None,
            })
            .filter(|end| now + AHEAD >= *end)
    }

    /// When ramp and warm-up are over, where that is known.
    pub(super) fn fixed_warm_at(&self) -> Option<Tick> {
        match (self.stage, self.setup.spec.warmup) {
            (Stage::Ramp { until: since } | Stage::WarmUp { since }, Warmup::Fixed(warmup)) => {
                Some(since + warmup)
            }
            _ => None,
        }
    }

    /// When the slot's block begins, if it has settled or will have in a moment.
    fn settled_at(&mut self, since: Tick, now: Tick) -> Option<Tick> {
        if let Some(end) = self.turns.as_ref()?.settled_at(since) {
            return Some(end).filter(|end| now + AHEAD >= *end);
        }
        self.collect(now);
        let settling = stats::settling_s(self.cycle_s(now));
        (now.since(since).as_secs_f64() >= settling).then(|| now + AHEAD)
    }

    /// The block of a closed loop ends in a moment if it may.
    fn end_block(&mut self, now: Tick) {
        let Some(side) = self.turns.as_ref().map(|turns| turns.slot.variant) else {
            return;
        };
        if self.block_may_end(now) {
            let until = now + AHEAD;
            self.setup.aggregator.close_block(side, until);
            self.enter(Stage::Measuring { until: Some(until) }, now);
        }
    }

    /// Whether the block has shown all that it must. It is asked about itself only.
    fn block_may_end(&mut self, now: Tick) -> bool {
        self.collect(now);
        let Some(turns) = &self.turns else {
            return false;
        };
        let aggregator = &self.setup.aggregator;
        let requests = aggregator.slot_reading(turns.slot.variant, now).requests;
        let elapsed_s = now.since(turns.block_from).as_secs_f64();
        stats::block_may_end(elapsed_s, self.cycle_s(now), requests, stats::HIGHEST)
    }

    /// What is due from `from` on is measured, for `length` if that is known.
    fn open(&mut self, from: Tick, length: Option<Duration>, now: Tick) {
        let Some(turns) = &self.turns else { return };
        let slot = turns.slot;
        let until = length.map(|length| from + length);
        self.collect(now);
        // In *sequential* all that is measured is one pair.
        let pair = slot.pair.unwrap_or(1);
        self.setup
            .aggregator
            .open_block(slot.variant, pair, from, until, now);
        self.enter(Stage::Opening { from, until }, now);
    }

    fn block_is_over(&mut self, until: Tick, now: Tick) {
        let Some(turns) = &mut self.turns else { return };
        let slot = turns.slot;
        turns.blocks[slot.variant.index()] = until.since(turns.block_from);
        let next = match (turns.alternate, slot.block, slot.variant) {
            (true, Some(2), _) => Next::Judge,
            (true, ..) => Next::Second,
            (false, _, Side::A) => Next::Load(Side::B),
            (false, _, Side::B) => return self.enter(Stage::Draining, now),
        };
        self.clear(next, now);
    }

    /// Nothing is open any more.
    fn cleared(&mut self, next: Next, now: Tick) {
        let response_s = self.mean_response_s(now);
        if let Some(turns) = &mut self.turns {
            turns.cycles.add(response_s);
        }
        match next {
            Next::Load(side) => self.begin_load(side, now),
            Next::Pair => self.begin_slot(false, now),
            Next::Second => self.begin_slot(true, now),
            Next::Judge => {
                if self.setup.aggregator.end_pair() {
                    self.pair_is_judged(now);
                }
                if self.is_all_measured() {
                    self.enter(Stage::Draining, now);
                } else {
                    self.begin_slot(false, now);
                }
            }
        }
    }

    fn pair_is_judged(&mut self, now: Tick) {
        let Some(turns) = &mut self.turns else { return };
        turns.cycles.pair_is_measured();
        turns.pairs += 1;
        turns.pairs_took += now.since(turns.pair_began);
        for (measured, block) in turns.measured.iter_mut().zip(turns.blocks) {
            *measured += block;
        }
    }

    /// Whether enough pairs are judged: both variants have the measured time that was asked for, or all is decided.
    fn is_all_measured(&self) -> bool {
        let Some(turns) = &self.turns else {
            return false;
        };
        let enough = |duration| turns.measured.iter().all(|measured| *measured >= duration);
        turns.pairs > 0
            && (self.setup.spec.duration.is_some_and(enough)
                || (self.setup.spec.until_decided && self.setup.aggregator.is_decided()))
    }
}
