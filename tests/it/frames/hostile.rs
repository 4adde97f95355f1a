//! Snapshots as a broken or a wicked file may have them: no number is what it should be, texts try to steer the terminal or to
//! take more room than they have, and lists are far too long or do not fit each other.

use super::{fixture, heat, judged, lived, measured, trouble};
use dragstrip::metrics::snapshot::{
    Annotation, Basis, Epoch, Figures, Gap, GapReason, Latency, LogEntry, NoticeLevel, Phase,
    SeriesPoint, Side, Slot, SlotStage, Snapshot, VariantSnapshot,
};
use std::sync::{Arc, LazyLock};

/// Texts that should not be where they are.
const TEXTS: [&str; 12] = [
    "a label that is far longer than any place there is for it on any screen, and goes on and on until nobody reads it any more",
    "日本語のラベル、とても長い日本語のラベル、終わりのない日本語のラベル",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}a\u{308}\u{489}o\u{328}\u{327}",
    "\u{301}\u{301}\u{301}",
    "\u{1b}[2J\u{1b}]52;c;AAAA\u{7}\u{9b}31m\0\r\n\t\u{7f}\u{8}",
    "\u{202e}desrever\u{2066}\u{2069}\u{200f}\u{61c}مرحبا",
    "\u{200b}\u{200d}\u{feff}\u{2028}\u{2029}\u{ad}\u{3164}",
    "👨\u{200d}👩\u{200d}👧 🇩🇪 ❤\u{fe0f} 1\u{fe0f}\u{20e3}",
    "",
    "   ",
    "x",
    "한\u{1112}\u{1161}\u{11ab}각\u{ff76}\u{ff9e}",
];

/// A run with everything in it that a run can have.
fn full() -> Snapshot {
    static FULL: LazyLock<Snapshot> = LazyLock::new(make_full);
    FULL.clone()
}

fn make_full() -> Snapshot {
    let mut snapshot = judged::decided();
    let failing = measured::with_failures();
    snapshot.variants = failing.variants;
    snapshot.epochs = failing.epochs;
    snapshot.blocks = measured::running().blocks;
    snapshot.gaps = trouble::gapped().gaps;
    let comparison = snapshot.comparison.as_mut().expect("two");
    comparison.remarks = vec![judged::FLOOR.to_owned(), "the load changed".to_owned()];
    comparison.basis = Basis::Model;
    lived::lived(heat::seconds(snapshot))
}

fn variants(snapshot: &mut Snapshot) -> impl Iterator<Item = &mut VariantSnapshot> {
    [Some(&mut snapshot.variants.a), snapshot.variants.b.as_mut()]
        .into_iter()
        .flatten()
}

/// All foreign texts of a run are [`TEXTS`], beginning at one of them.
pub(crate) fn texts(first: usize) -> Snapshot {
    let mut snapshot = full();
    let mut next = first;
    let mut set = |text: &mut String| {
        TEXTS[next % TEXTS.len()].clone_into(text);
        next += 1;
    };
    let plan = Arc::make_mut(&mut snapshot.plan);
    for text in [
        &mut plan.title,
        &mut plan.load.model,
        &mut plan.load.order,
        &mut plan.request.method,
        &mut plan.request.path,
        plan.request.bodies_order.get_or_insert_default(),
        &mut snapshot.meta.version,
        &mut snapshot.meta.started_at,
        &mut snapshot.meta.host.os,
    ] {
        set(text);
    }
    plan.load.arrivals = Some(TEXTS[first % TEXTS.len()].to_owned());
    for variant in [Some(&mut snapshot.variants.a), snapshot.variants.b.as_mut()]
        .into_iter()
        .flatten()
    {
        set(&mut variant.label);
        set(&mut variant.url);
        set(&mut variant.transport);
        set(variant.protocol.get_or_insert_default());
        for error in &mut variant.errors {
            set(&mut error.outcome);
            set(&mut error.text);
        }
        for figures in [&mut variant.window, &mut variant.run] {
            for text in TEXTS {
                figures.outcomes.insert(text.to_owned(), 3);
            }
            for latency in [&mut figures.response_us, &mut figures.ok_response_us] {
                latency.beyond.values_mut().for_each(&mut set);
                let names = latency.at_least.iter_mut();
                names.for_each(&mut set);
            }
        }
    }
    let comparison = snapshot.comparison.as_mut().expect("two");
    set(&mut comparison.order);
    comparison.remarks.iter_mut().for_each(&mut set);
    for metric in &mut comparison.metrics {
        set(&mut metric.state);
        set(&mut metric.text);
        set(&mut metric.calculation);
    }
    for check in &mut snapshot.checks {
        set(&mut check.name);
        set(&mut check.detail);
    }
    for epoch in &mut snapshot.epochs {
        set(&mut epoch.load);
        set(epoch.order.get_or_insert_default());
    }
    snapshot.notices.iter_mut().for_each(|n| set(&mut n.text));
    let notes = Arc::make_mut(&mut snapshot.annotations);
    notes.iter_mut().for_each(|note| set(&mut note.text));
    for line in Arc::make_mut(&mut snapshot.log) {
        set(&mut line.source);
        set(&mut line.text);
    }
    snapshot
}

