//! Translating colours to what a terminal can show.
//!
//! To 256 colours by distance; to 16 by hue, because there the distance would turn most soft colours into grey, and a variant
//! must keep its colour. Backgrounds other than the terminal's own are dropped at 16: none of the 16 is quiet enough.

use super::ColorDepth;
use ratatui::style::{Color, Style};

/// `style` with colours of at most `depth`.
pub(super) fn fit(style: Style, depth: ColorDepth) -> Style {
    let mut fitted = style;
    match depth {
        ColorDepth::TrueColor => {}
        ColorDepth::Indexed256 => {
            fitted.fg = style.fg.map(to_256);
            fitted.bg = style.bg.map(to_256);
        }
        ColorDepth::Ansi16 => {
            fitted.fg = style.fg.map(to_16);
            fitted.bg = None;
        }
        ColorDepth::None => {
            fitted.fg = None;
            fitted.bg = None;
        }
    }
    fitted
}

/// The steps of xterm's 6 × 6 × 6 cube.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

pub(super) fn to_256(colour: Color) -> Color {
    let Color::Rgb(r, g, b) = colour else {
        return colour;
    };
    let step = |v: u8| (0..6).min_by_key(|&i| CUBE[i].abs_diff(v)).unwrap_or(0);
    let cube = [r, g, b].map(step);
    let average = (u32::from(r) + u32::from(g) + u32::from(b)) / 3;
    let grey = (average.saturating_sub(3) / 10).min(23);
    let grey_level = (8 + 10 * grey) as u8;
    let cube_distance = distance([r, g, b], cube.map(|i| CUBE[i]));
    if distance([r, g, b], [grey_level; 3]) < cube_distance {
        Color::Indexed(232 + grey as u8)
    } else {
        Color::Indexed((16 + 36 * cube[0] + 6 * cube[1] + cube[2]) as u8)
    }
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter()
        .zip(other)
        .map(|(&a, b)| u32::from(a.abs_diff(b)).pow(2))
        .sum()
}

fn to_16(colour: Color) -> Color {
    match colour {
        Color::Rgb(r, g, b) => rgb_to_16(r, g, b),
        Color::Indexed(i @ 16..) => {
            let [r, g, b] = indexed_rgb(i);
            rgb_to_16(r, g, b)
        }
        other => other,
    }
}

/// The colour that xterm shows for an index from 16 on.
pub(super) fn indexed_rgb(index: u8) -> [u8; 3] {
    if index >= 232 {
        return [8 + 10 * (index - 232); 3];
    }
    let cube = usize::from(index.saturating_sub(16));
    [CUBE[cube / 36], CUBE[cube / 6 % 6], CUBE[cube % 6]]
}

fn rgb_to_16(r: u8, g: u8, b: u8) -> Color {
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    let spread = f64::from(max - min);
    if spread < 0.18 * 255.0 {
        return match max {
            0..=50 => Color::Black,
            51..=160 => Color::DarkGray,
            161..=220 => Color::Gray,
            _ => Color::White,
        };
    }
    let apart = |one: u8, other: u8| (f64::from(one) - f64::from(other)) / spread;
    let hue = if max == r {
        apart(g, b).rem_euclid(6.0)
    } else if max == g {
        apart(b, r) + 2.0
    } else {
        apart(r, g) + 4.0
    };
    let light = max > 224;
    // Orange goes to yellow rather than to red, which means failure; violet to magenta rather than to blue, a variant's.
    let sector = match hue {
        4.1..5.5 => 5,
        _ => (hue + 0.13).round() as u8 % 6,
    };
    match (sector, light) {
        (0, false) => Color::Red,
        (0, true) => Color::LightRed,
        (1, false) => Color::Yellow,
        (1, true) => Color::LightYellow,
        (2, false) => Color::Green,
        (2, true) => Color::LightGreen,
        (3, false) => Color::Cyan,
        (3, true) => Color::LightCyan,
        (4, false) => Color::Blue,
        (4, true) => Color::LightBlue,
        (_, false) => Color::Magenta,
        (_, true) => Color::LightMagenta,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_256_takes_the_nearest() {
        assert_eq!(to_256(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(to_256(Color::Rgb(0x56, 0xb4, 0xe9)), Color::Indexed(74));
        assert_eq!(to_256(Color::Rgb(128, 128, 128)), Color::Indexed(244));
        assert_eq!(to_256(Color::Rgb(0, 0, 0)), Color::Indexed(16));
        assert_eq!(to_256(Color::Rgb(255, 255, 255)), Color::Indexed(231));
        assert_eq!(to_256(Color::Blue), Color::Blue);
    }

    #[test]
    fn to_16_keeps_the_hue() {
        assert_eq!(to_16(Color::Rgb(0x56, 0xb4, 0xe9)), Color::LightCyan);
        assert_eq!(to_16(Color::Rgb(0xe6, 0x9f, 0x00)), Color::LightYellow);
        assert_eq!(to_16(Color::Rgb(0xb9, 0xa4, 0xf5)), Color::LightMagenta);
        assert_eq!(to_16(Color::Rgb(0x20, 0x20, 0x24)), Color::Black);
        assert_eq!(to_16(Color::Rgb(0x80, 0x80, 0x88)), Color::DarkGray);
        assert_eq!(to_16(Color::Indexed(196)), Color::LightRed);
        assert_eq!(to_16(Color::Indexed(2)), Color::Indexed(2));
        assert_eq!(to_16(Color::Reset), Color::Reset);
    }

    #[test]
    fn sixteen_colours_leave_the_background_alone() {
        let style = Style::new()
            .fg(Color::Rgb(200, 0, 0))
            .bg(Color::Rgb(40, 40, 40));
        let fitted = fit(style, ColorDepth::Ansi16);
        assert_eq!((fitted.fg, fitted.bg), (Some(Color::Red), None));
    }
}
