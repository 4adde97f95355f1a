//! The last pass over a frame: every cell gets a sign that the terminal can show.
//!
//! It comes after all drawing, so that neither a view nor a foreign text can be forgotten, and what the help says of a sign
//! is said of the one that is drawn. Each cell keeps its place and its style.

use crate::glyphs::{Curve, Glyphs, TWO_COLUMNS, ascii, block, shape, thinned};
use crate::theme::{Role, Theme};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Fits the cells of `area` to `glyphs`. `theme` tells curves apart: it must be the one that they were drawn with. Where it
/// has no colours for them, they get gaps.
pub(super) fn fit(glyphs: Glyphs, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let curves = Curves::of(theme);
    if glyphs == Glyphs::Braille && curves.coloured || area.is_empty() {
        return;
    }
    let (width, first) = (usize::from(buf.area.width), area.x - buf.area.x);
    let columns = usize::from(first)..usize::from(first + area.width);
    let rows = buf.content.chunks_mut(width);
    let rows = rows
        .skip(usize::from(area.y - buf.area.y))
        .take(usize::from(area.height));
    for row in rows {
        let Some(row) = row.get_mut(columns.clone()) else {
            continue;
        };
        if glyphs == Glyphs::Ascii {
            to_ascii(row, &curves);
            continue;
        }
        if !curves.coloured {
            give_gaps(row, &curves);
        }
        if glyphs == Glyphs::Block {
            to_blocks(row);
        }
    }
}

fn to_blocks(row: &mut [Cell]) {
    for cell in row {
        if let Some(sign) = foreign(cell).and_then(block) {
            cell.set_char(sign);
        }
    }
}

fn give_gaps(row: &mut [Cell], curves: &Curves) {
    for x in 0..row.len() {
        let Some(cell) = row.get(x) else { continue };
        let curve = curves.which(cell);
        let sign = match foreign(cell) {
            Some('─') if curve != Curve::First && is_blank(row, x, 1) => Some(curve.line()),
            Some(c) => thinned(c, curve, x),
            None => None,
        };
        if let (Some(sign), Some(cell)) = (sign, row.get_mut(x)) {
            cell.set_char(sign);
        }
    }
}

fn to_ascii(row: &mut [Cell], curves: &Curves) {
    for x in 0..row.len() {
        let Some(c) = row.get(x).and_then(foreign) else {
            continue;
        };
        let two = TWO_COLUMNS.iter().find(|(sign, _)| *sign == c);
        if let (Some((_, two)), Some([sign, space])) = (two, row.get_mut(x..x + 2))
            && space.symbol() == " "
        {
            let mut signs = two.chars();
            for cell in [sign, space] {
                cell.set_char(signs.next().unwrap_or(' '));
            }
            continue;
        }
        let sign = match c {
            // Between words it separates; elsewhere it is a dot.
            '·' if is_blank(row, x, 1) && is_between_words(row, x) => Some('|'),
            // Alone it stands for a curve in a legend.
            '─' if is_blank(row, x, 1) => row.get(x).map(|cell| curves.which(cell).sign()),
            '\u{2800}'..='\u{28ff}' => row.get(x).and_then(|cell| shape(c, curves.which(cell))),
            _ => ascii(c),
        };
        let Some(cell) = row.get_mut(x) else { continue };
        let wide = sign.is_none() && cell.symbol().width() > 1;
        cell.set_char(sign.unwrap_or('?'));
        // The column after a wide character is empty.
        if wide && let Some(next) = row.get_mut(x + 1).filter(|next| next.symbol() == " ") {
            next.set_char('?');
        }
    }
}

/// The cell's character if it is not ASCII. What combines with it is not looked at.
fn foreign(cell: &Cell) -> Option<char> {
    let symbol = cell.symbol();
    if symbol.len() == 1 {
        return None;
    }
    symbol.chars().next()
}

/// The symbols of the cells that are so far away from column `x` to the left and to the right. Beyond the edges all is blank.
fn beside(row: &[Cell], x: usize, away: usize) -> [&str; 2] {
    [x.checked_sub(away), x.checked_add(away)]
        .map(|x| x.and_then(|x| row.get(x)).map_or(" ", Cell::symbol))
}

fn is_blank(row: &[Cell], x: usize, away: usize) -> bool {
    beside(row, x, away) == [" ", " "]
}

/// Whether there is text on both sides of column `x`, and no frame. To the left all is ASCII by now.
fn is_between_words(row: &[Cell], x: usize) -> bool {
    let [left, right] = beside(row, x, 2);
    left != " " && left != "|" && right != " "
}

