//! All self-checks in a strip that is always there on a large screen: a cell each, in columns that do not move.
//!
//! ```text
//! ╭─ Self-checks · all 9 ok ──────────────────────────────────────────── c details ─╮
//! │ ✓ conservation        all 12,345…       ✓ Little's law        0.3 % apart       │
//! ╰─────────────────────────────────────────────────────────────────────────────────╯
//! ```

use super::{in_short, is_judged, mark, reason, sorted};
use crate::metrics::snapshot::{CheckLevel, Snapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::view::canvas::{Canvas, Part, fit, part, width_of, width_of_parts};
use ratatui::layout::Rect;

/// The width from which three cells stand side by side.
const WIDE: u16 = 110;
/// Columns between two cells.
const GAP: u16 = 2;
/// The most columns of a name.
const NAME: u16 = 20;

fn columns(width: u16) -> u16 {
    if width >= WIDE { 3 } else { 2 }
}

/// The rows of the strip with its frame; 0 without a check.
pub(in crate::tui::view) fn rows(snapshot: &Snapshot, width: u16) -> u16 {
    let count = snapshot.checks.len().min(99) as u16;
    if count == 0 {
        return 0;
    }
    count.div_ceil(columns(width)) + 2
}

pub(in crate::tui::view) fn draw(canvas: &mut Canvas<'_>, snapshot: &Snapshot, frame: Rect) {
    if frame.is_empty() {
        return;
    }
    let inner = canvas.frame(frame);
    let key = [
        part("c", Role::Key),
        part(" ", Role::Text),
        part("details", Role::TextMuted),
    ];
    // The title keeps clear of the key at its right.
    let room = frame.width.saturating_sub(width_of_parts(&key) + 12);
    let title = title(snapshot, room);
    let from = canvas.title(frame, frame.y, &title);
    canvas.title_right(frame, frame.y, from, &key);

    let columns = columns(frame.width);
    let cell = (inner.width - GAP * (columns - 1)) / columns;
    let names = snapshot.checks.iter().map(|check| width_of(&check.name));
    let name_width = names.max().unwrap_or(0).min(NAME);
    // In the order in which they come: a check that changes its level stays where it is.
    for (i, check) in snapshot.checks.iter().enumerate() {
        let i = i as u16;
        let x = inner.x + i % columns * (cell + GAP);
        let y = inner.y + i / columns;
        if y >= inner.bottom() {
            return;
        }
        let (sign, role) = mark(check);
        let worry = check.level != CheckLevel::Ok;
        let (of_name, of_detail) = if worry {
            (role, role)
        } else {
            (Role::Text, Role::TextMuted)
        };
        canvas.text(x, y, 1, sign, role);
        let name = text::printable(&check.name, 40);
        canvas.text(x + 2, y, name_width, &name, of_name);
        let at = 2 + name_width + 1;
        let room = cell.saturating_sub(at);
        let detail = in_short(&text::printable(&check.detail, 200), room);
        canvas.text(x + at, y, room, &detail, of_detail);
    }
}

/// How many are well, or the worst and why. A red one has said why above the table.
fn title(snapshot: &Snapshot, room: u16) -> Vec<Part> {
    let checks = sorted(snapshot);
    let mut title = vec![
        part("Self-checks", Role::BorderTitle),
        part(" · ", Role::TextMuted),
    ];
    let at = |level| checks.iter().filter(|check| check.level == level).count();
    let (red, amber) = (at(CheckLevel::Red), at(CheckLevel::Amber));
    let judged = checks.iter().filter(|check| is_judged(check)).count();
    let well = judged - red - amber;
    if red > 0 {
        title.push(part(format!("✗ {red} red"), Role::StatusError));
        if amber > 0 {
            title.push(part(format!(" · ▲ {amber} amber"), Role::StatusWarn));
        }
        title.push(part(format!(" · {well} ok"), Role::TextMuted));
    } else if amber > 0 {
        let room = room.saturating_sub(width_of_parts(&title));
        let said: String = reason(checks[0])
            .into_iter()
            .map(|(text, _)| text)
            .collect();
        title.push((fit(&said, room), Role::StatusWarn));
    } else {
        let words = match checks.len() - judged {
            0 => format!("all {well} ok"),
            waiting => format!("{well} ok, {waiting} not judged"),
        };
        title.push(part(words, Role::TextMuted));
    }
    title
}
