//! Slots for variants that *alternate*: how long each settles and runs, in which order, and which pairs are merged.
//!
//! Verdicts from alternating slots are exact only if nothing but a fair coin decides which variant comes first, and if no
//! rule looks at which variant it is. So each rule here sees one slot alone, or is fixed for both before the coin falls.

/// The highest quantile that is judged: it says how many requests a block needs.
pub const HIGHEST: f64 = 0.99;

/// Requests beyond a judged quantile that a block must be expected to have.
pub(super) const EXCEEDANCES: f64 = 5.0;
/// Where the number of requests is left to chance, a block is made so much longer than it would need to be for that number on
/// average: else half of the blocks would fall short of it.
pub(super) const HEADROOM: f64 = 1.15;
/// Seconds of a block at most.
pub(super) const LONGEST_BLOCK_S: f64 = 60.0;
/// Seconds of a block at least.
const LEAST_BLOCK_S: f64 = 5.0;
/// Cycles of think + mean response in a block at least.
const LEAST_CYCLES: f64 = 3.0;
/// Cycles of settling, and its limits in seconds.
const SETTLING_CYCLES: f64 = 2.0;
const SETTLING_S: (f64, f64) = (1.0, 30.0);

/// Seconds that a slot settles: two cycles (think + mean response, in seconds, as seen in this slot or fixed before the coin),
/// 1 s at least and 30 s at most.
pub fn settling_s(cycle_s: f64) -> f64 {
    let (least, most) = SETTLING_S;
    if cycle_s.is_nan() {
        return most;
    }
    (SETTLING_CYCLES * cycle_s).clamp(least, most)
}

/// Whether a block of a closed loop may end, by what this slot itself has shown since its settling: seconds passed, its mean
/// cycle in seconds, its requests, and the highest judged quantile.
pub fn block_may_end(elapsed_s: f64, cycle_s: f64, requests: u64, quantile: f64) -> bool {
    elapsed_s >= LONGEST_BLOCK_S
        || (elapsed_s >= LEAST_BLOCK_S
            && elapsed_s >= LEAST_CYCLES * cycle_s
            && requests >= requests_needed(quantile))
}

/// Seconds of both blocks of a pair in an open loop, fixed before the coin from the rate that is offered and from the longest
/// cycle seen in any earlier slot.
pub fn block_s(per_second: f64, cycle_s: f64, quantile: f64) -> f64 {
    let enough = HEADROOM * requests_needed(quantile) as f64 / per_second;
    let covered = LEAST_CYCLES * if cycle_s.is_finite() { cycle_s } else { 0.0 };
    // A rate of 0 makes `enough` infinite.
    LEAST_BLOCK_S.max(covered).max(enough).min(LONGEST_BLOCK_S)
}

/// Requests in a block of which 5 lie beyond the quantile: p99 500, p95 100, p50 10.
pub fn requests_needed(quantile: f64) -> u64 {
    (EXCEEDANCES / (1.0 - quantile) - 1e-6).ceil() as u64
}

/// The fair coin of a pair: true if A comes first. The same for the same seed and pair, on every machine and in every version,
/// so that a run can be repeated from its snapshot (`SplitMix64`; G. Steele, D. Lea & C. Flood, 2014).
pub fn a_first(seed: u64, pair: u64) -> bool {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    // The pair's place in the sequence of a generator whose start is itself mixed, so that neighbouring seeds share nothing.
    mixed(mixed(seed).wrapping_add(GOLDEN.wrapping_mul(pair.wrapping_add(1)))) >> 63 == 0
}

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Merges whole neighbouring pairs until both variants have enough requests for a quantile; by counts alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merging {
    needed: u64,
    so_far: [u64; 2],
    pairs: usize,
}

impl Merging {
    /// For a quantile (0 < p < 1).
    pub fn new(quantile: f64) -> Self {
        Merging {
            needed: requests_needed(quantile),
            so_far: [0; 2],
            pairs: 0,
        }
    }

    /// Adds a pair's requests of both variants. Returns how many pairs, this one included, now make one difference; `None` if
    /// the next pair must be added. The order of the two counts does not matter.
    pub fn push(&mut self, requests: [u64; 2]) -> Option<usize> {
        self.so_far[0] += requests[0];
        self.so_far[1] += requests[1];
        self.pairs += 1;
        if self.has() < self.needed {
            return None;
        }
        self.so_far = [0; 2];
        Some(std::mem::take(&mut self.pairs))
    }

    /// Pairs added since the last difference.
    pub fn waiting(&self) -> usize {
        self.pairs
    }

    /// Requests that each block must have.
    pub fn needed(&self) -> u64 {
        self.needed
    }

    /// Requests that the poorer variant has so far.
    pub fn has(&self) -> u64 {
        self.so_far[0].min(self.so_far[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settling_and_blocks_follow_the_cycle_within_limits() {
        assert_eq!([0.1, 3.5, 40.0].map(settling_s), [1.0, 7.0, 30.0]);
        assert!(settling_s(f64::NAN) <= 30.0);
        assert_eq!([0.5, 0.95, 0.99].map(requests_needed), [10, 100, 500]);
        assert!(!block_may_end(4.9, 0.1, 10_000, 0.99));
        assert!(block_may_end(5.0, 0.1, 500, 0.99));
        assert!(!block_may_end(5.0, 0.1, 499, 0.99));
        assert!(!block_may_end(5.0, 3.0, 10_000, 0.99));
        assert!(block_may_end(60.0, f64::NAN, 0, 0.99));
        assert_eq!(
            [block_s(1_000.0, 0.1, 0.99), block_s(50.0, 0.1, 0.99)],
            [5.0, 11.5]
        );
        assert_eq!(
            [block_s(0.0, 0.1, 0.99), block_s(1e6, 4.0, 0.99)],
            [60.0, 12.0]
        );
    }

    #[test]
    fn the_coin_is_fair_and_repeatable() {
        let flips: Vec<bool> = (0..10_000).map(|pair| a_first(7, pair)).collect();
        let heads = flips.iter().filter(|&&first| first).count();
        assert!(heads.abs_diff(5_000) < 250, "{heads}");
        let changes = flips.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes.abs_diff(5_000) < 250, "{changes}");
        // The first pair of neighbouring seeds, too.
        let seeds = (0..10_000).filter(|&seed| a_first(seed, 0)).count();
        assert!(seeds.abs_diff(5_000) < 250, "{seeds}");
        assert_eq!(
            (0..8).map(|pair| a_first(42, pair)).collect::<Vec<_>>(),
            [false, true, true, true, false, true, true, true]
        );
    }

    #[test]
    fn pairs_are_merged_by_counts_alone() {
        let mut merging = Merging::new(0.99);
        assert_eq!(merging.push([300, 900]), None);
        assert_eq!((merging.has(), merging.needed()), (300, 500));
        assert_eq!(merging.push([300, 100]), Some(2));
        assert_eq!(merging.push([500, 500]), Some(1));
    }
}
