//! B against A: one row for each metric, with the arithmetic behind it.
//!
//! Better and worse are said in a word; the colour only repeats it.

use super::canvas::{Canvas, FIGURE, Part, foreign, part};
use super::lane::percentile_name;
use crate::metrics::snapshot::{Basis, Comparison, Metric, MetricName, Snapshot, VariantSnapshot};
use crate::text;
use crate::theme::Role;
use ratatui::layout::Rect;

/// Columns that the arithmetic takes.
const CALCULATION: u16 = 48;
/// Columns that the words take at least.
const WORDS: u16 = 24;
/// Columns of "better" or "worse".
const SENSE: u16 = 6;

/// The rows of the table with its frame.
pub(super) fn rows(snapshot: &Snapshot) -> u16 {
    metrics(snapshot).len() as u16 + 3
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
    canvas.title(frame, frame.y, &title(snapshot.comparison.as_ref()));
    let columns = Columns::of(inner);
    columns.titles(canvas, inner.y);
    for (y, metric) in (inner.y + 1..inner.bottom()).zip(metrics(snapshot)) {
        columns.row(canvas, snapshot, metric, y);
    }
}

fn title(comparison: Option<&Comparison>) -> Vec<Part> {
    let basis = match comparison.map(|comparison| comparison.basis) {
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
        let both = room >= CALCULATION + gap + WORDS;
        let calculation = room >= CALCULATION;
        let words = if both {
            Some(rest + CALCULATION + gap)
        } else {
            (!calculation && room >= WORDS).then_some(rest)
        };
        Columns {
            name: inner.x,
            a,
            b,
            change,
            sense: (sense + SENSE <= inner.right()).then_some(sense),
            calculation: calculation.then_some(rest),
            words,
            right: inner.right(),
        }
    }

    fn titles(&self, canvas: &mut Canvas<'_>, y: u16) {
        let muted = Role::TextMuted;
        canvas.text(self.name, y, 6, "Metric", muted);
        canvas.text_right(self.a + FIGURE - 3, y, 1, "A", Role::VariantA);
        canvas.text_right(self.b + FIGURE - 3, y, 1, "B", Role::VariantB);
        let title = if self.sense.is_some() {
            "Improvement"
        } else {
            "Change"
        };
        canvas.text_right(
            self.change + FIGURE - u16::from(self.sense.is_none()),
            y,
            12,
            title,
            muted,
        );
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
        let figure = (Role::Text, Role::TextMuted);
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
        let (word, role) = sense(metric);
        canvas.figure(self.change, y, FIGURE, &change(metric), (role, role));
        if let Some(x) = self.sense {
            canvas.text(x, y, SENSE, word, role);
        }
        if let Some(x) = self.calculation {
            let room = self.words.unwrap_or(self.right) - x;
            // Where the words have no column, they stand here if there is nothing to calculate.
            let shown = if metric.calculation.is_empty() && self.words.is_none() {
                &metric.text
            } else {
                &metric.calculation
            };
            canvas.parts(x, y, room, &[foreign(shown, Role::TextMuted)]);
        }
        if let Some(x) = self.words {
            canvas.parts(x, y, self.right - x, &[foreign(&metric.text, Role::Text)]);
        }
    }
}

/// One side's figure. A percentile among failures has no number: it is written as in the panes.
fn value(
    name: MetricName,
    value: Option<f64>,
    variant: Option<&VariantSnapshot>,
    timeout_s: f64,
) -> String {
    match (value, percentile_name(name)) {
        (Some(us), Some(_)) => text::latency(us),
        (Some(share), None) if name == MetricName::Errors => text::share(share),
        (Some(rps), None) => text::figure(rps),
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
        Some(pct) if pct == 0.0 => ("same", Role::Text),
        Some(pct) if (pct > 0.0) == up_is_good => ("better", Role::DeltaBetter),
        Some(_) => ("worse", Role::DeltaWorse),
        None => ("", Role::TextMuted),
    }
}
