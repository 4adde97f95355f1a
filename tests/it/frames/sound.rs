//! What holds on every screen, whatever is drawn and however large it is.

use dragstrip::tui::{self, App};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Draws a screen of `size`, and fails if a terminal would not show it as it is meant: every cell has one sign that fills it,
/// or a wide one that fills it and the next, so that each line is exactly as wide as the screen; nothing steers the terminal,
/// and nothing turns the direction of the text.
pub(crate) fn sound(app: &App, (width, height): (u16, u16)) {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    tui::draw(app, area, &mut buffer);
    assert_eq!(buffer.area, area);
    if let Some((x, y, why)) = trouble(&buffer) {
        let row: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        panic!(
            "{:?} at {width}×{height}, column {x}, row {y}: {why}:\n{row:?}",
            app.view()
        );
    }
}

fn trouble(buffer: &Buffer) -> Option<(u16, u16, String)> {
    let area = buffer.area;
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let symbol = buffer[(x, y)].symbol();
            if let [b' '..=b'~'] = symbol.as_bytes() {
                x += 1;
                continue;
            }
            let steers = |c: char| {
                c.is_control()
                    || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
            };
            if symbol.chars().any(steers) {
                return Some((x, y, format!("{symbol:?} steers")));
            }
            match symbol.width() {
                1 => x += 1,
                2 if x + 1 < area.width && buffer[(x + 1, y)].symbol() == " " => x += 2,
                width => return Some((x, y, format!("{symbol:?} is {width} wide"))),
            }
        }
    }
    None
}
