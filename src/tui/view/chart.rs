//! Latency over time: p50, p95 and p99 of one variant, on scales that both variants share.
//!
//! A second in which a percentile lies among failures has no place on the scale: the curve breaks there, and a `×` at the
//! top marks the second. Where time was left out of the measurement there is a shade and no curve.

use super::canvas::{Canvas, Part, part, width_of, width_of_parts};
use super::lane::Lane;
use super::{cursor, gaps, marks};
use crate::metrics::snapshot::{Percentile, SeriesPoint};
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::scales::{LogScale, Scales};
use crate::tui::widgets::{Curve, Plot};
use ratatui::layout::Rect;

/// A divider, four rows of curves, the axis and its labels.
pub(super) const FEWEST_ROWS: u16 = 7;
/// What stands in a chart without a point.
const NOTHING: &str = "no request has ended yet";
/// Columns of the labels at the left, with the axis.
pub(super) const LABELS: u16 = 8;

/// Draws the divider, the axes and the curves into `area`, which lies inside `frame`.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, lane: &Lane<'_>, frame: Rect, area: Rect) {
    canvas.divider(frame, area.y);
    let from = canvas.title(frame, area.y, &[part("latency", Role::BorderTitle)]);
    let legend = [
        part("─ ", Role::LatencyP50),
        part("p50   ", Role::TextMuted),
        part("─ ", Role::LatencyP95),
        part("p95   ", Role::TextMuted),
        part("─ ", Role::LatencyP99),
        part("p99", Role::TextMuted),
    ];
    let read = read(app, lane);
    if !read.is_empty() {
        cursor::draw_title(canvas, &read, (frame, area.y), from);
    } else if width_of_parts(&legend) + 4 < frame.width {
        canvas.title_right(frame, area.y, from, &legend);
    }
    curves(
        canvas,
        app,
        lane,
        Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        },
    );
}

/// The figures of the second under the time cursor, from the most that can be said to the least; nothing without a cursor.
pub(super) fn read(app: &App, lane: &Lane<'_>) -> Vec<Vec<Part>> {
    cursor::titles(
        app,
        lane,
        &[
            &|point| exactly(point, lane.timeout_s),
            &|point| percentiles(point, lane.timeout_s, &[0, 1, 2]),
            &|point| percentiles(point, lane.timeout_s, &[0, 2]),
            &|point| percentiles(point, lane.timeout_s, &[0]),
        ],
    )
}

/// All figures of one second.
fn exactly(point: &SeriesPoint, timeout_s: f64) -> Vec<Part> {
    let mut said = percentiles(point, timeout_s, &[0, 1, 2]);
    for (figure, _) in said.iter_mut().skip(1).step_by(2) {
        // So wide that what follows stands still while the cursor moves.
        *figure = format!("{figure:<7}");
    }
    said.push(part("  ", Role::Text));
    said.push(part(text::rate(point.rps), Role::Text));
    said.push(part(" RPS", Role::TextMuted));
    if point.failed > 0 {
        let failed = format!("  {} failed", text::count(point.failed));
        said.push(part(failed, Role::StatusError));
    }
    said
}

/// Some of p50, p95 and p99 of one second, each as a name and a figure.
fn percentiles(point: &SeriesPoint, timeout_s: f64, which: &[usize]) -> Vec<Part> {
    let all = [
        ("p50 ", point.p50_us, Role::LatencyP50),
        ("p95 ", point.p95_us, Role::LatencyP95),
        ("p99 ", point.p99_us, Role::LatencyP99),
    ];
    let mut said = Vec::new();
    for (name, us, role) in which.iter().filter_map(|&i| all.get(i)) {
        let figure = match us {
            Some(us) => text::percentile(Percentile::Exactly(*us), timeout_s),
            None if point.failed > 0 => "∞".to_owned(),
            None => text::NONE.to_owned(),
        };
        let gap = if said.is_empty() { "" } else { "  " };
        said.push(part(format!("{gap}{name}"), *role));
        said.push(part(figure, Role::Text));
    }
    said
}

