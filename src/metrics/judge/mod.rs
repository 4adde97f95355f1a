//! The judge: collects the evidence on whether B differs from A, and says what it comes to.
//!
//! ```text
//! pairs of blocks (`alternate`) or windows (`together`, see `duet`) ──► one difference for each metric ──► the family's verdicts
//! whole seconds ──► how far requests depend on each other ──► intervals of the pooled requests: at most "leaning"
//! ```
//!
//! The statistics are in `stats`; here is what they are fed with, and `ruling` puts what they say into the comparison.

mod duet;
mod ruling;

pub(super) use duet::Duet;
pub(super) use ruling::Asked;

use super::block::BlockFigures;
use super::snapshot::{BlockRecord, Side as Variant};
use super::variant::LastSecond;
use crate::stats::{
    ALPHA, Buckets, Dependence, Family, HIGHEST, Interval, Likelihood, Merging, Outlook, Scale,
    Side, Span, UNPLANNED, USUAL_MARGIN, block_quantile, estimate, failed_share, independent,
    log_difference, may_be_shown, outer_edge, ratio_interval, share_difference,
};
use std::sync::Arc;

/// The quantiles that are judged. In the family RPS comes before them and errors after.
const QUANTILES: [f64; 3] = [0.5, 0.95, HIGHEST];

/// The metrics of the family, in the order of the comparison.
pub(super) const METRICS: usize = QUANTILES.len() + 2;
const ERRORS: usize = METRICS - 1;

/// Intervals are shown for all metrics; together they hold with 95 %.
const INTERVAL_ALPHA: f64 = ALPHA / METRICS as f64;

/// A queue grows if more than this share of the requests stays behind, and if the median of those that come later is so many
/// times that of all; before there are this many pairs it cannot be told from chance.
const BEHIND: f64 = 0.02;
const GROWN: f64 = 1.02;
const LEAST_PAIRS: usize = 3;

/// Error rates that are known to be no further apart do not keep a run from ending.
const SMALL_SHARE: f64 = 0.002;

/// Blocks kept for the snapshot.
const MAX_BLOCKS: usize = 2_000;

/// A block of one variant with all that happened in it.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) variant: Variant,
    /// Its start, in seconds since the start.
    pub(super) t: f64,
    pub(super) figures: BlockFigures,
}

/// The evidence of the present epoch.
#[derive(Debug)]
pub(super) struct Judge {
    family: Family,
    /// Of the family's metrics, as of the last pair.
    outlook: [Outlook; METRICS],
    quantiles: [Quantile; QUANTILES.len()],
    /// All judged requests of A and B.
    pooled: [BlockFigures; 2],
    dependence: [Dependence; 2],
    /// Requests of the poorer variant that were aimed at, for the pooled intervals.
    n_opt: f64,
    /// Throughput is that of the requests due in a block, not of the answers that arrived in it: see [`Judge::count_by_due`].
    by_due: bool,
    blocks: Arc<Vec<BlockRecord>>,
    /// See [`Judge::queue`]; as of the last pair.
    queue: Option<f64>,
    /// When it began anew, in seconds since the start, and why.
    began_anew: Option<(f64, Change)>,
}

/// What makes a comparison begin anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The user's wish alone.
    Nothing,
    Load,
    Order,
}

/// One quantile's pairs: neighbours are merged until both sides have enough requests.
#[derive(Debug)]
struct Quantile {
    p: f64,
    merging: Merging,
    merged: [BlockFigures; 2],
    /// Whether one pair was not enough for it.
    has_merged: bool,
    /// Pairs, and differences made of them.
    pairs: usize,
    differences: usize,
    pooled: Option<Pooled>,
}

/// What all requests together say about one quantile; it rests on a model of how they depend on each other.
#[derive(Debug, Clone, Copy)]
struct Pooled {
    /// B's quantile as a multiple of A's.
    ratio: Interval,
    /// Of how many requests of A and of B, and what those are worth.
    requests: [(u64, f64); 2],
}

