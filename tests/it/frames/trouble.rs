//! Snapshots of runs in which something is not as it should be.

use super::fixture::{latency, racing};
use dragstrip::metrics::snapshot::{
    CheckLevel, Figures, Gap, GapReason, Latency, Notice, NoticeLevel, Snapshot, VariantSnapshot,
    Verdict,
};
use std::collections::BTreeMap;
use std::sync::Arc;

fn both(snapshot: &mut Snapshot) -> impl Iterator<Item = &mut VariantSnapshot> {
    [Some(&mut snapshot.variants.a), snapshot.variants.b.as_mut()]
        .into_iter()
        .flatten()
}

/// The client itself is too slow: verdicts are withheld.
pub(crate) fn red() -> Snapshot {
    let mut snapshot = racing();
    let reason = "CLIENT IS THE BOTTLENECK: 1 % of sends are 5 ms late or more";
    let lag = &mut snapshot.checks[4];
    lag.level = CheckLevel::Red;
    reason.clone_into(&mut lag.detail);
    let beat = &mut snapshot.checks[6];
    beat.level = CheckLevel::Amber;
    "latest 7.4 ms late".clone_into(&mut beat.detail);
    let comparison = snapshot.comparison.as_mut().expect("two variants");
    for metric in &mut comparison.metrics {
        metric.verdict = Verdict::Withheld;
        metric.text = format!("withheld: {reason}");
    }
    snapshot
}

/// Nobody checks A's certificate, and A fails in many ways; what was agreed on is long, and so is A's name.
pub(crate) fn unverified() -> Snapshot {
    let mut snapshot = racing();
    let a = &mut snapshot.variants.a;
    "https://localhost:18705".clone_into(&mut a.url);
    "the gateway with a name that is longer than any pane".clone_into(&mut a.label);
    "reqwest, max_connections 7, tls_verify false".clone_into(&mut a.transport);
    a.protocol = Some("HTTP/2".to_owned());
    let agreed = &mut a.connections.agreed[0];
    "HTTP/2".clone_into(&mut agreed.http);
    agreed.tls = Some("TLS 1.3".to_owned());
    agreed.cipher = Some("TLS13_AES_256_GCM_SHA384".to_owned());
    let failed = |i: u32| Notice {
        level: NoticeLevel::Error,
        text: format!(
            "A: 100 % of requests in the live window failed: http_{}",
            400 + i
        ),
    };
    let unchecked = Notice {
        level: NoticeLevel::Warning,
        text: "A's certificate is not checked (tls_verify=false): whoever answers is believed"
            .to_owned(),
    };
    snapshot.notices = (0..5).map(failed).chain([unchecked]).collect();
    snapshot
}

/// The user held the load for a while; later the process was stopped for a moment.
pub(crate) fn gapped() -> Snapshot {
    let mut snapshot = racing();
    let gap = |t, seconds, reason| Gap { t, seconds, reason };
    snapshot.gaps = vec![
        gap(50.0, 24.0, GapReason::Paused),
        gap(110.0, 3.2, GapReason::Suspended),
    ];
    for variant in both(&mut snapshot) {
        let mut series = variant.series.to_vec();
        for point in &mut series[50..74] {
            (point.p50_us, point.p95_us, point.p99_us) = (None, None, None);
            (point.rps, point.in_flight) = (0.0, 0);
        }
        // Nobody was there to write these seconds down.
        series.drain(110..113);
        variant.series = Arc::new(series);
    }
    snapshot
}

/// A's requests wait for one of its seven connections; its gateway answers each in no time.
pub(crate) fn waiting() -> Snapshot {
    let mut snapshot = racing();
    let a = &mut snapshot.variants.a;
    for figures in [&mut a.window, &mut a.run] {
        figures.service_us = latency(1.0, 1.1, 1.2);
        figures.slot_wait_us = latency(3_229.0, 3_559.0, 3_699.0);
        figures.ttfb_us = latency(0.7, 0.8, 0.9);
    }
    snapshot
}

/// A has answered nothing yet, and for so long that B's slowest requests ran into the timeout.
pub(crate) fn stalled() -> Snapshot {
    let mut snapshot = racing();
    snapshot.notices.clear();
    let a = &mut snapshot.variants.a;
    for figures in [&mut a.window, &mut a.run] {
        *figures = Figures {
            seconds: figures.seconds,
            requests: 200,
            in_flight: 200,
            rps: Some(0.0),
            offered_rps: Some(0.0),
            ..Figures::default()
        };
    }
    let oldest = &mut a.window.response_us;
    (oldest.p50, oldest.p95, oldest.p99) = (Some(21_400_000), Some(24_800_000), Some(24_900_000));
    oldest.at_least = ["p50", "p95", "p99"].map(str::to_owned).to_vec();
    let mut series = a.series.to_vec();
    for point in &mut series {
        (point.p50_us, point.p95_us, point.p99_us) = (None, None, None);
        point.rps = 0.0;
    }
    a.series = Arc::new(series);
    let b = snapshot.variants.b.as_mut().expect("two variants");
    for figures in [&mut b.window, &mut b.run] {
        figures.failed = figures.ok / 12;
        figures.ok -= figures.failed;
        figures.outcomes = BTreeMap::from([
            ("ok".to_owned(), figures.ok),
            ("timeout".to_owned(), figures.failed),
        ]);
        figures.ok_response_us = latency(73.0, 3_200.0, 8_100.0);
        figures.service_us = figures.ok_response_us.clone();
        figures.response_us = Latency {
            p95: None,
            p99: None,
            beyond: ["p95", "p99"]
                .map(|name| (name.to_owned(), "timeout".to_owned()))
                .into(),
            ..figures.response_us.clone()
        };
    }
    let mut series = b.series.to_vec();
    for point in series.iter_mut().skip(30) {
        (point.p95_us, point.p99_us, point.failed) = (None, None, 19);
    }
    b.series = Arc::new(series);
    let comparison = snapshot.comparison.as_mut().expect("two variants");
    for metric in &mut comparison.metrics {
        (metric.a, metric.change_pct) = (None, None);
        "no figures yet".clone_into(&mut metric.text);
        metric.calculation.clear();
    }
    comparison.metrics[0].a = Some(0.0);
    (comparison.metrics[2].b, comparison.metrics[3].b) = (None, None);
    comparison.metrics[4].b = Some(0.083);
    snapshot
}
