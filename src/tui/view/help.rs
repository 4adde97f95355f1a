//! The help: the keys that work, and what the signs on the screen mean. It lies over the screen, which goes on beneath.

use super::canvas::{Canvas, part, width_of};
use crate::theme::Role;
use crate::tui::{App, BINDINGS};
use ratatui::layout::Rect;
use ratatui::widgets::Clear;

/// Signs and words, with their meaning.
const SIGNS: [(&str, &str); 14] = [
    ("╎", "on a gauge: where the other variant is"),
    ("▏", "on the RPS gauge: the most the load asks for"),
    ("├─●─┤", "in the table: an interval; ╎ is no change"),
    ("×", "on a chart: a second with failures"),
    ("┊", "on a chart: the load was changed"),
    ("░", "on a chart: time that was left out"),
    ("≥", "at least: requests still open are in the figure"),
    ("> 30 s", "among requests that ran into the timeout"),
    ("∞ http_503", "among failures of this kind"),
    ("run", "since warm-up, or since the load was changed"),
    ("response", "last byte − intended start: waiting counts"),
    ("service", "last byte − actual send"),
    ("slot wait", "the wait for a slot or connection before"),
    ("✓ ▲ ✗", "a check: ok, worth knowing, verdict withheld"),
];

/// Columns of keys and signs.
const LEFT: u16 = 13;

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let keys: Vec<(&str, &str)> = BINDINGS
        .iter()
        .filter(|binding| (binding.works)(app) && !binding.key.is_empty())
        .map(|binding| (binding.key, binding.what))
        .collect();
    let widest = keys
        .iter()
        .chain(&SIGNS)
        .map(|(_, what)| width_of(what))
        .max();
    let width = (widest.unwrap_or(0) + LEFT + 6).min(area.width);
    let height = ((keys.len() + SIGNS.len()) as u16 + 5).min(area.height);
    let frame = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    canvas.widget(Clear, frame);
    let inner = canvas.frame(frame);
    canvas.title(frame, frame.y, &[part("help", Role::BorderTitle)]);
    let lines = keys
        .iter()
        .map(|line| (Some(line), Role::Key))
        .chain([(None, Role::Text)])
        .chain(SIGNS.iter().map(|line| (Some(line), Role::TextStrong)));
    let air = u16::from(inner.height >= (keys.len() + SIGNS.len()) as u16 + 3);
    for (y, (line, role)) in (inner.y + air..inner.bottom()).zip(lines) {
        if let Some((left, what)) = line {
            canvas.text(inner.x + 1, y, LEFT, left, role);
            canvas.text(
                inner.x + 1 + LEFT,
                y,
                inner.width.saturating_sub(LEFT + 1),
                what,
                Role::Text,
            );
        }
    }
}