/// What the curves look like in the theme in use.
struct Curves {
    looks: [((Color, Modifier), Curve); 4],
    /// They differ in more than brightness.
    coloured: bool,
}

impl Curves {
    fn of(theme: &Theme) -> Curves {
        let look = |role, curve| {
            let style = theme.style(role);
            let colour = style.fg.unwrap_or(Color::Reset);
            ((colour, style.add_modifier), curve)
        };
        let looks = [
            look(Role::LatencyP50, Curve::First),
            look(Role::LatencyP95, Curve::Second),
            look(Role::LatencyP99, Curve::Third),
            look(Role::VariantB, Curve::Second),
        ];
        let [p50, p95, p99, _] = looks.map(|((colour, _), _)| colour);
        Curves {
            looks,
            coloured: p50 != p95 && p95 != p99,
        }
    }

    /// The curve that a cell belongs to.
    fn which(&self, cell: &Cell) -> Curve {
        let look = (cell.fg, cell.modifier);
        let found = self.looks.iter().find(|(one, _)| *one == look);
        found.map_or(Curve::First, |(_, curve)| *curve)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{ColorDepth, load, names};

    fn fitted(glyphs: Glyphs, line: &str) -> String {
        let mut buf = Buffer::with_lines([line]);
        fit(glyphs, &crate::theme::default(), buf.area, &mut buf);
        buf.content().iter().map(Cell::symbol).collect()
    }

    #[test]
    fn every_column_keeps_its_place() {
        let line = "│ · ✓ 日本 · é ≥ 3 µs ⣀⠤⠒ ─ ───╮";
        assert_eq!(
            fitted(Glyphs::Ascii, line),
            "| . + ???? | e >=3 us _-- - ---+"
        );
        // What follows a wide character is a blank cell.
        assert_eq!(
            fitted(Glyphs::Block, line),
            "│ · ✓ 日 本  · é ≥ 3 µs ▁━━ ─ ───╮"
        );
        assert_eq!(fitted(Glyphs::Braille, "⣀ ·"), "⣀ ·");
    }

    #[test]
    fn without_colours_curves_have_gaps() {
        let bare = crate::theme::default().fitted(ColorDepth::None);
        let mut buf = Buffer::with_lines(["⠒⠒⠒⠒ ─ p50", "⠒⠒⠒⠒ ─ p95", "⠒⠒⠒⠒ ─ p99"]);
        let roles = [Role::LatencyP50, Role::LatencyP95, Role::LatencyP99];
        for (y, role) in (0..).zip(roles) {
            buf.set_style(Rect::new(0, y, 10, 1), bare.style(role));
        }
        fit(Glyphs::Braille, &bare, buf.area, &mut buf);
        let symbols: Vec<&str> = buf.content().iter().map(Cell::symbol).collect();
        let lines: Vec<String> = symbols.chunks(10).map(<[&str]>::concat).collect();
        assert_eq!(lines, ["⠒⠒⠒⠒ ─ p50", "⠒⠂⠒⠂ ╌ p95", "⠂⠂⠂⠂ ┈ p99"]);
    }

    #[test]
    fn nothing_outside_of_the_area_is_touched() {
        let mut buf = Buffer::with_lines(["····", "····", "····"]);
        let theme = crate::theme::default();
        fit(Glyphs::Ascii, &theme, Rect::new(1, 1, 2, 1), &mut buf);
        assert_eq!(buf, Buffer::with_lines(["····", "·..·", "····"]));
        fit(Glyphs::Ascii, &theme, Rect::new(9, 9, 2, 1), &mut buf);
    }

    #[test]
    fn curves_have_signs_of_their_own_in_every_theme_and_without_colour() {
        for name in names() {
            for depth in [
                ColorDepth::None,
                ColorDepth::Ansi16,
                ColorDepth::Indexed256,
                ColorDepth::TrueColor,
            ] {
                let theme = load(name).unwrap().fitted(depth);
                let curves = Curves::of(&theme);
                let sign = |role| {
                    let mut cell = Cell::default();
                    cell.set_style(theme.style(role));
                    curves.which(&cell).sign()
                };
                let percentiles = [Role::LatencyP50, Role::LatencyP95, Role::LatencyP99].map(sign);
                assert_eq!(percentiles, ['-', 'o', ':'], "{name} {depth:?}");
                let variants = [Role::VariantA, Role::VariantB].map(sign);
                assert_eq!(variants, ['-', 'o'], "{name} {depth:?}");
            }
        }
    }
}
