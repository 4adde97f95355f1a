//! A run in one line.

use crate::metrics::snapshot::{
    Basis, Comparison, MetricName, Phase, Slot, SlotStage, Snapshot, VariantSnapshot, Verdict,
};
use crate::text;

/// A run in one line.
pub(super) fn line(snapshot: &Snapshot) -> String {
    let mut line = snapshot.meta.phase.word().to_owned();
    if let Some(slot) = &snapshot.meta.slot {
        line.push_str(&turn(slot));
    }
    if let Some(left) = snapshot
        .meta
        .phase_left_s
        .filter(|_| snapshot.meta.phase != Phase::Done)
    {
        let most = if snapshot.plan.load.until_decided {
            "at most "
        } else {
            ""
        };
        let left = text::seconds(left.ceil());
        line.push_str(&format!(", {most}{left} left"));
    }
    for (name, variant) in ["A", "B"].iter().zip(snapshot.variants.iter()) {
        line.push_str(&format!(" · {name} {}", brief(variant, snapshot)));
    }
    if let Some(comparison) = &snapshot.comparison {
        line.push_str(&judged(comparison));
    }
    line
}

/// ` (B runs)`: whose turn it is.
fn turn(slot: &Slot) -> String {
    let does = match slot.stage {
        SlotStage::WarmUp => "warms up",
        SlotStage::Settling => "settles",
        SlotStage::Block => "runs",
        SlotStage::Draining => "drains",
    };
    format!(" ({} {does})", slot.variant.name())
}

/// ` · pairs 7, p50 B faster, p99 B slower`: all that is decided, whichever way it went.
fn judged(comparison: &Comparison) -> String {
    if comparison.basis == Basis::None {
        return String::new();
    }
    let mut said = vec![format!("pairs {}", text::count(comparison.pairs))];
    for metric in &comparison.metrics {
        let up = match metric.verdict {
            Verdict::BBetter => metric.name == MetricName::Rps,
            Verdict::BWorse => metric.name != MetricName::Rps,
            Verdict::NotComparable => {
                said.push("not comparable".to_owned());
                continue;
            }
            Verdict::Withheld => {
                said.push("withheld".to_owned());
                continue;
            }
            _ => continue,
        };
        let word = match (metric.name, up) {
            (MetricName::Rps, true) => "higher",
            (MetricName::Rps, false) => "lower",
            (MetricName::Errors, true) => "more",
            (MetricName::Errors, false) => "fewer",
            (_, true) => "slower",
            (_, false) => "faster",
        };
        said.push(format!("{} B {word}", metric.name.word()));
    }
    // What holds for several metrics is said once.
    said.dedup();
    format!(" · {}", said.join(", "))
}

fn brief(variant: &VariantSnapshot, snapshot: &Snapshot) -> String {
    // Of a run that is over the last few seconds are its drain, and say nothing.
    let over = snapshot.meta.phase == Phase::Done && variant.run.requests > 0;
    let figures = if over { &variant.run } else { &variant.window };
    let timeout_s = snapshot.plan.load.timeout_s;
    let rps = figures.rps.map_or(text::NONE.to_owned(), text::figure);
    let of = |percentile| text::percentile(figures.response_us.get(percentile), timeout_s);
    let mut brief = format!("{rps} RPS, p50 {}, p99 {}", of("p50"), of("p99"));
    // Before measuring begins only the window knows of failures.
    let failed = variant.run.failed.max(variant.window.failed);
    if failed > 0 {
        brief.push_str(&format!(", {} failed", text::count(failed)));
    }
    brief
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::{Metric, Side};

    fn metric(name: MetricName, verdict: Verdict) -> Metric {
        Metric {
            name,
            a: None,
            b: None,
            change_pct: None,
            low_pct: None,
            high_pct: None,
            centre_pct: None,
            model_low_pct: None,
            model_high_pct: None,
            verdict,
            state: String::new(),
            text: String::new(),
            calculation: String::new(),
        }
    }

    #[test]
    fn all_that_is_decided_is_said_whichever_way_it_went() {
        let mut comparison = Comparison {
            costs: Vec::new(),
            order: "alternate".to_owned(),
            basis: Basis::Exact,
            pairs: 7,
            needed_pairs: Some(6),
            pair_s: None,
            remarks: Vec::new(),
            metrics: vec![
                metric(MetricName::Rps, Verdict::BWorse),
                metric(MetricName::P50, Verdict::BBetter),
                metric(MetricName::P95, Verdict::Collecting),
                metric(MetricName::P99, Verdict::BWorse),
            ],
        };
        assert_eq!(
            judged(&comparison),
            " · pairs 7, RPS B lower, p50 B faster, p99 B slower"
        );
        comparison.metrics.truncate(0);
        assert_eq!(judged(&comparison), " · pairs 7");
        comparison.basis = Basis::None;
        assert_eq!(judged(&comparison), "");
    }

    #[test]
    fn whose_turn_it_is() {
        let slot = Slot {
            variant: Side::B,
            pair: Some(5),
            block: Some(2),
            stage: SlotStage::Draining,
        };
        assert_eq!(turn(&slot), " (B drains)");
    }
}
