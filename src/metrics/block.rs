//! A judged stretch of time: the requests that were due in it, once all of them have ended.
//!
//! A run's figures include what is still open, with all the care that needs. What is judged does without: a block is looked
//! at when its last request has ended, and then nothing of it is missing and nothing is estimated.

use super::counts::OutcomeCounts;
use super::recorder::{Distribution, Recorder};
use super::sample::Sample;
use crate::clock::Tick;
use crate::outcome::Outcome;
use crate::stats::Buckets;

/// How long after its end a block is looked at, at the earliest: a request that was due just before may begin a little late.
const SETTLE_NS: u64 = 100_000_000;

/// One shard's part of a block.
#[derive(Debug)]
struct Block {
    number: u32,
    from: Tick,
    /// `None` while its end is not known.
    until: Option<Tick>,
    /// Requests that were due in it.
    requests: u64,
    /// Those of them that are open.
    open: u64,
    /// Ok answers that arrived in its time, whenever they were due.
    completed: u64,
    /// The same of all that ended, however they did.
    ended: u64,
    outcomes: OutcomeCounts,
    ok_response: Recorder,
    /// The same of requests due in its second half, where its end is known beforehand.
    late: Option<(Tick, Recorder)>,
}

/// A block is no more: a standstill or the end of the run has spoiled it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spoiled;

/// One shard's parts of the blocks whose requests have not all ended.
#[derive(Debug, Default)]
pub(super) struct Blocks(Vec<Block>);

/// What happened in a block.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct BlockFigures {
    /// Its length in seconds.
    pub(super) seconds: f64,
    /// Ok answers that arrived in its time, whenever they were due.
    pub completed: u64,
    /// Requests that ended in its time, however they did and whenever they were due.
    pub ended: u64,
    /// How the requests that were due in it ended.
    pub outcomes: OutcomeCounts,
    /// The response times of those that ended ok, µs.
    pub ok_response: Distribution,
    /// Those of them that were due in its second half, where its end was known beforehand.
    pub late: Distribution,
}

impl BlockFigures {
    /// Adds another shard's part of the same block.
    pub(super) fn merge(&mut self, other: &BlockFigures) {
        self.seconds = self.seconds.max(other.seconds);
        self.add(other);
    }

    /// Adds a later block of the same variant.
    pub(super) fn append(&mut self, later: &BlockFigures) {
        self.seconds += later.seconds;
        self.add(later);
    }

    fn add(&mut self, other: &BlockFigures) {
        self.completed += other.completed;
        self.ended += other.ended;
        self.outcomes.merge(&other.outcomes);
        self.ok_response.merge(&other.ok_response);
        self.late.merge(&other.late);
    }

    /// Ok answers per second: those that arrived in its time, or (`by_due`) those to requests that were due in it.
    pub(super) fn rps(&self, by_due: bool) -> Option<f64> {
        let ok = if by_due {
            self.outcomes.of(Outcome::Ok)
        } else {
            self.completed
        };
        (self.seconds > 0.0).then(|| ok as f64 / self.seconds)
    }

    /// Its requests as ranked latencies, failures last.
    pub(super) fn buckets(&self) -> Buckets {
        Buckets::from_hdr(
            self.ok_response.histogram().buckets(),
            self.outcomes.failed(),
        )
    }

    /// Requests that were due in it.
    pub(super) fn requests(&self) -> u64 {
        self.outcomes.total()
    }
}

impl Blocks {
    /// The requests due from `from` until before `until` are block `number` (not 0). Without an end it goes on until
    /// [`Blocks::close`].
    pub(super) fn open(&mut self, number: u32, from: Tick, until: Option<Tick>) {
        self.0.push(Block::new(number, from, until));
    }

    /// Block `number` ends at `until`. What has begun already belongs to it, so the end should lie a little ahead.
    pub(super) fn close(&mut self, number: u32, until: Tick) {
        if let Some(block) = self.find(number) {
            block.until = Some(until);
        }
    }

    /// Requests that were due in block `number`, so far.
    pub(super) fn requests(&mut self, number: u32) -> u64 {
        self.find(number).map_or(0, |block| block.requests)
    }

    /// Whether block `number` is over: its end is past, and all its requests have ended.
    pub(super) fn is_over(&mut self, number: u32, now: Tick) -> Result<bool, Spoiled> {
        let block = self.find(number).ok_or(Spoiled)?;
        Ok(block.is_over(now))
    }

    /// Takes block `number` out, whether it is over or not.
    pub(super) fn take(&mut self, number: u32) -> Option<BlockFigures> {
        let place = self.0.iter().position(|block| block.number == number)?;
        Some(self.0.swap_remove(place).take())
    }

    /// A request due at `intended` begins. Returns the number of its block, 0 for none.
    pub(super) fn begin(&mut self, intended: Tick) -> u32 {
        let block = self.0.iter_mut().find(|block| block.spans(intended));
        block.map_or(0, |block| {
            block.requests += 1;
            block.open += 1;
            block.number
        })
    }

    /// A request of block `number` (0 for none) has ended.
    pub(super) fn end(&mut self, number: u32, sample: &Sample) {
        for block in &mut self.0 {
            block.end(block.number == number, sample);
        }
    }

