//! The connections since the start of the load: how many, what became of them, and how long it took to connect.

use crate::text;
use crate::theme::Role;
use crate::tui::view::canvas::{Canvas, Part, part, width_of};
use crate::tui::view::counts::{failed_role, short};
use crate::tui::view::lane::Lane;
use ratatui::layout::Rect;

/// Rows of the part.
pub(super) const ROWS: u16 = 3;
/// Columns of a word.
const WORD: u16 = 6;
/// The widest a figure gets, and a figure with its word and the gap behind.
const WIDEST: (u16, u16) = (9, 24);

/// A figure, its word, and its colour.
type Cell = (String, &'static str, Role);

/// The cells of both rows, with figures of at most `width` columns.
fn cells(lane: &Lane<'_>, width: u16) -> [Vec<Cell>; 2] {
    let connections = &lane.variant.connections;
    let count = |value: Option<u64>| {
        value.map_or_else(|| text::NONE.to_owned(), |value| short(value, width + 1))
    };
    let new = connections.opened_per_s;
    let new = new.map_or_else(|| text::NONE.to_owned(), text::rate);
    let failed = connections.failed;
    [
        vec![
            (count(Some(connections.opened)), "opened", Role::Text),
            (count(connections.closed), "closed", Role::Text),
            (count(Some(failed)), "failed", failed_role(failed)),
        ],
        vec![
            (count(connections.reused), "reused", Role::Text),
            (new, "new/s", Role::Text),
        ],
    ]
}

/// `time to connect  p50 200 µs  p99 900 µs  max …`, as much of it as fits.
fn connect(lane: &Lane<'_>, room: u16) -> Vec<Part> {
    let times = &lane.variant.connections.connect_us;
    let mut parts = vec![part("time to connect", Role::TextMuted)];
    let mut used = width_of("time to connect");
    for name in ["p50", "p99", "max"] {
        let figure = text::percentile(times.get(name), lane.timeout_s);
        used += width_of(name) + width_of(&figure) + 3;
        if used > room {
            break;
        }
        parts.push(part(format!("  {name} "), Role::TextMuted));
        parts.push(part(figure, Role::Text));
    }
    parts
}

pub(super) fn draw(canvas: &mut Canvas<'_>, lane: &Lane<'_>, area: Rect) {
    let step = (area.width / 3).min(WIDEST.1);
    let figure = WIDEST.0.min(step.saturating_sub(WORD + 1));
    let rows = area.y..area.bottom();
    for (y, cells) in rows.clone().zip(cells(lane, figure)) {
        for (i, (value, word, role)) in cells.into_iter().enumerate() {
            let x = area.x + i as u16 * step;
            canvas.text_right(x + figure, y, figure, &value, role);
            canvas.text(x + figure + 1, y, WORD, word, Role::TextMuted);
        }
    }
    if let Some(y) = rows.last().filter(|_| area.height >= ROWS) {
        let connect = connect(lane, area.width.saturating_sub(2));
        canvas.parts(area.x + 2, y, area.width.saturating_sub(2), &connect);
    }
}