impl Judge {
    pub(super) fn new() -> Judge {
        let mut scales = [Scale::Logs; METRICS];
        scales[ERRORS] = Scale::Shares;
        let family = Family::new(&scales, INTERVAL_ALPHA);
        Judge {
            outlook: std::array::from_fn(|i| Outlook::of(&family, i)),
            family,
            quantiles: QUANTILES.map(|p| Quantile {
                p,
                merging: Merging::new(p),
                merged: [BlockFigures::default(), BlockFigures::default()],
                has_merged: false,
                pairs: 0,
                differences: 0,
                pooled: None,
            }),
            pooled: [BlockFigures::default(), BlockFigures::default()],
            dependence: [Dependence::default(), Dependence::default()],
            n_opt: UNPLANNED,
            by_due: false,
            blocks: Arc::default(),
            queue: None,
            began_anew: None,
        }
    }

    /// For open loops that take turns: a slot is too short for slow answers to arrive as often as they are due, and the
    /// variant with more of them would look as if it served less.
    pub(super) fn count_by_due(&mut self, by_due: bool) {
        self.by_due = by_due;
    }

    /// What was collected until `t` seconds does not count any more. The blocks stay on record.
    pub(super) fn begin_anew(&mut self, t: f64, change: Change) {
        *self = Judge {
            blocks: Arc::clone(&self.blocks),
            began_anew: Some((t, change)),
            n_opt: self.n_opt,
            by_due: self.by_due,
            ..Judge::new()
        };
    }

    /// How many requests of a variant are planned; before any of them is judged.
    pub(super) fn plan(&mut self, requests: f64) {
        if requests >= 1.0 {
            self.n_opt = requests / 4.0;
        }
    }

    /// A whole measured second of one variant.
    pub(super) fn second(&mut self, variant: Variant, second: &LastSecond) {
        if let Some(ended) = &second.ended {
            self.dependence[variant.index()].push(ended);
        }
    }

    /// The blocks of a pair, in the order in which they ran.
    pub(super) fn pair(&mut self, number: u64, pair: [Block; 2]) {
        self.record(number, &pair);
        let by_due = self.by_due;
        let [first, second] = pair;
        let sides = match first.variant {
            Variant::A => [first.figures, second.figures],
            Variant::B => [second.figures, first.figures],
        };
        let [a, b] = &sides;
        self.family
            .push(0, log_difference(a.rps(by_due), b.rps(by_due)));
        for (i, quantile) in self.quantiles.iter_mut().enumerate() {
            if quantile.merge(a, b) {
                self.family.push(i + 1, quantile.difference());
            }
        }
        let failed = |block: &BlockFigures| failed_share(&block.buckets());
        self.family
            .push(ERRORS, share_difference(failed(a), failed(b)));
        self.family.look();
        self.outlook = std::array::from_fn(|i| Outlook::of(&self.family, i));
        for (pooled, block) in self.pooled.iter_mut().zip(&sides) {
            pooled.append(block);
        }
        self.look_at_all();
    }

    /// What all requests together say.
    fn look_at_all(&mut self) {
        let buckets = self.pooled.each_ref().map(BlockFigures::buckets);
        let queues = self.pooled.iter().zip(&buckets);
        self.queue = queues
            .filter_map(|(pooled, whole)| queue(pooled, whole))
            .reduce(f64::max);
        let measured_s = self.pooled[0].seconds.min(self.pooled[1].seconds);
        for quantile in &mut self.quantiles {
            let p = quantile.p;
            let likelihood = Likelihood::new(p, INTERVAL_ALPHA, self.n_opt);
            let sides = [0, 1].map(|i| {
                let tau = self.dependence[i].tau(p, estimate(&buckets[i], p));
                let n = buckets[i].count();
                (tau, n, may_be_shown(measured_s, n, tau, p))
            });
            let likelihoods = sides.map(|(tau, _, _)| likelihood.with_dependence(tau));
            let side = |i: usize| Side {
                buckets: &buckets[i],
                likelihood: &likelihoods[i],
            };
            quantile.pooled = sides.iter().all(|&(_, _, shown)| shown).then(|| Pooled {
                ratio: ratio_interval(side(0), side(1)),
                requests: sides.map(|(tau, n, _)| (n, independent(n, tau))),
            });
        }
    }

    fn record(&mut self, number: u64, pair: &[Block; 2]) {
        let blocks = Arc::make_mut(&mut self.blocks);
        if blocks.len() + pair.len() > MAX_BLOCKS {
            blocks.drain(..pair.len());
        }
        blocks.extend(pair.iter().map(|block| block.record(number, self.by_due)));
    }

