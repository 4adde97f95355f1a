//! The rows that the text formats share: the comparison in the published table's shape, and each variant's figures.

use crate::metrics::snapshot::{
    Basis, Check, CheckLevel, Cost, CostName, Figures, GapReason, Latency, Metric, MetricName,
    Phase, Snapshot, VariantSnapshot, Verdict,
};
use crate::text;

/// The titles of [`comparison`]. Scripts look for them: more may follow, none may go.
pub(super) const COMPARISON_HEADING: [&str; 7] = [
    "Metric",
    "A",
    "B",
    "Improvement",
    "Calculation",
    "95 % interval",
    "Verdict",
];

/// The comparison under [`COMPARISON_HEADING`]. Errors come first where there are any.
pub(super) fn comparison(snapshot: &Snapshot) -> Vec<[String; 7]> {
    let (Some(comparison), Some(b)) = (&snapshot.comparison, &snapshot.variants.b) else {
        return Vec::new();
    };
    let a = &snapshot.variants.a;
    let mut metrics: Vec<&Metric> = comparison.metrics.iter().collect();
    let failed = a.run.failed + b.run.failed > 0;
    metrics.retain(|metric| failed || metric.name != MetricName::Errors);
    metrics.sort_by_key(|metric| metric.name != MetricName::Errors);
    let timeout_s = snapshot.plan.load.timeout_s;
    let judged = metrics.into_iter().map(|metric| {
        let change = match (metric.name, metric.change_pct) {
            (_, None) => text::NONE.to_owned(),
            (MetricName::Errors, Some(points)) => {
                format!("{} points", text::change(points).replace(" %", ""))
            }
            (_, Some(pct)) => text::change(pct),
        };
        let value = |v: &VariantSnapshot, x: Option<f64>| figure(metric.name, &v.run, x, timeout_s);
        let calculation = if metric.calculation.is_empty() {
            String::new()
        } else {
            format!("{} = {change}", metric.calculation)
        };
        let unit = match metric.name {
            MetricName::Errors => "points",
            _ => "%",
        };
        let interval = text::interval(metric.low_pct, metric.high_pct, unit);
        [
            long_name(metric.name).to_owned(),
            value(a, metric.a),
            value(b, metric.b),
            change,
            calculation,
            interval.unwrap_or_else(|| text::NONE.to_owned()),
            verdict(snapshot, metric),
        ]
    });
    judged.chain(comparison.costs.iter().map(cost)).collect()
}

/// What the variants cost, which is not judged.
fn cost(cost: &Cost) -> [String; 7] {
    let figure = |value: Option<f64>| {
        value.map_or_else(|| text::NONE.to_owned(), |value| cost.name.figure(value))
    };
    let change = cost.change_pct.map(text::change);
    let change = change.unwrap_or_else(|| text::NONE.to_owned());
    let name = match cost.name {
        CostName::Cpu => "Gateway CPU",
        CostName::CpuPerRequest => "CPU per request",
        CostName::Memory => "Gateway memory",
    };
    let calculation = match cost.calculation.as_str() {
        "" => String::new(),
        calculation => format!("{calculation} = {change}"),
    };
    [
        name.to_owned(),
        figure(cost.a),
        figure(cost.b),
        change,
        calculation,
        text::NONE.to_owned(),
        "not judged".to_owned(),
    ]
}

/// The judgement in words, without a word of better or worse where the figures cannot be trusted.
fn verdict(snapshot: &Snapshot, metric: &Metric) -> String {
    let said = if metric.state.is_empty() {
        &metric.text
    } else {
        &metric.state
    };
    if red(snapshot).is_some() && metric.verdict != Verdict::Withheld {
        "withheld".to_owned()
    } else {
        text::printable(said, 200)
    }
}

fn long_name(name: MetricName) -> &'static str {
    match name {
        MetricName::Rps => "RPS",
        MetricName::P50 => "Median latency",
        MetricName::P95 => "95th percentile",
        MetricName::P99 => "99th percentile",
        MetricName::Errors => "Failed requests",
    }
}

fn figure(name: MetricName, run: &Figures, value: Option<f64>, timeout_s: f64) -> String {
    match name {
        MetricName::Rps => value.map_or(text::NONE.to_owned(), text::rate),
        MetricName::Errors => value.map_or(text::NONE.to_owned(), text::share),
        MetricName::P50 | MetricName::P95 | MetricName::P99 => {
            text::percentile(run.response_us.get(name.word()), timeout_s)
        }
    }
}

/// The heading of [`latencies`].
pub(super) const LATENCY_HEADING: [&str; 9] = [
    "", "min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max",
];

