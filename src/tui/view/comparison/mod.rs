//! B against A: one row for each metric with its interval and its verdict, and what must be read with them.
//!
//! A change has a colour only once it is decided, and the verdict beside it says the same in words. While a self-check is red
//! it takes the verdict's place: the figures stay, muted, and nothing is said to be better or worse.

mod columns;
mod remarks;
mod words;

pub(super) use remarks::Remarks;

use super::canvas::{Canvas, Part, part, width_of};
use super::checks;
use crate::metrics::snapshot::{Basis, Comparison, Cost, Metric, MetricName, Snapshot};
use crate::theme::Role;
use crate::tui::App;
use columns::Columns;
use ratatui::layout::Rect;

/// What holds for all verdicts, from all of it to hardly anything: the longest that fits is shown.
const FAMILY: [&str; 3] = [
    "verdicts: at most 5 % false for the whole family; intervals: together 95 %; valid while you watch",
    "verdicts: at most 5 % false for the whole family; intervals: together 95 %",
    "verdicts: at most 5 % false for the whole family",
];

/// The fewest and the most rows of the table with its frame: what a red self-check says can stand in the place of the titles.
pub(super) fn rows(snapshot: &Snapshot) -> (u16, u16) {
    let least = metrics(snapshot).len() as u16 + 3;
    let costs = costs(snapshot).len() as u16;
    (
        least,
        least + costs + u16::from(!checks::are_trusted(snapshot)),
    )
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

/// What the variants cost.
fn costs(snapshot: &Snapshot) -> &[Cost] {
    let comparison = snapshot.comparison.as_ref();
    comparison.map_or(&[], |comparison| &comparison.costs)
}

/// Draws the table; its last rows inside the frame are for the remarks.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, remarks: &Remarks, frame: Rect) {
    let snapshot = app.snapshot();
    let inner = canvas.frame(frame);
    let metrics = metrics(snapshot);
    let trusted = checks::are_trusted(snapshot);
    let comparison = snapshot.comparison.as_ref();
    let end = canvas.title(frame, frame.y, &title(comparison, trusted));
    let judged = comparison.is_some_and(|comparison| comparison.basis != Basis::None);
    if judged && trusted && !app.shows_calculation() {
        family(canvas, frame, end);
    }
    let rows = Rect {
        height: inner.height.saturating_sub(remarks.rows()),
        ..inner
    };
    let columns = Columns::of(rows, app.shows_calculation());
    let costs = costs(snapshot);
    let (titles, first) = checks::draw_head(canvas, snapshot, rows, metrics.len() + costs.len());
    if let Some(y) = titles {
        columns.titles(canvas, app, y);
    }
    let mut free = first..rows.bottom();
    for (metric, y) in metrics.into_iter().zip(free.by_ref()) {
        columns.row(canvas, app, metric, y);
    }
    for (cost, y) in costs.iter().zip(free) {
        columns.cost(canvas, app, cost, y);
    }
    remarks.draw(
        canvas,
        Rect {
            y: rows.bottom(),
            height: inner.height - rows.height,
            ..inner
        },
    );
}

fn family(canvas: &mut Canvas<'_>, frame: Rect, from: u16) {
    let room = frame.right().saturating_sub(from + 5);
    let said = FAMILY.into_iter().find(|said| width_of(said) <= room);
    if let Some(said) = said {
        canvas.title_right(frame, frame.y, from, &[part(said, Role::TextMuted)]);
    }
}

fn title(comparison: Option<&Comparison>, trusted: bool) -> Vec<Part> {
    let basis = match comparison.map(|comparison| (comparison.basis, comparison.order.as_str())) {
        Some(_) if !trusted => " · run figures, as measured",
        Some((Basis::Exact, _)) => " · randomised pairs",
        Some((Basis::Model, _)) => " · model-based",
        Some((Basis::None, "sequential")) => " · sequential: no verdict",
        Some((Basis::None, _)) => " · run figures, as measured: not judged",
        None => "",
    };
    vec![
        part("B", Role::VariantB),
        part(" against ", Role::BorderTitle),
        part("A", Role::VariantA),
        part(basis, Role::TextMuted),
    ]
}
