//! B against A: one row for each metric, with the arithmetic behind it.
//!
//! Better and worse are said in a word; the colour only repeats it. While a self-check is red it takes the verdict's place:
//! the figures stay, muted, and nothing is said to be better or worse.

use super::canvas::{Canvas, FIGURE, Part, foreign, part};
use super::checks;
use super::lane::percentile_name;
use crate::metrics::snapshot::{
    Basis, Comparison, Metric, MetricName, Snapshot, VariantSnapshot, Verdict,
};
use crate::text::{self, Percentile};
use crate::theme::Role;
use ratatui::layout::Rect;

/// Columns that the arithmetic takes.
const CALCULATION: u16 = 37;
/// Columns that the words take.
const WORDS: u16 = 36;
/// Columns of what the words come down to: `2,300 × faster`.
const FEW_WORDS: u16 = 14;
/// Columns of "better" or "worse".
const SENSE: u16 = 6;

/// The fewest and the most rows of the table with its frame: what a red self-check says can stand in the place of the titles.
pub(super) fn rows(snapshot: &Snapshot) -> (u16, u16) {
    let least = metrics(snapshot).len() as u16 + 3;
    (least, least + u16::from(!checks::are_trusted(snapshot)))
}

/// The metrics to show: errors only when there are any, and then first.
fn metrics(snapshot: &Snapshot) -> Vec<&Metric> {
    let Some(comparison) = &snapshot.comparison else {
        return Vec::new();
    };
    let failed = snapshot
        .variants
        .iter()
        .any(|variant| variant.run.failed > 0);
    let errors = |metric: &&Metric| metric.name == MetricName::Errors;
    let first = comparison.metrics.iter().filter(|m| failed && errors(m));
    first
        .chain(comparison.metrics.iter().filter(|m| !errors(m)))
        .collect()
}

pub(super) fn draw(canvas: &mut Canvas<'_>, snapshot: &Snapshot, frame: Rect) {
    let inner = canvas.frame(frame);
    let metrics = metrics(snapshot);
    let trusted = checks::are_trusted(snapshot);
    canvas.title(
        frame,
        frame.y,
        &title(snapshot.comparison.as_ref(), trusted),
    );
    let columns = Columns::of(inner);
    let (titles, first) = checks::draw_head(canvas, snapshot, inner, metrics.len());
    if let Some(y) = titles {
        columns.titles(canvas, trusted, y);
    }
    for (y, metric) in (first..inner.bottom()).zip(metrics) {
        columns.row(canvas, snapshot, metric, y);
    }
}

fn title(comparison: Option<&Comparison>, trusted: bool) -> Vec<Part> {
    let basis = match comparison.map(|comparison| comparison.basis) {
        Some(_) if !trusted => " · run figures, as measured",
        Some(Basis::Exact) => " · randomised blocks",
        Some(Basis::Model) => " · model-based",
        Some(Basis::None) => " · run figures, as measured: not judged",
        None => "",
    };
    vec![
        part("B", Role::VariantB),
        part(" against ", Role::BorderTitle),
        part("A", Role::VariantA),
        part(basis, Role::TextMuted),
    ]
}

/// Where the columns begin; those that do not fit are left out.
struct Columns {
    name: u16,
    a: u16,
    b: u16,
    change: u16,
    sense: Option<u16>,
    calculation: Option<u16>,
    words: Option<u16>,
    /// There is room for the whole sentence.
    sentence: bool,
    right: u16,
}

impl Columns {
    fn of(inner: Rect) -> Columns {
        let gap = if inner.width >= 92 { 3 } else { 1 };
        let a = inner.x + 7;
        let b = a + FIGURE + gap;
        let change = b + FIGURE + gap;
        let sense = change + FIGURE + 1;
        let rest = sense + SENSE + 1 + gap;
        let room = inner.right().saturating_sub(rest);
        let both = room >= CALCULATION + gap + FEW_WORDS;
        let calculation = room >= CALCULATION;
        let words = if both {
            Some(rest + CALCULATION + gap)
        } else {
            (!calculation && room >= FEW_WORDS).then_some(rest)
        };
        Columns {
            name: inner.x,
            a,
            b,
            change,
            sense: (sense + SENSE <= inner.right()).then_some(sense),
            calculation: calculation.then_some(rest),
            words,
            sentence: words.is_some_and(|x| inner.right() >= x + WORDS),
            right: inner.right(),
        }
    }

