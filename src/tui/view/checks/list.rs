//! All self-checks with all they say, over the screen, which goes on beneath; then what must be read with the verdicts.

use super::{Check, mark, sorted};
use crate::metrics::snapshot::Snapshot;
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::view::canvas::{Canvas, fit_words, part, width_of, wrap};
use ratatui::layout::Rect;
use ratatui::widgets::Clear;

/// The widest the list gets.
const WIDEST: u16 = 104;
/// The most columns of a name.
const NAME: u16 = 20;
/// What the marks mean.
const LEGEND: [(&str, Role, &str); 4] = [
    ("✓", Role::StatusOk, "ok"),
    ("▲", Role::StatusWarn, "worth knowing"),
    ("✗", Role::StatusError, "withholds the verdict"),
    ("·", Role::TextMuted, "not judged"),
];

/// A line of the list, or several: a mark, a name, and what is said.
struct Entry {
    mark: (&'static str, Role),
    name: String,
    detail: String,
}

fn entries(snapshot: &Snapshot) -> Vec<Entry> {
    let check = |check: &Check| Entry {
        mark: mark(check),
        name: text::printable(&check.name, 40),
        detail: text::printable(&check.detail, 200),
    };
    let remark = |remark: &String| Entry {
        mark: ("›", Role::TextMuted),
        name: "B against A".to_owned(),
        detail: text::printable(remark, 300),
    };
    let checks = sorted(snapshot).into_iter().map(check);
    let remarks = snapshot.comparison.iter().flat_map(|c| &c.remarks);
    checks.chain(remarks.map(remark)).collect()
}

pub(in crate::tui::view) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let checks = entries(app.snapshot());
    let names = checks.iter().map(|check| width_of(&check.name));
    let name = names.max().unwrap_or(0).min(NAME).min(area.width / 3);
    let at = 2 + name + 2;
    let most = WIDEST.min(area.width).saturating_sub(6);
    let longest = checks
        .iter()
        .map(|check| at + width_of(&check.detail))
        .max();
    let legend = LEGEND
        .iter()
        .map(|(_, _, what)| width_of(what) + 5)
        .sum::<u16>();
    // Wide enough for the longest, so that it does not move with each figure: in steps of eight.
    let wanted = longest.unwrap_or(0).max(legend).max(60).div_ceil(8) * 8;
    let width = wanted.min(most);
    let room = width.saturating_sub(at);
    let wrapped: Vec<(&Entry, Vec<String>)> = checks
        .iter()
        .map(|check| (check, wrap(&check.detail, room)))
        .collect();
    let lines: u16 = wrapped
        .iter()
        .map(|(_, lines)| lines.len().max(1) as u16)
        .sum();
    let height = (lines.max(1) + 6).min(area.height);
    let frame = Rect {
        x: area.x + (area.width - (width + 6).min(area.width)) / 2,
        y: area.y + (area.height - height) / 2,
        width: (width + 6).min(area.width),
        height,
    };
    canvas.widget(Clear, frame);
    let inner = canvas.frame(frame);
    canvas.title(frame, frame.y, &[part("self-checks", Role::BorderTitle)]);
    let inner = Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    };
    if checks.is_empty() {
        canvas.text(
            inner.x,
            inner.y + 1,
            inner.width,
            "none yet",
            Role::TextMuted,
        );
        return;
    }
    // What is not needed to understand goes first: the legend, the air, the second lines, the last checks.
    let air = u16::from(inner.height >= lines + 2);
    let legend = inner.height >= lines + 3 + u16::from(air > 0);
    let whole = inner.height >= lines;
    let mut y = inner.y + air;
    for (i, (check, lines)) in wrapped.iter().enumerate() {
        let left = checks.len() - i;
        if y + 1 >= inner.bottom() && left > 1 && !whole {
            let more = format!("+{left} more");
            canvas.text(inner.x, y, inner.width, &more, Role::TextMuted);
            return;
        }
        let (sign, role) = check.mark;
        canvas.text(inner.x, y, 1, sign, role);
        canvas.text(inner.x + 2, y, name, &check.name, Role::Text);
        if whole {
            for line in lines {
                canvas.text(inner.x + at, y, room, line, Role::Text);
                y += 1;
            }
            y += u16::from(lines.is_empty());
        } else {
            let detail = fit_words(&check.detail, room);
            canvas.text(inner.x + at, y, room, &detail, Role::Text);
            y += 1;
        }
    }
    if legend {
        let mut parts = Vec::new();
        for (sign, role, what) in LEGEND {
            parts.push(part(format!("{sign} "), role));
            parts.push(part(format!("{what}   "), Role::TextMuted));
        }
        canvas.parts(inner.x, inner.bottom() - 2, inner.width, &parts);
    }
}
