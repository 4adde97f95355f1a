//! A horizontal gauge with a mark for another value on the same scale, one for the same value in the long run, and one for the
//! most that can be reached.
//!
//! A bar fills its row in eighths of a cell. Bars in rows that touch would look like one slab: there gauges are lines, in
//! halves of a cell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// How far a gauge is filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::tui) enum Level {
    /// Not at all: there is no value.
    Unknown,
    /// To this share, from 0 to 1.
    At(f64),
    /// Past every scale.
    Beyond,
}

/// What a gauge is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Shape {
    /// As high as the row.
    Bar,
    /// A heavy line on a light one.
    Line,
}

impl Shape {
    /// Steps in a cell.
    fn steps(self) -> usize {
        match self {
            Shape::Bar => 8,
            Shape::Line => 2,
        }
    }

    /// A cell filled from the left by so many steps; `None` if by none.
    fn filled(self, steps: usize) -> Option<&'static str> {
        let symbols: &[&str] = match self {
            Shape::Bar => &["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
            Shape::Line => &["╸", "━"],
        };
        let last = steps.min(symbols.len()).checked_sub(1)?;
        Some(symbols[last])
    }
}

/// A gauge of one row.
pub(in crate::tui) struct Gauge {
    /// How far it is filled.
    pub(in crate::tui) level: Level,
    /// What it is drawn with.
    pub(in crate::tui) shape: Shape,
    /// Where the other value is, from 0 to 1.
    pub(in crate::tui) marker: Option<f64>,
    /// Where this value is in the long run, from 0 to 1.
    pub(in crate::tui) run: Option<f64>,
    /// The most that can be reached, from 0 to 1.
    pub(in crate::tui) limit: Option<f64>,
    /// The filled part.
    pub(in crate::tui) bar: Style,
    /// The empty part.
    pub(in crate::tui) track: Style,
    /// The marks.
    pub(in crate::tui) mark: Style,
}

impl Widget for &Gauge {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let width = usize::from(area.width);
        let steps = self.shape.steps();
        let filled = match self.level {
            Level::Unknown => 0,
            // A value is never drawn as if there were none.
            Level::At(share) => {
                ((share * (width * steps) as f64).round() as usize).clamp(1, width * steps)
            }
            Level::Beyond => width * steps,
        };
        let track = match self.shape {
            // A line has no trough.
            Shape::Line => Style {
                bg: None,
                ..self.track
            },
            Shape::Bar => self.track,
        };
        let empty = match (self.shape, track.bg) {
            (Shape::Line, _) => "─",
            (Shape::Bar, Some(_)) => " ",
            (Shape::Bar, None) => "·",
        };
        for i in 0..width {
            let symbol = self.shape.filled(filled.saturating_sub(i * steps));
            let symbol = match (symbol, self.level, self.shape) {
                (Some(_), Level::Beyond, Shape::Bar) => Some("▒"),
                (Some(_), Level::Beyond, Shape::Line) => Some("╍"),
                (symbol, _, _) => symbol,
            };
            let style = symbol.map_or(track, |_| track.patch(self.bar));
            buf[(area.x + i as u16, area.y)]
                .set_symbol(symbol.unwrap_or(empty))
                .set_style(style);
        }
        let marks = [(self.limit, "▏"), (self.run, "┃"), (self.marker, "╎")];
        for (share, symbol) in marks {
            let Some(share) = share else { continue };
            let i = ((share.clamp(0.0, 1.0) * width as f64) as usize).min(width - 1);
            let covered = filled >= (i + 1) * steps && self.level != Level::Beyond;
            // On a bar the mark is cut out of it.
            let style = match (covered, self.bar.fg, track.bg) {
                (true, Some(bar), Some(track)) => self.mark.fg(track).bg(bar),
                _ => track.patch(self.mark),
            };
            buf[(area.x + i as u16, area.y)]
                .set_symbol(symbol)
                .set_style(style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    fn drawn(level: Level, marker: Option<f64>) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        let gauge = Gauge {
            level,
            shape: Shape::Bar,
            marker,
            run: None,
            limit: None,
            bar: Style::new(),
            track: Style::new(),
            mark: Style::new(),
        };
        gauge.render(buf.area, &mut buf);
        buf.content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }

    #[test]
    fn it_fills_by_eighths() {
        assert_eq!(drawn(Level::At(0.5), None), "████····");
        assert_eq!(drawn(Level::At(0.5 + 3.0 / 64.0), None), "████▍···");
        assert_eq!(drawn(Level::At(1.0), None), "████████");
        assert_eq!(drawn(Level::At(7.0), None), "████████");
    }

    #[test]
    fn nothing_little_and_everything_look_different() {
        assert_eq!(drawn(Level::Unknown, None), "········");
        assert_eq!(drawn(Level::At(0.0), None), "▏·······");
        assert_eq!(drawn(Level::Beyond, None), "▒▒▒▒▒▒▒▒");
    }

    #[test]
    fn the_mark_stays_inside() {
        assert_eq!(drawn(Level::At(0.5), Some(0.25)), "██╎█····");
        assert_eq!(drawn(Level::Unknown, Some(1.0)), "·······╎");
    }

    #[test]
    fn where_two_marks_fall_together_the_other_value_is_seen() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        let mut gauge = Gauge {
            level: Level::At(0.5),
            shape: Shape::Bar,
            marker: Some(0.9),
            run: Some(0.6),
            limit: None,
            bar: Style::new(),
            track: Style::new(),
            mark: Style::new(),
        };
        gauge.render(buf.area, &mut buf);
        assert_eq!(buf, Buffer::with_lines(["████┃··╎"]));
        gauge.marker = gauge.run;
        gauge.render(buf.area, &mut buf);
        assert_eq!(buf, Buffer::with_lines(["████╎···"]));
    }

