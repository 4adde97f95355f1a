//! Snapshots made by hand, with the figures of the published benchmark: A waits for seven connections, B does not.

use dragstrip::metrics::CompactHistogram;
use dragstrip::metrics::snapshot::{
    Agreed, Basis, Check, CheckLevel, Comparison, Connections, Epoch, ErrorText, Figures, Host,
    Latency, LoadRecord, Meta, Metric, MetricName, Notice, NoticeLevel, Phase, PlanRecord,
    RequestRecord, SCHEMA, SeriesPoint, Snapshot, VariantSnapshot, Variants, Verdict,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Before anything has been measured.
pub(crate) fn empty() -> Snapshot {
    Snapshot {
        schema: SCHEMA.to_owned(),
        meta: Meta {
            version: "0.1.0".to_owned(),
            started_at: "2025-06-01T12:00:00Z".to_owned(),
            elapsed_s: 0.0,
            total_s: Some(240.0),
            phase: Phase::Ramp,
            phase_left_s: Some(5.0),
            window_s: 5,
            slot: None,
            host: Host {
                os: "linux".to_owned(),
                cores: 2,
            },
            seed: 7,
        },
        plan: Arc::new(plan()),
        variants: Variants {
            a: variant(
                "7 upstream connections",
                41_001,
                "reqwest, http 1.1, max_connections 7",
            ),
            b: Some(variant("unbounded pool", 41_002, "reqwest, http 1.1")),
        },
        comparison: Some(Comparison {
            costs: Vec::new(),
            order: "together".to_owned(),
            basis: Basis::None,
            pairs: 0,
            needed_pairs: None,
            pair_s: None,
            remarks: Vec::new(),
            metrics: [
                MetricName::Rps,
                MetricName::P50,
                MetricName::P95,
                MetricName::P99,
                MetricName::Errors,
            ]
            .map(|name| metric(name, None, None))
            .to_vec(),
        }),
        checks: Vec::new(),
        epochs: vec![Epoch {
            t: 0.0,
            load: "200 users".to_owned(),
            users: Some(200),
            think_s: None,
            rate: None,
            order: None,
        }],
        blocks: Arc::default(),
        annotations: Arc::default(),
        log: Arc::default(),
        log_dropped: 0,
        gaps: Vec::new(),
        notices: Vec::new(),
    }
}

fn plan() -> PlanRecord {
    PlanRecord {
        launches: Vec::new(),
        title: "demo".to_owned(),
        load: LoadRecord {
            model: "closed".to_owned(),
            users: Some(200),
            think_s: Some([0.5, 1.0]),
            rate: None,
            arrivals: None,
            max_in_flight: None,
            overflow: None,
            order: "together".to_owned(),
            aa: false,
            margin_pct: None,
            until_decided: false,
            ramp_s: 5.0,
            warmup_s: Some(10.0),
            duration_s: Some(225.0),
            timeout_s: 30.0,
            threads: 1,
        },
        request: RequestRecord {
            method: "POST".to_owned(),
            path: "/chat/completions".to_owned(),
            headers: BTreeMap::new(),
            body_bytes: 180,
            bodies: None,
            bodies_order: None,
        },
    }
}

fn variant(label: &str, port: u16, transport: &str) -> VariantSnapshot {
    VariantSnapshot {
        label: label.to_owned(),
        url: format!("http://127.0.0.1:{port}"),
        transport: transport.to_owned(),
        protocol: None,
        window: Figures::default(),
        run: Figures::default(),
        connections: Connections::default(),
        series: Arc::default(),
        intervals: Arc::default(),
        histogram: Arc::new(CompactHistogram::default()),
        errors: Vec::new(),
        processes: None,
        upstream: None,
    }
}

fn metric(name: MetricName, a: Option<f64>, b: Option<f64>) -> Metric {
    let change_pct = a.zip(b).map(|(a, b)| (b - a) / a * 100.0);
    Metric {
        name,
        a,
        b,
        change_pct,
        low_pct: None,
        high_pct: None,
        centre_pct: None,
        model_low_pct: None,
        model_high_pct: None,
        verdict: Verdict::None,
        state: String::new(),
        text: "no figures yet".to_owned(),
        calculation: String::new(),
    }
}

/// A latency distribution from its median, 95th and 99th percentile, ms.
pub(crate) fn latency(p50: f64, p95: f64, p99: f64) -> Latency {
    let us = |ms: f64| Some((ms * 1e3) as u64);
    Latency {
        min: us(p50 * 0.4),
        mean: Some(p50 * 1.04e3),
        p50: us(p50),
        p90: us(p95 * 0.93),
        p95: us(p95),
        p99: us(p99),
        p999: us(p99 * 1.08),
        max: us(p99 * 1.21),
        ..Latency::default()
    }
}

fn figures(seconds: f64, rps: f64, in_flight: u64, latencies: Latency) -> Figures {
    let ok = (seconds * rps).round() as u64;
    Figures {
        seconds,
        requests: ok + in_flight,
        ok,
        in_flight,
        rps: Some(rps),
        offered_rps: Some(rps),
        outcomes: BTreeMap::from([("ok".to_owned(), ok)]),
        bytes: ok * 420,
        response_us: latencies.clone(),
        ok_response_us: latencies.clone(),
        service_us: latencies,
        client_lag_us: latency(0.011, 0.052, 0.084),
        ttfb_us: latency(0.9, 3.1, 8.0),
        slot_wait_us: latency(0.002, 0.004, 0.009),
        ..Figures::default()
    }
}

/// One point a second until `t`: from a fast start to the steady figures given, with a little noise.
fn series(t: u32, rps: f64, steady_ms: [f64; 3], start_ms: f64) -> Vec<SeriesPoint> {
    (1..=t)
        .map(|second| {
            let rise = (f64::from(second) / 12.0).min(1.0);
            let noise = 1.0 + 0.04 * (f64::from(second * 7 % 23) / 23.0 - 0.5);
            let us = |steady: f64| {
                let ms = start_ms * (steady / start_ms).powf(rise) * noise;
                Some((ms * 1e3) as u64)
            };
            SeriesPoint {
                t: f64::from(second),
                seconds: 1.0,
                rps: rps * rise,
                p50_us: us(steady_ms[0]),
                p95_us: us(steady_ms[1]),
                p99_us: us(steady_ms[2]),
                failed: 0,
                in_flight: 32,
            }
        })
        .collect()
}

/// The load is up, and nothing counts yet.
pub(crate) fn warming_up() -> Snapshot {
    let mut snapshot = racing();
    snapshot.meta.elapsed_s = 11.4;
    snapshot.meta.phase = Phase::WarmUp;
    snapshot.meta.phase_left_s = Some(3.6);
    snapshot.comparison = empty().comparison;
    snapshot.notices.clear();
    for variant in [Some(&mut snapshot.variants.a), snapshot.variants.b.as_mut()]
        .into_iter()
        .flatten()
    {
        variant.run = Figures::default();
        variant.series = Arc::new(variant.series[..11].to_vec());
        variant.connections.reused = Some(1_204);
        variant.connections.opened_per_s = Some(12.4);
    }
    snapshot
}

/// In the middle of the run.
pub(crate) fn racing() -> Snapshot {
    let mut snapshot = empty();
    snapshot.meta.elapsed_s = 151.2;
    snapshot.meta.phase = Phase::Measuring;
    snapshot.meta.phase_left_s = Some(88.8);
    let a = &mut snapshot.variants.a;
    a.window = figures(5.0, 50.4, 162, latency(3_240.0, 3_550.0, 3_690.0));
    a.run = figures(136.2, 50.3, 162, latency(3_230.0, 3_560.0, 3_700.0));
    a.series = Arc::new(series(151, 50.0, [3_230.0, 3_560.0, 3_700.0], 90.0));
    let b = snapshot.variants.b.as_mut().expect("two variants");
    b.window = figures(5.0, 225.0, 31, latency(74.1, 251.0, 331.0));
    b.run = figures(136.2, 224.4, 31, latency(74.4, 250.0, 329.0));
    b.series = Arc::new(series(151, 224.0, [74.0, 250.0, 330.0], 40.0));
    for variant in [Some(&mut snapshot.variants.a), snapshot.variants.b.as_mut()]
        .into_iter()
        .flatten()
    {
        variant.protocol = Some("HTTP/1.1".to_owned());
        variant.connections = Connections {
            opened: 200,
            opened_per_s: Some(0.0),
            reused: Some(variant.run.ok),
            failed: 0,
            requests_per_connection: Some(variant.run.ok as f64 / 200.0),
            most_requests: Some(1_200),
            connect_us: latency(0.2, 0.4, 0.9),
            tcp_us: latency(0.2, 0.4, 0.9),
            agreed: vec![Agreed {
                http: "HTTP/1.1".to_owned(),
                tls: None,
                cipher: None,
                connections: 200,
            }],
            ..Connections::default()
        };
    }
    let comparison = snapshot.comparison.as_mut().expect("two variants");
    comparison.metrics = vec![
        row(
            MetricName::Rps,
            50.3,
            224.4,
            "B is 346 % higher, 4.5 × A's",
            "(224 − 50.3) / 50.3 × 100",
        ),
        row(
            MetricName::P50,
            3_230e3,
            74.4e3,
            "B is 97.7 % lower, 43 × faster",
            "(74.4 ms − 3.23 s) / 3.23 s × 100",
        ),
        row(
            MetricName::P95,
            3_560e3,
            250e3,
            "B is 93.0 % lower, 14 × faster",
            "(250 ms − 3.56 s) / 3.56 s × 100",
        ),
        row(
            MetricName::P99,
            3_700e3,
            329e3,
            "B is 91.1 % lower, 11 × faster",
            "(329 ms − 3.70 s) / 3.70 s × 100",
        ),
        metric(MetricName::Errors, Some(0.0), Some(0.0)),
    ];
    snapshot.checks = checks();
    snapshot.notices = vec![
        notice(
            NoticeLevel::Warning,
            "A is saturated: 162 in flight, about 155 of them waiting",
        ),
        notice(
            NoticeLevel::Warning,
            "B's RPS is near the think-time ceiling (225 of at most 267)",
        ),
    ];
    snapshot
}

fn row(name: MetricName, a: f64, b: f64, text: &str, calculation: &str) -> Metric {
    Metric {
        text: text.to_owned(),
        calculation: calculation.to_owned(),
        ..metric(name, Some(a), Some(b))
    }
}

pub(crate) fn notice(level: NoticeLevel, text: &str) -> Notice {
    Notice {
        level,
        text: text.to_owned(),
    }
}

/// All self-checks, and all is well.
pub(crate) fn checks() -> Vec<Check> {
    [
        ("conservation", "all 37,607 accounted for"),
        (
            "Little's law",
            "in flight 31.2, throughput × response 31.1 (0.3 % apart)",
        ),
        (
            "closed-loop law",
            "cycle 890 ms, think + response 891 ms (0.1 % apart)",
        ),
        ("think-time ceiling", "A 19 %, B 84 % of 267 RPS"),
        ("client lag", "lag p99 84 µs"),
        ("own CPU", "9 % of 2 cores, thread 14 %"),
        ("heartbeat", "at most 1.2 ms late lately"),
        ("histogram", "nothing beyond one hour"),
        (
            "ports and files",
            "402 of 1,048,576 files, 400 of 28,232 ports",
        ),
    ]
    .map(|(name, detail)| Check {
        name: name.to_owned(),
        level: CheckLevel::Ok,
        detail: detail.to_owned(),
    })
    .to_vec()
}

/// A alone.
pub(crate) fn solo() -> Snapshot {
    let mut snapshot = racing();
    snapshot.variants.b = None;
    snapshot.comparison = None;
    snapshot.notices.truncate(1);
    snapshot
}

/// B fails now and then, and its p99 lies among the failures; the load was raised once.
pub(crate) fn failing() -> Snapshot {
    let mut snapshot = racing();
    snapshot.epochs.push(Epoch {
        t: 90.0,
        load: "250 users".to_owned(),
        users: Some(250),
        think_s: None,
        rate: None,
        order: None,
    });
    snapshot.variants.a.window.response_us.at_least = vec!["p99".to_owned()];
    let b = snapshot.variants.b.as_mut().expect("two variants");
    for figures in [&mut b.window, &mut b.run] {
        figures.failed = figures.ok / 70;
        figures.ok -= figures.failed;
        figures.outcomes = BTreeMap::from([
            ("ok".to_owned(), figures.ok),
            ("http_503".to_owned(), figures.failed - figures.failed / 5),
            ("timeout".to_owned(), figures.failed / 5),
        ]);
        figures.ok_response_us = latency(73.6, 244.0, 318.0);
        figures.service_us = figures.ok_response_us.clone();
        figures.response_us.p99 = None;
        figures.response_us.beyond = BTreeMap::from([("p99".to_owned(), "http_503".to_owned())]);
    }
    b.errors = vec![ErrorText {
        outcome: "http_503".to_owned(),
        text: "503 Service Unavailable: upstream \u{1b}[31mpool is empty".to_owned(),
        count: 350,
    }];
    b.connections.failed = 3;
    let mut series = b.series.to_vec();
    for point in series.iter_mut().skip(100).step_by(6) {
        point.failed = 8;
        point.p99_us = None;
    }
    b.series = Arc::new(series);
    let share = b.run.failed_share();
    let comparison = snapshot.comparison.as_mut().expect("two variants");
    let p99 = &mut comparison.metrics[3];
    (p99.b, p99.change_pct) = (None, None);
    "B's p99 is among failures".clone_into(&mut p99.text);
    p99.calculation.clear();
    let errors = &mut comparison.metrics[4];
    errors.b = share;
    errors.change_pct = share.map(|share| share * 100.0);
    "B fails more often".clone_into(&mut errors.text);
    let cpu = &mut snapshot.checks[5];
    cpu.level = CheckLevel::Amber;
    "74 % of 2 cores, thread 88 %".clone_into(&mut cpu.detail);
    snapshot
}
