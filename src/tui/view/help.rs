//! The help: the keys that work, and what the signs on the screen mean. It lies over the screen, which goes on beneath.
//!
//! Where there is no room for one column there are two, and where there is no room for two there are pages.

use super::canvas::{Canvas, part, width_of};
use crate::theme::Role;
use crate::tui::{App, ENTRIES};
use ratatui::layout::Rect;

/// Signs and words, with their meaning.
const SIGNS: [(&str, &str); 15] = [
    ("╎", "on a gauge: where the other variant is"),
    ("┃", "on a gauge: where the run's figure is"),
    ("▏", "on the RPS gauge: the most the load asks for"),
    ("├─●─┤", "in the table: an interval; ╎ is no change"),
    ("×", "on a chart: a second with failures"),
    ("┊", "on a chart: the load was changed, or ▸ your marker"),
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

/// A key or a sign and its meaning; without one, an empty line.
type Line<'a> = (&'a str, &'a str, Role);

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, page: usize, area: Rect) {
    let labels: Vec<(String, &str)> = ENTRIES
        .iter()
        .filter(|entry| (entry.works)(app))
        .map(|entry| (app.keys().label(entry), entry.what))
        .filter(|(label, _)| !label.is_empty())
        .collect();
    let keys: Vec<Line<'_>> = labels
        .iter()
        .map(|(label, what)| (label.as_str(), *what, Role::Key))
        .collect();
    let signs: Vec<Line<'_>> = SIGNS
        .iter()
        .map(|&(sign, what)| (sign, what, Role::TextStrong))
        .collect();
    let widest = keys.iter().chain(&signs).map(|(_, what, _)| width_of(what));
    let column = LEFT + widest.max().unwrap_or(0);
    let most = usize::from(area.height.saturating_sub(2));
    let together: Vec<Line<'_>> = keys
        .iter()
        .copied()
        .chain([("", "", Role::Text)])
        .chain(signs.iter().copied())
        .collect();
    let mut count = 1;
    let columns: Vec<&[Line<'_>]> = if together.len() <= most {
        vec![&together]
    } else if keys.len().max(signs.len()) <= most && 2 * column + 7 <= area.width {
        vec![&keys, &signs]
    } else {
        let pages: Vec<&[Line<'_>]> = if keys.len().max(signs.len()) <= most {
            vec![&keys, &signs]
        } else {
            together.chunks(most.max(1)).collect()
        };
        count = pages.len();
        pages
            .get(page)
            .or(pages.last())
            .copied()
            .into_iter()
            .collect()
    };
    canvas.set_pages(count);
    let rows = columns.iter().map(|lines| lines.len()).max().unwrap_or(0) as u16;
    let air = u16::from(rows + 4 <= area.height);
    let count = columns.len() as u16;
    let width = (count * column + (count - 1) * 3 + 4).min(area.width);
    let height = (rows + 2 + 2 * air).min(area.height);
    let frame = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    canvas.clear(frame);
    let inner = canvas.frame(frame);
    title(canvas, page, frame);
    for (i, lines) in columns.iter().enumerate() {
        let x = inner.x + i as u16 * (column + 3);
        for (y, (left, what, role)) in (inner.y + air..inner.bottom()).zip(*lines) {
            canvas.text(x, y, LEFT, left, *role);
            let room = inner.right().saturating_sub(x + LEFT);
            canvas.text(x + LEFT, y, room, what, Role::Text);
        }
    }
}

fn title(canvas: &mut Canvas<'_>, page: usize, frame: Rect) {
    let mut said = vec![part("help", Role::BorderTitle)];
    let pages = canvas.pages();
    if pages > 1 {
        let page = page.min(pages - 1) + 1;
        said.push(part(
            format!(" · page {page} of {pages} · "),
            Role::TextMuted,
        ));
        said.push(part("?", Role::Key));
        let next = if page < pages { " next" } else { " close" };
        said.push(part(next, Role::TextMuted));
    }
    canvas.title(frame, frame.y, &said);
}
