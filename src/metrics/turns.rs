//! Taking turns: what the conductor tells the aggregator of slots, blocks and pairs, and what it may ask about them.

use super::aggregator::Aggregator;
use super::judge::Block;
use super::snapshot::{Phase, Side, Slot, SlotStage};
use super::variant::Activity;
use crate::clock::Tick;

/// Where the variants stand that take turns.
#[derive(Debug, Default)]
pub(super) struct Turns {
    pub(super) slot: Option<Slot>,
    /// Whose run figures have begun.
    begun: [bool; 2],
    /// The blocks of the pair under way.
    blocks: [Option<OpenBlock>; 2],
    /// Blocks opened so far: their numbers, which never come twice.
    opened: u32,
    /// The start of the pair under way.
    pair_from: Option<Tick>,
    /// All whole pairs: how many, and seconds in all.
    pairs: (u64, f64),
}

/// A block under way.
#[derive(Debug, Clone, Copy)]
struct OpenBlock {
    number: u32,
    pair: u64,
    from: Tick,
}

/// What a slot has shown so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlotReading {
    /// The mean response time of the requests that have ended in it, in seconds; the age of the oldest open one if none has.
    pub mean_response_s: f64,
    /// Requests due in its block so far.
    pub requests: u64,
}

impl Turns {
    /// How variant `i` passes its time in `phase`.
    pub(super) fn activity(&self, i: usize, phase: Phase) -> Activity {
        let counted = phase == Phase::Measuring;
        match self.slot {
            Some(slot) if slot.variant.index() != i => Activity::Waiting,
            Some(slot) if counted && slot.stage == SlotStage::Block => Activity::Measured,
            None if counted => Activity::Measured,
            _ => Activity::Loaded,
        }
    }

    /// Seconds that a pair takes on average, and seconds left of the one under way.
    pub(super) fn pace_s(&self, now: Tick) -> Option<(f64, f64)> {
        let (pairs, seconds) = self.pairs;
        (pairs > 0).then(|| {
            let each = seconds / pairs as f64;
            let passed = self
                .pair_from
                .map_or(0.0, |from| now.since(from).as_secs_f64());
            (each, (each - passed).max(1.0))
        })
    }

    /// Nobody has had a turn in the present order; `opened` blocks have been opened in earlier ones.
    pub(super) fn after(opened: u32) -> Turns {
        Turns {
            opened,
            ..Turns::default()
        }
    }

    /// The number of the latest block.
    pub(super) fn opened(&self) -> u32 {
        self.opened
    }

    /// The load has changed: all figures begin anew, with the next pair if they come in `pieces`.
    pub(super) fn begin_anew(&mut self, pieces: bool) {
        let begun = |side: Side| !pieces && self.slot.is_some_and(|slot| slot.variant == side);
        *self = Turns {
            slot: self.slot,
            begun: [begun(Side::A), begun(Side::B)],
            blocks: if pieces { [None; 2] } else { self.blocks },
            opened: self.opened,
            ..Turns::default()
        };
    }
}

impl Aggregator {
    /// Whose turn it is; `None`: both variants are under load, or neither. [`Aggregator::collect`] must have been called at
    /// that very instant. When a slot begins, its variant's live window starts afresh; who waits keeps the last figures.
    pub fn take_turn(&mut self, slot: Option<Slot>) {
        let of = |slot: Slot| (slot.variant, slot.pair, slot.block);
        let begins = slot.filter(|slot| self.turns.slot.map(of) != Some(of(*slot)));
        self.turns.slot = slot;
        let Some(slot) = begins else { return };
        if slot.block == Some(1) {
            self.turns.pair_from = Some(self.last);
        }
        let t = self.last.as_secs_f64();
        if let Some(variant) = self.variants.get_mut(slot.variant.index()) {
            variant.roll_part(t);
            variant.clear_window();
            variant.begin_slot();
        }
    }

