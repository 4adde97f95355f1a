//! Response time at every percentile from the median to p99.99, both variants over each other.
//!
//! Failures are slower than any time: where they begin, a curve ends with `×`. A curve that ends before without it has come
//! to its slowest answer.

use super::distribution::stretched;
use super::{Measured, nothing};
use crate::metrics::snapshot::Snapshot;
use crate::text;
use crate::theme::Role;
use crate::tui::scales::LogScale;
use crate::tui::view::canvas::{Canvas, Part, foreign, part, width_of, width_of_parts};
use crate::tui::view::chart::{LABELS, latency_axis};
use crate::tui::widgets::{Curve, Plot};
use ratatui::layout::Rect;

/// The frame, five rows of curves, the axis and its labels.
pub(super) const FEWEST_ROWS: u16 = 9;
/// The shares with a label on the axis, ascending; the axis goes from the first to the last.
const TICKS: [(f64, &str); 6] = [
    (0.5, "p50"),
    (0.9, "p90"),
    (0.95, "p95"),
    (0.99, "p99"),
    (0.999, "p99.9"),
    (0.9999, "p99.99"),
];
/// Columns at the right of the curves, for the letter at the end of one.
const AIR: u16 = 3;

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    snapshot: &Snapshot,
    measured: &[Measured<'_>],
    frame: Rect,
) {
    let inner = canvas.frame(frame);
    titles(canvas, measured, frame);
    if inner.width < LABELS + AIR + 16 || inner.height < 5 {
        return;
    }
    let endings: Vec<Vec<Part>> = measured.iter().filter_map(ending).collect();
    // The curves come first, what is said about their ends second.
    let said = (endings.len() as u16).min(inner.height.saturating_sub(7));
    let area = Rect {
        height: inner.height - said,
        ..inner
    };
    for (y, ending) in (area.bottom()..inner.bottom()).zip(&endings) {
        canvas.parts(inner.x, y, inner.width, ending);
    }
    let plot = Rect {
        x: area.x + LABELS,
        y: area.y,
        width: area.width - LABELS - AIR,
        height: area.height - 2,
    };
    let scale = scale(measured);
    percentile_axis(canvas, scale.is_some(), plot);
    let Some(scale) = scale else {
        for y in plot.y..plot.bottom() {
            canvas.text(plot.x - 1, y, 1, "│", Role::ChartAxis);
        }
        let said = nothing(snapshot);
        let x = plot.x + plot.width.saturating_sub(width_of(said)) / 2;
        let y = plot.y + plot.height / 2;
        canvas.text(x, y, plot.width, said, Role::TextMuted);
        return;
    };
    latency_axis(canvas, &scale, area, plot);
    curves(canvas, measured, &scale, plot);
}

fn titles(canvas: &mut Canvas<'_>, measured: &[Measured<'_>], frame: Rect) {
    let mut title = vec![part("Latency by percentile", Role::BorderTitle)];
    if frame.width >= 62 {
        title.push(part(" · run, ended requests", Role::TextMuted));
    }
    let from = canvas.title(frame, frame.y, &title);
    let mut legend = Vec::new();
    for Measured { lane, .. } in measured {
        if !legend.is_empty() {
            legend.push(part("   ", Role::Text));
        }
        legend.push(part(format!("{} ─ ", lane.letter), lane.role));
        legend.push(foreign(&lane.variant.label, Role::TextMuted));
    }
    if from + width_of_parts(&legend) + 5 > frame.right() {
        legend.clear();
        for Measured { lane, .. } in measured {
            let gap = if legend.is_empty() { "" } else { "  " };
            legend.push(part(format!("{gap}{} ─", lane.letter), lane.role));
        }
    }
    canvas.title_right(frame, frame.y, from, &legend);
}

/// Both ends of the axis.
fn span() -> (f64, f64) {
    (stretched(TICKS[0].0), stretched(TICKS[TICKS.len() - 1].0))
}

/// Where a place on the stretched axis lies in the plot, from 0 to 1.
fn across(place: f64) -> f64 {
    let (from, until) = span();
    (place - from) / (until - from)
}

fn column(place: f64, plot: Rect) -> u16 {
    let share = across(place).clamp(0.0, 1.0);
    plot.x + (share * f64::from(plot.width - 1)).round() as u16
}

