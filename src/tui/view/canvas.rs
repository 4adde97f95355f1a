//! Where views write: a buffer with the theme's roles in place of styles. Nothing written here leaves the buffer.

use crate::text;
use crate::theme::{Role, Theme};
use crate::tui::{Panel, Places};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear, Widget};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A piece of text and what it means.
pub(super) type Part = (String, Role);

/// A buffer and a theme.
pub(super) struct Canvas<'a> {
    buf: &'a mut Buffer,
    theme: &'a Theme,
    places: Places,
}

/// The columns of a figure's unit, with the space before it.
pub(super) const UNIT: u16 = 3;
/// The columns of a whole figure: `∞ http_503` fits.
pub(super) const FIGURE: u16 = 10;

impl<'a> Canvas<'a> {
    pub(super) fn new(buf: &'a mut Buffer, theme: &'a Theme) -> Self {
        Canvas {
            buf,
            theme,
            places: Places::default(),
        }
    }

    /// Remembers where a panel is.
    pub(super) fn place(&mut self, panel: Panel, area: Rect) {
        self.places.add(panel, area);
    }

    /// What lies over the screen has so many pages.
    pub(super) fn set_pages(&mut self, pages: usize) {
        self.places.set_pages(pages);
    }

    /// The pages of what lies over the screen, where there is more than one.
    pub(super) fn pages(&self) -> usize {
        self.places.pages()
    }

    /// Where the panels are.
    pub(super) fn into_places(self) -> Places {
        self.places
    }

    pub(super) fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    pub(super) fn widget(&mut self, widget: impl Widget, area: Rect) {
        widget.render(area, self.buf);
    }

    /// Takes away what stands in `area`, and the first half of a wide sign whose second half stands there.
    pub(super) fn clear(&mut self, area: Rect) {
        self.widget(Clear, area);
        let Some(before) = area.x.checked_sub(1) else {
            return;
        };
        for y in area.y..area.bottom() {
            if let Some(cell) = self.buf.cell_mut((before, y))
                && cell.symbol().width() > 1
            {
                cell.set_symbol(" ");
            }
        }
    }

    /// Writes at most `max` columns of `text`, cut with `…`; gives the columns used.
    pub(super) fn text(&mut self, x: u16, y: u16, max: u16, text: &str, role: Role) -> u16 {
        let area = self.buf.area;
        if y < area.y || y >= area.bottom() || x < area.x || x >= area.right() {
            return 0;
        }
        let max = max.min(area.right() - x);
        let fitted = fit(text, max);
        let (end, _) =
            self.buf
                .set_stringn(x, y, &fitted, usize::from(max), self.theme.style(role));
        end.saturating_sub(x)
    }

    /// Gives what stands in `width` columns another style.
    pub(super) fn restyle(&mut self, x: u16, y: u16, width: u16, style: Style) {
        let area = Rect::new(x, y, width, 1).intersection(self.buf.area);
        for x in area.x..area.right() {
            if let Some(cell) = self.buf.cell_mut((x, y)) {
                cell.set_style(Style::reset()).set_style(style);
            }
        }
    }

    /// True if nothing stands in `width` columns.
    pub(super) fn is_blank(&self, x: u16, y: u16, width: u16) -> bool {
        (x..x.saturating_add(width))
            .filter_map(|x| self.buf.cell((x, y)))
            .all(|cell| cell.symbol() == " ")
    }

    /// True if `sign` stands in column `x` of `area`.
    pub(super) fn shows(&self, x: u16, area: Rect, sign: &str) -> bool {
        (area.y..area.bottom())
            .filter_map(|y| self.buf.cell((x, y)))
            .any(|cell| cell.symbol() == sign)
    }

    /// Writes `text` at the first of `places` (columns) that has a row of `area` with nothing in its way, in the lowest such
    /// row; nowhere if there is none.
    pub(super) fn text_where_free(
        &mut self,
        places: [Option<u16>; 2],
        area: Rect,
        text: &str,
        role: Role,
    ) {
        let width = width_of(text);
        let free = places
            .into_iter()
            .flatten()
            .filter(|&x| x >= area.x && x.saturating_add(width) <= area.right())
            .find_map(|x| {
                let mut rows = (area.y..area.bottom()).rev();
                rows.find(|&y| self.is_blank(x, y, width)).map(|y| (x, y))
            });
        if let Some((x, y)) = free {
            self.text(x, y, width, text, role);
        }
    }

