//! The cells of the table in words: figures, changes, and verdicts in the room that there is.

use crate::metrics::snapshot::{Cost, CostName, Metric, MetricName, VariantSnapshot, Verdict};
use crate::text::{self, Percentile};
use crate::theme::Role;
use crate::tui::view::canvas::{fit_words, width_of};
use crate::tui::view::lane::percentile_name;

/// One side's figure. A percentile among failures has no number: it is written as in the panes.
pub(super) fn value(
    name: MetricName,
    value: Option<f64>,
    variant: Option<&VariantSnapshot>,
    timeout_s: f64,
) -> String {
    let at_least = |us: f64, percentile: &str| {
        let shown = variant.map(|variant| variant.run.response_us.get(percentile));
        match shown {
            Some(bound @ Percentile::AtLeast(_)) => text::percentile(bound, timeout_s),
            _ => text::latency(us),
        }
    };
    match (value, percentile_name(name)) {
        (Some(us), Some(percentile)) => at_least(us, percentile),
        (Some(share), None) if name == MetricName::Errors => text::share(share),
        (Some(rps), None) => text::rate(rps),
        (None, Some(percentile)) => variant.map_or_else(
            || text::NONE.to_owned(),
            |variant| text::percentile(variant.run.response_us.get(percentile), timeout_s),
        ),
        (None, None) => text::NONE.to_owned(),
    }
}

/// A cost: the name says what cores are.
pub(super) fn cost(cost: &Cost, value: f64) -> String {
    match cost.name {
        CostName::Cpu => text::figure(value),
        CostName::CpuPerRequest => text::latency(value),
        CostName::Memory => text::bytes(value),
    }
}

/// The change with its sign.
pub(super) fn change(metric: &Metric) -> String {
    match metric.change_pct {
        None => text::NONE.to_owned(),
        // Shares are compared by their difference.
        Some(points) if metric.name == MetricName::Errors => {
            text::change(points).replace('%', "pp")
        }
        Some(pct) => text::change(pct),
    }
}

/// The judgement in words. Where none is known, the row in words.
pub(super) fn verdict(metric: &Metric) -> String {
    let said = if metric.state.is_empty() {
        &metric.text
    } else {
        &metric.state
    };
    text::printable(said, 200)
}

/// The colour of a decided change and its verdict; an undecided change has none.
pub(super) fn decided(metric: &Metric) -> Option<Role> {
    match metric.verdict {
        Verdict::BBetter => Some(Role::DeltaBetter),
        Verdict::BWorse => Some(Role::DeltaWorse),
        _ => None,
    }
}

/// The colour of a verdict.
pub(super) fn role(metric: &Metric) -> Role {
    match metric.verdict {
        Verdict::BBetter => Role::DeltaBetter,
        Verdict::BWorse => Role::DeltaWorse,
        // Errors are the headline; the other rows only follow from them.
        Verdict::NotComparable if metric.name == MetricName::Errors => Role::StatusError,
        Verdict::NotComparable | Verdict::Withheld => Role::StatusWarn,
        Verdict::Collecting => Role::TextMuted,
        Verdict::None if !metric.state.is_empty() => Role::TextMuted,
        Verdict::NoDifference | Verdict::Same | Verdict::TooNoisy | Verdict::None => Role::Text,
    }
}

