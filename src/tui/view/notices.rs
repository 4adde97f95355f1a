//! What a reader must know: toasts first, then the run's notices; as many as fit, side by side where they can.

use super::canvas::{Canvas, Part, foreign, part, width_of_parts};
use crate::metrics::snapshot::NoticeLevel;
use crate::theme::Role;
use crate::tui::App;
use ratatui::layout::Rect;

/// Columns between two notices in a line.
const GAP: u16 = 3;

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    if area.is_empty() {
        return;
    }
    let toasts = app.toasts().map(|toast| (toast.level, toast.text.as_str()));
    let notices = app
        .snapshot()
        .notices
        .iter()
        .map(|notice| (notice.level, notice.text.as_str()));
    let all: Vec<[Part; 2]> = toasts
        .chain(notices)
        .map(|(level, text)| line(level, text))
        .collect();
    let (mut x, mut y) = (area.x + 1, area.y);
    for (i, notice) in all.iter().enumerate() {
        let begun = x > area.x + 1;
        let right = area.right().saturating_sub(1);
        let width = width_of_parts(notice);
        if begun && x + width > right {
            x = area.x + 1;
            y += 1;
        }
        if y >= area.bottom() {
            more(canvas, area, all.len() - i);
            return;
        }
        x += canvas.parts(x, y, right.saturating_sub(x), notice) + GAP;
    }
}

/// Says at the end of the last line how many notices did not fit.
fn more(canvas: &mut Canvas<'_>, area: Rect, count: usize) {
    let text = format!("  +{count} more");
    let right = area.right().saturating_sub(1);
    canvas.text_right(right, area.bottom() - 1, area.width, &text, Role::TextMuted);
}

fn line(level: NoticeLevel, text: &str) -> [Part; 2] {
    let (mark, role) = match level {
        NoticeLevel::Info => ("› ", Role::TextMuted),
        NoticeLevel::Warning => ("▲ ", Role::StatusWarn),
        NoticeLevel::Error => ("✗ ", Role::StatusError),
    };
    let words = if level == NoticeLevel::Error {
        Role::StatusError
    } else {
        Role::Text
    };
    [part(mark, role), foreign(text, words)]
}
