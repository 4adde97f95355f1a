//! The last lines: can the client be trusted, and which keys work.

use super::canvas::{Canvas, Part, foreign, part, width_of_parts};
use crate::metrics::snapshot::{Check, CheckLevel, Snapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::{App, BINDINGS};
use ratatui::layout::Rect;

/// Columns that checks get in a line that they share with the keys.
const CHECKS: u16 = 48;

/// True if checks and keys have room in one line. It depends on the width alone, so that the layout does not move.
pub(super) fn fits_one_line(app: &App, width: u16) -> bool {
    width >= CHECKS + width_of_parts(&keys(app)).max(76) + 4
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
    canvas.parts(row.x + 1, row.y, x - row.x - 4, &checks(app.snapshot()));
}

pub(super) fn draw_checks(canvas: &mut Canvas<'_>, app: &App, row: Rect) {
    canvas.parts(
        row.x + 1,
        row.y,
        row.width.saturating_sub(2),
        &checks(app.snapshot()),
    );
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

/// The keys that work now, each with its word.
fn entries(app: &App) -> impl Iterator<Item = [Part; 3]> {
    BINDINGS
        .iter()
        .filter(|binding| (binding.works)(app) && !binding.key.is_empty())
        .map(|binding| {
            [
                part(binding.key, Role::Key),
                part(" ", Role::Text),
                part((binding.word)(app), Role::TextMuted),
            ]
        })
}

/// The self-checks, worst first.
fn checks(snapshot: &Snapshot) -> Vec<Part> {
    let mut sorted: Vec<&Check> = snapshot.checks.iter().collect();
    sorted.sort_by_key(|check| std::cmp::Reverse(check.level));
    let mut parts = Vec::new();
    for check in sorted {
        if !parts.is_empty() {
            parts.push(part(" · ", Role::TextMuted));
        }
        let name = text::printable(&check.name, 40);
        let (said, role) = match check.level {
            CheckLevel::Ok => (format!("{name} ok"), Role::StatusOk),
            CheckLevel::Amber => (format!("▲ {name}"), Role::StatusWarn),
            CheckLevel::Red => (format!("✗ {name}"), Role::StatusError),
        };
        parts.push(part(said, role));
        if !check.detail.is_empty() {
            parts.push(part(": ", Role::TextMuted));
            parts.push(foreign(&check.detail, Role::TextMuted));
        }
    }
    parts
}
