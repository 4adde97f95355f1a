//! Snapshots of comparisons: every state that a verdict can have, and variants that take turns.

use super::fixture::{failing, racing};
use dragstrip::metrics::snapshot::{
    Basis, Comparison, Figures, Metric, MetricName, Side, Slot, SlotStage, Snapshot, Verdict,
};
use std::sync::Arc;

const LATENCIES: [MetricName; 3] = [MetricName::P50, MetricName::P95, MetricName::P99];

/// This set-up's noise, as a remark.
pub(crate) const FLOOR: &str = "this set-up cannot tell differences below 3.1 % (p99), 2.2 % (p95) \
     and 1.4 % (p50): two windows under the same load differ by as much";

fn comparison(snapshot: &mut Snapshot) -> &mut Comparison {
    snapshot.comparison.as_mut().expect("two variants")
}

fn metric(snapshot: &mut Snapshot, name: MetricName) -> &mut Metric {
    let metrics = &mut comparison(snapshot).metrics;
    let mut metrics = metrics.iter_mut();
    metrics.find(|metric| metric.name == name).expect("a row")
}

/// Sets a row's judgement: the interval's ends with its centre, the verdict, and its words.
fn judge(
    snapshot: &mut Snapshot,
    name: MetricName,
    interval: [Option<f64>; 3],
    verdict: Verdict,
    state: &str,
) {
    let metric = metric(snapshot, name);
    [metric.low_pct, metric.centre_pct, metric.high_pct] = interval;
    metric.verdict = verdict;
    state.clone_into(&mut metric.state);
}

fn in_pairs(pairs: u64) -> Snapshot {
    let mut snapshot = racing();
    let comparison = comparison(&mut snapshot);
    comparison.basis = Basis::Model;
    (comparison.pairs, comparison.needed_pairs) = (pairs, Some(6));
    comparison.pair_s = Some(15.0);
    snapshot
}

fn all_alike(snapshot: &mut Snapshot, verdict: Verdict, state: &str) {
    for name in LATENCIES.into_iter().chain([MetricName::Rps]) {
        judge(snapshot, name, [None; 3], verdict, state);
    }
}

/// Too few pairs for anything.
pub(crate) fn collecting() -> Snapshot {
    let mut snapshot = in_pairs(3);
    let state = "collecting: 3 of at least 6 pairs (≈ 45 s)";
    all_alike(&mut snapshot, Verdict::Collecting, state);
    snapshot
}

/// All went one way, and one pair is missing.
pub(crate) fn ahead() -> Snapshot {
    let mut snapshot = in_pairs(5);
    let state = "B ahead in 5 of 5 (decided from 6, ≈ 20 s)";
    all_alike(&mut snapshot, Verdict::Collecting, state);
    let noisy = "collecting: 5 of at least 6 pairs (≈ 45 s)";
    judge(
        &mut snapshot,
        MetricName::P99,
        [None; 3],
        Verdict::Collecting,
        noisy,
    );
    snapshot
}

/// All four are decided.
pub(crate) fn decided() -> Snapshot {
    let mut snapshot = in_pairs(9);
    let rows = [
        (
            MetricName::Rps,
            [339.0, 347.0, 356.0],
            "B higher RPS, 4.5 ×",
        ),
        (MetricName::P50, [-97.8, -97.7, -97.6], "B faster, 44 ×"),
        (MetricName::P95, [-93.3, -93.0, -92.6], "B faster, 14 ×"),
        (MetricName::P99, [-95.9, -91.1, -80.4], "B faster, 11 ×"),
    ];
    for (name, interval, state) in rows {
        judge(
            &mut snapshot,
            name,
            interval.map(Some),
            Verdict::BBetter,
            state,
        );
    }
    snapshot
}

/// The queue grows: RPS is judged, latency is not.
pub(crate) fn withheld() -> Snapshot {
    let mut snapshot = decided();
    let state = "withheld: the queue grows without end: latency depends on how long one waits";
    for name in LATENCIES {
        judge(&mut snapshot, name, [None; 3], Verdict::Withheld, state);
    }
    snapshot
}

