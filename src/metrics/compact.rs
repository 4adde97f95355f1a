//! A histogram as its non-empty buckets alone: small enough to keep hundreds of them, exact enough to lose nothing.
//!
//! A recording histogram of the range that latencies need takes 94 KB or more whatever it holds; a second of traffic
//! fills a few hundred of its buckets. In files a compact histogram is `HdrHistogram`'s own V2-deflate format in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{
    Deserializer as HdrDeserializer, Serializer as _, V2DeflateSerializer,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use std::cmp::Ordering;

/// The longest latency that can be recorded: one hour, in microseconds.
pub(crate) const MAX_US: u64 = 3_600_000_000;

/// Significant decimal digits of every histogram.
pub(super) const DIGITS: u8 = 3;

/// A histogram's non-empty buckets, ascending: (a value in the bucket, its count). Values are microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompactHistogram {
    buckets: Vec<(u64, u64)>,
}

impl CompactHistogram {
    /// The non-empty buckets of `histogram`.
    pub fn of<C: hdrhistogram::Counter>(histogram: &Histogram<C>) -> Self {
        // Its iterator would look at all buckets of an empty one, tens of thousands, before it says so.
        if histogram.is_empty() {
            return CompactHistogram::default();
        }
        let buckets = histogram
            .iter_recorded()
            .map(|step| (step.value_iterated_to(), step.count_at_value().as_u64()))
            .collect();
        CompactHistogram { buckets }
    }

    /// A histogram with these buckets, which are ascending.
    pub(super) fn from_buckets(buckets: Vec<(u64, u64)>) -> Self {
        CompactHistogram { buckets }
    }

    /// The non-empty buckets, ascending: (highest value of the bucket in µs, count).
    pub fn buckets(&self) -> &[(u64, u64)] {
        &self.buckets
    }

    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|&(_, count)| count).sum()
    }

    /// The union of both, bucket by bucket.
    #[must_use]
    pub fn merged(&self, other: &CompactHistogram) -> CompactHistogram {
        let (left, right) = (&self.buckets, &other.buckets);
        let mut buckets = Vec::with_capacity(left.len() + right.len());
        let (mut at, mut there) = (0, 0);
        while at < left.len() && there < right.len() {
            let (mine, theirs) = (left[at], right[there]);
            buckets.push(match mine.0.cmp(&theirs.0) {
                Ordering::Less => mine,
                Ordering::Equal => (mine.0, mine.1 + theirs.1),
                Ordering::Greater => theirs,
            });
            at += usize::from(mine.0 <= theirs.0);
            there += usize::from(theirs.0 <= mine.0);
        }
        buckets.extend_from_slice(&left[at..]);
        buckets.extend_from_slice(&right[there..]);
        CompactHistogram { buckets }
    }

    /// A full histogram with the same counts.
    pub fn expanded(&self) -> Result<Histogram<u64>, String> {
        let mut histogram =
            Histogram::<u64>::new_with_bounds(1, MAX_US, DIGITS).map_err(|e| e.to_string())?;
        for &(value, count) in &self.buckets {
            histogram
                .record_n(value, count)
                .map_err(|e| e.to_string())?;
        }
        Ok(histogram)
    }

    /// `HdrHistogram` V2-deflate in base64.
    pub fn to_base64(&self) -> Result<String, String> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&self.expanded()?, &mut bytes)
            .map_err(|e| e.to_string())?;
        Ok(BASE64.encode(bytes))
    }

    /// Reads what [`CompactHistogram::to_base64`] wrote.
    pub fn from_base64(text: &str) -> Result<Self, String> {
        let bytes = BASE64.decode(text).map_err(|e| e.to_string())?;
        let histogram: Histogram<u64> = HdrDeserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|e| e.to_string())?;
        Ok(CompactHistogram::of(&histogram))
    }
}

impl Serialize for CompactHistogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64().map_err(ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for CompactHistogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        CompactHistogram::from_base64(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values: &[u64]) -> Histogram<u32> {
        let mut histogram = Histogram::new_with_bounds(1, MAX_US, DIGITS).expect("bounds");
        values
            .iter()
            .for_each(|&v| histogram.record(v).expect("in range"));
        histogram
    }

    #[test]
    fn merging_adds_counts_bucket_by_bucket() {
        let merged = CompactHistogram::of(&histogram(&[1, 5, 5, 90_000]))
            .merged(&CompactHistogram::of(&histogram(&[5, 7])));
        assert_eq!(
            merged,
            CompactHistogram::of(&histogram(&[1, 5, 5, 5, 7, 90_000]))
        );
        assert_eq!(merged.count(), 6);
    }

    #[test]
    fn base64_round_trip_keeps_every_count() {
        let compact =
            CompactHistogram::of(&histogram(&[1, 2_047, 2_048, 1_000_003, 3_599_999_999]));
        let back =
            CompactHistogram::from_base64(&compact.to_base64().expect("encodes")).expect("decodes");
        assert_eq!(back, compact);
    }

    #[test]
    fn garbage_is_an_error() {
        assert!(CompactHistogram::from_base64("not base64!").is_err());
        assert!(CompactHistogram::from_base64("AAAA").is_err());
    }
}
