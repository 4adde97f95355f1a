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
    let room = x - row.x - 4;
    canvas.parts(row.x + 1, row.y, room, &checks(app.snapshot(), room));
}

pub(super) fn draw_checks(canvas: &mut Canvas<'_>, app: &App, row: Rect) {
    let room = row.width.saturating_sub(2);
    canvas.parts(row.x + 1, row.y, room, &checks(app.snapshot(), room));
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

/// The self-checks, worst first, in at most `room` columns: details are left out from the back until it fits.
fn checks(snapshot: &Snapshot, room: u16) -> Vec<Part> {
    let mut sorted: Vec<&Check> = snapshot.checks.iter().collect();
    sorted.sort_by_key(|check| (std::cmp::Reverse(check.level), &check.name));
    (0..=sorted.len())
        .rev()
        .map(|detailed| line(&sorted, detailed))
        .find(|line| width_of_parts(line) <= room)
        .unwrap_or_else(|| line(&sorted, 1))
}

/// Checks in a line, the first `detailed` of them with the figures behind them.
fn line(sorted: &[&Check], detailed: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    for (i, check) in sorted.iter().enumerate() {
        if i > 0 {
            parts.push(part(" · ", Role::TextMuted));
        }
        let name = text::printable(&check.name, 40);
        let (said, role) = match check.level {
            CheckLevel::Ok => (format!("{name} ok"), Role::StatusOk),
            CheckLevel::Amber => (format!("▲ {name}"), Role::StatusWarn),
            CheckLevel::Red => (format!("✗ {name}"), Role::StatusError),
        };
        parts.push(part(said, role));
        if i < detailed && !check.detail.is_empty() {
            parts.push(part(": ", Role::TextMuted));
            parts.push(foreign(&check.detail, Role::TextMuted));
        }
    }
    parts
}
