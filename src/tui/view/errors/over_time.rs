//! Failures per second and requests in flight over time, on scales that both variants share. Both begin at zero.

use crate::metrics::snapshot::{SeriesPoint, Snapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::scales::round_up;
use crate::tui::view::canvas::{Canvas, Part, part, width_of};
use crate::tui::view::chart::{LABELS, column, time_axis};
use crate::tui::view::counts::failed_role;
use crate::tui::view::lane::Lane;
use crate::tui::view::{cursor, gaps, marks};
use crate::tui::widgets::{Bars, Curve, Grow, Plot};
use ratatui::layout::Rect;

/// Two rows of a chart, the axis and its labels.
pub(super) const FEWEST_ROWS: u16 = 4;
/// From this length on a point is more than one second.
const MERGED_S: f64 = 1.5;
/// What stands in a chart without a failure.
const CALM: &str = "no second with a failure";

/// The upper ends of both scales.
pub(super) struct Peaks {
    failures: f64,
    in_flight: f64,
}

/// Failures per second of a point.
fn rate(point: &SeriesPoint) -> f64 {
    let rate = point.failed as f64 / point.seconds;
    if rate.is_finite() { rate } else { 0.0 }
}

/// True if a second of the variant had failures.
pub(super) fn has_failures(lane: &Lane<'_>) -> bool {
    lane.variant.series.iter().any(|point| point.failed > 0)
}

impl Peaks {
    pub(super) fn of(snapshot: &Snapshot) -> Peaks {
        let points = || snapshot.variants.iter().flat_map(|v| v.series.iter());
        let peak = |most: f64| round_up(most.max(1.0), &[1.0, 2.0, 5.0]);
        Peaks {
            failures: peak(points().map(rate).fold(0.0, f64::max)),
            in_flight: peak(points().map(|p| p.in_flight as f64).fold(0.0, f64::max)),
        }
    }
}

/// The failures per second at the time cursor.
pub(super) fn read_failures(app: &App, lane: &Lane<'_>) -> Vec<Vec<Part>> {
    let exactly = |point: &SeriesPoint| {
        // A second's own failures; of seconds that were merged the mean.
        let figure = if point.seconds < MERGED_S {
            text::count(point.failed)
        } else {
            text::rate(rate(point))
        };
        vec![part(figure, failed_role(point.failed))]
    };
    cursor::titles(app, lane, &[&exactly])
}

/// The requests in flight at the time cursor.
pub(super) fn read_in_flight(app: &App, lane: &Lane<'_>) -> Vec<Vec<Part>> {
    let exactly = |point: &SeriesPoint| vec![part(text::count(point.in_flight), Role::Text)];
    cursor::titles(app, lane, &[&exactly])
}

/// Draws the axes; gives the area of the chart, if there is one.
fn axes(canvas: &mut Canvas<'_>, app: &App, peak: f64, area: Rect) -> Option<Rect> {
    if area.width < LABELS + 8 || area.height < FEWEST_ROWS {
        return None;
    }
    let plot = Rect {
        x: area.x + LABELS,
        width: area.width - LABELS,
        height: area.height - 2,
        ..area
    };
    for y in plot.y..plot.bottom() {
        canvas.text(plot.x - 1, y, 1, "│", Role::ChartAxis);
    }
    canvas.text(plot.x - 1, plot.y, 1, "┤", Role::ChartAxis);
    let top = text::count(peak as u64);
    canvas.text_right(plot.x - 1, plot.y, LABELS - 1, &top, Role::ChartAxis);
    canvas.text_right(plot.x - 1, plot.bottom(), LABELS - 1, "0", Role::ChartAxis);
    time_axis(canvas, app.scales(), plot);
    let at = |t| column(t, app.scales(), plot);
    gaps::draw(canvas, &app.snapshot().gaps, plot, at);
    marks::draw(canvas, app, plot);
    Some(plot)
}

pub(super) fn failures(
    canvas: &mut Canvas<'_>,
    app: &App,
    lane: &Lane<'_>,
    peaks: &Peaks,
    area: Rect,
) {
    let Some(plot) = axes(canvas, app, peaks.failures, area) else {
        return;
    };
    if !has_failures(lane) {
        let x = plot.x + plot.width.saturating_sub(width_of(CALM)) / 2;
        let y = plot.y + plot.height / 2;
        canvas.text(x, y, plot.width, CALM, Role::TextMuted);
        cursor::draw(canvas, app, plot);
        return;
    }
    let mut heights = vec![0.0; usize::from(plot.width) * 2];
    let last = heights.len() - 1;
    let place = |t: f64| {
        let share = (t / app.scales().time_s).clamp(0.0, 1.0);
        ((share * last as f64).round() as usize).min(last)
    };
    for point in lane.variant.series.iter().filter(|p| p.failed > 0) {
        let until = place(point.t);
        // As wide as its time is, and never nothing; neighbours in one place give the higher one.
        let from = (place(point.t - point.seconds) + 1).min(until);
        for height in &mut heights[from..=until] {
            *height = f64::max(*height, rate(point) / peaks.failures);
        }
    }
    let bars = Bars {
        heights: &heights,
        grow: Grow::Up,
        style: canvas.style(Role::StatusError),
    };
    canvas.widget(&bars, plot);
    cursor::draw(canvas, app, plot);
}

pub(super) fn in_flight(
    canvas: &mut Canvas<'_>,
    app: &App,
    lane: &Lane<'_>,
    peaks: &Peaks,
    area: Rect,
) {
    let Some(plot) = axes(canvas, app, peaks.in_flight, area) else {
        return;
    };
    let time_s = app.scales().time_s;
    let gaps = &app.snapshot().gaps;
    let points = gaps::broken(&lane.variant.series, gaps, |point| {
        Some((point.t / time_s, point.in_flight as f64 / peaks.in_flight))
    });
    let curve = Curve {
        points,
        style: canvas.style(lane.role),
        stands_out: false,
    };
    canvas.widget(
        &Plot {
            curves: vec![curve],
        },
        plot,
    );
    cursor::draw(canvas, app, plot);
}
