//! CSV: one line per variant with the run's figures, for spreadsheets and scripts. Latencies are in microseconds; an empty
//! cell is unknown, `inf` lies among failures. What B is against A stands in B's line.

use crate::metrics::snapshot::{
    Comparison, Latency, Metric, MetricName, Percentile, Snapshot, VariantSnapshot,
};

/// The metrics that are compared, in the order of their columns.
const COMPARED: [MetricName; 5] = [
    MetricName::Rps,
    MetricName::P50,
    MetricName::P95,
    MetricName::P99,
    MetricName::Errors,
];

/// What is said of each of them.
const SAID: [&str; 5] = ["change_pct", "low_pct", "high_pct", "verdict", "state"];

const PERCENTILES: [&str; 7] = ["min", "p50", "p90", "p95", "p99", "p999", "max"];

/// The snapshot as CSV with a heading.
pub fn csv(snapshot: &Snapshot) -> Result<String, String> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let mut heading: Vec<String> = [
        "variant",
        "label",
        "url",
        "transport",
        "protocol",
        "seconds",
        "requests",
        "ok",
        "failed",
        "cancelled",
        "in_flight",
        "rps",
        "offered_rps",
    ]
    .map(str::to_owned)
    .into();
    for latency in [
        "response",
        "ok_response",
        "service",
        "slot_wait",
        "client_lag",
    ] {
        heading.extend(PERCENTILES.map(|percentile| format!("{latency}_{percentile}_us")));
    }
    for metric in COMPARED {
        let name = metric.word().to_lowercase();
        heading.extend(SAID.map(|said| format!("{name}_{said}")));
    }
    writer
        .write_record(&heading)
        .map_err(|error| error.to_string())?;
    for (name, variant) in ["a", "b"].iter().zip(snapshot.variants.iter()) {
        let comparison = snapshot.comparison.as_ref().filter(|_| *name == "b");
        let mut cells = line(name, variant);
        cells.extend(
            COMPARED
                .into_iter()
                .flat_map(|name| judged(comparison, name)),
        );
        writer
            .write_record(cells)
            .map_err(|error| error.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn line(name: &str, variant: &VariantSnapshot) -> Vec<String> {
    let run = &variant.run;
    let rate = |rate: Option<f64>| rate.map_or(String::new(), |rate| format!("{rate:.3}"));
    let mut cells = vec![
        name.to_owned(),
        harmless(&variant.label),
        harmless(&variant.url),
        harmless(&variant.transport),
        variant.protocol.clone().unwrap_or_default(),
        format!("{:.3}", run.seconds),
        run.requests.to_string(),
        run.ok.to_string(),
        run.failed.to_string(),
        run.cancelled.to_string(),
        run.in_flight.to_string(),
        rate(run.rps),
        rate(run.offered_rps),
    ];
    for latency in [
        &run.response_us,
        &run.ok_response_us,
        &run.service_us,
        &run.slot_wait_us,
        &run.client_lag_us,
    ] {
        cells.extend(PERCENTILES.map(|percentile| microseconds(latency, percentile)));
    }
    cells
}

/// What is said of a metric; empty cells where nothing is compared.
fn judged(comparison: Option<&Comparison>, name: MetricName) -> [String; SAID.len()] {
    let metrics = comparison.map_or(&[][..], |comparison| &comparison.metrics);
    let Some(metric) = metrics.iter().find(|metric| metric.name == name) else {
        return Default::default();
    };
    let Metric {
        change_pct,
        low_pct,
        high_pct,
        verdict,
        state,
        ..
    } = metric;
    let number = |number: &Option<f64>| number.map_or(String::new(), |n| format!("{n:.4}"));
    // The name that the JSON file has for it.
    let word = serde_json::to_value(verdict).ok();
    let word = word.as_ref().and_then(|word| word.as_str());
    [
        number(change_pct),
        number(low_pct),
        number(high_pct),
        word.unwrap_or_default().to_owned(),
        harmless(state),
    ]
}

fn microseconds(latency: &Latency, percentile: &str) -> String {
    match latency.get(percentile) {
        Percentile::Unknown => String::new(),
        Percentile::Exactly(us) | Percentile::AtLeast(us) => us.to_string(),
        Percentile::Beyond(_) => "inf".to_owned(),
    }
}

/// A spreadsheet takes a cell that begins with one of these for a formula.
fn harmless(foreign: &str) -> String {
    let text = crate::text::printable(foreign, 400);
    if text.starts_with(['=', '+', '-', '@', '\t']) {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_never_a_formula() {
        assert_eq!(harmless("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(harmless("httpx"), "httpx");
    }
}