    /// The blocks of all judged pairs, oldest first.
    pub(super) fn blocks(&self) -> &Arc<Vec<BlockRecord>> {
        &self.blocks
    }

    /// Pairs of the present epoch.
    pub(super) fn pairs(&self) -> usize {
        self.family
            .symmetry(0)
            .map_or(0, crate::stats::Symmetry::pairs)
    }

    /// The share of the judged requests that were due and not ended within their blocks, if those that were due in the second
    /// halves took longer: a queue grows while a block lasts. Slow answers alone do not make one.
    pub(super) fn queue(&self) -> Option<f64> {
        self.queue.filter(|_| self.pairs() >= LEAST_PAIRS)
    }

    /// Whether nothing is left to find out: the error rates differ; or they are known not to, by more than 0.2 percentage
    /// points, and each other metric (RPS only with `rps`) is decided or known to differ by no more than `margin` (a share).
    pub(super) fn is_settled(&self, margin: Option<f64>, rps: bool) -> bool {
        let settled = |i: usize| {
            let span = self.family.span(i).unwrap_or(Span::ALL);
            self.family.decision(i).is_some() || outer_edge(span) <= margin.unwrap_or(USUAL_MARGIN)
        };
        let failures = self
            .pooled
            .iter()
            .any(|pooled| pooled.outcomes.failed() > 0);
        let errors = self.family.span(ERRORS).unwrap_or(Span::ALL);
        let alike = !failures || errors.low >= -SMALL_SHARE && errors.high <= SMALL_SHARE;
        self.family.decision(ERRORS).is_some() || alike && (usize::from(!rps)..ERRORS).all(settled)
    }
}

/// See [`Judge::queue`], for one variant; `whole` are all its requests.
fn queue(pooled: &BlockFigures, whole: &Buckets) -> Option<f64> {
    let behind = 1.0 - pooled.ended as f64 / pooled.requests().max(1) as f64;
    let late = Buckets::from_hdr(pooled.late.histogram().buckets(), 0);
    let (whole, late) = (block_quantile(whole, 0.5)?, block_quantile(&late, 0.5)?);
    (behind > BEHIND && late > whole * GROWN).then_some(behind)
}

impl Quantile {
    /// Adds a pair of blocks. Whether there are enough requests for a difference now.
    fn merge(&mut self, a: &BlockFigures, b: &BlockFigures) -> bool {
        self.merged[0].append(a);
        self.merged[1].append(b);
        let merged = self.merging.push([a.requests(), b.requests()]);
        self.has_merged |= merged != Some(1);
        self.pairs += 1;
        self.differences += usize::from(merged.is_some());
        merged.is_some()
    }

    /// Pairs that one difference takes, as far as that is known, and pairs until the next one, the one under way included.
    fn pace(&self) -> (f64, f64) {
        let each = if self.differences > 0 {
            self.pairs as f64 / self.differences as f64
        } else if self.pairs > 0 {
            let mean = self.merging.has() as f64 / self.pairs as f64;
            (self.merging.needed() as f64 / mean.max(1.0)).ceil()
        } else {
            1.0
        };
        (each, (each - self.merging.waiting() as f64).max(1.0))
    }

    /// The difference of the merged blocks, which are done with.
    fn difference(&mut self) -> Option<f64> {
        let [a, b] = std::mem::take(&mut self.merged);
        let of = |block: &BlockFigures| block_quantile(&block.buckets(), self.p);
        log_difference(of(&a), of(&b))
    }
}

impl Block {
    fn record(&self, pair: u64, by_due: bool) -> BlockRecord {
        let figures = &self.figures;
        let buckets: Buckets = figures.buckets();
        let quantile = |p| block_quantile(&buckets, p).filter(|us| us.is_finite());
        BlockRecord {
            pair,
            variant: self.variant,
            t: self.t,
            seconds: figures.seconds,
            requests: figures.requests(),
            failed: figures.outcomes.failed(),
            rps: figures.rps(by_due).unwrap_or(0.0),
            p50_us: quantile(QUANTILES[0]),
            p95_us: quantile(QUANTILES[1]),
            p99_us: quantile(QUANTILES[2]),
        }
    }
}
