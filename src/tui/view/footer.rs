//! The last lines: can the client be trusted, and which keys work.

use super::canvas::{Canvas, Part, part, width_of_parts};
use super::checks;
use crate::theme::Role;
use crate::tui::{App, ENTRIES};
use ratatui::layout::Rect;

/// Columns that checks get in a line that they share with the keys.
const CHECKS: u16 = 45;

/// True if checks and keys have room in one line. It depends on the width alone, so that the layout does not move.
pub(super) fn fits_one_line(app: &App, width: u16) -> bool {
    width >= CHECKS + width_of_parts(&keys(app)).max(111) + 4
}

pub(super) fn draw_both(canvas: &mut Canvas<'_>, app: &App, row: Rect) {
    let keys = keys(app);
    let width = width_of_parts(&keys);
    if !fits_one_line(app, row.width) {
        draw_keys(canvas, app, row);
        return;
    }
    let x = row.right() - 1 - width;
    canvas.parts(x, row.y, width, &keys);
    let left = Rect {
        x: row.x + 1,
        width: x - row.x - 4,
        ..row
    };
    checks::draw_line(canvas, app.snapshot(), left);
}

pub(super) fn draw_checks(canvas: &mut Canvas<'_>, app: &App, row: Rect) {
    let inside = Rect {
        x: row.x + 1,
        width: row.width.saturating_sub(2),
        ..row
    };
    checks::draw_line(canvas, app.snapshot(), inside);
}

pub(super) fn draw_keys(canvas: &mut Canvas<'_>, app: &App, row: Rect) {
    let room = row.width.saturating_sub(2);
    let mut parts = Vec::new();
    // Whole entries only: the most important ones come first.
    for entry in entries(app) {
        let mut longer = parts.clone();
        if !longer.is_empty() {
            longer.push(part("  ", Role::Text));
        }
        longer.extend(entry);
        if width_of_parts(&longer) > room {
            break;
        }
        parts = longer;
    }
    canvas.parts(row.x + 1, row.y, room, &parts);
}

fn keys(app: &App) -> Vec<Part> {
    let mut parts = Vec::new();
    for entry in entries(app) {
        if !parts.is_empty() {
            parts.push(part("  ", Role::Text));
        }
        parts.extend(entry);
    }
    parts
}

/// The keys that work now and have a word, each with it.
fn entries(app: &App) -> impl Iterator<Item = [Part; 3]> {
    ENTRIES
        .iter()
        .filter(|entry| (entry.works)(app))
        .map(|entry| (app.keys().label(entry), (entry.word)(app)))
        .filter(|(label, word)| !label.is_empty() && !word.is_empty())
        .map(|(label, word)| {
            [
                part(label, Role::Key),
                part(" ", Role::Text),
                part(word, Role::TextMuted),
            ]
        })
}
