//! The map of one variant: shades, and the marks of what no shade can show.
//!
//! | mark | what it says of a column |
//! |---|---|
//! | a row `failed` at the top | requests failed: `·` less than 1 % of those that ended, `×` more, `█` half or more |
//! | `▲` at the bottom | nothing ended for a second while requests were open: a stall |
//! | shaded, with a name | time that was left out of the measurement |
//! | blank | it was not under load |

use super::grid::Grid;
use crate::metrics::snapshot::{SeriesPoint, Snapshot};
use crate::theme::{self, Role};
use crate::tui::App;
use crate::tui::scales::LogScale;
use crate::tui::spectra::Spectrum;
use crate::tui::view::canvas::{Canvas, width_of};
use crate::tui::view::chart::{self, column};
use crate::tui::view::lane::Lane;
use crate::tui::view::{cursor, gaps, marks};
use crate::tui::widgets::{HeatMap, Ink};
use ratatui::layout::Rect;

/// Shades of a variant's colour. More would not be told apart.
const SHADES: usize = 24;
/// The mark of a second without an answer while requests were open.
pub(super) const OPEN: &str = "▲";
/// The marks of failures, and from which share of the requests that ended.
const FAILED: [(f64, &str); 3] = [(0.5, "█"), (0.01, "×"), (0.0, "·")];
/// The fewest rows of which failures have one to themselves; of fewer they have what is free of the uppermost.
const WITH_FAILURES: u16 = 3;
/// The most rows of a map of which only the ends of the latency axis are named.
const LOW: u16 = 2;
/// What fills a gap where shades are signs.
const LEFT_OUT: &str = "·";

/// What a variant's shades are drawn with.
pub(super) fn ink(canvas: &Canvas<'_>, lane: &Lane<'_>) -> Ink {
    let style = canvas.style(lane.role);
    let shades = style.fg.and_then(|colour| theme::ramp(colour, SHADES));
    shades.map_or(Ink::Signs(style), Ink::Colours)
}

fn series(snapshot: &Snapshot) -> impl Iterator<Item = &SeriesPoint> {
    let variants = snapshot.variants.iter();
    variants.flat_map(|variant| variant.series.iter())
}

/// True if a request of either variant failed.
pub(super) fn has_failures(app: &App) -> bool {
    series(app.snapshot()).any(|point| point.failed > 0)
}

/// True if either variant had a second without an answer while requests were open.
pub(super) fn has_stalls(app: &App) -> bool {
    let mut variants = app.snapshot().variants.iter();
    variants.any(|variant| stalls(&variant.series).next().is_some())
}

/// The seconds in which nothing ended although requests were open from before they began until after they were over.
fn stalls(series: &[SeriesPoint]) -> impl Iterator<Item = &SeriesPoint> {
    series.windows(2).filter_map(|pair| match pair {
        [before, point] => (before.in_flight > 0 && is_silent(point)).then_some(point),
        _ => None,
    })
}

fn is_silent(point: &SeriesPoint) -> bool {
    point.in_flight > 0 && point.failed == 0 && point.p50_us.is_none() && point.rps <= 0.0
}

/// The columns of a stretch of time: at least one.
fn columns(app: &App, (from, until): (f64, f64), plot: Rect) -> (u16, u16) {
    let last = plot.right().saturating_sub(1);
    let from = column(from, app.scales(), plot).min(last);
    let end = column(until, app.scales(), plot).clamp(from + 1, last + 1);
    (from, end)
}

