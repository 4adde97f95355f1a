//! What a reader must know: toasts first, then the run's notices, then what had no room under the table; as many as fit,
//! side by side where they can.

use super::canvas::{Canvas, Part, fit_words, foreign, part, width_of_parts};
use crate::metrics::snapshot::NoticeLevel;
use crate::theme::Role;
use crate::tui::App;
use ratatui::layout::Rect;

/// Columns between two notices in a line.
const GAP: u16 = 3;
/// Columns of `  +9 more`.
const MORE: u16 = 9;

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, remarks: &[String], area: Rect) {
    if area.is_empty() {
        return;
    }
    let toasts = app.toasts().map(|toast| (toast.level, toast.text.as_str()));
    let notices = app
        .snapshot()
        .notices
        .iter()
        .map(|notice| (notice.level, notice.text.as_str()));
    let remarks = remarks.iter();
    let remarks = remarks.map(|remark| (NoticeLevel::Info, remark.as_str()));
    let all: Vec<[Part; 2]> = toasts
        .chain(notices)
        .chain(remarks)
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
        // The last line keeps room to say that there are more.
        let last = y + 1 == area.bottom() && i + 1 < all.len();
        let room = right.saturating_sub(x + if last { MORE } else { 0 });
        let [(mark, of_mark), (words, of_words)] = notice;
        let used = canvas.text(x, y, room, mark, *of_mark);
        let words = fit_words(words, room.saturating_sub(used));
        x += used + canvas.text(x + used, y, room - used, &words, *of_words) + GAP;
    }
}

/// True if something makes the figures worth nothing.
pub(super) fn are_grave(app: &App) -> bool {
    let mut notices = app.snapshot().notices.iter();
    notices.any(|notice| notice.level == NoticeLevel::Error)
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
