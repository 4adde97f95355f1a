//! A horizontal gauge in eighths of a cell, with a mark for another value on the same scale.

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

/// A gauge of one line.
pub(in crate::tui) struct Gauge {
    /// How far it is filled.
    pub(in crate::tui) level: Level,
    /// Where the other value is, from 0 to 1.
    pub(in crate::tui) marker: Option<f64>,
    /// The filled part.
    pub(in crate::tui) bar: Style,
    /// The empty part.
    pub(in crate::tui) track: Style,
    /// The mark.
    pub(in crate::tui) mark: Style,
}

/// A cell filled from the left to so many eighths.
const EIGHTHS: [&str; 9] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

impl Widget for &Gauge {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let width = usize::from(area.width);
        let eighths = match self.level {
            Level::Unknown => 0,
            // A value is never drawn as if there were none.
            Level::At(share) => ((share * width as f64 * 8.0).round() as usize).clamp(1, width * 8),
            Level::Beyond => width * 8,
        };
        let full = if self.level == Level::Beyond {
            "▒"
        } else {
            "█"
        };
        let empty = if self.track.bg.is_some() { " " } else { "·" };
        for i in 0..width {
            let symbol = match eighths.saturating_sub(i * 8).min(8) {
                8 => full,
                0 => empty,
                part => EIGHTHS[part],
            };
            let style = if symbol == empty {
                self.track
            } else {
                self.track.patch(self.bar)
            };
            buf[(area.x + i as u16, area.y)]
                .set_symbol(symbol)
                .set_style(style);
        }
        if let Some(marker) = self.marker {
            let i = ((marker * width as f64) as usize).min(width - 1);
            let covered = eighths >= (i + 1) * 8 && self.level != Level::Beyond;
            // On the bar the mark is cut out of it.
            let style = match (covered, self.bar.fg, self.track.bg) {
                (true, Some(bar), Some(track)) => self.mark.fg(track).bg(bar),
                _ => self.track.patch(self.mark),
            };
            buf[(area.x + i as u16, area.y)]
                .set_symbol("╎")
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
            marker,
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
    fn on_the_bar_the_mark_is_cut_out() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 1));
        let gauge = Gauge {
            level: Level::At(1.0),
            marker: Some(0.0),
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
            marker: Some(0.9),
            bar: Style::new(),
            track: Style::new(),
            mark: Style::new(),
        };
        gauge.render(Rect::new(1, 0, 50, 9), &mut buf);
        gauge.render(Rect::new(7, 7, 5, 1), &mut buf);
        assert_eq!(buf, Buffer::with_lines([" ╎"]));
    }
}