    /// What the present slot of `side` has shown so far.
    pub fn slot_reading(&self, side: Side, now: Tick) -> SlotReading {
        let number = self.turns.blocks[side.index()].map_or(0, |block| block.number);
        self.variants.get(side.index()).map_or(
            SlotReading {
                mean_response_s: 0.0,
                requests: 0,
            },
            |variant| SlotReading {
                mean_response_s: variant.slot_mean_response_s(now),
                requests: variant.block_requests(number),
            },
        )
    }

    /// The requests due from `from` until before `until` are the block of `side` in pair `pair` (from 1), and part of its run.
    /// `from` may lie a little ahead of `now`; `None`: the end is not known yet, see [`Aggregator::close_block`].
    pub fn open_block(
        &mut self,
        side: Side,
        pair: u64,
        from: Tick,
        until: Option<Tick>,
        now: Tick,
    ) {
        let judged = self.judging().is_some();
        let Some(variant) = self.variants.get_mut(side.index()) else {
            return;
        };
        let begun = &mut self.turns.begun;
        if *begun == [false; 2] {
            self.client.restart();
        }
        if std::mem::replace(&mut begun[side.index()], true) {
            variant.resume_run(from);
        } else {
            variant.start_run(from, now);
        }
        if let Some(until) = until {
            variant.hold_run(until);
        }
        self.turns.opened += 1;
        let number = self.turns.opened;
        // What is never judged needs no block beside its run.
        if judged {
            variant.open_block(number, from, until);
        }
        self.turns.blocks[side.index()] = Some(OpenBlock { number, pair, from });
    }

    /// The open block of `side` ends at `until`. What has begun already belongs to it: the end should lie a little ahead.
    pub fn close_block(&mut self, side: Side, until: Tick) {
        let block = self.turns.blocks[side.index()];
        if let (Some(variant), Some(block)) = (self.variants.get_mut(side.index()), block) {
            variant.close_block(block.number, until);
            variant.hold_run(until);
        }
    }

    /// Whether nothing of `side` is in flight.
    pub fn is_idle(&self, side: Side) -> bool {
        self.variants
            .get(side.index())
            .is_none_or(|variant| variant.in_flight() == 0)
    }

    /// Both blocks of the pair are over and all their requests have ended: it is judged. False if a block is spoiled, or not
    /// over: then the pair is discarded.
    pub fn end_pair(&mut self) -> bool {
        let blocks = std::mem::take(&mut self.turns.blocks);
        let now = self.last;
        let mut judged: Vec<Block> = Vec::with_capacity(2);
        for (side, block) in [Side::A, Side::B].into_iter().zip(blocks) {
            let variant = self.variants.get_mut(side.index());
            let (Some(variant), Some(block)) = (variant, block) else {
                break;
            };
            if variant.is_block_over(block.number, now) != Ok(true) {
                break;
            }
            let Some(figures) = variant.take_block(block.number) else {
                break;
            };
            judged.push(Block {
                variant: side,
                t: block.from.as_secs_f64(),
                figures,
            });
        }
        let number = blocks[0].map_or(0, |block| block.pair);
        judged.sort_by(|x, y| x.t.total_cmp(&y.t));
        let (Ok(pair), Some(judge)) = (<[Block; 2]>::try_from(judged), &mut self.judge) else {
            self.discard_pair();
            return false;
        };
        judge.pair(number, pair);
        if let Some(from) = self.turns.pair_from.take() {
            self.turns.pairs.0 += 1;
            self.turns.pairs.1 += now.since(from).as_secs_f64();
        }
        true
    }

    /// The pair under way is none: it was disturbed. What was measured of it stays in the run figures.
    pub fn discard_pair(&mut self) {
        let now = self.last;
        for variant in &mut self.variants {
            variant.drop_blocks();
            variant.hold_run(now);
        }
        self.turns.blocks = [None; 2];
        self.turns.pair_from = None;
    }
}