    /// Writes `text` so that it ends before column `right`; gives the columns used.
    pub(super) fn text_right(
        &mut self,
        right: u16,
        y: u16,
        max: u16,
        text: &str,
        role: Role,
    ) -> u16 {
        let width = width_of(text).min(max);
        self.text(right.saturating_sub(width), y, width, text, role)
    }

    /// Writes parts one after another; what does not fit into `max` is cut. Gives the columns used.
    pub(super) fn parts(&mut self, x: u16, y: u16, max: u16, parts: &[Part]) -> u16 {
        let mut used = 0;
        for (text, role) in parts {
            used += self.text(x + used, y, max - used, text, *role);
            if used >= max {
                break;
            }
        }
        used
    }

    /// Writes a figure into `width` columns so that the digits of all figures in a column end at the same place, whatever
    /// their units.
    pub(super) fn figure(&mut self, x: u16, y: u16, width: u16, figure: &str, roles: (Role, Role)) {
        let (number, unit) = split(figure);
        let room = width.saturating_sub(UNIT);
        if width_of(number) > room || figure.starts_with('∞') {
            let role = if figure.starts_with('∞') {
                Role::StatusError
            } else {
                roles.0
            };
            self.text_right(x + width, y, width, figure, role);
            return;
        }
        self.text_right(x + room, y, room, number, roles.0);
        self.text(x + room + 1, y, UNIT - 1, unit, roles.1);
    }

    /// A frame with rounded corners; gives what is inside, with a column of air on either side.
    pub(super) fn frame(&mut self, area: Rect) -> Rect {
        let block = Block::bordered()
            .border_set(border::ROUNDED)
            .border_style(self.theme.style(Role::Border));
        let inner = block.inner(area);
        block.render(area.intersection(self.buf.area), self.buf);
        Rect {
            x: inner.x + 1,
            width: inner.width.saturating_sub(2),
            ..inner
        }
    }

    /// Writes a title into the line of a frame, after two columns; gives the column after it.
    pub(super) fn title(&mut self, frame: Rect, y: u16, parts: &[Part]) -> u16 {
        let max = frame.width.saturating_sub(5);
        let x = frame.x + 2;
        let used = self.parts(x + 1, y, max.saturating_sub(1), parts);
        self.text(x, y, 1, " ", Role::Border);
        self.text(x + 1 + used, y, 1, " ", Role::Border);
        x + used + 2
    }

    /// Writes a title at the right end of the line of a frame, if it fits after column `from`.
    pub(super) fn title_right(&mut self, frame: Rect, y: u16, from: u16, parts: &[Part]) {
        let width = width_of_parts(parts) + 2;
        let right = frame.right().saturating_sub(2);
        if from + 1 + width <= right {
            let x = right - width;
            self.text(x, y, 1, " ", Role::Border);
            let used = self.parts(x + 1, y, width, parts);
            self.text(x + 1 + used, y, 1, " ", Role::Border);
        }
    }

    /// A line across a frame.
    pub(super) fn divider(&mut self, frame: Rect, y: u16) {
        let inner = usize::from(frame.width.saturating_sub(2));
        self.text(
            frame.x,
            y,
            frame.width,
            &format!("├{}┤", "─".repeat(inner)),
            Role::Border,
        );
    }
}

/// A part from plain text.
pub(super) fn part(text: impl Into<String>, role: Role) -> Part {
    (text.into(), role)
}

/// Foreign text, made harmless, as a part.
pub(super) fn foreign(foreign: &str, role: Role) -> Part {
    (text::printable(foreign, 200), role)
}

/// The columns that `text` takes.
pub(super) fn width_of(text: &str) -> u16 {
    UnicodeWidthStr::width(text).min(usize::from(u16::MAX)) as u16
}

/// The columns that `parts` take.
pub(super) fn width_of_parts(parts: &[Part]) -> u16 {
    parts
        .iter()
        .fold(0u16, |sum, (text, _)| sum.saturating_add(width_of(text)))
}

/// `text` in at most `max` columns, cut with `…`.
pub(super) fn fit(text: &str, max: u16) -> String {
    if width_of(text) <= max {
        return text.to_owned();
    }
    let Some(room) = usize::from(max).checked_sub(1) else {
        return String::new();
    };
    let mut fitted = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        fitted.push(c);
    }
    let mut fitted = fitted.trim_end().to_owned();
    fitted.push('…');
    fitted
}

