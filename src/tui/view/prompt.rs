//! The line in which the user types the text of a marker. It lies over the last line, where the keys would be.

use super::canvas::{Canvas, part, width_of, width_of_parts};
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use ratatui::layout::Rect;

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let Some(prompt) = app.prompt() else { return };
    let row = Rect {
        y: area.bottom().saturating_sub(1),
        height: 1,
        ..area
    };
    canvas.clear(row);
    let at = prompt.at_s().unwrap_or(app.snapshot().meta.elapsed_s);
    let asks = format!("marker at {}: ", text::clock(at));
    let hint = [
        part("  Enter", Role::Key),
        part(" set  ", Role::TextMuted),
        part("Esc", Role::Key),
        part(" cancel", Role::TextMuted),
    ];
    let (x, mut right) = (row.x + 1, row.right().saturating_sub(1));
    let used = canvas.text(x, row.y, right - x, &asks, Role::TextStrong);
    let hinted = width_of_parts(&hint);
    if right.saturating_sub(x + used) >= hinted + 20 {
        right -= hinted;
        canvas.parts(right, row.y, hinted, &hint);
    }
    // The end of a long text is what is being typed.
    let typed = text::printable(prompt.text(), 200);
    let room = right.saturating_sub(x + used + 1);
    let mut shown = typed.as_str();
    while width_of(shown) > room {
        let mut rest = shown.chars();
        rest.next();
        shown = rest.as_str();
    }
    let end = x + used + canvas.text(x + used, row.y, room, shown, Role::Text);
    canvas.text(end, row.y, 1, "█", Role::Key);
}
