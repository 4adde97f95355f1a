//! What the user is asked for. It lies over the last line, where the keys would be; a value of the load takes the line above as
//! well, for what can be typed, or for what was wrong with it.

use super::canvas::{Canvas, Part, part, width_of, width_of_parts};
use super::header;
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::prompt::{Asks, Prompt};
use ratatui::layout::Rect;

/// Columns that what is typed should have beside hints.
const ROOM: u16 = 20;

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let Some(prompt) = app.prompt() else { return };
    let row = Rect {
        y: area.bottom().saturating_sub(1),
        height: 1,
        ..area
    };
    match prompt.asks() {
        Asks::Marker { at_s } => {
            let at = at_s.unwrap_or(app.snapshot().meta.elapsed_s);
            let asks = format!("marker at {}: ", text::clock(at));
            let used = width_of(&asks) + 1;
            let hint = hint("set", "cancel");
            let (mut right, hinted) = (row.right().saturating_sub(1), width_of_parts(&hint));
            canvas.clear(row);
            if right.saturating_sub(row.x + used) >= hinted + ROOM {
                right -= hinted;
                canvas.parts(right, row.y, hinted, &hint);
            }
            line(canvas, prompt, row, &asks, right);
        }
        Asks::Load => {
            let above = Rect {
                y: row.y.saturating_sub(1),
                ..row
            };
            canvas.clear(above);
            canvas.clear(row);
            let (said, role) = match prompt.refused() {
                Some(reason) => (text::printable(reason, 300), Role::StatusWarn),
                None => (can_be_typed(app).to_owned(), Role::TextMuted),
            };
            beside_hint(canvas, above, &said, role);
            let asks = format!("load (now {}): ", header::load_now(app.snapshot()));
            line(canvas, prompt, row, &asks, row.right().saturating_sub(1));
        }
        Asks::Again => {
            canvas.clear(row);
            let mut parts = vec![part("run again from the start?", Role::TextStrong)];
            parts.extend(hint("yes", "no"));
            canvas.parts(row.x + 1, row.y, row.width.saturating_sub(2), &parts);
        }
    }
}

fn can_be_typed(app: &App) -> &'static str {
    if app.snapshot().plan.load.model == "open" {
        "type rate 150, or just 150: requests per second"
    } else {
        "type users 300, or just 300, or think 200ms..1s"
    }
}

fn hint(done: &str, cancel: &str) -> [Part; 4] {
    [
        part("  Enter", Role::Key),
        part(format!(" {done}  "), Role::TextMuted),
        part("Esc", Role::Key),
        part(format!(" {cancel}"), Role::TextMuted),
    ]
}

/// What is said, with the keys behind it where there is room for both.
fn beside_hint(canvas: &mut Canvas<'_>, row: Rect, said: &str, role: Role) {
    let hint = hint("set", "cancel");
    let (x, right) = (row.x + 1, row.right().saturating_sub(1));
    let used = canvas.text(x, row.y, right - x, said, role);
    let hinted = width_of_parts(&hint);
    if right.saturating_sub(x + used) >= hinted {
        canvas.parts(right - hinted, row.y, hinted, &hint);
    }
}

/// A question with what has been typed, up to the column `right`.
fn line(canvas: &mut Canvas<'_>, prompt: &Prompt, row: Rect, asks: &str, right: u16) {
    let x = row.x + 1;
    let used = canvas.text(x, row.y, right.saturating_sub(x), asks, Role::TextStrong);
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
