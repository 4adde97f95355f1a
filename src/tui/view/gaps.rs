//! Time that was left out of the measurement, on the time axis of a chart: a light shade with what it was, and no curve.

use super::canvas::{Canvas, width_of};
use super::marks;
use crate::metrics::snapshot::{Gap, GapReason, SeriesPoint};
use crate::text;
use crate::theme::Role;
use ratatui::layout::Rect;

/// The shade of a gap.
pub(super) const SHADE: &str = "░";
/// The most gaps that are named, the latest of them: more would fill the chart with words.
const NAMED: usize = 4;

/// The name of a gap, with its length where the user did not choose it.
fn name(gap: &Gap) -> String {
    match gap.reason {
        GapReason::Paused => "paused".to_owned(),
        GapReason::Suspended => {
            let seconds = (gap.seconds * 10.0).round() / 10.0;
            format!("suspended {}", text::seconds(seconds))
        }
    }
}

/// True when more of a point's time than half lies in gaps.
fn is_left_out(point: &SeriesPoint, gaps: &[Gap]) -> bool {
    let begin = point.t - point.seconds;
    let lost: f64 = gaps
        .iter()
        .map(|gap| (point.t.min(gap.t + gap.seconds) - begin.max(gap.t)).max(0.0))
        .sum();
    lost > point.seconds / 2.0
}

/// The points of a curve: `at` gives the place of each, or that it has none. The curve breaks where time is missing between
/// two points, and where time was left out.
pub(super) fn broken(
    series: &[SeriesPoint],
    gaps: &[Gap],
    at: impl Fn(&SeriesPoint) -> Option<(f64, f64)>,
) -> Vec<Option<(f64, f64)>> {
    let mut points = Vec::with_capacity(series.len() + 2 * gaps.len());
    let mut last: Option<&SeriesPoint> = None;
    for point in series {
        let begin = point.t - point.seconds;
        let joined = last.is_none_or(|last| {
            let missing = begin - last.t > 0.5 * point.seconds.min(last.seconds);
            let between = gaps.iter().any(|gap| {
                gap.t >= last.t - last.seconds / 2.0 && gap.t < point.t - point.seconds / 2.0
            });
            !missing && !between
        });
        if !joined {
            points.push(None);
        }
        points.push(at(point).filter(|_| !is_left_out(point, gaps)));
        last = Some(point);
    }
    points
}

/// Shades the columns of each gap. `column` gives the column of a time.
pub(super) fn draw(canvas: &mut Canvas<'_>, gaps: &[Gap], plot: Rect, column: impl Fn(f64) -> u16) {
    draw_as(canvas, gaps, plot, column, SHADE);
}

/// The same with another sign: where shades mean something else.
pub(super) fn draw_as(
    canvas: &mut Canvas<'_>,
    gaps: &[Gap],
    plot: Rect,
    column: impl Fn(f64) -> u16,
    sign: &str,
) {
    for gap in gaps {
        let (from, end) = columns(gap, plot, &column);
        for y in plot.y..plot.bottom() {
            for x in from..end {
                canvas.text(x, y, 1, sign, Role::ProgressRest);
            }
        }
    }
}

/// Names the latest gaps, which are drawn with `sign`: inside where there is room, else beside, in the lowest row that is
/// free.
pub(super) fn draw_names(
    canvas: &mut Canvas<'_>,
    gaps: &[Gap],
    plot: Rect,
    column: impl Fn(f64) -> u16,
    sign: &str,
) {
    for gap in gaps.iter().rev().take(NAMED) {
        let (from, end) = columns(gap, plot, &column);
        let name = name(gap);
        let width = width_of(&name);
        if end - from >= width + 2 {
            let x = from + (end - from - width - 2) / 2;
            let y = plot.y + plot.height / 2;
            canvas.text(x, y, width + 2, &format!(" {name} "), Role::ChartMark);
            continue;
        }
        // Where a mark's line is as close, the name could be taken for that mark's: the sign of a gap tells.
        let beside = from.saturating_sub(1)..=end;
        let marked = beside
            .into_iter()
            .any(|x| canvas.shows(x, plot, marks::LINE));
        let name = if marked {
            format!("{sign} {name}")
        } else {
            name
        };
        let width = width_of(&name);
        // On the right, or else on the left.
        let places = [Some(end + 1), from.checked_sub(width + 1)];
        canvas.text_where_free(places, plot, &name, Role::ChartMark);
    }
}

/// The columns of a gap: at least one, inside the plot.
fn columns(gap: &Gap, plot: Rect, column: impl Fn(f64) -> u16) -> (u16, u16) {
    let last = plot.right().saturating_sub(1);
    let from = column(gap.t).min(last);
    let end = column(gap.t + gap.seconds).clamp(from + 1, last + 1);
    (from, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(t: f64, seconds: f64) -> SeriesPoint {
        SeriesPoint {
            t,
            seconds,
            rps: 1.0,
            p50_us: Some(1),
            p95_us: None,
            p99_us: None,
            failed: 0,
            in_flight: 0,
        }
    }

    fn gap(t: f64, seconds: f64) -> Gap {
        Gap {
            t,
            seconds,
            reason: GapReason::Paused,
        }
    }

    /// The ends of the points, with `0` where the curve breaks.
    fn drawn(series: &[SeriesPoint], gaps: &[Gap]) -> Vec<u32> {
        broken(series, gaps, |point| Some((point.t, 0.0)))
            .into_iter()
            .map(|point| point.map_or(0, |(t, _)| t as u32))
            .collect()
    }

    #[test]
    fn a_curve_never_runs_across_time_that_is_missing() {
        let whole: Vec<SeriesPoint> = (1..=4).map(|t| point(f64::from(t), 1.0)).collect();
        assert_eq!(drawn(&whole, &[]), [1, 2, 3, 4]);
        let lost = [point(1.0, 1.0), point(2.0, 1.0), point(9.0, 1.0)];
        assert_eq!(drawn(&lost, &[]), [1, 2, 0, 9]);
        // A short one that lies inside a single second breaks it too.
        assert_eq!(drawn(&whole, &[gap(2.1, 0.3)]), [1, 2, 0, 3, 4]);
    }

    #[test]
    fn seconds_that_were_left_out_have_no_point() {
        let whole: Vec<SeriesPoint> = (1..=5).map(|t| point(f64::from(t), 1.0)).collect();
        assert_eq!(drawn(&whole, &[gap(1.9, 2.0)]), [1, 2, 0, 0, 0, 5]);
    }
}