/// `text` in at most `max` columns, cut with `…` between words where one ends in the second half; a number is never cut.
pub(super) fn fit_words(text: &str, max: u16) -> String {
    const MARKS: [char; 5] = [',', ';', ':', ' ', '·'];
    let cut = fit(text, max);
    let Some(kept) = cut.strip_suffix('…').filter(|_| cut != text) else {
        return cut;
    };
    let rest = &text[kept.len()..];
    let whole = if rest.starts_with(MARKS) && !continues_a_number(kept, rest) {
        kept
    } else {
        kept.rsplit_once(' ').map_or("", |(whole, _)| whole)
    };
    let whole = whole.trim_end_matches(MARKS);
    if width_of(whole) * 2 < max && !continues_a_number(kept, rest) {
        return cut;
    }
    format!("{whole}…")
}

/// True if a number ends `kept` and goes on in `rest`: `12` and `,345`.
fn continues_a_number(kept: &str, rest: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let point = |c: &char| matches!(c, ',' | '.');
    let before = kept.trim_end_matches([',', '.']).chars().next_back();
    let mut after = rest.chars().skip_while(point);
    digit(before) && digit(after.next())
}

/// `text` in lines of at most `max` columns, broken between words.
pub(super) fn wrap(text: &str, max: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width_of(line) + 1 + width_of(word) <= max => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A figure's number and unit.
pub(super) fn split(figure: &str) -> (&str, &str) {
    match figure.rsplit_once(' ') {
        Some((number, unit @ ("µs" | "ms" | "s" | "%" | "pp"))) => (number, unit),
        _ => (figure, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme;

    #[test]
    fn text_is_cut_to_columns_not_to_characters() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("ab", 0), "");
        assert_eq!(fit_words("one two three", 13), "one two three");
        assert_eq!(fit_words("one two; three", 11), "one two…");
        assert_eq!(fit_words("one two three", 8), "one two…");
        assert_eq!(fit_words("one two, three", 9), "one two…");
        assert_eq!(fit_words("one two, three", 8), "one two…");
        assert_eq!(fit_words("402 of 1,048,576 files", 15), "402 of…");
        assert_eq!(fit_words("402 of 1,048,576 files", 9), "402 of…");
        assert_eq!(fit_words("12,345 files", 4), "…");
        assert_eq!(fit_words("one hippopotamus", 11), "one hippop…");
        assert_eq!(fit_words("日本語 日本語", 11), "日本語…");
        assert_eq!(fit_words("ab", 0), "");
        assert_eq!(wrap("one two  three", 8), ["one two", "three"]);
        assert_eq!(wrap("hippopotamus it is", 4), ["hippopotamus", "it", "is"]);
    }

    #[test]
    fn the_digits_of_a_column_end_at_one_place() {
        let theme = theme::default();
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 7));
        let mut canvas = Canvas::new(&mut buf, &theme);
        let figures = [
            "3.24 s",
            "74.1 ms",
            "≥ 999 µs",
            "224",
            "—",
            "∞ http_503",
            "12,345,678",
        ];
        for (y, figure) in figures.into_iter().enumerate() {
            canvas.figure(0, y as u16, FIGURE, figure, (Role::Text, Role::Text));
        }
        buf.set_style(buf.area, Style::reset());
        let mut plain = Buffer::with_lines([
            "   3.24 s ",
            "   74.1 ms",
            "  ≥ 999 µs",
            "    224   ",
            "      —   ",
            "∞ http_503",
            "12,345,678",
        ]);
        plain.set_style(plain.area, Style::reset());
        assert_eq!(buf, plain);
    }

    #[test]
    fn nothing_is_written_outside() {
        let theme = theme::default();
        let mut buf = Buffer::empty(Rect::new(0, 0, 3, 1));
        let mut canvas = Canvas::new(&mut buf, &theme);
        assert_eq!(canvas.text(5, 0, 9, "x", Role::Text), 0);
        assert_eq!(canvas.text(0, 5, 9, "x", Role::Text), 0);
        assert_eq!(canvas.text(2, 0, 9, "xyz", Role::Text), 1);
        canvas.frame(Rect::new(0, 0, 9, 9));
    }
}
