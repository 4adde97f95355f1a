//! Marks on the time axis of a chart: where the load was changed, and what the user noted.

use super::canvas::{Canvas, width_of};
use super::chart::column;
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use ratatui::layout::Rect;

/// The most marks that are named, the latest of them: more would fill the chart with words.
const NAMED: usize = 6;
/// The longest name, in characters.
const LONGEST: usize = 24;
/// What a mark's line is made of.
pub(super) const LINE: &str = "┊";
/// Stands before the user's own words.
const NOTE: &str = "▸";

/// Every mark with its time and its name, the latest last.
fn marks(app: &App) -> Vec<(f64, String)> {
    let snapshot = app.snapshot();
    let loads = snapshot.epochs.iter().skip(1);
    let loads = loads.map(|epoch| (epoch.t, text::printable(&epoch.load, LONGEST)));
    let notes = snapshot.annotations.iter();
    let notes = notes.map(|note| {
        let said = text::printable(&note.text, LONGEST);
        (note.t, format!("{NOTE}{said}"))
    });
    let mut marks: Vec<(f64, String)> = loads.chain(notes).collect();
    marks.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    marks
}

/// Draws the lines.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, plot: Rect) {
    for (t, _) in marks(app) {
        let x = column(t, app.scales(), plot);
        for y in plot.y..plot.bottom() {
            canvas.text(x, y, 1, LINE, Role::ChartMark);
        }
    }
}

/// Writes the names beside their lines, each in the lowest row where nothing else stands.
pub(super) fn draw_names(canvas: &mut Canvas<'_>, app: &App, plot: Rect) {
    for (t, name) in marks(app).iter().rev().take(NAMED) {
        let line = column(*t, app.scales(), plot);
        let width = width_of(name);
        // On the right, or else on the left.
        let places = [Some(line + 1), line.checked_sub(width)];
        canvas.text_where_free(places, plot, name, Role::ChartMark);
    }
}
