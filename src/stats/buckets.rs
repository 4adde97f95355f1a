//! Ranked latencies as buckets: what all quantile statistics read.
//!
//! The real latency of a request in a bucket lies from the bucket's lower to its upper edge. Failures are slower than any
//! finite latency. Below the first bucket and above the last there is room too, as the true quantile may lie there; both
//! are cells like the others.

/// Significant bits of an `HdrHistogram` with three digits: values below 2¹¹ have buckets of their own.
const BITS: u32 = 11;

/// From one latency to another, and how many requests are below and within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    /// Lower edge, in the unit of the input; +∞ among failures.
    pub(super) lo: f64,
    /// Upper edge.
    pub(super) hi: f64,
    /// Requests below the cell.
    pub(super) below: u64,
    /// Requests below the upper edge.
    pub(super) upto: u64,
}

/// All requests of one variant (or one block) in ascending order of latency, failures last.
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    cells: Vec<Cell>,
    failures: u64,
}

impl Buckets {
    /// From an `HdrHistogram` of three digits and unit 1 µs: `buckets` are (highest value of the bucket in µs, count),
    /// ascending. Latencies were rounded down to whole µs, so a bucket reaches up to the next one's lowest value.
    pub fn from_hdr(buckets: &[(u64, u64)], failures: u64) -> Self {
        Buckets::of(
            buckets.iter().map(|&(highest, count)| {
                let (lo, hi) = hdr_edges(highest);
                (lo as f64, hi as f64, count)
            }),
            failures,
        )
    }

    /// From single values in any finite unit and order, each its own bucket of no width; NaN and +∞ count as failures.
    pub fn from_values(values: &[f64], failures: u64) -> Self {
        let mut finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        finite.sort_by(f64::total_cmp);
        let failed = failures + (values.len() - finite.len()) as u64;
        Buckets::of(finite.into_iter().map(|value| (value, value, 1)), failed)
    }

    /// From (lower edge, upper edge, count), ascending and not overlapping, in any one unit, not negative.
    pub fn of(buckets: impl IntoIterator<Item = (f64, f64, u64)>, failures: u64) -> Self {
        let buckets = buckets.into_iter();
        let mut cells = Vec::with_capacity(buckets.size_hint().0 + 2);
        cells.push(Cell {
            lo: 0.0,
            hi: f64::INFINITY,
            below: 0,
            upto: 0,
        });
        let (mut upto, mut top) = (0, 0.0);
        for (lo, hi, count) in buckets.filter(|&(_, _, count)| count > 0) {
            if upto == 0 {
                cells[0].hi = lo;
            }
            let below = upto;
            (upto, top) = (below + count, hi);
            cells.push(Cell {
                lo,
                hi,
                below,
                upto,
            });
        }
        cells.push(Cell {
            lo: if failures > 0 { f64::INFINITY } else { top },
            hi: f64::INFINITY,
            below: upto,
            upto: upto + failures,
        });
        Buckets { cells, failures }
    }

    /// How many requests, failures included.
    pub fn count(&self) -> u64 {
        self.cells.last().map_or(0, |cell| cell.upto)
    }

    /// How many requests failed.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// How many requests are at or below `x`: whole buckets whose upper edge is not above it.
    pub fn at_or_below(&self, x: f64) -> u64 {
        let after = self.cells.partition_point(|cell| cell.hi <= x);
        after.checked_sub(1).map_or(0, |i| self.cells[i].upto)
    }

    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell of the request of `rank` (from 1 for the fastest); the open one above all for ranks beyond the last.
    pub(super) fn cell_of(&self, rank: u64) -> Cell {
        let at = self.cells.partition_point(|cell| cell.upto < rank);
        self.cells[at.min(self.cells.len() - 1)]
    }

    /// The latency of `rank`, requests being spread evenly over their bucket; +∞ among failures and beyond.
    pub(super) fn value_of(&self, rank: u64) -> f64 {
        let cell = self.cell_of(rank.max(1));
        if cell.hi == f64::INFINITY {
            return f64::INFINITY;
        }
        let within = (rank - cell.below) as f64 - 0.5;
        cell.lo + (cell.hi - cell.lo) * within / (cell.upto - cell.below) as f64
    }
}

/// The lowest value of the bucket whose highest is `highest`, and the lowest of the next bucket.
fn hdr_edges(highest: u64) -> (u64, u64) {
    let bits = u64::BITS - highest.leading_zeros();
    let width = 1_u64 << bits.saturating_sub(BITS);
    let lowest = highest & !(width - 1);
    (lowest, lowest + width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;

    #[test]
    fn edges_are_those_of_the_histogram() {
        let histogram = Histogram::<u64>::new_with_bounds(1, 3_600_000_000, 3).expect("bounds");
        for value in [
            0,
            1,
            2_047,
            2_048,
            2_049,
            4_095,
            4_096,
            74_321,
            3_561_234,
            3_599_999_999,
        ] {
            let highest = histogram.highest_equivalent(value);
            assert_eq!(
                hdr_edges(highest),
                (
                    histogram.lowest_equivalent(value),
                    histogram.next_non_equivalent(value)
                ),
                "{value}"
            );
        }
    }

    #[test]
    fn there_is_room_below_and_above_and_failures_are_last() {
        let buckets = Buckets::from_hdr(&[(10, 2), (20, 3)], 0);
        assert_eq!((buckets.count(), buckets.cells().len()), (5, 4));
        assert_eq!((buckets.cells()[0].hi, buckets.cells()[3].lo), (10.0, 21.0));
        let failing = Buckets::from_hdr(&[(10, 2)], 4);
        assert_eq!((failing.count(), failing.failures()), (6, 4));
        assert_eq!((failing.value_of(1), failing.value_of(2)), (10.25, 10.75));
        assert_eq!(failing.value_of(3), f64::INFINITY);
        let empty = Buckets::from_hdr(&[], 0);
        assert_eq!((empty.count(), empty.value_of(1)), (0, f64::INFINITY));
    }

    #[test]
    fn counting_up_to_a_latency_takes_whole_buckets() {
        let buckets = Buckets::from_hdr(&[(10, 2), (20, 3)], 1);
        assert_eq!(
            [9.0, 10.9, 11.0, 21.0, 1e9, f64::INFINITY].map(|x| buckets.at_or_below(x)),
            [0, 0, 2, 5, 5, 6]
        );
    }
}
