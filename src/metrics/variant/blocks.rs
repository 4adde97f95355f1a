//! A variant's judged stretches of time, over all its shards, and what its present slot has shown.

use super::super::block::{BlockFigures, Spoiled};
use super::Variant;
use crate::clock::Tick;
use crate::outcome::Outcome;

/// What an open loop that is kept up with has answered at least, as a share of what it asked; and the seconds after which that
/// can be said.
const KEPT_UP: f64 = 0.98;
const LEAST_S: f64 = 10.0;

/// What a slot has shown since its start: sums to subtract from those since the start of everything.
#[derive(Debug, Default)]
pub(super) struct SlotStart {
    ended: u64,
    recorded_us: u128,
}

impl Variant {
    /// The requests due from `from` until before `until` (if that is known) are block `number`.
    pub(in crate::metrics) fn open_block(&mut self, number: u32, from: Tick, until: Option<Tick>) {
        for shard in &self.shards {
            shard.with_blocks(|blocks| blocks.open(number, from, until));
        }
    }

    /// Block `number` ends at `until`, which should lie a little ahead.
    pub(in crate::metrics) fn close_block(&mut self, number: u32, until: Tick) {
        for shard in &self.shards {
            shard.with_blocks(|blocks| blocks.close(number, until));
        }
    }

    /// Requests of block `number` so far.
    pub(in crate::metrics) fn block_requests(&self, number: u32) -> u64 {
        let shards = self.shards.iter();
        shards
            .map(|shard| shard.with_blocks(|blocks| blocks.requests(number)))
            .sum()
    }

    /// Whether block `number` is past and all its requests have ended.
    pub(in crate::metrics) fn is_block_over(
        &self,
        number: u32,
        now: Tick,
    ) -> Result<bool, Spoiled> {
        let mut over = true;
        for shard in &self.shards {
            over &= shard.with_blocks(|blocks| blocks.is_over(number, now))?;
        }
        Ok(over)
    }

    /// Takes block `number` out; `None` if any part of it is spoiled.
    pub(in crate::metrics) fn take_block(&mut self, number: u32) -> Option<BlockFigures> {
        let mut whole = Some(BlockFigures::default());
        for shard in &self.shards {
            let part = shard.with_blocks(|blocks| blocks.take(number));
            whole = whole.zip(part).map(|(mut whole, part)| {
                whole.merge(&part);
                whole
            });
        }
        whole
    }

    /// Forgets block `number`.
    pub(in crate::metrics) fn drop_block(&mut self, number: u32) {
        for shard in &self.shards {
            shard.with_blocks(|blocks| blocks.spoil(number));
        }
    }

    /// Forgets all blocks.
    pub(in crate::metrics) fn drop_blocks(&mut self) {
        for shard in &self.shards {
            shard.with_blocks(super::super::block::Blocks::spoil_all);
        }
    }

    /// Whether it serves what an open loop asks for, as far as the present run tells: nearly all that has ended is ok, and
    /// nearly as much was answered as was due.
    pub(in crate::metrics) fn keeps_up(&self) -> bool {
        let run = &self.run;
        let ok = run.ended.outcomes.of(Outcome::Ok) as f64;
        let ended = run.ended.outcomes.total() - run.ended.outcomes.of(Outcome::Cancelled);
        // In pieces, slow answers arrive between them; and at first nothing has had the time to be answered.
        let answered = self.in_pieces
            || run.seconds < LEAST_S
            || run.completed as f64 >= KEPT_UP * run.intended as f64;
        ok >= KEPT_UP * ended as f64 && answered
    }

    /// A slot of this variant begins.
    pub(in crate::metrics) fn begin_slot(&mut self) {
        self.slot = SlotStart {
            ended: self.lifetime.total(),
            recorded_us: self.recorded_us,
        };
    }

    /// The mean response time of the requests that have ended in this slot, in seconds; the age of the oldest open request
    /// if none has.
    pub(in crate::metrics) fn slot_mean_response_s(&self, now: Tick) -> f64 {
        let ended = self.lifetime.total() - self.slot.ended;
        if ended == 0 {
            return self.oldest_age_s(now);
        }
        (self.recorded_us - self.slot.recorded_us) as f64 / 1e6 / ended as f64
    }
}
