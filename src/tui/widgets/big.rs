//! Figures three rows high, to be read from across the room.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// Rows of a big figure; the lower half of the last one is empty.
pub(in crate::tui) const ROWS: u16 = 3;

/// A figure: digits, `.`, `,` and `−`.
pub(in crate::tui) struct Big<'a> {
    /// What is written.
    pub(in crate::tui) figure: &'a str,
    /// How.
    pub(in crate::tui) style: Style,
}

/// A character in three rows.
fn shape(c: char) -> Option<[&'static str; 3]> {
    Some(match c {
        '0' => ["█▀█", "█ █", "▀▀▀"],
        '1' => ["▀█ ", " █ ", "▀▀▀"],
        '2' => ["▀▀█", "█▀▀", "▀▀▀"],
        '3' => ["▀▀█", "▀▀█", "▀▀▀"],
        '4' => ["█ █", "▀▀█", "  ▀"],
        '5' => ["█▀▀", "▀▀█", "▀▀▀"],
        '6' => ["█▀▀", "█▀█", "▀▀▀"],
        '7' => ["▀▀█", "  █", "  ▀"],
        '8' => ["█▀█", "█▀█", "▀▀▀"],
        '9' => ["█▀█", "▀▀█", "▀▀▀"],
        '.' => [" ", " ", "▀"],
        ',' => [" ", "▄", "▀"],
        '−' => ["  ", "▀▀", "  "],
        _ => return None,
    })
}

impl Big<'_> {
    /// The columns that it takes, if all of it can be written so.
    pub(in crate::tui) fn width(&self) -> Option<u16> {
        let mut columns = 0;
        for c in self.figure.chars() {
            columns += shape(c)?[0].chars().count() as u16 + 1;
        }
        columns.checked_sub(1)
    }
}

impl Widget for &Big<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if self.width().is_none_or(|width| width > area.width) || area.height < ROWS {
            return;
        }
        let mut x = area.x;
        for rows in self.figure.chars().filter_map(shape) {
            for (y, row) in (area.y..).zip(rows) {
                buf.set_string(x, y, row, self.style);
            }
            x += rows[0].chars().count() as u16 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(figure: &str, width: u16) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, ROWS));
        let style = Style::new();
        Big { figure, style }.render(buf.area, &mut buf);
        let rows = buf.content().chunks(usize::from(width));
        let text = rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect());
        text.collect()
    }

    #[test]
    fn figures_are_three_rows_high() {
        assert_eq!(
            drawn("3.24", 13),
            ["▀▀█   ▀▀█ █ █", "▀▀█   █▀▀ ▀▀█", "▀▀▀ ▀ ▀▀▀   ▀"]
        );
        let style = Style::new();
        let width = |figure| Big { figure, style }.width();
        assert_eq!((width("3.24"), width("1,000")), (Some(13), Some(17)));
        assert_eq!((width("> 30 s"), width("")), (None, None));
    }

    #[test]
    fn what_does_not_fit_is_not_drawn_in_part() {
        assert!(drawn("3.24", 12).iter().all(|row| row.trim().is_empty()));
        for c in "0123456789.,−".chars() {
            let rows = shape(c).unwrap();
            let width = rows[0].chars().count();
            assert!(rows.iter().all(|row| row.chars().count() == width), "{c}");
        }
    }
}
