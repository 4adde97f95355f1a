//! The hand-made runs with all that the views beside *Race* show: histograms that agree with the figures, error texts,
//! blocks, and runs in which everything fails.

use super::fixture::{empty, failing, racing};
use dragstrip::metrics::CompactHistogram;
use dragstrip::metrics::snapshot::{
    BlockRecord, ErrorText, Figures, Latency, Side, Snapshot, VariantSnapshot,
};
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::sync::Arc;

fn both(snapshot: &mut Snapshot) -> impl Iterator<Item = &mut VariantSnapshot> {
    [Some(&mut snapshot.variants.a), snapshot.variants.b.as_mut()]
        .into_iter()
        .flatten()
}

/// As many response times as there are answers, with the percentiles of `latency`: a bell between them on a log scale.
fn histogram(latency: &Latency, ok: u64) -> CompactHistogram {
    let known = |us: Option<u64>| us.unwrap_or(1) as f64;
    let odds = |share: f64| (share / (1.0 - share)).ln();
    let places = [
        (-12.0, known(latency.min)),
        (0.0, known(latency.p50)),
        (odds(0.95), known(latency.p95)),
        (odds(0.99), known(latency.p99)),
        (odds(0.999), known(latency.p999)),
        (12.0, known(latency.max)),
    ];
    let mut histogram = Histogram::<u64>::new(3).expect("a histogram");
    for i in 0..ok {
        let place = odds((i as f64 + 0.5) / ok as f64);
        let next = places.partition_point(|&(at, _)| at < place).clamp(1, 5);
        let ((from, low), (until, high)) = (places[next - 1], places[next]);
        let between = (place - from) / (until - from);
        let us = low * (high / low).powf(between);
        histogram.record(us as u64).expect("in range");
    }
    CompactHistogram::of(&histogram)
}

/// The run with histograms that agree with its figures.
pub(crate) fn distributed(mut snapshot: Snapshot) -> Snapshot {
    for variant in both(&mut snapshot) {
        let run = &variant.run;
        variant.histogram = Arc::new(histogram(&run.ok_response_us, run.ok));
    }
    snapshot
}

/// In the middle of the run, with histograms and blocks.
pub(crate) fn running() -> Snapshot {
    let mut snapshot = distributed(racing());
    snapshot.blocks = Arc::new(blocks(9));
    snapshot.comparison.as_mut().expect("two variants").pairs = 9;
    for variant in both(&mut snapshot) {
        let mut series = variant.series.to_vec();
        let level = variant.run.in_flight;
        for point in &mut series {
            let rise = (point.t / 12.0).min(1.0);
            let noise = (point.t as u64 * 7) % 5;
            point.in_flight = (level as f64 * rise) as u64 + noise;
        }
        variant.series = Arc::new(series);
    }
    snapshot
}

/// B fails now and then.
pub(crate) fn with_failures() -> Snapshot {
    let mut snapshot = distributed(failing());
    let b = snapshot.variants.b.as_mut().expect("two variants");
    b.errors.push(ErrorText {
        outcome: "timeout".to_owned(),
        text: "no answer within 30 s".to_owned(),
        count: 87,
    });
    b.connections.closed = Some(41);
    for latency in [&mut b.window.response_us, &mut b.run.response_us] {
        (latency.p999, latency.max) = (None, None);
        for name in ["p999", "max"] {
            latency
                .beyond
                .insert(name.to_owned(), "http_503".to_owned());
        }
    }
    snapshot
}