/// Draws the map with its latency axis, and the time axis under it if `timed`. `area` holds the labels at the left, `plot` is
/// the map's own.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    app: &App,
    lane: &Lane<'_>,
    ink: &Ink,
    (area, plot): (Rect, Rect),
    timed: bool,
) {
    if timed {
        chart::time_axis(canvas, app.scales(), plot);
    }
    // Where either variant failed both have the row, so that the maps stand at the same height.
    let has_failures = has_failures(app);
    let failed = u16::from(has_failures && plot.height >= WITH_FAILURES);
    let map = Rect {
        y: plot.y + failed,
        height: plot.height - failed,
        ..plot
    };
    let spectra = app.spectra();
    latency_axis(canvas, &spectra.scale(), area, map);
    let at = |t| column(t, app.scales(), plot);
    let snapshot = app.snapshot();
    let sign = if matches!(ink, Ink::Signs(_)) {
        LEFT_OUT
    } else {
        gaps::SHADE
    };
    gaps::draw_as(canvas, &snapshot.gaps, plot, at, sign);
    marks::draw(canvas, app, plot);
    let size = (
        usize::from(map.width),
        usize::from(map.height) * ink.places(),
    );
    let of = spectra.of(lane.side);
    let grid = Grid::of(of, &spectra.scale(), size, |spectrum: &Spectrum| {
        let (from, end) = columns(app, (spectrum.t(), spectrum.end()), map);
        (usize::from(from - map.x), usize::from(end - map.x))
    });
    let levels = grid.levels();
    canvas.widget(
        &HeatMap {
            levels: &levels,
            ink,
        },
        map,
    );
    mark_stalls(canvas, app, lane, map);
    if failed > 0 {
        canvas.text(
            area.x,
            plot.y,
            plot.x - 1 - area.x,
            "failed",
            Role::ChartAxis,
        );
        canvas.text(plot.x - 1, plot.y, 1, "│", Role::ChartAxis);
    }
    if has_failures {
        failures(canvas, app, lane, failed > 0, plot);
    }
    if of.iter().all(|spectrum| spectrum.answers == 0) {
        let words = nothing(lane);
        let x = map.x + map.width.saturating_sub(width_of(words)) / 2;
        let y = map.y + map.height / 2;
        canvas.text(x, y, map.width, words, Role::TextMuted);
    }
    if timed {
        cursor::draw(canvas, app, plot);
    } else {
        cursor::line(canvas, app, plot);
    }
    marks::draw_names(canvas, app, map);
    gaps::draw_names(canvas, &snapshot.gaps, map, at, sign);
}

/// The latency axis: each label in the row in which its latency is drawn; of a low map the ends.
fn latency_axis(canvas: &mut Canvas<'_>, scale: &LogScale, area: Rect, map: Rect) {
    let row = |place: f64| {
        let up = (place * f64::from(map.height)) as u16;
        map.bottom() - 1 - up.min(map.height - 1)
    };
    if map.height > LOW {
        chart::latency_axis_by(canvas, scale, area, map, row);
        return;
    }
    for y in map.y..map.bottom() {
        canvas.text(map.x - 1, y, 1, "│", Role::ChartAxis);
    }
    let ends = [(map.y, scale.high_us), (map.bottom() - 1, scale.low_us)];
    for (y, us) in ends.into_iter().take(usize::from(map.height)) {
        let label = chart::tick(us);
        canvas.text_right(map.x - 1, y, map.x - 1 - area.x, &label, Role::ChartAxis);
        canvas.text(map.x - 1, y, 1, "┤", Role::ChartAxis);
    }
}

/// What stands in a map without an answer.
fn nothing(lane: &Lane<'_>) -> &'static str {
    if lane.variant.series.iter().any(|point| point.failed > 0) {
        " no request has succeeded "
    } else {
        " no request has ended yet "
    }
}

/// Marks the columns that hold a second in which nothing ended while requests were open. Where a column is longer than the
/// stall it has answers too, and is marked all the same: that a variant stood still must not depend on the screen's width.
fn mark_stalls(canvas: &mut Canvas<'_>, app: &App, lane: &Lane<'_>, map: Rect) {
    let y = map.bottom().saturating_sub(1);
    let at = |t| column(t, app.scales(), map);
    let left_out = |x: u16| {
        let mut gaps = app.snapshot().gaps.iter();
        gaps.any(|gap| at(gap.t) <= x && x < at(gap.t + gap.seconds))
    };
    for point in stalls(&lane.variant.series) {
        let (from, end) = columns(app, (point.t - point.seconds, point.t), map);
        for x in (from..end).filter(|&x| !left_out(x)) {
            canvas.text(x, y, 1, OPEN, Role::StatusWarn);
        }
    }
}

/// Marks the columns in which requests failed, by their share of those that ended.
fn failures(canvas: &mut Canvas<'_>, app: &App, lane: &Lane<'_>, alone: bool, plot: Rect) {
    let mut ended = vec![(0.0, 0.0); usize::from(plot.width)];
    for point in lane.variant.series.iter() {
        let (from, end) = columns(app, (point.t - point.seconds, point.t), plot);
        let (failed, ok) = (point.failed as f64, point.rps * point.seconds);
        for x in from..end {
            if let Some(sum) = ended.get_mut(usize::from(x - plot.x)) {
                sum.0 += failed;
                sum.1 += failed + if ok.is_finite() { ok } else { 0.0 };
            }
        }
    }
    for (x, (failed, ended)) in (plot.x..).zip(ended) {
        let share = failed / ended;
        // Where they have no row to themselves nothing may look like a shade.
        let mut known = FAILED.iter().skip(usize::from(!alone));
        let mark = known.find(|(from, _)| failed > 0.0 && share >= *from);
        if let Some((_, mark)) = mark.filter(|_| canvas.is_blank(x, plot.y, 1)) {
            canvas.text(x, plot.y, 1, mark, Role::StatusError);
        }
    }
}
