//! The *Log* view: what happened when, the newest line last. A list that is longer than the screen has pages.

use super::canvas::{Canvas, Part, part, width_of, wrap};
use crate::metrics::snapshot::{LogEntry, NoticeLevel};
use crate::text;
use crate::theme::Role;
use crate::tui::{App, Panel};
use ratatui::layout::Rect;

/// Columns of the time, for a run below an hour and for a longer one.
const TIME: (u16, u16) = (6, 9);
/// Columns of the sign.
const SIGN: u16 = 2;
/// Columns of where a line comes from; it goes where columns are short.
const SOURCE: u16 = 10;
/// The narrowest list that says where a line comes from.
const WITH_SOURCE: u16 = 60;
/// The lowest panel with a frame.
const FRAMED: u16 = 6;

/// One row: the first of an entry has its time, sign and source.
struct Row<'a> {
    entry: Option<&'a LogEntry>,
    text: String,
    role: Role,
}

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    canvas.place(Panel::Log, area);
    let snapshot = app.snapshot();
    let inner = if area.height >= FRAMED {
        canvas.frame(area)
    } else {
        Rect {
            x: area.x + 1,
            width: area.width.saturating_sub(2),
            ..area
        }
    };
    let entries = &snapshot.log;
    let time = if snapshot.meta.elapsed_s < 3_600.0 {
        TIME.0
    } else {
        TIME.1
    };
    let source = if inner.width >= WITH_SOURCE {
        SOURCE
    } else {
        0
    };
    let indent = time + SIGN + source;
    let rows: Vec<Row<'_>> = entries
        .iter()
        .flat_map(|entry| rows(entry, inner.width.saturating_sub(indent)))
        .collect();
    let height = usize::from(inner.height).max(1);
    let pages = rows.len().div_ceil(height);
    canvas.set_pages(pages);
    let page = app.page().min(pages.saturating_sub(1));
    if area.height >= FRAMED {
        titles(canvas, app, (entries.len(), page, pages), area);
    }
    if rows.is_empty() {
        let said = "nothing has happened yet";
        let x = inner.x + inner.width.saturating_sub(width_of(said)) / 2;
        let y = inner.y + inner.height / 2;
        canvas.text(x, y, inner.width, said, Role::TextMuted);
        return;
    }
    // Pages are counted from the newest line, so that a page back shows the same lines until new ones come.
    let end = rows.len() - page * height;
    let shown = &rows[end.saturating_sub(height)..end];
    for (y, row) in (inner.y..).zip(shown) {
        if let Some(entry) = row.entry {
            let (sign, role) = sign(entry.level);
            canvas.text(inner.x, y, time, &text::clock(entry.t), Role::TextMuted);
            canvas.text(inner.x + time, y, SIGN, sign, role);
            let from = text::printable(&entry.source, 20);
            canvas.text(inner.x + time + SIGN, y, source, &from, Role::TextMuted);
        }
        let room = inner.width.saturating_sub(indent);
        canvas.text(inner.x + indent, y, room, &row.text, row.role);
    }
}

fn rows(entry: &LogEntry, width: u16) -> Vec<Row<'_>> {
    let role = match entry.level {
        NoticeLevel::Error => Role::StatusError,
        _ => Role::Text,
    };
    let lines = wrap(&text::printable(&entry.text, 500), width);
    let first = lines.len();
    let mut rows: Vec<Row<'_>> = lines
        .into_iter()
        .map(|text| Row {
            entry: None,
            text,
            role,
        })
        .collect();
    if first == 0 {
        rows.push(Row {
            entry: None,
            text: String::new(),
            role,
        });
    }
    rows[0].entry = Some(entry);
    rows
}

fn sign(level: NoticeLevel) -> (&'static str, Role) {
    match level {
        NoticeLevel::Info => ("›", Role::TextMuted),
        NoticeLevel::Warning => ("▲", Role::StatusWarn),
        NoticeLevel::Error => ("✗", Role::StatusError),
    }
}

/// How much there is, and which part of it is shown.
fn titles(
    canvas: &mut Canvas<'_>,
    app: &App,
    (entries, page, pages): (usize, usize, usize),
    frame: Rect,
) {
    let mut said: Vec<Part> = vec![part("Log", Role::BorderTitle)];
    said.push(part(
        format!(" · {} lines", text::count(entries as u64)),
        Role::TextMuted,
    ));
    let dropped = app.snapshot().log_dropped;
    if dropped > 0 {
        let gone = format!(", {} earlier ones are gone", text::count(dropped));
        said.push(part(gone, Role::TextMuted));
    }
    let from = canvas.title(frame, frame.y, &said);
    if pages > 1 {
        let shown = format!("page {} of {pages}", pages - page);
        canvas.title_right(frame, frame.y, from, &[part(shown, Role::TextMuted)]);
    }
}