/// Every request of both variants fails.
pub(crate) fn all_failed() -> Snapshot {
    let mut snapshot = racing();
    for variant in both(&mut snapshot) {
        for figures in [&mut variant.window, &mut variant.run] {
            let failed = figures.ok;
            *figures = Figures {
                ok: 0,
                failed,
                rps: Some(0.0),
                outcomes: BTreeMap::from([("connect".to_owned(), failed)]),
                response_us: Latency {
                    beyond: ["p50", "p90", "p95", "p99", "p999", "max"]
                        .map(|name| (name.to_owned(), "connect".to_owned()))
                        .into(),
                    ..Latency::default()
                },
                ok_response_us: Latency::default(),
                ..figures.clone()
            };
        }
        let mut series = variant.series.to_vec();
        for point in &mut series {
            point.failed = point.rps.round() as u64;
            point.rps = 0.0;
            (point.p50_us, point.p95_us, point.p99_us) = (None, None, None);
        }
        variant.series = Arc::new(series);
        variant.errors = vec![ErrorText {
            outcome: "connect".to_owned(),
            text: "connection refused (os error 111)".to_owned(),
            count: variant.run.failed,
        }];
        variant.connections.failed = variant.run.failed;
        variant.connections.opened = 0;
        variant.connections.reused = Some(0);
        variant.connections.connect_us = Latency::default();
    }
    snapshot.comparison = empty().comparison;
    snapshot
}

/// Counts and times beyond all reason, as a broken file may have them.
pub(crate) fn hostile() -> Snapshot {
    let mut snapshot = with_failures();
    for variant in both(&mut snapshot) {
        (variant.run.ok, variant.run.failed) = (u64::MAX / 2, u64::MAX / 2);
        variant.run.in_flight = u64::MAX;
        variant.window.in_flight = u64::MAX;
        variant.run.outcomes = BTreeMap::from([
            ("ok".to_owned(), u64::MAX),
            ("日本語".repeat(30), u64::MAX),
            (String::new(), u64::MAX),
        ]);
        variant.connections.opened = u64::MAX;
        variant.connections.failed = u64::MAX;
        variant.connections.opened_per_s = Some(f64::NAN);
        let mut series = variant.series.to_vec();
        series[3].failed = u64::MAX;
        (series[4].t, series[5].seconds) = (f64::NAN, 0.0);
        (series[5].failed, series[6].in_flight) = (3, u64::MAX);
        (series[7].t, series[7].seconds) = (f64::INFINITY, -1.0);
        variant.series = Arc::new(series);
        let error = variant.errors.first().cloned();
        variant.errors.extend(error.map(|error| ErrorText {
            count: u64::MAX,
            ..error
        }));
        let mut longest = Histogram::<u64>::new(3).expect("a histogram");
        longest.record_n(0, 1 << 62).expect("in range");
        longest.record_n(1 << 60, 1 << 62).expect("in range");
        variant.histogram = Arc::new(CompactHistogram::of(&longest));
    }
    let mut wild = blocks(3);
    (wild[0].rps, wild[0].t) = (f64::NAN, f64::INFINITY);
    (wild[1].p50_us, wild[1].pair) = (Some(f64::NEG_INFINITY), u64::MAX);
    snapshot.blocks = Arc::new(wild);
    snapshot.epochs[1].t = f64::NAN;
    snapshot
}

/// Blocks of so many pairs of 15 s, B after A in every other one.
fn blocks(pairs: u64) -> Vec<BlockRecord> {
    let block = |pair: u64, variant: Side, latency_ms: [f64; 3], rps: f64| BlockRecord {
        pair,
        variant,
        t: pair as f64 * 15.0,
        seconds: 15.0,
        requests: (rps * 15.0) as u64,
        failed: 0,
        rps: rps + pair as f64 % 3.0,
        p50_us: Some(latency_ms[0] * 1e3),
        p95_us: Some(latency_ms[1] * 1e3),
        p99_us: (!pair.is_multiple_of(4) || variant == Side::A).then_some(latency_ms[2] * 1e3),
    };
    (1..=pairs)
        .flat_map(|pair| {
            let a = block(pair, Side::A, [3_230.0, 3_560.0, 3_700.0], 50.0);
            let b = block(pair, Side::B, [74.4, 250.0, 329.0], 224.0);
            if pair.is_multiple_of(2) {
                [a, b]
            } else {
                [b, a]
            }
        })
        .collect()
}