    #[test]
    fn a_line_fills_by_halves_and_ends_at_its_limit() {
        let drawn = |level, marker| {
            let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
            let gauge = Gauge {
                level,
                shape: Shape::Line,
                marker,
                run: None,
                limit: Some(0.9),
                bar: Style::new(),
                track: Style::new().bg(Color::Black),
                mark: Style::new(),
            };
            gauge.render(buf.area, &mut buf);
            let cells = buf.content().iter();
            cells.map(ratatui::buffer::Cell::symbol).collect::<String>()
        };
        assert_eq!(drawn(Level::At(0.5), None), "━━━━───▏");
        assert_eq!(drawn(Level::At(0.57), Some(0.2)), "━╎━━╸──▏");
        assert_eq!(drawn(Level::Unknown, Some(0.9)), "───────╎");
        assert_eq!(drawn(Level::Beyond, None), "╍╍╍╍╍╍╍▏");
    }

    #[test]
    fn on_the_bar_the_mark_is_cut_out() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 1));
        let gauge = Gauge {
            level: Level::At(1.0),
            shape: Shape::Bar,
            marker: Some(0.0),
            run: None,
            limit: None,
            bar: Style::new().fg(Color::Blue),
            track: Style::new().bg(Color::Black),
            mark: Style::new(),
        };
        gauge.render(buf.area, &mut buf);
        let mark = &buf[(0, 0)];
        assert_eq!(
            (mark.symbol(), mark.fg, mark.bg),
            ("╎", Color::Black, Color::Blue)
        );
    }

    #[test]
    fn it_never_leaves_the_buffer() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 2, 1));
        let gauge = Gauge {
            level: Level::At(1.0),
            shape: Shape::Bar,
            marker: Some(0.9),
            run: None,
            limit: None,
            bar: Style::new(),
            track: Style::new(),
            mark: Style::new(),
        };
        gauge.render(Rect::new(1, 0, 50, 9), &mut buf);
        gauge.render(Rect::new(7, 7, 5, 1), &mut buf);
        assert_eq!(buf, Buffer::with_lines([" ╎"]));
    }
}
