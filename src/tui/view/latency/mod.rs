//! The *Latency* view: how long the requests of the run took, at every percentile, of both variants on the same scales.
//!
//! ```text
//! ╭─ Latency by percentile ───────────────────────╮╭─ Run figures ─────────╮
//! │ 1 s┤                             ⣀⣀⣀⠤⠤⠤A      ││            A        B │
//! │    │⠤⠤⠤⠤⠤⠤⠤⠤⠤⠒⠒⠒⠒⠒⠊⠉⠉⠉⠉                       ││ p50   3.24 s  74.1 ms │
//! │    └p50────p90─────p99─────p99.9────p99.99    ││ …                     │
//! ╰───────────────────────────────────────────────╯╰───────────────────────╯
//! ╭─ Histogram · answers by response time ──────────────────────────────────╮
//! │ A ⣀⣠⣿⣷⣄                                                                 │
//! │ B                 ⠙⣿⡿⠋                                                  │
//! ╰─────────────────────────────────────────────────────────────────────────╯
//! ```
//!
//! When room is short the histograms go first, then the curve; the figures stay.

mod curve;
mod distribution;
mod mirror;
mod table;

use super::Rows;
use super::canvas::Canvas;
use super::lane::{Lane, lanes};
use crate::metrics::snapshot::{Phase, Snapshot};
use crate::tui::{App, Panel};
use distribution::Distribution;
use ratatui::layout::Rect;

/// From this size on the figures stand beside the curve.
const BESIDE: (u16, u16) = (76, curve::FEWEST_ROWS);

/// A variant with its distribution.
struct Measured<'a> {
    lane: Lane<'a>,
    distribution: Distribution<'a>,
}

fn measured(snapshot: &Snapshot) -> Vec<Measured<'_>> {
    let measured = lanes(snapshot).into_iter().map(|lane| Measured {
        lane,
        distribution: Distribution::of(lane.variant),
    });
    measured.collect()
}

/// One panel of the view alone.
pub(super) fn one(canvas: &mut Canvas<'_>, app: &App, panel: Panel, area: Rect) {
    let snapshot = app.snapshot();
    let measured = measured(snapshot);
    match panel {
        Panel::Figures => table::draw(canvas, snapshot, &measured, area),
        Panel::Histogram => mirror::draw(canvas, snapshot, &measured, area),
        _ => curve::draw(canvas, snapshot, &measured, area),
    }
}

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let snapshot = app.snapshot();
    let measured = measured(snapshot);
    let mut rows = Rows(area);
    if area.width >= BESIDE.0 && area.height >= BESIDE.1 {
        let histogram = if area.height >= BESIDE.1 + mirror::FEWEST_ROWS {
            (area.height * 2 / 5).max(mirror::FEWEST_ROWS)
        } else {
            0
        };
        let upper = rows.take(area.height - histogram);
        let figures = table::width(&measured);
        let left = Rect {
            width: upper.width - figures,
            ..upper
        };
        let right = Rect {
            x: left.right(),
            width: figures,
            ..upper
        };
        canvas.place(Panel::Curve, left);
        curve::draw(canvas, snapshot, &measured, left);
        canvas.place(Panel::Figures, right);
        table::draw(canvas, snapshot, &measured, right);
        canvas.place(Panel::Histogram, rows.0);
        mirror::draw(canvas, snapshot, &measured, rows.0);
        return;
    }
    let framed = area.height >= table::FRAMED_ROWS;
    let with_curve = area.height >= table::FRAMED_ROWS + curve::FEWEST_ROWS;
    if with_curve {
        let upper = rows.take(table::FRAMED_ROWS);
        canvas.place(Panel::Figures, upper);
        table::draw(canvas, snapshot, &measured, upper);
        canvas.place(Panel::Curve, rows.0);
        curve::draw(canvas, snapshot, &measured, rows.0);
    } else if framed {
        canvas.place(Panel::Figures, rows.0);
        table::draw(canvas, snapshot, &measured, rows.0);
    } else {
        let inside = Rect {
            x: area.x + 1,
            width: area.width.saturating_sub(2),
            ..area
        };
        table::figures(canvas, snapshot, &measured, inside);
    }
}

/// What stands where no curve can be drawn yet.
fn nothing(snapshot: &Snapshot) -> &'static str {
    match snapshot.meta.phase {
        Phase::Ramp | Phase::WarmUp => "warming up: not counted yet",
        _ if snapshot.variants.iter().any(|v| v.run.failed > 0) => "no request has succeeded",
        _ => "no answer has been counted yet",
    }
}
