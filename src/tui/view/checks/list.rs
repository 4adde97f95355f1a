//! All self-checks with all they say, over the screen, which goes on beneath; then what must be read with the verdicts.

use super::{Check, mark, sorted};
use crate::metrics::snapshot::Snapshot;
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::view::canvas::{Canvas, fit_words, part, width_of, wrap};
use ratatui::layout::Rect;

/// The widest the list gets.
const WIDEST: u16 = 104;
/// The most columns of a name.
const NAME: u16 = 20;
/// What the marks mean.
const LEGEND: [(&str, Role, &str); 4] = [
    ("✓", Role::StatusOk, "ok"),
    ("▲", Role::StatusWarn, "worth knowing"),
    ("✗", Role::StatusError, "withholds the verdict"),
    ("·", Role::TextMuted, "not judged"),
];

/// A line of the list, or several: a mark, a name, and what is said.
struct Entry {
    mark: (&'static str, Role),
    name: String,
    detail: String,
}

fn entries(snapshot: &Snapshot) -> Vec<Entry> {
    let check = |check: &Check| Entry {
        mark: mark(check),
        name: text::printable(&check.name, 40),
        detail: text::printable(&check.detail, 200),
    };
    let remark = |remark: &String| Entry {
        mark: ("›", Role::TextMuted),
        name: "B against A".to_owned(),
        detail: text::printable(remark, 300),
    };
    let checks = sorted(snapshot).into_iter().map(check);
    let remarks = snapshot.comparison.iter().flat_map(|c| &c.remarks);
    checks.chain(remarks.map(remark)).collect()
}

/// Columns of the mark and the name, with the gaps behind them, in a list in so many columns.
fn name_columns(entries: &[Entry], room: u16) -> u16 {
    let names = entries.iter().map(|entry| width_of(&entry.name));
    names.max().unwrap_or(0).min(NAME).min(room / 3)
}

/// Each entry with its lines beside the names.
fn wrapped(entries: &[Entry], room: u16) -> Vec<(&Entry, Vec<String>)> {
    let lines = |entry: &Entry| wrap(&entry.detail, room);
    entries.iter().map(|entry| (entry, lines(entry))).collect()
}

fn lines_of(wrapped: &[(&Entry, Vec<String>)]) -> u16 {
    let lines = wrapped.iter().map(|(_, lines)| lines.len().max(1));
    lines.sum::<usize>().min(999) as u16
}

/// The rows of the whole list in `width` columns.
pub(in crate::tui::view) fn rows(snapshot: &Snapshot, width: u16) -> u16 {
    let entries = entries(snapshot);
    let at = 2 + name_columns(&entries, width) + 2;
    lines_of(&wrapped(&entries, width.saturating_sub(at))).max(1)
}

/// The list as a part of a view: whole where it fits, else a line each, and how many are missing.
pub(in crate::tui::view) fn draw_within(canvas: &mut Canvas<'_>, snapshot: &Snapshot, area: Rect) {
    let entries = entries(snapshot);
    body(canvas, &entries, name_columns(&entries, area.width), area);
}

pub(in crate::tui::view) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let checks = entries(app.snapshot());
    let name = name_columns(&checks, area.width);
    let at = 2 + name + 2;
    let most = WIDEST.min(area.width).saturating_sub(6);
    let longest = checks
        .iter()
        .map(|check| at + width_of(&check.detail))
        .max();
    let legend = LEGEND
        .iter()
        .map(|(_, _, what)| width_of(what) + 5)
        .sum::<u16>();
    // Wide enough for the longest, so that it does not move with each figure: in steps of eight.
    let wanted = longest.unwrap_or(0).max(legend).max(60).div_ceil(8) * 8;
    let width = wanted.min(most);
    let lines = lines_of(&wrapped(&checks, width.saturating_sub(at)));
    let height = (lines.max(1) + 6).min(area.height);
    let frame = Rect {
        x: area.x + (area.width - (width + 6).min(area.width)) / 2,
        y: area.y + (area.height - height) / 2,
        width: (width + 6).min(area.width),
        height,
    };
    canvas.clear(frame);
    let inner = canvas.frame(frame);
    canvas.title(frame, frame.y, &[part("self-checks", Role::BorderTitle)]);
    let inner = Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    };
    // What is not needed to understand goes first: the legend, the air, the second lines, the last checks.
    let air = u16::from(inner.height >= lines + 2);
    let legend = inner.height >= lines + 3 + u16::from(air > 0);
    body(
        canvas,
        &checks,
        name,
        Rect {
            y: inner.y + air,
            height: inner.height.saturating_sub(air),
            ..inner
        },
    );
    if legend && !checks.is_empty() {
        let mut parts = Vec::new();
        for (sign, role, what) in LEGEND {
            parts.push(part(format!("{sign} "), role));
            parts.push(part(format!("{what}   "), Role::TextMuted));
        }
        canvas.parts(inner.x, inner.bottom() - 2, inner.width, &parts);
    }
}

/// The entries from the first row of `area` on, with names of so many columns.
fn body(canvas: &mut Canvas<'_>, entries: &[Entry], name: u16, area: Rect) {
    if entries.is_empty() {
        canvas.text(area.x, area.y, area.width, "none yet", Role::TextMuted);
        return;
    }
    let at = 2 + name + 2;
    let room = area.width.saturating_sub(at);
    let wrapped = wrapped(entries, room);
    let whole = area.height >= lines_of(&wrapped);
    let mut y = area.y;
    for (i, (entry, lines)) in wrapped.iter().enumerate() {
        let left = entries.len() - i;
        if y + 1 >= area.bottom() && left > 1 && !whole {
            let more = format!("+{left} more");
            canvas.text(area.x, y, area.width, &more, Role::TextMuted);
            return;
        }
        let (sign, role) = entry.mark;
        canvas.text(area.x, y, 1, sign, role);
        canvas.text(area.x + 2, y, name, &entry.name, Role::Text);
        if whole {
            for line in lines {
                canvas.text(area.x + at, y, room, line, Role::Text);
                y += 1;
            }
            y += u16::from(lines.is_empty());
        } else {
            let detail = fit_words(&entry.detail, room);
            canvas.text(area.x + at, y, room, &detail, Role::Text);
            y += 1;
        }
    }
}
