//! The *Details* view: the plan as it runs, all self-checks, the course of the run so far, and the last pairs.
//!
//! ```text
//! ╭─ Plan ───────────────────────────╮╭─ Self-checks ────────────────────╮
//! │ load     closed, 200 users, …    ││ ✓ conservation   all 37,607 …    │
//! ├─ Course ─────────────────────────┤│ …                                │
//! │ 00:00    200 users               ││                                  │
//! ╰──────────────────────────────────╯╰──────────────────────────────────╯
//! ╭─ The last pairs ─────────────────────────────────────────────────────╮
//! ╰──────────────────────────────────────────────────────────────────────╯
//! ```
//!
//! Where columns are short the parts lie one above the other, and the self-checks, which have a key of their own, go first.

mod course;
mod pairs;
mod plan;

use super::canvas::{Canvas, Part, part, width_of, wrap};
use super::{Budget, Rows, checks};
use crate::theme::Role;
use crate::tui::{App, Panel};
use ratatui::layout::Rect;

/// From this size on two parts stand side by side.
const BESIDE: (u16, u16) = (96, 20);
/// The fewest rows of a part with its frame.
const FEWEST_ROWS: u16 = 4;
/// Columns of a line's name.
const NAME: u16 = 10;

/// A name and what is said, in the colour of its meaning.
struct Line {
    name: (String, Role),
    said: (String, Role),
}

impl Line {
    fn new(name: &str, said: impl Into<String>) -> Line {
        Line {
            name: (name.to_owned(), Role::TextMuted),
            said: (said.into(), Role::Text),
        }
    }

    /// In rows of `width` columns, wrapped between words.
    fn rows(&self, width: u16) -> Vec<String> {
        let rows = wrap(&self.said.0, width.saturating_sub(NAME));
        if rows.is_empty() {
            vec![String::new()]
        } else {
            rows
        }
    }
}

/// One panel of the view alone.
pub(super) fn one(canvas: &mut Canvas<'_>, app: &App, panel: Panel, area: Rect) {
    let snapshot = app.snapshot();
    match panel {
        Panel::Checks => self_checks(canvas, app, area),
        Panel::Course => framed(canvas, panel, &course::lines(snapshot), area),
        Panel::Pairs => pairs::draw(canvas, snapshot, area),
        _ => framed(canvas, Panel::Plan, &plan::lines(app), area),
    }
}

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let snapshot = app.snapshot();
    let (plan, course) = (plan::lines(app), course::lines(snapshot));
    let mut rows = Rows(area);
    if area.width < BESIDE.0 || area.height < BESIDE.1 {
        if area.height < 3 * FEWEST_ROWS {
            let inside = Rect {
                x: area.x + 1,
                width: area.width.saturating_sub(2),
                ..area
            };
            lines(canvas, &plan, inside);
            return;
        }
        let inner = area.width.saturating_sub(4);
        // What else there is keeps its place beside a long plan, and has more where the plan is short.
        let courses = rows_of(&course, inner) + 2;
        let most = pairs::rows(snapshot);
        let mut budget = Budget(area.height);
        let mut second = budget.grant(courses.min(FEWEST_ROWS));
        let mut third = budget.grant(most.min(FEWEST_ROWS + 1));
        let first = budget.grant_between((0, rows_of(&plan, inner) + 2));
        second += budget.grant_between((0, courses - second));
        third += budget.grant_between((0, most - third));
        let spare = budget.0;
        framed(canvas, Panel::Plan, &plan, rows.take(first));
        let checked = checks::whole_rows(snapshot, inner) + 2;
        if spare >= FEWEST_ROWS {
            self_checks(canvas, app, rows.take(spare.min(checked)));
        }
        framed(canvas, Panel::Course, &course, rows.take(second));
        pairs::draw(canvas, snapshot, rows.take(third));
        return;
    }
    // The pairs have what they need, as long as most is left for the rest.
    let inner = (area.width / 2).saturating_sub(4);
    let wanted = rows_of(&plan, inner) + 2 + rows_of(&course, inner).min(4) + 2;
    let wanted = wanted.max(checks::whole_rows(snapshot, inner) + 2);
    let least = pairs::rows(snapshot).min(6);
    let upper = wanted.min(area.height - least);
    let upper = rows.take(upper);
    let left = Rect {
        width: upper.width / 2,
        ..upper
    };
    let right = Rect {
        x: left.right(),
        width: upper.width - left.width,
        ..upper
    };
    let mut left = Rows(left);
    let first = (rows_of(&plan, inner) + 2).min(upper.height - FEWEST_ROWS);
    framed(canvas, Panel::Plan, &plan, left.take(first));
    framed(canvas, Panel::Course, &course, left.0);
    self_checks(canvas, app, right);
    let most = pairs::rows(snapshot);
    pairs::draw(canvas, snapshot, rows.take(most));
}

fn self_checks(canvas: &mut Canvas<'_>, app: &App, frame: Rect) {
    canvas.place(Panel::Checks, frame);
    let inner = canvas.frame(frame);
    let title = [part("Self-checks", Role::BorderTitle)];
    canvas.title(frame, frame.y, &title);
    checks::draw_whole(canvas, app.snapshot(), inner);
}

fn rows_of(lines: &[Line], width: u16) -> u16 {
    let rows = lines.iter().map(|line| line.rows(width).len());
    rows.sum::<usize>().min(999) as u16
}

fn framed(canvas: &mut Canvas<'_>, panel: Panel, all: &[Line], frame: Rect) {
    let title = if panel == Panel::Plan {
        "Plan"
    } else {
        "Course"
    };
    if frame.height < 3 {
        return;
    }
    canvas.place(panel, frame);
    let inner = canvas.frame(frame);
    let title: [Part; 1] = [part(title, Role::BorderTitle)];
    canvas.title(frame, frame.y, &title);
    lines(canvas, all, inner);
}

/// As many lines as fit; if not all do, the last row says how many are missing.
fn lines(canvas: &mut Canvas<'_>, lines: &[Line], area: Rect) {
    let mut y = area.y;
    for (i, line) in lines.iter().enumerate() {
        let rows = line.rows(area.width);
        let left = lines.len() - i;
        let needed = rows.len().min(99) as u16;
        let room = area.bottom().saturating_sub(y);
        if needed > room || (left > 1 && needed >= room) {
            let more = format!("+{left} more");
            let (x, width) = (area.x + NAME, width_of(&more));
            if y < area.bottom() {
                canvas.text(x, y, width, &more, Role::TextMuted);
            }
            return;
        }
        let (name, role) = &line.name;
        canvas.text(area.x, y, NAME - 1, name, *role);
        let (x, width) = (area.x + NAME, area.width.saturating_sub(NAME));
        for row in rows {
            canvas.text(x, y, width, &row, line.said.1);
            y += 1;
        }
    }
}
