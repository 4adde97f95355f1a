//! The time cursor on a chart: a line through the second that is read. Its exact figures stand in the chart's title.

use super::canvas::{Canvas, Part, part, width_of_parts};
use super::chart::column;
use super::lane::Lane;
use crate::metrics::snapshot::SeriesPoint;
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::cursor;
use ratatui::layout::Rect;

/// Draws the line where nothing else stands, so that curves go through it, and a mark on the axis under it.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, plot: Rect) {
    line(canvas, app, plot);
    if let Some(t) = app.cursor() {
        let x = place(t, app, plot);
        canvas.text(x, plot.bottom(), 1, "┴", Role::TextStrong);
    }
}

/// The line alone: for a chart that has no axis of its own.
pub(super) fn line(canvas: &mut Canvas<'_>, app: &App, plot: Rect) {
    let Some(t) = app.cursor() else { return };
    let x = place(t, app, plot);
    for y in plot.y..plot.bottom() {
        if canvas.is_blank(x, y, 1) {
            canvas.text(x, y, 1, "│", Role::TextStrong);
        }
    }
}

/// Through the middle of the second, as its points are.
fn place(t: f64, app: &App, plot: Rect) -> u16 {
    column(t - 0.5, app.scales(), plot)
}

/// What a form of a title says of a second.
pub(super) type Form<'a> = &'a dyn Fn(&SeriesPoint) -> Vec<Part>;

/// `at 01:23`, and what each of `forms` says of the second there, from the longest to the shortest; nothing without a cursor.
pub(super) fn titles(app: &App, lane: &Lane<'_>, forms: &[Form<'_>]) -> Vec<Vec<Part>> {
    let Some(t) = app.cursor() else {
        return Vec::new();
    };
    let clock = text::clock(t);
    let at = |before: &str| part(format!("{before}{clock}  "), Role::TextStrong);
    let muted = |words: &str| vec![part(words, Role::TextMuted)];
    let said: Vec<Vec<Part>> = match cursor::point(&lane.variant.series, t) {
        Some(point) => forms.iter().map(|form| form(point)).collect(),
        None => vec![muted("nothing was measured"), muted("—")],
    };
    let with = |before: &str, said: &[Part]| {
        let mut whole = vec![at(before)];
        whole.extend_from_slice(said);
        whole
    };
    said.iter()
        .flat_map(|said| [with("at ", said), with("", said)])
        .collect()
}

/// Writes the first of `titles` that fits after column `from` at the right end of the line of a frame.
pub(super) fn draw_title(
    canvas: &mut Canvas<'_>,
    titles: &[Vec<Part>],
    (frame, y): (Rect, u16),
    from: u16,
) {
    let room = frame.right().saturating_sub(from).saturating_sub(5);
    if let Some(said) = titles.iter().find(|said| width_of_parts(said) <= room) {
        canvas.title_right(frame, y, from, said);
    }
}
