//! The lines that every view has around its own: the header above, and below what must be known, whether the client can be
//! trusted, and the keys.

use super::canvas::Canvas;
use super::{Rows, checks, footer, header, notices};
use crate::tui::App;
use ratatui::layout::Rect;

/// Below this height the line about the client goes, unless something is of note.
const LOW: u16 = 18;
/// From this height on notices have two lines.
const HIGH: u16 = 40;

/// Draws these lines; gives the rows between them.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) -> Rect {
    let one_line = footer::fits_one_line(app, area.width);
    let of_note = checks::are_of_note(app.snapshot());
    let line = u16::from(!one_line && (area.height >= LOW || of_note));
    let notice = 1 + u16::from(area.height >= HIGH);
    let mut rows = Rows(area);
    header::draw(canvas, app, rows.take(1));
    let body = rows.take(rows.0.height.saturating_sub(notice + line + 1));
    notices::draw(canvas, app, &[], rows.take(notice));
    if line > 0 {
        footer::draw_checks(canvas, app, rows.take(1));
    }
    if one_line {
        footer::draw_both(canvas, app, rows.take(1));
    } else {
        footer::draw_keys(canvas, app, rows.take(1));
    }
    body
}
