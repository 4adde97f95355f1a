//! The time cursor on a chart: a line through the second that is read. Its exact figures stand in the chart's title.

use super::canvas::{Canvas, Part, part};
use super::chart::column;
use super::lane::Lane;
use crate::metrics::snapshot::SeriesPoint;
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::cursor;
use ratatui::layout::Rect;

/// Draws the line where nothing else stands, so that curves go through it.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, plot: Rect) {
    let Some(t) = app.cursor() else { return };
    // Through the middle of the second, as its points are.
    let x = column(t - 0.5, app.scales(), plot);
    for y in plot.y..plot.bottom() {
        if canvas.is_blank(x, y, 1) {
            canvas.text(x, y, 1, "│", Role::TextStrong);
        }
    }
    canvas.text(x, plot.bottom(), 1, "┴", Role::TextStrong);
}

/// `at 01:23`, and what `of` says of the second there.
pub(super) fn title(
    app: &App,
    lane: &Lane<'_>,
    of: impl Fn(&SeriesPoint) -> Vec<Part>,
) -> Option<Vec<Part>> {
    let t = app.cursor()?;
    let at = format!("at {}  ", text::clock(t));
    let mut said = vec![part(at, Role::TextStrong)];
    match cursor::point(&lane.variant.series, t) {
        Some(point) => said.extend(of(point)),
        None => said.push(part("nothing was measured", Role::TextMuted)),
    }
    Some(said)
}
