//! A histogram to be kept: a few bytes for each bucket that is not empty.
//!
//! A run keeps hundreds of seconds, each with its histogram, and looks at them when they are merged or written. Buckets lie
//! close together and most hold little, so the step from one to the next and the count mostly fit into a byte or two each
//! (seven bits to a byte, lowest first, the eighth says that more follow).

use super::compact::CompactHistogram;
use hdrhistogram::{Counter, Histogram};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A finished histogram, in little space. Copies share it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CompactHistogram", into = "CompactHistogram")]
pub struct PackedHistogram(Arc<[u8]>);

impl PackedHistogram {
    /// The same histogram, ready for use.
    pub fn unpacked(&self) -> CompactHistogram {
        CompactHistogram::from_buckets(self.buckets().collect())
    }

    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.buckets().map(|(_, count)| count).sum()
    }

    /// A full histogram with the same counts.
    pub fn expanded(&self) -> Result<Histogram<u64>, String> {
        self.unpacked().expanded()
    }

    /// The union of both, bucket by bucket.
    #[must_use]
    pub fn merged(&self, other: &PackedHistogram) -> PackedHistogram {
        PackedHistogram::from(&self.unpacked().merged(&other.unpacked()))
    }

    /// The non-empty buckets, ascending: (highest value of the bucket in µs, count). Nothing is unpacked to memory.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        let mut bytes = self.0.iter();
        let mut value = 0;
        std::iter::from_fn(move || {
            value += number(&mut bytes)?;
            Some((value, number(&mut bytes)?))
        })
    }
}

impl From<&CompactHistogram> for PackedHistogram {
    fn from(histogram: &CompactHistogram) -> Self {
        let mut bytes = Vec::with_capacity(4 * histogram.buckets().len());
        let mut last = 0;
        for &(value, count) in histogram.buckets() {
            put(&mut bytes, value - last);
            put(&mut bytes, count);
            last = value;
        }
        PackedHistogram(bytes.into())
    }
}

impl<C: Counter> From<&Histogram<C>> for PackedHistogram {
    fn from(histogram: &Histogram<C>) -> Self {
        PackedHistogram::from(&CompactHistogram::of(histogram))
    }
}

impl From<CompactHistogram> for PackedHistogram {
    fn from(histogram: CompactHistogram) -> Self {
        PackedHistogram::from(&histogram)
    }
}

impl From<PackedHistogram> for CompactHistogram {
    fn from(packed: PackedHistogram) -> Self {
        packed.unpacked()
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// The next number; `None` at the end.
fn number<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.next()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::compact::MAX_US;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packing_loses_nothing(
            mut buckets in prop::collection::vec((0..=MAX_US, 1..=u64::MAX >> 20), 0..50),
        ) {
            buckets.sort_unstable();
            buckets.dedup_by_key(|bucket| bucket.0);
            let count: u64 = buckets.iter().map(|bucket| bucket.1).sum();
            let histogram = CompactHistogram::from_buckets(buckets);
            let packed = PackedHistogram::from(&histogram);
            prop_assert_eq!(packed.count(), count);
            prop_assert_eq!(packed.merged(&PackedHistogram::default()).unpacked(), histogram);
        }
    }

    #[test]
    fn a_busy_second_takes_a_few_bytes_a_bucket() {
        let buckets = (0..1_000).map(|i| (5_000 + 4 * i, 1 + i % 200)).collect();
        let packed = PackedHistogram::from(&CompactHistogram::from_buckets(buckets));
        assert!(packed.0.len() < 2_500, "{}", packed.0.len());
    }

    #[test]
    fn the_largest_numbers_fit() {
        let mut bytes = Vec::new();
        put(&mut bytes, u64::MAX);
        assert_eq!(number(&mut bytes.iter()), Some(u64::MAX));
        assert_eq!(number(&mut [].iter()), None);
    }
}
