//! `HdrHistogram`'s interval log: response times of ok requests over time, in µs, tagged A and B. The standard tools read it.

use crate::metrics::snapshot::{Interval, Snapshot, VariantSnapshot};
use crate::text;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use std::time::{Duration, SystemTime};

/// The whole series as an interval log, oldest first. Its clock starts with the run.
pub fn hlog(snapshot: &Snapshot) -> Result<String, String> {
    let mut out = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let start: SystemTime = snapshot
        .meta
        .started_at
        .parse::<jiff::Timestamp>()
        .map_or(SystemTime::UNIX_EPOCH, SystemTime::from);
    let mut builder = IntervalLogWriterBuilder::new();
    builder
        .add_comment("dragstrip: response time of ok requests by their end, in microseconds")
        .with_start_time(start)
        .with_base_time(start);
    for (tag, variant) in tagged(snapshot) {
        let label = text::printable(&variant.label, 200);
        builder.add_comment(&format!("{tag}: {label}"));
    }
    let mut log = builder
        .begin_log_with(&mut out, &mut serializer)
        .map_err(|error| error.to_string())?;
    let mut intervals: Vec<(&str, &Interval)> = tagged(snapshot)
        .flat_map(|(tag, variant)| variant.intervals.iter().map(move |i| (tag, i)))
        .collect();
    intervals.sort_by(|(_, x), (_, y)| x.t.total_cmp(&y.t));
    for (tag, interval) in intervals {
        let histogram = interval.histogram.expanded()?;
        log.write_histogram(
            &histogram,
            seconds(interval.t),
            seconds(interval.seconds),
            Tag::new(tag),
        )
        .map_err(|error| error.to_string())?;
    }
    String::from_utf8(out).map_err(|error| error.to_string())
}

fn tagged(snapshot: &Snapshot) -> impl Iterator<Item = (&'static str, &VariantSnapshot)> {
    ["A", "B"].into_iter().zip(snapshot.variants.iter())
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
