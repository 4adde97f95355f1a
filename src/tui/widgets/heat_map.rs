//! A map of shades: each column from the bottom up, each place with a level from 0 (nothing) to 1.
//!
//! In colours a cell holds two places, one above the other, so that there are twice as many rows as the screen has. Where
//! there are no shades of a colour a cell holds one place, and `░▒▓█` stand for the four quarters of the levels.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::widgets::Widget;

/// The signs of the four quarters.
pub(in crate::tui) const SHADES: [&str; 4] = ["░", "▒", "▓", "█"];

/// What the levels are drawn with.
#[derive(Clone, Debug)]
pub(in crate::tui) enum Ink {
    /// Shades of a colour, the faintest first; never empty.
    Colours(Vec<Color>),
    /// Signs in this style.
    Signs(Style),
}

impl Ink {
    /// Places in a cell, one above the other.
    pub(in crate::tui) fn places(&self) -> usize {
        match self {
            Ink::Colours(_) => 2,
            Ink::Signs(_) => 1,
        }
    }

    /// How a level is drawn where it fills a whole cell; `None`: not at all.
    pub(in crate::tui) fn whole(&self, level: f64) -> Option<(&'static str, Style)> {
        match self {
            Ink::Colours(shades) => {
                shade(shades, level).map(|colour| ("█", Style::new().fg(colour).bg(colour)))
            }
            Ink::Signs(style) => (level > 0.0).then(|| {
                let quarter = ((level * 4.0) as usize).min(SHADES.len() - 1);
                (SHADES[quarter], *style)
            }),
        }
    }
}

/// The shade of a level.
fn shade(shades: &[Color], level: f64) -> Option<Color> {
    let last = shades.len().saturating_sub(1);
    let place = (level * last as f64).round() as usize;
    shades.get(place.min(last)).copied().filter(|_| level > 0.0)
}

/// The map. Cells without anything are left as they are.
pub(in crate::tui) struct HeatMap<'a> {
    /// The levels: column by column from the left, each from the bottom up, with [`Ink::places`] for each row of the area.
    pub(in crate::tui) levels: &'a [f64],
    /// What they are drawn with.
    pub(in crate::tui) ink: &'a Ink,
}

impl Widget for &HeatMap<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let places = self.ink.places();
        let column = usize::from(area.height) * places;
        if column == 0 {
            return;
        }
        let columns = self.levels.chunks(column).take(usize::from(area.width));
        for (x, levels) in (area.x..).zip(columns) {
            for (up, levels) in (1..).zip(levels.chunks(places)) {
                let y = area.bottom().saturating_sub(up);
                if let Some(cell) = buf.cell_mut((x, y)) {
                    self.fill(cell, levels);
                }
            }
        }
    }
}

impl HeatMap<'_> {
    fn fill(&self, cell: &mut Cell, levels: &[f64]) {
        let drawn = match (self.ink, levels) {
            (Ink::Colours(shades), &[lower, upper]) => {
                match (shade(shades, upper), shade(shades, lower)) {
                    (Some(upper), Some(lower)) if upper == lower => {
                        Some(("█", Style::new().fg(upper).bg(upper)))
                    }
                    (Some(upper), Some(lower)) => Some(("▀", Style::new().fg(upper).bg(lower))),
                    (Some(upper), None) => Some(("▀", Style::new().fg(upper))),
                    (None, Some(lower)) => Some(("▄", Style::new().fg(lower))),
                    (None, None) => None,
                }
            }
            (ink, levels) => levels.first().and_then(|&level| ink.whole(level)),
        };
        if let Some((sign, style)) = drawn {
            // What stood there before may have been dim.
            cell.reset();
            cell.set_symbol(sign).set_style(style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Modifier;

    const FAINT: Color = Color::Rgb(1, 1, 1);
    const STRONG: Color = Color::Rgb(9, 9, 9);

    fn drawn(levels: &[f64], ink: &Ink, width: u16, height: u16) -> Buffer {
        let mut buf = Buffer::filled(
            Rect::new(0, 0, width, height),
            Cell::new("┊").set_style(Modifier::DIM).clone(),
        );
        HeatMap { levels, ink }.render(buf.area, &mut buf);
        buf
    }

    #[test]
    fn in_colours_a_cell_holds_two_places() {
        let ink = Ink::Colours(vec![FAINT, STRONG]);
        let levels = [0.0, 1.0, 1.0, 0.0, 1.0, 0.1, 1.0, 1.0, 0.0, 0.0];
        let buf = drawn(&levels, &ink, 5, 1);
        let signs: Vec<&str> = buf.content().iter().map(Cell::symbol).collect();
        assert_eq!(signs, ["▀", "▄", "▀", "█", "┊"]);
        assert_eq!((buf[(0, 0)].fg, buf[(0, 0)].bg), (STRONG, Color::Reset));
        assert_eq!((buf[(2, 0)].fg, buf[(2, 0)].bg), (FAINT, STRONG));
        assert_eq!(buf[(0, 0)].modifier, Modifier::empty());
        assert_eq!(buf[(4, 0)].modifier, Modifier::DIM);
    }

    #[test]
    fn signs_stand_for_the_quarters_from_the_bottom_up() {
        let ink = Ink::Signs(Style::new().fg(Color::Blue));
        let buf = drawn(&[0.01, 0.3, 0.5, 1.0, 0.0, 0.74], &ink, 2, 3);
        let signs: String = buf.content().iter().map(Cell::symbol).collect();
        assert_eq!(signs, "▓▓▒┊░█");
        assert_eq!(buf[(0, 0)].fg, Color::Blue);
    }

    #[test]
    fn wild_levels_and_areas_do_no_harm() {
        let ink = Ink::Colours(vec![FAINT]);
        drop(drawn(
            &[f64::NAN, 9.0, f64::INFINITY, -1.0, 0.5],
            &ink,
            2,
            1,
        ));
        drop(drawn(&[1.0], &ink, 3, 2));
        let mut buf = Buffer::empty(Rect::new(0, 0, 2, 2));
        let levels = [1.0; 99];
        let map = HeatMap {
            levels: &levels,
            ink: &Ink::Colours(Vec::new()),
        };
        map.render(Rect::new(1, 1, 30, 3), &mut buf);
        map.render(Rect::new(9, 9, 3, 0), &mut buf);
    }
}
