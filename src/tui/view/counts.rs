//! The counts of a pane: two rows of figures, each before its word, in columns that stay where they are.
//!
//! ```text
//!    165 in flight                386 ok              0 failed
//!    173 connections opened     1,064 reused       0.34 new/s
//! ```

use super::canvas::{Canvas, width_of};
use super::lane::Lane;
use crate::text;
use crate::theme::Role;
use ratatui::layout::Rect;

/// The widths of the columns: a figure's, and its word's.
type Widths = [(u16, u16); 4];

/// From wide to narrow, with the room each takes. The last column is only there when there is something for it.
const WIDTHS: [(u16, Widths); 4] = [
    (75, [(6, 18), (10, 6), (10, 6), (6, 9)]),
    (55, [(6, 18), (9, 6), (7, 6), (0, 0)]),
    (46, [(5, 12), (8, 6), (6, 6), (0, 0)]),
    (41, [(5, 9), (7, 6), (5, 6), (0, 0)]),
];

/// A figure and its word.
struct Item {
    figure: String,
    word: &'static str,
    role: Role,
}

/// A count in at most `width` columns: `1,058`, `123k`, `1.2M`.
pub(super) fn short(value: u64, width: u16) -> String {
    let exact = text::count(value);
    if width_of(&exact) < width {
        return exact;
    }
    let (size, unit) = match value {
        0..1_000_000 => (1e3, "k"),
        1_000_000..1_000_000_000 => (1e6, "M"),
        _ => (1e9, "G"),
    };
    // Rounded down: a count is never said to be more than it is.
    let share = value as f64 / size;
    if share < 100.0 {
        format!("{:.1}{unit}", (share * 10.0).floor() / 10.0)
    } else {
        format!("{:.0}{unit}", share.floor())
    }
}

fn widths(row: Rect) -> Widths {
    let fitting = WIDTHS.into_iter().find(|(room, _)| *room <= row.width);
    fitting.map_or(WIDTHS[3].1, |(_, widths)| widths)
}

fn draw_row(canvas: &mut Canvas<'_>, row: Rect, items: &[Item]) {
    let mut x = row.x;
    for (item, (figure, word)) in items.iter().zip(widths(row)) {
        if figure == 0 {
            return;
        }
        canvas.text_right(x + figure, row.y, figure, &item.figure, item.role);
        let word_at = x + figure + 1;
        let room = row.right().saturating_sub(word_at).min(word);
        canvas.text(word_at, row.y, room, item.word, Role::TextMuted);
        x = word_at + word;
    }
}

fn item(value: u64, width: u16, word: &'static str, role: Role) -> Item {
    Item {
        figure: short(value, width),
        word,
        role,
    }
}

/// The colour of a count of failures.
pub(super) fn failed_role(failed: u64) -> Role {
    if failed > 0 {
        Role::StatusError
    } else {
        Role::Text
    }
}

/// How the requests stand.
pub(super) fn requests(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    if row.is_empty() {
        return;
    }
    let [open, ok, bad, more] = widths(row).map(|(figure, _)| figure);
    let (_, failed) = lane.failures();
    let (window, run) = (&lane.variant.window, &lane.variant.run);
    let mut items = vec![
        item(window.in_flight, open + 1, "in flight", Role::Text),
        item(run.ok, ok, "ok", Role::Text),
        item(failed, bad, "failed", failed_role(failed)),
    ];
    if run.cancelled > 0 {
        items.push(item(run.cancelled, more, "cancelled", Role::Text));
    }
    draw_row(canvas, row, &items);
}

/// How often connections were opened, and how often one was used again.
pub(super) fn connections(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    if row.is_empty() {
        return;
    }
    let connections = &lane.variant.connections;
    let [(opened, word), (reused, _), (_, _), (more, _)] = widths(row);
    let name = match word {
        18.. => "connections opened",
        12.. => "conns opened",
        _ => "opened",
    };
    let unknown = || text::NONE.to_owned();
    let figure = |figure, word| Item {
        figure,
        word,
        role: Role::Text,
    };
    let count = connections
        .reused
        .map_or_else(unknown, |count| short(count, reused));
    let rate = connections.opened_per_s.map_or_else(unknown, text::rate);
    let mut items = vec![
        item(connections.opened, opened + 1, name, Role::Text),
        figure(count, "reused"),
        figure(rate, "new/s"),
    ];
    if connections.failed > 0 {
        let failures = |width| item(connections.failed, width, "failed", Role::StatusError);
        if more > 0 {
            items.push(failures(more));
        } else {
            // A failure matters more than the count of what went well.
            items[1] = failures(reused);
        }
    }
    draw_row(canvas, row, &items);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_count_is_shortened_and_not_rounded_up() {
        assert_eq!(short(1_058, 6), "1,058");
        assert_eq!(short(12_399, 6), "12.3k");
        assert_eq!(short(123_999, 6), "123k");
        assert_eq!(short(1_999_999, 8), "1.9M");
        assert_eq!(short(7_000_000_000, 8), "7.0G");
    }

    #[test]
    fn the_columns_fit_the_room_they_are_for() {
        for (room, widths) in WIDTHS {
            let columns = widths.iter().filter(|(figure, _)| *figure > 0);
            let taken: u16 = columns.map(|(figure, word)| figure + 1 + word).sum();
            assert!(taken <= room, "{taken} of {room}");
        }
    }
}