/// A verdict in at most `room` columns. What explains it goes before what it says: brackets down to their last words, then
/// whole, then what is added after a semicolon or is but a factor.
pub(super) fn shorten(verdict: &str, room: u16) -> String {
    let fits = |said: &str| width_of(said) <= room;
    if fits(verdict) {
        return verdict.to_owned();
    }
    let mut said = verdict.replace(" at least ", " ≥ ");
    if let Some((before, inside)) = said
        .strip_suffix(')')
        .and_then(|said| said.rsplit_once(" ("))
    {
        let last = inside.rsplit_once(", ").map_or(inside, |(_, last)| last);
        let (with, without) = (format!("{before} ({last})"), before.to_owned());
        for shorter in [with, without] {
            if !fits(&said) {
                said = shorter;
            }
        }
    }
    while !fits(&said) {
        let added = said.rsplit_once("; ");
        let factor = said.rsplit_once(", ").filter(|(_, end)| end.contains('×'));
        match added.or(factor) {
            Some((before, _)) => said = before.to_owned(),
            None => return fit_words(&said, room),
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: MetricName, change_pct: Option<f64>) -> Metric {
        Metric {
            name,
            a: Some(1.0),
            b: Some(1.0),
            change_pct,
            low_pct: None,
            high_pct: None,
            centre_pct: None,
            model_low_pct: None,
            model_high_pct: None,
            verdict: Verdict::None,
            state: String::new(),
            text: "B is 97.7 % lower".to_owned(),
            calculation: String::new(),
        }
    }

    #[test]
    fn only_what_is_decided_has_the_colour_of_better_or_worse() {
        let of = |verdict| {
            let metric = Metric {
                verdict,
                ..metric(MetricName::P50, Some(-97.7))
            };
            (decided(&metric), role(&metric))
        };
        let (better, worse) = (Role::DeltaBetter, Role::DeltaWorse);
        assert_eq!(of(Verdict::BBetter), (Some(better), better));
        assert_eq!(of(Verdict::BWorse), (Some(worse), worse));
        for verdict in [
            Verdict::Collecting,
            Verdict::NoDifference,
            Verdict::Same,
            Verdict::TooNoisy,
            Verdict::NotComparable,
            Verdict::Withheld,
            Verdict::None,
        ] {
            let (decided, role) = of(verdict);
            assert!(decided.is_none() && role != better && role != worse);
        }
    }

    #[test]
    fn where_no_judgement_is_known_the_row_is_said_in_words() {
        let mut metric = metric(MetricName::P50, Some(-97.7));
        assert_eq!(verdict(&metric), "B is 97.7 % lower");
        "collecting".clone_into(&mut metric.state);
        assert_eq!(verdict(&metric), "collecting");
    }

    #[test]
    fn a_long_verdict_keeps_what_it_says() {
        let ahead = "B ahead in 5 of 5 (decided from 6, ≈ 20 s)";
        assert_eq!(shorten(ahead, 42), ahead);
        assert_eq!(shorten(ahead, 41), "B ahead in 5 of 5 (≈ 20 s)");
        assert_eq!(shorten(ahead, 20), "B ahead in 5 of 5");
        let waits = "collecting: 3 of at least 6 pairs (≈ 45 s)";
        assert_eq!(shorten(waits, 36), "collecting: 3 of ≥ 6 pairs (≈ 45 s)");
        assert_eq!(shorten(waits, 34), "collecting: 3 of ≥ 6 pairs");
        let noisy = "too noisy: −12 % to +9 %; about 6 more minutes for ±5 %";
        assert_eq!(shorten(noisy, 54), "too noisy: −12 % to +9 %");
        assert_eq!(shorten("B faster, 14 ×", 13), "B faster");
        let differ = "not comparable: B failed 3.1 % of requests, A 0.0 %";
        assert_eq!(shorten(differ, 37), "not comparable: B failed 3.1 % of…");
        assert_eq!(shorten("", 5), "");
        for room in 0..60 {
            for text in [ahead, waits, noisy, differ] {
                assert!(width_of(&shorten(text, room)) <= room);
            }
        }
    }

    #[test]
    fn shares_change_by_points() {
        assert_eq!(change(&metric(MetricName::Errors, Some(1.43))), "+1.43 pp");
        assert_eq!(change(&metric(MetricName::P50, Some(-97.7))), "−97.7 %");
        assert_eq!(change(&metric(MetricName::P50, None)), "—");
    }

    #[test]
    fn a_percentile_among_failures_is_written_as_in_the_panes() {
        let mut snapshot = crate::tui::sample::snapshot(crate::metrics::snapshot::Phase::Done, 1.0);
        let variant = &mut snapshot.variants.a;
        let beyond = &mut variant.run.response_us.beyond;
        beyond.insert("p99".to_owned(), "timeout".to_owned());
        assert_eq!(value(MetricName::P99, None, Some(variant), 30.0), "> 30 s");
        assert_eq!(value(MetricName::P50, None, Some(variant), 30.0), "—");
        assert_eq!(
            value(MetricName::P50, Some(74_100.0), None, 30.0),
            "74.1 ms"
        );
        assert_eq!(value(MetricName::Rps, Some(224.4), None, 30.0), "224");
        assert_eq!(value(MetricName::Errors, Some(0.014), None, 30.0), "1.40 %");
    }
}