/// The axis with its labels, and lines up from them where there is something to read.
fn percentile_axis(canvas: &mut Canvas<'_>, lines: bool, plot: Rect) {
    let y = plot.bottom();
    let line = "─".repeat(usize::from(plot.width));
    canvas.text(plot.x - 1, y, 1, "└", Role::ChartAxis);
    canvas.text(plot.x, y, plot.width, &line, Role::ChartAxis);
    let mut free = plot.x.saturating_sub(2);
    for (share, label) in TICKS {
        let x = column(stretched(share), plot);
        let at = x.saturating_sub(width_of(label) / 2).max(plot.x - 1);
        // Only p95 may lie too close to its neighbours.
        if label == "p95" && (at < free || plot.width < 60) {
            continue;
        }
        free = at + width_of(label) + 1;
        for y in (plot.y..plot.bottom()).filter(|_| lines) {
            canvas.text(x, y, 1, "·", Role::ProgressRest);
        }
        canvas.text(x, y, 1, "┬", Role::ChartAxis);
        canvas.text(at, y + 1, width_of(label), label, Role::ChartAxis);
    }
}

/// A scale with every curve on it; `None` without one.
fn scale(measured: &[Measured<'_>]) -> Option<LogScale> {
    let (from, _) = span();
    let ends = measured.iter().filter_map(|one| {
        let end = one.distribution.end().filter(|end| end.at >= from)?;
        let median = one.distribution.curve(from, from, 1).first()?.1;
        Some((median as f64, end.us as f64))
    });
    let (low, high) = ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))?;
    Some(LogScale::around(low, high))
}

fn curves(canvas: &mut Canvas<'_>, measured: &[Measured<'_>], scale: &LogScale, plot: Rect) {
    let (from, until) = span();
    let steps = usize::from(plot.width) * 2;
    let drawn: Vec<Vec<(f64, u64)>> = measured
        .iter()
        .map(|one| one.distribution.curve(from, until, steps))
        .collect();
    let curves = drawn.iter().zip(measured).map(|(points, one)| Curve {
        points: points
            .iter()
            .map(|&(place, us)| Some((across(place), scale.position(us as f64))))
            .collect(),
        style: canvas.style(one.lane.role),
        stands_out: false,
    });
    let curves = curves.collect();
    canvas.widget(&Plot { curves }, plot);
    let mut taken: Vec<(u16, u16)> = Vec::new();
    for (points, one) in drawn.iter().zip(measured) {
        let Some(&(place, us)) = points.last() else {
            continue;
        };
        let x = column(place, plot) + 1;
        // The row of the curve's last dot: four to a cell.
        let dots = f64::from(plot.height) * 4.0 - 1.0;
        let down = ((1.0 - scale.position(us as f64)) * dots).round();
        let mut y = plot.y + down as u16 / 4;
        // Two curves that end at one place have their letters one above the other.
        if taken.iter().any(|&(x2, y2)| y2 == y && x2.abs_diff(x) < 3) {
            y = if y > plot.y { y - 1 } else { y + 1 };
        }
        taken.push((x, y));
        canvas.text(x, y, 1, one.lane.letter, one.lane.role);
        let failures = one
            .distribution
            .end()
            .is_some_and(|end| end.failures && end.at <= until);
        if failures {
            canvas.text(x + 1, y, 1, "×", Role::StatusError);
        }
    }
}

/// `B × from p98.6 on: 436 failed (http_503 349 · timeout 87)`; `None` without failures.
fn ending(one: &Measured<'_>) -> Option<Vec<Part>> {
    let Measured { lane, distribution } = one;
    if distribution.failed() == 0 {
        return None;
    }
    let from = match distribution.answered() {
        0.0 => "all".to_owned(),
        answered => format!("above {}", percentile(answered)),
    };
    Some(vec![
        part(format!("{} ", lane.letter), lane.role),
        part("×", Role::StatusError),
        part(format!(" {from}: "), Role::TextMuted),
        part(
            format!("{} failed", text::count(distribution.failed())),
            Role::StatusError,
        ),
        part(format!(", {}", lane.outcomes()), Role::TextMuted),
    ])
}

/// A share as a percentile, rounded down: `p98.6`, `p99.93`.
fn percentile(share: f64) -> String {
    let pct = share * 100.0;
    let digits = match share {
        share if share < 0.99 => 1,
        share if share < 0.999 => 2,
        _ => 3,
    };
    let steps = 10f64.powi(digits);
    format!("p{}", (pct * steps).floor() / steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nine_takes_the_same_room() {
        let plot = Rect::new(10, 0, 101, 10);
        let columns: Vec<u16> = [0.9, 0.99, 0.999, 0.9999]
            .map(|share| column(stretched(share), plot))
            .to_vec();
        assert_eq!(columns[3], 110);
        let steps: Vec<u16> = columns.windows(2).map(|two| two[1] - two[0]).collect();
        assert_eq!(steps, [27, 27, 27]);
        assert_eq!(column(stretched(0.5), plot), 10);
    }

    #[test]
    fn a_percentile_is_never_said_to_be_more_than_it_is() {
        let said = [0.5, 0.98578, 0.9939, 0.99999].map(percentile);
        assert_eq!(said, ["p50", "p98.5", "p99.39", "p99.999"]);
    }
}