    /// Block `number` is no more.
    pub(super) fn spoil(&mut self, number: u32) {
        self.0.retain(|block| block.number != number);
    }

    /// None of them is any more.
    pub(super) fn spoil_all(&mut self) {
        self.0.clear();
    }

    fn find(&mut self, number: u32) -> Option<&mut Block> {
        self.0.iter_mut().find(|block| block.number == number)
    }
}

impl Block {
    /// The block of requests due from `from` until before `until`.
    fn new(number: u32, from: Tick, until: Option<Tick>) -> Block {
        Block {
            number,
            from,
            until,
            requests: 0,
            open: 0,
            completed: 0,
            ended: 0,
            outcomes: OutcomeCounts::default(),
            ok_response: Recorder::default(),
            late: until.map(|until| (from + until.since(from) / 2, Recorder::default())),
        }
    }

    fn spans(&self, tick: Tick) -> bool {
        self.from <= tick && self.until.is_none_or(|until| tick < until)
    }

    /// A request has ended that may belong to it.
    fn end(&mut self, belongs: bool, sample: &Sample) {
        let ok = sample.outcome == Outcome::Ok;
        let inside = self.spans(sample.done);
        self.completed += u64::from(ok && inside);
        self.ended += u64::from(inside);
        if belongs {
            self.open -= 1;
            self.outcomes.add(sample.outcome);
            if ok {
                self.ok_response.record(sample.response_us());
                if let Some((half, late)) = &mut self.late
                    && sample.intended >= *half
                {
                    late.record(sample.response_us());
                }
            }
        }
    }

    /// Whether nothing more can happen in it.
    fn is_over(&self, now: Tick) -> bool {
        let ended = |until: Tick| now.0 >= until.0.saturating_add(SETTLE_NS);
        self.open == 0 && self.until.is_some_and(ended)
    }

    fn take(mut self) -> BlockFigures {
        let until = self.until.unwrap_or(self.from);
        BlockFigures {
            seconds: until.since(self.from).as_secs_f64(),
            completed: self.completed,
            ended: self.ended,
            outcomes: self.outcomes,
            ok_response: self.ok_response.take(),
            late: self
                .late
                .map_or_else(Distribution::default, |(_, mut late)| late.take()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::shard::{OpenRequest, Shard};

    fn begin(shard: &Shard, intended: u64) -> OpenRequest {
        shard.begin(Tick(intended), Tick(intended))
    }

    fn sample(intended: u64, done: u64, outcome: Outcome) -> Sample {
        Sample {
            intended: Tick(intended),
            granted: Tick(intended),
            sent: Some(Tick(intended)),
            ready: None,
            written: None,
            first_byte: Some(Tick(done)),
            done: Tick(done),
            outcome,
            bytes: 10,
            error: None,
        }
    }

    fn is_over(shard: &Shard, number: u32, now: Tick) -> Result<bool, Spoiled> {
        shard.with_blocks(|blocks| blocks.is_over(number, now))
    }

    #[test]
    fn a_block_is_over_when_its_last_request_has_ended() {
        let shard = Shard::default();
        shard.with_blocks(|blocks| blocks.open(1, Tick(100), None));
        let before = begin(&shard, 99);
        let (first, last) = (begin(&shard, 100), begin(&shard, 199));
        shard.with_blocks(|blocks| blocks.close(1, Tick(200)));
        let after = begin(&shard, 200);
        assert_eq!(shard.with_blocks(|blocks| blocks.requests(1)), 2);
        // Due before and answered in it: throughput, not latency. Due in it and answered after: the reverse.
        shard.end(before, &sample(99, 150, Outcome::Ok));
        shard.end(first, &sample(100, 190, Outcome::Http(500)));
        shard.end(after, &sample(200, 300, Outcome::Ok));
        let late = Tick(1_000_000_000);
        assert_eq!(is_over(&shard, 1, late), Ok(false));
        shard.end(last, &sample(199, 5_199, Outcome::Ok));
        assert_eq!(is_over(&shard, 1, Tick(250)), Ok(false));
        assert_eq!(is_over(&shard, 1, late), Ok(true));
        let figures = shard.with_blocks(|blocks| blocks.take(1)).expect("there");
        assert_eq!(
            (figures.completed, figures.ended, figures.outcomes.failed()),
            (1, 2, 1)
        );
        assert_eq!(
            (figures.ok_response.count(), figures.ok_response.max()),
            (1, Some(5))
        );
        assert!((figures.seconds - 100e-9).abs() < 1e-12);
        assert_eq!(is_over(&shard, 1, late), Err(Spoiled));
    }

    #[test]
    fn a_standstill_or_a_cancelled_request_spoils_a_block() {
        let shard = Shard::default();
        shard.with_blocks(|blocks| blocks.open(1, Tick(0), Some(Tick(100))));
        shard.stand_still(Tick(10), Tick(50));
        assert_eq!(is_over(&shard, 1, Tick(60)), Err(Spoiled));
        shard.with_blocks(|blocks| blocks.open(2, Tick(60), Some(Tick(100))));
        let given_up = begin(&shard, 70);
        shard.cancel(given_up, Tick(80));
        assert_eq!(is_over(&shard, 2, Tick(90)), Err(Spoiled));
    }
}
