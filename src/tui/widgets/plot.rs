//! Curves in braille: each cell has 2 × 4 dots and one colour.
//!
//! Where curves meet in a cell it has the colour of the foremost one. A curve that stands out hides there what touches it, so
//! that a steady line is not made ragged by what runs close to it; what has a row of dots between stays to be seen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// One curve: points from left to right, each coordinate from 0 to 1, y upwards; `None` breaks the line.
pub(in crate::tui) struct Curve {
    /// The points.
    pub(in crate::tui) points: Vec<Option<(f64, f64)>>,
    /// Its style.
    pub(in crate::tui) style: Style,
    /// Hides what touches it in its cells.
    pub(in crate::tui) stands_out: bool,
}

/// Curves over each other, the last one foremost. Cells without a dot are left as they are.
pub(in crate::tui) struct Plot {
    /// The curves.
    pub(in crate::tui) curves: Vec<Curve>,
}

/// The bit of each dot of a braille cell, by row and column.
const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// The dots of an area.
struct Grid {
    width: usize,
    height: usize,
    curves: usize,
    /// For each cell the dots of each curve.
    dots: Vec<u8>,
}

impl Grid {
    fn dot(&mut self, x: i64, y: i64, curve: usize) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if x < self.width * 2 && y < self.height * 4 {
            let cell = y / 4 * self.width + x / 2;
            self.dots[cell * self.curves + curve] |= DOTS[y % 4][x % 2];
        }
    }

    /// A line by Bresenham's method.
    fn line(&mut self, from: (i64, i64), to: (i64, i64), curve: usize) {
        let (dx, dy) = ((to.0 - from.0).abs(), -(to.1 - from.1).abs());
        let step = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
        let (mut at, mut error) = (from, dx + dy);
        loop {
            self.dot(at.0, at.1, curve);
            if at == to {
                return;
            }
            let twice = 2 * error;
            if twice >= dy {
                error += dy;
                at.0 += step.0;
            }
            if twice <= dx {
                error += dx;
                at.1 += step.1;
            }
        }
    }
}

/// The rows of `dots` and those next to them.
fn around(dots: u8) -> u8 {
    let row = |y: usize| DOTS[y][0] | DOTS[y][1];
    (0..4)
        .filter(|&y: &usize| {
            (y.saturating_sub(1)..=(y + 1).min(3)).any(|near| dots & row(near) != 0)
        })
        .fold(0, |all, y| all | row(y))
}

impl Widget for &Plot {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() || self.curves.is_empty() {
            return;
        }
        let (width, height) = (usize::from(area.width), usize::from(area.height));
        let mut grid = Grid {
            width,
            height,
            curves: self.curves.len(),
            dots: vec![0; width * height * self.curves.len()],
        };
        let place = |(x, y): (f64, f64)| {
            let across = (x.clamp(0.0, 1.0) * (width * 2 - 1) as f64).round() as i64;
            let down = ((1.0 - y.clamp(0.0, 1.0)) * (height * 4 - 1) as f64).round() as i64;
            (across, down)
        };
        for (number, curve) in self.curves.iter().enumerate() {
            let mut last = None;
            for point in &curve.points {
                let here = point.map(place);
                if let Some(here) = here {
                    grid.line(last.unwrap_or(here), here, number);
                }
                last = here;
            }
        }
        for (i, cell) in grid.dots.chunks(self.curves.len()).enumerate() {
            let Some(front) = cell.iter().rposition(|&dots| dots != 0) else {
                continue;
            };
            let mut behind = cell[..front].iter().fold(0, |all, dots| all | dots);
            if self.curves[front].stands_out {
                behind &= !around(cell[front]);
            }
            let dots = cell[front] | behind;
            let (x, y) = (area.x + (i % width) as u16, area.y + (i / width) as u16);
            let symbol = char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ');
            buf[(x, y)]
                .set_char(symbol)
                .set_style(self.curves[front].style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    fn curve(points: &[Option<(f64, f64)>], colour: Color) -> Curve {
        Curve {
            points: points.to_vec(),
            style: Style::new().fg(colour),
            stands_out: false,
        }
    }

    fn drawn(curves: Vec<Curve>, width: u16, height: u16) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        Plot { curves }.render(buf.area, &mut buf);
        buf
    }

    fn symbols(buf: &Buffer) -> String {
        buf.content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }

    #[test]
    fn a_line_goes_from_corner_to_corner() {
        let buf = drawn(
            vec![curve(&[Some((0.0, 0.0)), Some((1.0, 1.0))], Color::Red)],
            2,
            1,
        );
        assert_eq!(symbols(&buf), "⡠⠊");
    }

    #[test]
    fn a_gap_is_a_gap_and_a_lone_point_is_seen() {
        let points = [Some((0.0, 1.0)), None, Some((1.0, 1.0))];
        assert_eq!(
            symbols(&drawn(vec![curve(&points, Color::Red)], 3, 1)),
            "⠁ ⠈"
        );
    }

    #[test]
    fn the_last_curve_is_foremost_and_may_hide_what_touches_it() {
        let level = |y| [Some((0.0, y)), Some((1.0, y))];
        let cell = |stands_out, behind| {
            let front = Curve {
                stands_out,
                ..curve(&level(0.0), Color::Blue)
            };
            let buf = drawn(vec![curve(&level(behind), Color::Red), front], 1, 1);
            (buf[(0, 0)].symbol().to_owned(), buf[(0, 0)].fg)
        };
        assert_eq!(cell(false, 0.3), ("⣤".to_owned(), Color::Blue));
        assert_eq!(cell(true, 0.3), ("⣀".to_owned(), Color::Blue));
        // With a row between them both can be told apart.
        assert_eq!(cell(true, 0.7), ("⣒".to_owned(), Color::Blue));
    }

    #[test]
    fn wild_points_are_kept_inside() {
        let points = [Some((-3.0, 9.0)), Some((f64::NAN, 0.5)), Some((7.0, -1.0))];
        drop(drawn(vec![curve(&points, Color::Red)], 3, 2));
        Plot { curves: vec![] }.render(
            Rect::new(9, 9, 4, 4),
            &mut Buffer::empty(Rect::new(0, 0, 2, 2)),
        );
    }
}
