//! Translating colours to what a terminal can show.
//!
//! To 256 by what looks nearest, as a distance in Oklab. To 16 by the nearest hue and then the nearest lightness, both Oklab's:
//! there the distance would turn soft colours grey, and a pink into a cyan. A variant must keep its colour: orange is never the
//! red of failures, and violet never blue. Backgrounds other than the terminal's own are dropped at 16: none of the 16 is quiet
//! enough.

use super::ColorDepth;
use super::oklab::{Lab, chroma, distance, hue, lab};
use ratatui::style::{Color, Style};
use std::sync::LazyLock;

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
    static ALL: LazyLock<Vec<(u8, Lab)>> =
        LazyLock::new(|| (16..=255).map(|i| (i, lab(indexed_rgb(i)))).collect());
    let Color::Rgb(r, g, b) = colour else {
        return colour;
    };
    let index = nearest(lab([r, g, b]), ALL.iter().copied());
    index.map_or(colour, Color::Indexed)
}

/// What looks most like `colour`, the first one of equals.
fn nearest<T>(colour: Lab, among: impl Iterator<Item = (T, Lab)>) -> Option<T> {
    among
        .min_by(|(_, one), (_, other)| distance(colour, *one).total_cmp(&distance(colour, *other)))
        .map(|(found, _)| found)
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

/// The 16 colours as xterm shows them. Terminals differ, but not in which is which.
pub(super) const SIXTEEN: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::Gray, [229, 229, 229]),
    (Color::White, [255, 255, 255]),
    (Color::Red, [205, 0, 0]),
    (Color::LightRed, [255, 0, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::Cyan, [0, 205, 205]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::Blue, [0, 0, 238]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::Magenta, [205, 0, 205]),
    (Color::LightMagenta, [255, 0, 255]),
];
/// The first of them have no hue.
const GREYS: usize = 4;
/// Below this distance from grey a colour is none.
const GREY: f64 = 0.055;
/// Where the hue of each following pair of them ends, in degrees: half way to the next one's, but red ends before orange, and
/// blue before violet. What is beyond the last is red again.
const ENDS: [f64; 6] = [48.0, 126.0, 168.5, 229.5, 278.0, 358.5];

fn rgb_to_16(r: u8, g: u8, b: u8) -> Color {
    let colour = lab([r, g, b]);
    let (greys, hues) = SIXTEEN.split_at(GREYS);
    let among = if chroma(colour) < GREY {
        greys
    } else {
        let pair = ENDS.iter().position(|end| hue(colour) < *end);
        hues.chunks(2).nth(pair.unwrap_or(0)).unwrap_or(hues)
    };
    let light = |lab: Lab| [lab[0], 0.0, 0.0];
    let among = among.iter().map(|&(known, rgb)| (known, light(lab(rgb))));
    nearest(light(colour), among).unwrap_or(Color::Reset)
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
    fn nothing_of_the_256_looks_nearer_than_what_is_taken() {
        for step in 0..1_000u32 {
            let rgb = [step * 7 % 256, step * 31 % 256, step * 101 % 256].map(|v| v as u8);
            let [r, g, b] = rgb;
            let Color::Indexed(taken) = to_256(Color::Rgb(r, g, b)) else {
                panic!("{rgb:?} has no place");
            };
            let far = |index| distance(lab(rgb), lab(indexed_rgb(index)));
            assert!((16..=255).all(|other| far(taken) <= far(other)), "{rgb:?}");
        }
    }

    #[test]
    fn to_16_keeps_the_hue() {
        assert_eq!(to_16(Color::Rgb(0x56, 0xb4, 0xe9)), Color::LightBlue);
        assert_eq!(to_16(Color::Rgb(0xe6, 0x9f, 0x00)), Color::Yellow);
        assert_eq!(to_16(Color::Rgb(0xb9, 0xa4, 0xf5)), Color::LightMagenta);
        assert_eq!(to_16(Color::Rgb(0x20, 0x20, 0x24)), Color::Black);
        assert_eq!(to_16(Color::Rgb(0x80, 0x80, 0x88)), Color::DarkGray);
        assert_eq!(to_16(Color::Indexed(196)), Color::LightRed);
        assert_eq!(to_16(Color::Indexed(2)), Color::Indexed(2));
        assert_eq!(to_16(Color::Reset), Color::Reset);
        // Every one of the 16 stands for itself.
        for (colour, [r, g, b]) in SIXTEEN {
            assert_eq!(to_16(Color::Rgb(r, g, b)), colour);
        }
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