/// The latencies of one variant's run, a row each.
pub(super) fn latencies(variant: &VariantSnapshot, timeout_s: f64) -> Vec<[String; 9]> {
    let run = &variant.run;
    let row = |name: &str, latency: &Latency| {
        let of = |percentile| text::percentile(latency.get(percentile), timeout_s);
        let mean = latency.mean.map_or(text::NONE.to_owned(), text::latency);
        [
            name.to_owned(),
            of("min"),
            mean,
            of("p50"),
            of("p90"),
            of("p95"),
            of("p99"),
            of("p999"),
            of("max"),
        ]
    };
    let mut rows = vec![row("response", &run.response_us)];
    if run.failed > 0 {
        rows.push(row("response, ok only", &run.ok_response_us));
    }
    rows.push(row("service", &run.service_us));
    // Known to some engines alone.
    for (name, phase) in [
        ("  connection", &run.connection_wait_us),
        ("  write", &run.write_us),
    ] {
        if phase.max.is_some() {
            rows.push(row(name, phase));
        }
    }
    rows.push(row("TTFB", &run.ttfb_us));
    rows.push(row("slot wait", &run.slot_wait_us));
    rows.push(row("client lag", &run.client_lag_us));
    let connections = &variant.connections;
    rows.push(row("connect", &connections.connect_us));
    for (name, phase) in [
        ("  DNS", &connections.dns_us),
        ("  TCP", &connections.tcp_us),
        ("  TLS", &connections.tls_us),
    ] {
        if phase.max.is_some() {
            rows.push(row(name, phase));
        }
    }
    rows
}

/// One variant's counts in one line.
pub(super) fn counts(variant: &VariantSnapshot) -> String {
    let run = &variant.run;
    let mut line = format!(
        "{} requests in {}: {} ok, {} failed",
        text::count(run.requests),
        text::seconds((run.seconds * 10.0).round() / 10.0),
        text::count(run.ok),
        text::count(run.failed),
    );
    let failures: Vec<String> = run
        .outcomes
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "ok" | "cancelled"))
        .map(|(name, n)| format!("{name} {}", text::count(*n)))
        .collect();
    if !failures.is_empty() {
        line.push_str(&format!(" ({})", failures.join(", ")));
    }
    if run.cancelled > 0 {
        line.push_str(&format!(", {} cancelled", text::count(run.cancelled)));
    }
    if run.in_flight > 0 {
        line.push_str(&format!(", {} in flight", text::count(run.in_flight)));
    }
    line
}

/// What the processes of a launched gateway used, in one line.
pub(super) fn processes(variant: &VariantSnapshot) -> Option<String> {
    let uses = variant.processes.as_ref()?;
    let known = |figure: Option<String>| figure.unwrap_or_else(|| text::NONE.to_owned());
    let mut line = format!(
        "gateway: {} cores, {} memory at most",
        known(uses.run_cpu_cores.map(text::figure)),
        known(uses.run_memory_bytes.map(|bytes| text::bytes(bytes as f64))),
    );
    if uses.exits > 0 {
        let times = if uses.exits == 1 { "time" } else { "times" };
        line.push_str(&format!(
            "; it ended {} {times} without being asked",
            text::count(uses.exits)
        ));
    }
    Some(line)
}

/// What the endpoint behind a gateway saw of its connections, in one line.
pub(super) fn upstream(variant: &VariantSnapshot) -> Option<String> {
    let seen = variant.upstream.as_ref()?;
    let each = seen.requests_per_connection;
    let by = &seen.closed_by;
    let idle = seen.longest_idle_s.map_or_else(String::new, |idle| {
        format!(
            " (for {} at most)",
            text::seconds((idle * 10.0).round() / 10.0)
        )
    });
    let versions = seen.versions();
    let comma = if versions.is_empty() { "" } else { ", " };
    Some(format!(
        "upstream: {} opened, {} requests each, {} at most; at most {} open and {} requests in service at once; \
         {} closed idle{idle}, {} in mid-request, {} as asked, {} by the endpoint{comma}{versions}",
        text::count(seen.opened),
        each.map_or_else(|| text::NONE.to_owned(), text::figure),
        text::count(seen.most_requests),
        text::count(seen.most_open),
        text::count(seen.most_in_service),
        text::count(by.idle),
        text::count(by.mid_request),
        text::count(by.asked),
        text::count(by.endpoint),
    ))
}

/// What one variant's connections did, in one line: `n/a` is what the engine cannot know.
pub(super) fn connections(variant: &VariantSnapshot) -> String {
    let connections = &variant.connections;
    let known = |value: Option<String>| value.unwrap_or_else(|| "n/a".to_owned());
    let count = |value: Option<u64>| known(value.map(text::count));
    let closed = match connections.closed_by {
        Some(by) => format!(
            "{} closed by the server, {} by us, {} idle",
            text::count(by.peer),
            text::count(by.us),
            text::count(by.idle)
        ),
        None => format!("{} closed", count(connections.closed)),
    };
    let mut line = format!(
        "connections: {} opened, {} failed, reused {} times, {} requests each, {} at most, {} stale, {closed}",
        text::count(connections.opened),
        text::count(connections.failed),
        count(connections.reused),
        known(connections.requests_per_connection.map(text::figure)),
        count(connections.most_requests),
        text::count(connections.stale),
    );
    let (full, resumed) = (connections.full_handshakes, connections.resumed_handshakes);
    if full + resumed > 0 {
        line.push_str(&format!(
            ", {} handshakes in full, {} resumed",
            text::count(full),
            text::count(resumed)
        ));
    }
    if connections.resent > 0 {
        let times = text::count(connections.resent);
        line.push_str(&format!(", {times} sent again after a farewell (GOAWAY)"));
    }
    let each = connections.agreed.iter();
    let each =
        each.map(|agreed| format!("{} ({})", agreed.words(), text::count(agreed.connections)));
    let agreed: Vec<String> = each.collect();
    if !agreed.is_empty() {
        line.push_str(&format!("; agreed on {}", agreed.join("; ")));
    }
    line
}

