//! The last pass over a frame: every cell gets a sign that the terminal can show.
//!
//! It comes after all drawing, so that neither a view nor a foreign text can be forgotten, and what the help says of a sign
//! is said of the one that is drawn. Each cell keeps its place and its style.

use crate::glyphs::{Curve, Glyphs, ascii, block, shape};
use crate::theme::{Role, Theme};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Fits the cells of `area` to `glyphs`. `theme` tells curves apart: it must be the one that they were drawn with.
pub(super) fn fit(glyphs: Glyphs, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    if glyphs == Glyphs::Braille || area.is_empty() {
        return;
    }
    let curves = Curves::of(theme);
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
        match glyphs {
            Glyphs::Ascii => to_ascii(row, &curves),
            _ => to_blocks(row),
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

fn to_ascii(row: &mut [Cell], curves: &Curves) {
    for x in 0..row.len() {
        let Some(c) = row.get(x).and_then(foreign) else {
            continue;
        };
        let sign = match c {
            // Between words it separates; elsewhere it is a dot.
            '·' if is_blank(row, x, 1) && !is_blank(row, x, 2) => Some('|'),
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

/// Whether both cells that are so far away from column `x` are blank. Beyond the edges everything is.
fn is_blank(row: &[Cell], x: usize, away: usize) -> bool {
    let blank = |x: Option<usize>| {
        x.and_then(|x| row.get(x))
            .is_none_or(|cell| cell.symbol() == " ")
    };
    if away == 1 {
        blank(x.checked_sub(1)) && blank(x.checked_add(1))
    } else {
        blank(x.checked_sub(away)) || blank(x.checked_add(away))
    }
}

/// What the curves look like in the theme in use.
struct Curves([((Color, Modifier), Curve); 4]);

impl Curves {
    fn of(theme: &Theme) -> Curves {
        let look = |role, curve| {
            let style = theme.style(role);
            let colour = style.fg.unwrap_or(Color::Reset);
            ((colour, style.add_modifier), curve)
        };
        Curves([
            look(Role::LatencyP50, Curve::First),
            look(Role::LatencyP95, Curve::Second),
            look(Role::LatencyP99, Curve::Third),
            look(Role::VariantB, Curve::Second),
        ])
    }

    /// The curve that a cell belongs to.
    fn which(&self, cell: &Cell) -> Curve {
        let look = (cell.fg, cell.modifier);
        let found = self.0.iter().find(|(one, _)| *one == look);
        found.map_or(Curve::First, |(_, curve)| *curve)
    }
}
