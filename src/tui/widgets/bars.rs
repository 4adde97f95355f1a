//! Bars side by side in braille, two to a cell, that stand on the lower edge of an area or hang from its upper one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// Where bars begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Grow {
    /// From the lower edge.
    Up,
    /// From the upper edge.
    Down,
}

/// The bars, from left to right: two for each column of the area.
pub(in crate::tui) struct Bars<'a> {
    /// Shares of the height.
    pub(in crate::tui) heights: &'a [f64],
    /// Where they begin.
    pub(in crate::tui) grow: Grow,
    /// Their style.
    pub(in crate::tui) style: Style,
}

/// The dots of the left and the right half of a braille cell, from the lowest to the highest.
const HALVES: [[u8; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];

impl Widget for &Bars<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let inside = area.intersection(buf.area);
        let dots = u32::from(area.height) * 4;
        for x in inside.x..inside.right() {
            let first = usize::from(x - area.x) * 2;
            let filled = [0, 1].map(|half| {
                let share = self.heights.get(first + half).copied().unwrap_or(0.0);
                // What is there is never drawn as if it were not.
                let least = u32::from(share > 0.0);
                ((share.clamp(0.0, 1.0) * f64::from(dots)).round() as u32).max(least)
            });
            for y in inside.y..inside.bottom() {
                let from_edge = match self.grow {
                    Grow::Up => area.bottom() - 1 - y,
                    Grow::Down => y - area.y,
                };
                let symbol = self.cell(filled, u32::from(from_edge) * 4);
                if symbol > 0 {
                    let symbol = char::from_u32(0x2800 + u32::from(symbol)).unwrap_or(' ');
                    buf[(x, y)].set_char(symbol).set_style(self.style);
                }
            }
        }
    }
}

impl Bars<'_> {
    /// The dots of a cell that begins `below` dots away from where the bars do.
    fn cell(&self, filled: [u32; 2], below: u32) -> u8 {
        let mut symbol = 0;
        for (half, filled) in HALVES.iter().zip(filled) {
            let here = filled.saturating_sub(below).min(4) as usize;
            let dots = match self.grow {
                Grow::Up => &half[..here],
                Grow::Down => &half[4 - here..],
            };
            symbol |= dots.iter().fold(0, |all, dot| all | dot);
        }
        symbol
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(heights: &[f64], grow: Grow) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, 2, 2));
        let bars = Bars {
            heights,
            grow,
            style: Style::new(),
        };
        bars.render(buf.area, &mut buf);
        let rows = buf.content().chunks(2);
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect())
            .collect()
    }

    #[test]
    fn bars_stand_or_hang() {
        let heights = [0.0, 0.25, 0.5, 1.0];
        assert_eq!(drawn(&heights, Grow::Up), [" ⢸", "⢠⣿"]);
        assert_eq!(drawn(&heights, Grow::Down), ["⠘⣿", " ⢸"]);
    }

    #[test]
    fn little_is_seen_and_wild_heights_stay_inside() {
        assert_eq!(drawn(&[1e-9], Grow::Up), ["  ", "⡀ "]);
        let wild = [f64::NAN, f64::INFINITY, -3.0, 7.0, 1.0, 1.0];
        assert_eq!(drawn(&wild, Grow::Up), ["⢸⢸", "⢸⢸"]);
        let mut buf = Buffer::empty(Rect::new(0, 0, 2, 1));
        let bars = Bars {
            heights: &wild,
            grow: Grow::Down,
            style: Style::new(),
        };
        bars.render(Rect::new(1, 0, 9, 9), &mut buf);
        bars.render(Rect::new(5, 5, 9, 9), &mut buf);
    }
}