fn latency(latency: &mut Latency, x: f64, n: u64) {
    latency.mean = Some(x);
    for figure in [
        &mut latency.min,
        &mut latency.p50,
        &mut latency.p90,
        &mut latency.p95,
        &mut latency.p99,
        &mut latency.p999,
        &mut latency.max,
    ] {
        *figure = Some(n);
    }
}

fn figures(figures: &mut Figures, x: f64, n: u64) {
    figures.seconds = x;
    (figures.rps, figures.offered_rps) = (Some(x), Some(x));
    for count in [
        &mut figures.requests,
        &mut figures.ok,
        &mut figures.failed,
        &mut figures.cancelled,
        &mut figures.in_flight,
        &mut figures.bytes,
    ] {
        *count = n;
    }
    figures.outcomes.values_mut().for_each(|count| *count = n);
    for of in [
        &mut figures.response_us,
        &mut figures.ok_response_us,
        &mut figures.service_us,
        &mut figures.ttfb_us,
        &mut figures.client_lag_us,
        &mut figures.slot_wait_us,
    ] {
        latency(of, x, n);
    }
}

/// All numbers of a run are `x`, all its counts `n`.
pub(crate) fn numbers(x: f64, n: u64) -> Snapshot {
    let mut snapshot = full();
    let few = u32::try_from(n).unwrap_or(u32::MAX);
    let meta = &mut snapshot.meta;
    (meta.elapsed_s, meta.total_s, meta.phase_left_s) = (x, Some(x), Some(x));
    (meta.window_s, meta.host.cores) = (few, n as usize);
    meta.slot = Some(Slot {
        variant: Side::B,
        pair: Some(n),
        block: Some(u8::MAX),
        stage: SlotStage::Block,
    });
    let plan = Arc::make_mut(&mut snapshot.plan);
    (plan.request.body_bytes, plan.request.bodies) = (n, Some(n));
    let load = &mut plan.load;
    (load.users, load.max_in_flight, load.threads) = (Some(few), Some(few), n as usize);
    (load.rate, load.margin_pct, load.think_s) = (Some(x), Some(x), Some([x, x]));
    (load.ramp_s, load.timeout_s) = (x, x);
    (load.warmup_s, load.duration_s) = (Some(x), Some(x));
    for variant in variants(&mut snapshot) {
        figures(&mut variant.window, x, n);
        figures(&mut variant.run, x, n);
        let connections = &mut variant.connections;
        (connections.opened, connections.failed) = (n, n);
        (connections.reused, connections.closed) = (Some(n), Some(n));
        connections.opened_per_s = Some(x);
        latency(&mut connections.connect_us, x, n);
        variant.errors.iter_mut().for_each(|error| error.count = n);
        // Some seconds keep their places, so that charts are drawn at all.
        let series = Arc::make_mut(&mut variant.series);
        for (i, point) in series.iter_mut().enumerate() {
            let t = if i % 3 == 0 { x } else { point.t };
            let seconds = if i % 4 == 0 { x } else { 1.0 };
            *point = SeriesPoint {
                t,
                seconds,
                rps: x,
                p50_us: Some(n),
                p95_us: Some(n),
                p99_us: Some(n),
                failed: n,
                in_flight: n,
            };
        }
        let intervals = Arc::make_mut(&mut variant.intervals);
        for interval in intervals.iter_mut().step_by(3) {
            (interval.t, interval.seconds) = (x, x);
        }
    }
    let comparison = snapshot.comparison.as_mut().expect("two");
    (comparison.pairs, comparison.needed_pairs) = (n, Some(n));
    comparison.pair_s = Some(x);
    for metric in &mut comparison.metrics {
        for value in [
            &mut metric.a,
            &mut metric.b,
            &mut metric.change_pct,
            &mut metric.low_pct,
            &mut metric.high_pct,
            &mut metric.centre_pct,
            &mut metric.model_low_pct,
            &mut metric.model_high_pct,
        ] {
            *value = Some(x);
        }
    }
    for block in Arc::make_mut(&mut snapshot.blocks) {
        (block.pair, block.requests, block.failed) = (n, n, n);
        (block.t, block.seconds, block.rps) = (x, x, x);
        (block.p50_us, block.p95_us, block.p99_us) = (Some(x), Some(x), Some(x));
    }
    for epoch in &mut snapshot.epochs {
        (epoch.t, epoch.users, epoch.rate) = (x, Some(few), Some(x));
        epoch.think_s = Some([x, x]);
    }
    for gap in &mut snapshot.gaps {
        (gap.t, gap.seconds) = (x, x);
    }
    let notes = Arc::make_mut(&mut snapshot.annotations);
    notes.iter_mut().for_each(|note| note.t = x);
    let log = Arc::make_mut(&mut snapshot.log);
    log.iter_mut().for_each(|line| line.t = x);
    snapshot.log_dropped = n;
    snapshot
}

