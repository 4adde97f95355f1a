//! The final result in sentences: verdicts first, then every figure, then what must be known.

use super::figures::{PERCENTILES, failures, name, percentile, rate, red, told};
use super::spoken::{lines, spoken};
use crate::metrics::snapshot::{
    CheckLevel, Comparison, Connections, CostName, Metric, MetricName, Processes, Snapshot,
    Upstream, VariantSnapshot, Verdict,
};
use crate::text;

/// The most distinct error texts of one variant.
const ERRORS: usize = 5;

/// The result of a run: lines of ASCII, none of them long.
pub fn result(snapshot: &Snapshot) -> String {
    let mut said = vec![format!("Result of {}.", spoken(&snapshot.plan.title))];
    if let Some(check) = red(snapshot) {
        let end = if snapshot.variants.b.is_some() {
            "The verdicts are withheld"
        } else {
            "The figures cannot be trusted"
        };
        let reason = text::reason(&check.name, &check.detail);
        said.push(format!("{end}: {}.", spoken(&reason)));
    }
    if let Some(comparison) = &snapshot.comparison {
        verdicts(snapshot, comparison, &mut said);
    }
    for (letter, variant) in ["A", "B"].iter().zip(snapshot.variants.iter()) {
        figures(letter, variant, &mut said);
    }
    for check in &snapshot.checks {
        if check.level != CheckLevel::Ok {
            let (name, detail) = (spoken(&check.name), spoken(&check.detail));
            said.push(format!("Self-check {name}: {detail}."));
        }
    }
    let gaps: f64 = snapshot.gaps.iter().map(|gap| gap.seconds).sum();
    if gaps > 0.0 {
        let seconds = spoken(&text::seconds((gaps * 10.0).round() / 10.0));
        said.push(format!("{seconds} were left out of the measurement."));
    }
    for notice in &snapshot.notices {
        said.push(told(notice));
    }
    let mut out = String::new();
    for line in said.iter().flat_map(|sentence| lines(sentence)) {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn verdicts(snapshot: &Snapshot, comparison: &Comparison, said: &mut Vec<String>) {
    let failed = snapshot
        .variants
        .iter()
        .any(|variant| variant.run.failed > 0);
    for metric in &comparison.metrics {
        if metric.name != MetricName::Errors || failed {
            said.push(format!(
                "{}: {}.",
                name(metric.name),
                verdict(snapshot, metric)
            ));
        }
    }
    for cost in &comparison.costs {
        if !cost.text.is_empty() {
            let what = match cost.name {
                CostName::Cpu => "Processor time of the gateways",
                CostName::CpuPerRequest => "Processor time of the gateways for each request",
                CostName::Memory => "Memory of the gateways",
            };
            said.push(format!("{what}: {}; not judged.", spoken(&cost.text)));
        }
    }
    if comparison.metrics.iter().any(is_judged) && red(snapshot).is_none() {
        said.push(spoken(text::FAMILY));
    }
    for remark in &comparison.remarks {
        said.push(format!("{}.", spoken(remark)));
    }
}

fn is_judged(metric: &Metric) -> bool {
    !matches!(metric.verdict, Verdict::None | Verdict::Withheld)
}

/// `B faster, 14 times; minus 93.0 percent, interval minus 93.3 to minus 92.6 percent`.
fn verdict(snapshot: &Snapshot, metric: &Metric) -> String {
    let words = if metric.state.is_empty() {
        &metric.text
    } else {
        &metric.state
    };
    let mut said = if red(snapshot).is_some() || metric.verdict == Verdict::Withheld {
        "verdict withheld".to_owned()
    } else {
        spoken(words)
    };
    let unit = match metric.name {
        MetricName::Errors => "points",
        _ => "%",
    };
    if let Some(pct) = metric.change_pct {
        let change = text::change(pct).replace('%', unit);
        said.push_str(&format!("; measured change {}", spoken(&change)));
    }
    if let Some(interval) = text::interval(metric.low_pct, metric.high_pct, unit) {
        let interval = interval.trim_matches(['(', ')']);
        said.push_str(&format!(", interval {}", spoken(interval)));
    }
    said
}

fn figures(letter: &str, variant: &VariantSnapshot, said: &mut Vec<String>) {
    let run = &variant.run;
    let label = spoken(&text::printable(&variant.label, 60));
    let url = spoken(&text::printable(&variant.url, 120));
    said.push(format!("{letter} is {label}, at {url}."));
    let seconds = spoken(&text::seconds((run.seconds * 10.0).round() / 10.0));
    said.push(format!(
        "{letter}: {} requests in {seconds}, {} answered, {}.",
        text::count(run.requests),
        text::count(run.ok),
        failures(run.failed)
    ));
    said.push(format!("{letter}: {}.", rate(run)));
    for (name, begin) in PERCENTILES {
        said.push(format!("{letter}: {}.", percentile(run, name, begin)));
    }
    for (outcome, count) in &run.outcomes {
        if !matches!(outcome.as_str(), "ok" | "cancelled") {
            said.push(format!(
                "{letter}: {} times {}.",
                text::count(*count),
                spoken(outcome)
            ));
        }
    }
    for (what, count) in [("cancelled", run.cancelled), ("still open", run.in_flight)] {
        if count > 0 {
            said.push(format!("{letter}: {} {what}.", text::count(count)));
        }
    }
    connections(letter, &variant.connections, said);
    upstream(letter, variant.upstream.as_ref(), said);
    processes(letter, variant.processes.as_ref(), said);
    for error in variant.errors.iter().take(ERRORS) {
        said.push(format!(
            "{letter}: error, {} times: {}.",
            text::count(error.count),
            spoken(&text::printable(&error.text, 200))
        ));
    }
}

/// What the endpoint behind a gateway saw of its connections, in sentences.
fn upstream(letter: &str, upstream: Option<&Upstream>, said: &mut Vec<String>) {
    let Some(seen) = upstream else { return };
    let each = seen
        .requests_per_connection
        .map_or_else(|| "unknown".to_owned(), |each| spoken(&text::figure(each)));
    said.push(format!(
        "{letter}: its gateway opened {} upstream connections; requests on each: {each}, at most {}.",
        text::count(seen.opened),
        text::count(seen.most_requests)
    ));
    said.push(format!(
        "{letter}: upstream at once: at most {} connections open, at most {} requests in service.",
        text::count(seen.most_open),
        text::count(seen.most_in_service)
    ));
    let by = &seen.closed_by;
    let idle = seen.longest_idle_s.map_or_else(String::new, |idle| {
        let idle = text::seconds((idle * 10.0).round() / 10.0);
        format!(", for at most {}", spoken(&idle))
    });
    said.push(format!(
        "{letter}: upstream connections closed: {} idle{idle}, {} in the middle of a request, {} as asked, {} by the endpoint.",
        text::count(by.idle),
        text::count(by.mid_request),
        text::count(by.asked),
        text::count(by.endpoint)
    ));
}

/// What the processes of a launched gateway used, in a sentence.
fn processes(letter: &str, processes: Option<&Processes>, said: &mut Vec<String>) {
    let Some(processes) = processes else { return };
    let unknown = || "unknown".to_owned();
    let cores = processes.run_cpu_cores.map_or_else(unknown, text::figure);
    let memory = processes.run_memory_bytes;
    let memory = memory.map_or_else(unknown, |bytes| text::bytes(bytes as f64));
    let ended = match processes.exits {
        0 => String::new(),
        exits => format!(
            "; it ended {} times without being asked",
            text::count(exits)
        ),
    };
    said.push(format!(
        "{letter}: its gateway used {cores} cores and at most {memory} of memory{ended}."
    ));
}

/// What became of connections, in sentences.
fn connections(letter: &str, connections: &Connections, said: &mut Vec<String>) {
    let each = connections
        .requests_per_connection
        .map_or_else(|| "unknown".to_owned(), |each| spoken(&text::figure(each)));
    let count = |value: Option<u64>| value.map_or_else(|| "unknown".to_owned(), text::count);
    said.push(format!(
        "{letter}: connections: {} opened, {} attempts failed, reused {} times.",
        text::count(connections.opened),
        text::count(connections.failed),
        count(connections.reused)
    ));
    said.push(format!(
        "{letter}: requests on each connection: {each}, at most {}; stale: {}.",
        count(connections.most_requests),
        text::count(connections.stale)
    ));
    said.push(match connections.closed_by {
        Some(by) => format!(
            "{letter}: connections closed: {} by the server, {} by dragstrip, {} since they were idle.",
            text::count(by.peer),
            text::count(by.us),
            text::count(by.idle)
        ),
        None => format!(
            "{letter}: connections closed: {}.",
            count(connections.closed)
        ),
    });
    let handshakes = connections.full_handshakes + connections.resumed_handshakes;
    if handshakes > 0 {
        said.push(format!(
            "{letter}: TLS handshakes: {} in full, {} resumed.",
            text::count(connections.full_handshakes),
            text::count(connections.resumed_handshakes)
        ));
    }
    for (what, latency) in [
        ("to connect", &connections.connect_us),
        ("for DNS", &connections.dns_us),
        ("for TCP", &connections.tcp_us),
        ("for TLS", &connections.tls_us),
    ] {
        if let Some(median) = latency.p50 {
            let time = spoken(&text::latency(median as f64));
            said.push(format!("{letter}: median time {what}: {time}."));
        }
    }
    for agreed in &connections.agreed {
        let words = spoken(&agreed.words());
        let count = text::count(agreed.connections);
        said.push(format!("{letter}: agreed on {words}, {count} times."));
    }
}
