//! A variant's figures as sentences.

use super::spoken::spoken;
use crate::metrics::snapshot::{
    Check, CheckLevel, Figures, MetricName, Notice, NoticeLevel, Snapshot,
};
use crate::text::{self, Percentile};

/// The percentiles that are told, and how they begin.
pub(super) const PERCENTILES: [(&str, &str); 3] = [
    ("p50", "median"),
    ("p95", "95 percent"),
    ("p99", "99 percent"),
];

/// What a metric is called at the beginning of a sentence.
pub(super) fn name(metric: MetricName) -> &'static str {
    match metric {
        MetricName::Rps => "Requests per second",
        MetricName::P50 => "Median",
        MetricName::P95 => "95th percentile",
        MetricName::P99 => "99th percentile",
        MetricName::Errors => "Failed requests",
    }
}

/// `50.4 requests per second`.
pub(super) fn rate(figures: &Figures) -> String {
    match figures.rps {
        Some(rps) => format!("{} requests per second", spoken(&text::rate(rps))),
        None => "no requests per second yet".to_owned(),
    }
}

/// `95 percent within 3.56 seconds`; for one that is not known exactly, what is known.
pub(super) fn percentile(figures: &Figures, name: &str, begin: &str) -> String {
    let within = if name == "p50" { "" } else { "within " };
    let time = |us: u64| spoken(&text::latency(us as f64));
    match figures.response_us.get(name) {
        Percentile::Unknown => format!("{begin}: no figure"),
        Percentile::Exactly(us) => format!("{begin} {within}{}", time(us)),
        Percentile::AtLeast(us) => format!("{begin} {within}at least {}", time(us)),
        Percentile::Beyond("timeout") => format!("{begin}: not answered in time (timeout)"),
        Percentile::Beyond(outcome) => format!("{begin}: failed ({})", spoken(outcome)),
    }
}

/// `no failures`, `436 failed`.
pub(super) fn failures(failed: u64) -> String {
    match failed {
        0 => "no failures".to_owned(),
        failed => format!("{} failed", text::count(failed)),
    }
}

/// `50.4 requests per second, median 3.24 seconds, 95 percent within 3.56 seconds, …, no failures`.
pub(super) fn brief(figures: &Figures, failed: u64) -> String {
    let percentiles = PERCENTILES.map(|(name, begin)| percentile(figures, name, begin));
    format!(
        "{}, {}, {}",
        rate(figures),
        percentiles.join(", "),
        failures(failed)
    )
}

/// The first red self-check, which takes the verdicts away.
pub(super) fn red(snapshot: &Snapshot) -> Option<&Check> {
    let mut checks = snapshot.checks.iter();
    checks.find(|check| check.level == CheckLevel::Red)
}

/// A notice with how much it matters.
pub(super) fn told(notice: &Notice) -> String {
    let level = match notice.level {
        NoticeLevel::Info => "Note",
        NoticeLevel::Warning => "Warning",
        NoticeLevel::Error => "Error",
    };
    format!("{level}: {}.", spoken(&notice.text))
}
