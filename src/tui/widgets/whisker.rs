//! An interval against zero: `├─●─┤`, with `╎` where zero is.
//!
//! What is smaller than a cell is `●`; an end that is open or off the scale is an arrow. An interval without zero in it is
//! never drawn on zero, however close it comes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// An interval; places are shares of the width, 0.5 is zero.
pub(in crate::tui) struct Whisker {
    /// The lower end; `None` if it is open. Nothing is drawn while both are.
    pub(in crate::tui) low: Option<f64>,
    /// What the interval is about.
    pub(in crate::tui) centre: Option<f64>,
    /// The upper end; `None` if it is open.
    pub(in crate::tui) high: Option<f64>,
    /// The interval.
    pub(in crate::tui) line: Style,
    /// Zero.
    pub(in crate::tui) axis: Style,
}

impl Widget for &Whisker {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let zero = area.width / 2;
        let mut put = |cell: u16, symbol: &str, style: Style| {
            buf[(area.x + cell, area.y)]
                .set_symbol(symbol)
                .set_style(style);
        };
        put(zero, "╎", self.axis);
        if self.low.is_none() && self.high.is_none() {
            return;
        }
        let (low, high) = (
            self.low.unwrap_or(f64::NEG_INFINITY),
            self.high.unwrap_or(f64::INFINITY),
        );
        let last = area.width - 1;
        let cell = |place: f64| {
            let cell = ((place * f64::from(area.width)).floor()).clamp(0.0, f64::from(last)) as u16;
            if low > 0.5 {
                cell.max((zero + 1).min(last))
            } else if high < 0.5 {
                cell.min(zero.saturating_sub(1))
            } else {
                cell
            }
        };
        let (from, to) = (cell(low), cell(high));
        for between in from..=to {
            put(between, "─", self.line);
        }
        put(to, if high > 1.0 { "→" } else { "┤" }, self.line);
        put(from, if low < 0.0 { "←" } else { "├" }, self.line);
        match self.centre.map(|centre| cell(centre).clamp(from, to)) {
            // All of it is off the scale.
            _ if low > 1.0 => put(to, "→", self.line),
            _ if high < 0.0 => {}
            _ if from == to => put(from, "●", self.line),
            Some(centre) if to - from > 1 => put(centre.clamp(from + 1, to - 1), "●", self.line),
            Some(centre) => put(centre, "●", self.line),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(low: Option<f64>, centre: f64, high: Option<f64>) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, 11, 1));
        let whisker = Whisker {
            low,
            centre: Some(centre),
            high,
            line: Style::new(),
            axis: Style::new(),
        };
        whisker.render(Rect::new(0, 0, 40, 9), &mut buf);
        buf.content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }

    #[test]
    fn it_has_ends_and_a_centre() {
        assert_eq!(drawn(Some(0.7), 0.8, Some(0.95)), "     ╎ ├●─┤");
        assert_eq!(drawn(Some(0.1), 0.3, Some(0.6)), " ├─●──┤    ");
        assert_eq!(drawn(None, 0.3, None), "     ╎     ");
    }

    #[test]
    fn a_small_one_is_a_point_and_its_centre_stays_inside() {
        assert_eq!(drawn(Some(0.20), 0.2, Some(0.21)), "  ●  ╎     ");
        assert_eq!(drawn(Some(0.05), 0.1, Some(0.15)), "├●   ╎     ");
        assert_eq!(drawn(Some(0.0), 0.9, Some(0.25)), "├●┤  ╎     ");
    }

    #[test]
    fn what_is_open_or_off_the_scale_is_an_arrow() {
        assert_eq!(drawn(None, 0.1, Some(0.3)), "←●─┤ ╎     ");
        assert_eq!(drawn(Some(0.7), 0.9, Some(1.4)), "     ╎ ├─●→");
        assert_eq!(drawn(Some(1.2), 1.3, Some(1.4)), "     ╎    →");
        assert_eq!(drawn(Some(-0.4), -0.3, Some(-0.2)), "←    ╎     ");
    }

    #[test]
    fn zero_is_covered_only_by_an_interval_that_holds_it() {
        assert_eq!(drawn(Some(0.501), 0.51, Some(0.52)), "     ╎●    ");
        assert_eq!(drawn(Some(0.47), 0.48, Some(0.499)), "    ●╎     ");
        assert_eq!(drawn(Some(0.49), 0.5, Some(0.51)), "     ●     ");
    }
}