    fn titles(&self, canvas: &mut Canvas<'_>, trusted: bool, y: u16) {
        let muted = Role::TextMuted;
        canvas.text(self.name, y, 6, "Metric", muted);
        canvas.text_right(self.a + FIGURE - 3, y, 1, "A", Role::VariantA);
        canvas.text_right(self.b + FIGURE - 3, y, 1, "B", Role::VariantB);
        let title = if trusted && self.sense.is_some() {
            "Improvement"
        } else {
            "Change"
        };
        canvas.text_right(self.change + FIGURE - 1, y, 12, title, muted);
        if let Some(x) = self.calculation {
            canvas.text(x, y, self.right - x, "Calculation", muted);
        }
    }

    fn row(&self, canvas: &mut Canvas<'_>, snapshot: &Snapshot, metric: &Metric, y: u16) {
        let errors = metric.name == MetricName::Errors;
        let name = if errors {
            Role::StatusError
        } else {
            Role::Text
        };
        canvas.text(self.name, y, 6, metric.name.word(), name);
        let trusted = checks::are_trusted(snapshot);
        let withheld = !trusted || metric.verdict == Verdict::Withheld;
        let figure = if trusted {
            (Role::Text, Role::TextMuted)
        } else {
            (Role::TextMuted, Role::TextMuted)
        };
        let timeout_s = snapshot.plan.load.timeout_s;
        let (a, b) = (Some(&snapshot.variants.a), snapshot.variants.b.as_ref());
        canvas.figure(
            self.a,
            y,
            FIGURE,
            &value(metric.name, metric.a, a, timeout_s),
            figure,
        );
        canvas.figure(
            self.b,
            y,
            FIGURE,
            &value(metric.name, metric.b, b, timeout_s),
            figure,
        );
        let (word, role) = if withheld {
            ("", Role::TextMuted)
        } else {
            sense(metric)
        };
        canvas.figure(self.change, y, FIGURE, &change(metric), (role, role));
        if let Some(x) = self.sense {
            canvas.text(x, y, SENSE, word, role);
        }
        if let Some(x) = self.calculation {
            let room = self.words.map_or(self.right, |words| words - 1) - x;
            // Where the words have no column, they stand here if there is nothing to calculate.
            let shown = if metric.calculation.is_empty() && self.words.is_none() {
                &metric.text
            } else {
                &metric.calculation
            };
            canvas.parts(x, y, room, &[foreign(shown, Role::TextMuted)]);
        }
        if let Some(x) = self.words {
            let words = if !trusted {
                // Why stands above all rows.
                "withheld"
            } else if withheld || self.sentence {
                &metric.text
            } else {
                in_short(&metric.text)
            };
            let role = if trusted { Role::Text } else { Role::TextMuted };
            canvas.parts(x, y, self.right - x, &[foreign(words, role)]);
        }
    }
}

/// What a sentence comes down to: `44 × faster` of `B is 97.7 % lower, 44 × faster`.
fn in_short(sentence: &str) -> &str {
    sentence
        .rsplit_once(", ")
        .map_or(sentence, |(_, short)| short)
}

/// One side's figure. A percentile among failures has no number: it is written as in the panes.
fn value(
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

fn change(metric: &Metric) -> String {
    match metric.change_pct {
        None => text::NONE.to_owned(),
        // Shares are compared by their difference.
        Some(points) if metric.name == MetricName::Errors => {
            text::change(points).replace('%', "pp")
        }
        Some(pct) => text::change(pct),
    }
}

/// Whether the change is for the better, in a word and a colour. More requests are better; less of all else.
fn sense(metric: &Metric) -> (&'static str, Role) {
    let up_is_good = metric.name == MetricName::Rps;
    match metric.change_pct {
        Some(0.0) => ("same", Role::Text),
        Some(pct) if (pct > 0.0) == up_is_good => ("better", Role::DeltaBetter),
        Some(_) => ("worse", Role::DeltaWorse),
        None => ("", Role::TextMuted),
    }
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
            text: String::new(),
            calculation: String::new(),
        }
    }

    #[test]
    fn more_requests_are_better_and_more_of_all_else_is_worse() {
        let word = |name, pct| sense(&metric(name, pct)).0;
        assert_eq!(word(MetricName::Rps, Some(3.0)), "better");
        assert_eq!(word(MetricName::Rps, Some(-3.0)), "worse");
        for name in [
            MetricName::P50,
            MetricName::P95,
            MetricName::P99,
            MetricName::Errors,
        ] {
            assert_eq!(
                (word(name, Some(3.0)), word(name, Some(-3.0))),
                ("worse", "better")
            );
            assert_eq!((word(name, Some(0.0)), word(name, None)), ("same", ""));
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