/// B fails more often than A.
pub(crate) fn not_comparable() -> Snapshot {
    let mut snapshot = failing();
    let comparison = comparison(&mut snapshot);
    (comparison.basis, comparison.pairs) = (Basis::Model, 9);
    let state = "not comparable: B failed 1.4 % of requests, A 0.0 %";
    let interval = [1.2, 1.4, 1.7].map(Some);
    for name in LATENCIES.into_iter().chain([MetricName::Rps]) {
        let state = "not comparable: error rates differ";
        judge(
            &mut snapshot,
            name,
            [None; 3],
            Verdict::NotComparable,
            state,
        );
    }
    let errors = Verdict::NotComparable;
    judge(&mut snapshot, MetricName::Errors, interval, errors, state);
    snapshot
}

/// Two variants that hardly differ.
pub(crate) fn noisy() -> Snapshot {
    let mut snapshot = in_pairs(14);
    let rows = [
        (MetricName::P50, 3_230e3, 3_262e3),
        (MetricName::P95, 3_560e3, 3_524e3),
        (MetricName::P99, 3_700e3, 3_774e3),
    ];
    for (name, a, b) in rows {
        let metric = metric(&mut snapshot, name);
        (metric.a, metric.b) = (Some(a), Some(b));
        metric.change_pct = Some((b - a) / a * 100.0);
    }
    let rps = metric(&mut snapshot, MetricName::Rps);
    (rps.a, rps.b, rps.change_pct) = (Some(50.0), Some(50.0), Some(0.0));
    let (open, none) = (MetricName::Rps, Verdict::None);
    judge(&mut snapshot, open, [None; 3], none, "RPS is set by you");
    judge(
        &mut snapshot,
        MetricName::P50,
        [0.4, 0.9, 1.5].map(Some),
        Verdict::BWorse,
        "B slower",
    );
    judge(
        &mut snapshot,
        MetricName::P95,
        [-4.2, -1.0, 2.1].map(Some),
        Verdict::NoDifference,
        "no detectable difference (within ±4.2 %)",
    );
    judge(
        &mut snapshot,
        MetricName::P99,
        [-12.0, 2.0, 9.0].map(Some),
        Verdict::TooNoisy,
        "too noisy: −12 % to +9 %; about 6 more minutes for ±5 %",
    );
    comparison(&mut snapshot).remarks = vec![
        FLOOR.to_owned(),
        "the load changed at 1:23: the comparison began anew".to_owned(),
        "12,000 requests ≈ 480 independent ones".to_owned(),
    ];
    snapshot
}

fn order(snapshot: &mut Snapshot, order: &str) {
    order.clone_into(&mut Arc::make_mut(&mut snapshot.plan).load.order);
    order.clone_into(&mut comparison(snapshot).order);
}

/// A has run, B runs.
pub(crate) fn sequential() -> Snapshot {
    let mut snapshot = racing();
    order(&mut snapshot, "sequential");
    snapshot.meta.slot = Some(Slot {
        variant: Side::B,
        pair: None,
        block: None,
        stage: SlotStage::Block,
    });
    let comparison = comparison(&mut snapshot);
    comparison.remarks = vec![
        "A and B ran one after the other: what changed in between looks like a difference; \
         --order alternate gives a verdict"
            .to_owned(),
    ];
    for metric in &mut comparison.metrics {
        "sequential: no verdict".clone_into(&mut metric.state);
    }
    snapshot
}

/// B has the second block of the fifth pair; A waits.
pub(crate) fn alternate() -> Snapshot {
    let mut snapshot = ahead();
    order(&mut snapshot, "alternate");
    comparison(&mut snapshot).basis = Basis::Exact;
    comparison(&mut snapshot).remarks = vec![FLOOR.to_owned()];
    snapshot.meta.slot = Some(Slot {
        variant: Side::B,
        pair: Some(5),
        block: Some(2),
        stage: SlotStage::Block,
    });
    snapshot.variants.a.window = Figures::default();
    snapshot
}