/// The chart without a divider.
pub(super) fn curves(canvas: &mut Canvas<'_>, app: &App, lane: &Lane<'_>, area: Rect) {
    if area.width < LABELS + 8 || area.height < 4 {
        return;
    }
    let plot = Rect {
        x: area.x + LABELS,
        y: area.y,
        width: area.width - LABELS,
        height: area.height - 2,
    };
    let scales = app.scales();
    latency_axis(canvas, &scales.latency, area, plot);
    time_axis(canvas, scales, plot);
    let at = |t| column(t, scales, plot);
    let gaps = &app.snapshot().gaps;
    gaps::draw(canvas, gaps, plot, at);
    marks::draw(canvas, app, plot);
    let series = &lane.variant.series;
    let ended = |point: &SeriesPoint| point.p50_us.is_some() || point.failed > 0 || point.rps > 0.0;
    if !series.iter().any(ended) {
        let x = plot.x + plot.width.saturating_sub(width_of(NOTHING)) / 2;
        canvas.text(
            x,
            plot.y + plot.height / 2,
            plot.width,
            NOTHING,
            Role::TextMuted,
        );
    }
    let curve = |role, of: fn(&SeriesPoint) -> Option<u64>| Curve {
        points: gaps::broken(series, gaps, |point| {
            let middle = point.t - point.seconds / 2.0;
            of(point).map(|us| (middle / scales.time_s, scales.latency.position(us as f64)))
        }),
        style: canvas.style(role),
        stands_out: role != Role::LatencyP99,
    };
    let curves = vec![
        curve(Role::LatencyP99, |point| point.p99_us),
        curve(Role::LatencyP95, |point| point.p95_us),
        curve(Role::LatencyP50, |point| point.p50_us),
    ];
    canvas.widget(&Plot { curves }, plot);
    for point in series.iter().filter(|point| point.failed > 0) {
        // As wide as its time is, so that failures without end are a line without gaps.
        let from = column(point.t - point.seconds, scales, plot);
        let end = column(point.t, scales, plot).max(from + 1);
        for x in from..end {
            canvas.text(x, plot.y, 1, "×", Role::StatusError);
        }
    }
    cursor::draw(canvas, app, plot);
    marks::draw_names(canvas, app, plot);
    gaps::draw_names(canvas, gaps, plot, at, gaps::SHADE);
}

/// The column of a time.
pub(super) fn column(t: f64, scales: &Scales, plot: Rect) -> u16 {
    let share = (t / scales.time_s).clamp(0.0, 1.0);
    plot.x + (share * f64::from(plot.width - 1)).round() as u16
}

/// The axis at the left of `plot`, with its labels in `area`.
pub(super) fn latency_axis(canvas: &mut Canvas<'_>, scale: &LogScale, area: Rect, plot: Rect) {
    latency_axis_by(canvas, scale, area, plot, |place| {
        let down = (1.0 - place) * f64::from(plot.height - 1);
        plot.y + down.round() as u16
    });
}

/// The same where `row` gives the row of each place on the scale.
pub(super) fn latency_axis_by(
    canvas: &mut Canvas<'_>,
    scale: &LogScale,
    area: Rect,
    plot: Rect,
    row: impl Fn(f64) -> u16,
) {
    for y in plot.y..plot.bottom() {
        canvas.text(plot.x - 1, y, 1, "│", Role::ChartAxis);
    }
    // The powers of ten first; what lies between them only where it has a row of its own, with one between.
    let mut taken: Vec<u16> = Vec::new();
    for factor in [1.0, 5.0, 2.0] {
        for us in scale.ticks(factor) {
            let y = row(scale.position(us));
            if taken.iter().any(|other| other.abs_diff(y) < 2) {
                continue;
            }
            taken.push(y);
            let label = plot.x - 1 - area.x;
            canvas.text_right(plot.x - 1, y, label, &tick(us), Role::ChartAxis);
            canvas.text(plot.x - 1, y, 1, "┤", Role::ChartAxis);
        }
    }
}

/// A round latency: `200 ms`.
pub(super) fn tick(us: f64) -> String {
    if us < 999.5 {
        format!("{us:.0} µs")
    } else if us < 999_500.0 {
        format!("{:.0} ms", us / 1e3)
    } else {
        format!("{:.0} s", us / 1e6)
    }
}

/// Steps of the time axis, seconds.
const STEPS_S: [f64; 15] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0,
    14_400.0, 43_200.0,
];

/// The axis under `plot`, and its labels under that.
pub(super) fn time_axis(canvas: &mut Canvas<'_>, scales: &Scales, plot: Rect) {
    let y = plot.bottom();
    let line = "─".repeat(usize::from(plot.width));
    canvas.text(plot.x - 1, y, 1, "└", Role::ChartAxis);
    canvas.text(plot.x, y, plot.width, &line, Role::ChartAxis);
    let room = f64::from(plot.width) / 11.0;
    let step = STEPS_S
        .into_iter()
        .find(|step| scales.time_s / step <= room)
        // Whole days: there are never more ticks than have room, however long a run is.
        .unwrap_or_else(|| (scales.time_s / room.max(1.0) / 86_400.0).ceil() * 86_400.0);
    let ticks = (scales.time_s / step * 1.000_001) as u32;
    for i in 0..=ticks {
        let t = f64::from(i) * step;
        let x = column(t, scales, plot);
        let label = if scales.time_s > 180.0 {
            text::clock(t)
        } else if i == ticks {
            text::seconds(t)
        } else {
            format!("{t}")
        };
        canvas.text(x, y, 1, "┬", Role::ChartAxis);
        // Under its tick; the last one ends with the axis.
        let width = width_of(&label);
        let digits = if i == ticks {
            width_of(label.trim_end_matches(" s"))
        } else {
            width
        };
        let x = x
            .saturating_sub((digits.saturating_sub(1)) / 2)
            .max(plot.x - 1);
        canvas.text(
            x.min(plot.right().saturating_sub(width)),
            y + 1,
            width,
            &label,
            Role::ChartAxis,
        );
    }
}
