//! Recording one latency after another, and what is kept of them afterwards.
//!
//! A load thread records into a [`Recorder`]; ten times a second the aggregator takes what it holds as a [`Distribution`],
//! which is small and can be merged. Both keep the exact minimum, maximum and sum beside the buckets, so that only
//! percentiles carry the histogram's rounding (three significant digits).

use super::compact::{CompactHistogram, DIGITS, MAX_US};
use hdrhistogram::Histogram;

/// A dense histogram to record into, in microseconds. Nothing is clamped silently: see [`Distribution::clamped`].
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    histogram: Histogram<u32>,
    min: u64,
    max: u64,
    sum: u128,
    clamped: u64,
}

impl Default for Recorder {
    fn default() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the bounds are constants, and every test that records proves them valid"
        )]
        let histogram =
            Histogram::new_with_bounds(1, MAX_US, DIGITS).expect("constant bounds are valid");
        Recorder {
            histogram,
            min: u64::MAX,
            max: 0,
            sum: 0,
            clamped: 0,
        }
    }
}

impl Recorder {
    /// Records one latency in microseconds.
    pub(super) fn record(&mut self, us: u64) {
        if self.histogram.record(us.min(MAX_US)).is_err() || us > MAX_US {
            self.clamped += 1;
        }
        self.min = self.min.min(us);
        self.max = self.max.max(us);
        self.sum += u128::from(us);
    }

    /// Takes everything recorded so far and leaves the recorder empty.
    pub(super) fn take(&mut self) -> Distribution {
        if self.histogram.is_empty() {
            return Distribution::default();
        }
        let taken = Distribution {
            histogram: CompactHistogram::of(&self.histogram),
            min: self.min,
            max: self.max,
            sum: self.sum,
            clamped: self.clamped,
        };
        self.histogram.reset();
        (self.min, self.max, self.sum, self.clamped) = (u64::MAX, 0, 0, 0);
        taken
    }
}

/// A finished set of latencies in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    histogram: CompactHistogram,
    min: u64,
    max: u64,
    sum: u128,
    clamped: u64,
}

impl Default for Distribution {
    fn default() -> Self {
        Distribution {
            histogram: CompactHistogram::default(),
            min: u64::MAX,
            max: 0,
            sum: 0,
            clamped: 0,
        }
    }
}

impl Distribution {
    /// The values in `histogram`, with its bucket edges as minimum and maximum.
    pub fn from_histogram(histogram: &Histogram<u32>) -> Self {
        let compact = CompactHistogram::of(histogram);
        let sum = compact
            .buckets()
            .iter()
            .map(|&(us, count)| u128::from(us) * u128::from(count))
            .sum();
        Distribution {
            min: histogram.min(),
            max: histogram.max(),
            sum,
            clamped: 0,
            histogram: compact,
        }
    }

    /// Adds `other`'s values to these.
    pub fn merge(&mut self, other: &Distribution) {
        if other.is_empty() {
            return;
        }
        self.histogram = self.histogram.merged(&other.histogram);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.clamped += other.clamped;
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.histogram.buckets().is_empty()
    }

    /// How many values it holds.
    pub fn count(&self) -> u64 {
        self.histogram.count()
    }

    /// Its buckets.
    pub fn histogram(&self) -> &CompactHistogram {
        &self.histogram
    }

    /// The exact smallest value; `None` when empty.
    pub fn min(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.min)
    }

    /// The exact largest value; `None` when empty.
    pub fn max(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.max)
    }

    /// The exact sum.
    pub(super) fn sum(&self) -> u128 {
        self.sum
    }

    /// The exact mean; `None` when empty.
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.sum as f64 / self.count() as f64)
    }

    /// Values beyond the histogram's range, recorded as its upper end.
    pub fn clamped(&self) -> u64 {
        self.clamped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_leaves_nothing_behind_and_merging_loses_nothing() {
        let mut recorder = Recorder::default();
        [10, 20, 123_457]
            .into_iter()
            .for_each(|us| recorder.record(us));
        let mut all = recorder.take();
        assert!(recorder.take().is_empty());
        recorder.record(5);
        all.merge(&recorder.take());
        assert_eq!(
            (all.count(), all.min(), all.max()),
            (4, Some(5), Some(123_457))
        );
        assert_eq!(all.mean(), Some((5.0 + 10.0 + 20.0 + 123_457.0) / 4.0));
    }

    #[test]
    fn a_value_beyond_the_range_is_counted_as_clamped() {
        let mut recorder = Recorder::default();
        recorder.record(MAX_US + 1);
        recorder.record(MAX_US);
        let taken = recorder.take();
        assert_eq!(
            (taken.clamped(), taken.count(), taken.max()),
            (1, 2, Some(MAX_US + 1))
        );
    }
}