/// What ran, in one line.
pub(super) fn title(snapshot: &Snapshot) -> String {
    let load = &snapshot.plan.load;
    let model = match (load.users, load.think_s, load.rate) {
        (Some(users), Some([low, high]), _) => {
            format!(
                "closed, {} {}, {}",
                text::count(u64::from(users)),
                if users == 1 { "user" } else { "users" },
                text::think(low, high)
            )
        }
        (_, _, Some(rate)) => format!(
            "open, {} req/s {}",
            text::figure(rate),
            load.arrivals.as_deref().unwrap_or("")
        ),
        _ => load.model.clone(),
    };
    let order = if snapshot.variants.b.is_some() {
        format!(" · {}", text::printable(snapshot.order(), 20))
    } else {
        String::new()
    };
    let phase = if snapshot.meta.phase == Phase::Done {
        ""
    } else {
        snapshot.meta.phase.word()
    };
    let unfinished = if phase.is_empty() {
        String::new()
    } else {
        format!(" · {phase}")
    };
    format!(
        "{} · {model}{order}{unfinished}",
        text::printable(&snapshot.plan.title, 60)
    )
}

/// What the comparison rests on, in words.
pub(super) fn basis(snapshot: &Snapshot) -> &'static str {
    let comparison = snapshot.comparison.as_ref();
    match comparison.map_or(Basis::None, |comparison| comparison.basis) {
        _ if red(snapshot).is_some() => "run figures as measured; verdict withheld",
        Basis::Model => "model-based",
        Basis::Exact => "exact: randomised pairs",
        Basis::None if comparison.is_some_and(|c| c.order == "sequential") => {
            "sequential, one after the other: run figures as measured, not judged"
        }
        Basis::None => "run figures as measured; the difference is not judged",
    }
}

/// What belongs under the comparison: what its verdicts are worth, and what must be read with them.
pub(super) fn remarks(snapshot: &Snapshot) -> Vec<String> {
    let Some(comparison) = &snapshot.comparison else {
        return Vec::new();
    };
    let judged = comparison.basis != Basis::None && red(snapshot).is_none();
    let family = judged.then(|| text::FAMILY.to_owned());
    let remarks = comparison.remarks.iter();
    let remarks = remarks.map(|remark| text::printable(remark, 300));
    family.into_iter().chain(remarks).collect()
}

/// The first red self-check.
fn red(snapshot: &Snapshot) -> Option<&Check> {
    let mut checks = snapshot.checks.iter();
    checks.find(|check| check.level == CheckLevel::Red)
}

/// What a red self-check says in the verdict's place.
pub(super) fn withheld(snapshot: &Snapshot) -> Option<String> {
    let check = red(snapshot)?;
    let end = if snapshot.variants.b.is_some() {
        text::WITHHELD
    } else {
        text::UNTRUSTED
    };
    let reason = text::reason(&check.name, &check.detail);
    Some(format!("✗ {} · {end}", text::printable(&reason, 300)))
}

/// What a reader must know: self-checks that are not well, time that was left out, notices.
pub(super) fn worries(snapshot: &Snapshot) -> Vec<String> {
    let checks = snapshot.checks.iter();
    let checks = checks.filter(|check| check.level != CheckLevel::Ok);
    checks
        .map(|check| format!("{}: {}", check.name, check.detail))
        .chain(left_out(snapshot))
        .chain(snapshot.notices.iter().map(|notice| notice.text.clone()))
        .collect()
}

/// `left out of the measurement: paused 24 s, suspended 3.2 s`.
fn left_out(snapshot: &Snapshot) -> Option<String> {
    let reasons = [
        (GapReason::Paused, "paused"),
        (GapReason::Suspended, "suspended"),
    ];
    let said: Vec<String> = reasons
        .into_iter()
        .filter_map(|(reason, word)| {
            let gaps = snapshot.gaps.iter().filter(|gap| gap.reason == reason);
            let seconds: f64 = gaps.map(|gap| gap.seconds).sum();
            let seconds = (seconds * 10.0).round() / 10.0;
            (seconds > 0.0).then(|| format!("{word} {}", text::seconds(seconds)))
        })
        .collect();
    let said = said.join(", ");
    (!said.is_empty()).then(|| format!("left out of the measurement: {said}"))
}

/// The user's own marks with their times, in the order of those.
pub(super) fn notes(snapshot: &Snapshot) -> Vec<(String, &str)> {
    let mut notes: Vec<_> = snapshot.annotations.iter().collect();
    notes.sort_by(|one, other| one.t.total_cmp(&other.t));
    notes
        .into_iter()
        .map(|note| (text::clock(note.t), note.text.as_str()))
        .collect()
}
