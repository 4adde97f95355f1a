//! Known answer 18: what is written as an interval log is read back by the standard reader, count by count.

use super::simulated::{Gateway, load, run, serving};
use crate::support::closed;
use dragstrip::report;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

#[test]
fn n18_an_interval_log_comes_back_with_equal_counts() {
    let gateways = [
        Gateway::new(&serving("lognormal:20ms,1")),
        Gateway::new(&serving("exp:5ms")),
    ];
    let last = run(load(closed(20, (10, 30)), 30.0), &gateways);
    let log = report::hlog(&last).expect("a log");
    let mut starts = Vec::new();
    for (tag, variant) in ["A", "B"].into_iter().zip(last.variants.iter()) {
        let mut read = Histogram::<u64>::new_with_bounds(1, 3_600_000_000, 3).expect("bounds");
        let mut intervals = variant.intervals.iter();
        for entry in IntervalLogIterator::new(log.as_bytes()) {
            let LogEntry::Interval(entry) = entry.expect("a valid line") else {
                continue;
            };
            starts.push(entry.start_timestamp());
            if entry.tag().map(|tag| tag.as_str()) != Some(tag) {
                continue;
            }
            let written = intervals.next().expect("no more lines than intervals");
            assert!((entry.duration().as_secs_f64() - written.seconds).abs() < 0.001);
            let bytes = base64::Engine::decode(
                &base64::engine::general_purpose::STANDARD,
                entry.encoded_histogram(),
            )
            .expect("base64");
            let histogram: Histogram<u64> = Deserializer::new()
                .deserialize(&mut bytes.as_slice())
                .expect("a histogram");
            assert_eq!(histogram.len(), written.histogram.count());
            read.add(&histogram).expect("the same bounds");
        }
        assert!(intervals.next().is_none(), "every interval has a line");
        // Without ramp and warm-up, the run is the whole of it.
        assert_eq!(read.len(), variant.run.ok);
        let buckets: Vec<(u64, u64)> = read
            .iter_recorded()
            .map(|step| (step.value_iterated_to(), step.count_at_value()))
            .collect();
        assert_eq!(buckets, variant.histogram.buckets());
    }
    assert!(
        starts.len() >= 120 && log.contains("#[StartTime: "),
        "{}",
        starts.len()
    );
}