fn again<T: Clone>(list: &[T], count: usize) -> Vec<T> {
    list.iter().cycle().take(count).cloned().collect()
}

/// Lists far longer than any run makes them.
pub(crate) fn many() -> Snapshot {
    let mut snapshot = full();
    let text = |i: usize| format!("{i} {}", TEXTS[i % TEXTS.len()]);
    let notice = |i| fixture::notice(NoticeLevel::Error, &text(i));
    snapshot.notices = (0..90).map(notice).collect();
    snapshot.checks = again(&fixture::checks(), 70);
    let note = |i| Annotation {
        t: i as f64 / 2.0,
        text: text(i),
    };
    snapshot.annotations = Arc::new((0..300).map(note).collect());
    let line = |i| LogEntry {
        t: i as f64 / 10.0,
        level: NoticeLevel::Warning,
        source: text(i),
        text: text(i + 1).repeat(3),
    };
    snapshot.log = Arc::new((0..700).map(line).collect());
    let gap = |i| Gap {
        t: f64::from(i),
        seconds: 0.7,
        reason: GapReason::Suspended,
    };
    snapshot.gaps = (0..200).map(gap).collect();
    let epoch = |i| Epoch {
        t: i as f64,
        load: text(i),
        users: Some(u32::MAX),
        think_s: None,
        rate: None,
        order: Some(text(i + 3)),
    };
    snapshot.epochs = (0..200).map(epoch).collect();
    let comparison = snapshot.comparison.as_mut().expect("two");
    comparison.remarks = (0..40).map(text).collect();
    comparison.metrics = again(&comparison.metrics, 45);
    for variant in variants(&mut snapshot) {
        variant.errors = again(&variant.errors, 40);
        variant.run.outcomes = (0..80).map(|i| (text(i), i as u64)).collect();
    }
    snapshot
}

/// Lists that do not fit each other, and what is missing is missing altogether.
pub(crate) fn ragged() -> Snapshot {
    let mut snapshot = full();
    snapshot.epochs.clear();
    snapshot.checks.clear();
    snapshot.meta.phase = Phase::Draining;
    let a = &mut snapshot.variants.a;
    a.series = Arc::new(a.series[..1].to_vec());
    a.intervals = Arc::default();
    let b = snapshot.variants.b.as_mut().expect("two");
    let mut series = b.series.to_vec();
    series.reverse();
    b.series = Arc::new(series);
    b.errors.clear();
    b.run.outcomes.clear();
    let comparison = snapshot.comparison.as_mut().expect("two");
    comparison.metrics.truncate(1);
    snapshot.blocks = Arc::new(snapshot.blocks[..1].to_vec());
    snapshot
}

/// One variant alone, and nothing where B was.
pub(crate) fn alone(mut snapshot: Snapshot) -> Snapshot {
    snapshot.variants.b = None;
    snapshot.comparison = None;
    snapshot
}

/// All of them.
pub(crate) static ALL: LazyLock<Vec<Arc<Snapshot>>> = LazyLock::new(|| {
    let mut all = vec![
        numbers(f64::NAN, 0),
        numbers(f64::INFINITY, u64::MAX),
        numbers(f64::NEG_INFINITY, 1),
        numbers(0.0, 0),
        numbers(f64::MAX, u64::MAX),
        numbers(-1.0, u64::MAX / 2),
        numbers(f64::MIN_POSITIVE, 1),
        many(),
        ragged(),
        alone(numbers(f64::NAN, u64::MAX)),
        alone(texts(7)),
    ];
    all.extend((0..TEXTS.len()).step_by(3).map(texts));
    all.into_iter().map(Arc::new).collect()
});
