//! The *Errors* view: how requests ended, what went wrong in whose words, what the connections did, and both over time.
//!
//! ```text
//! ╭─ A  httpx ───────────────────────╮╭─ B  aiohttp ─────────────────────╮
//! │   6,851 ok           100 %       ││  30,127 ok          98.6 %       │
//! │ ✓ none has failed                ││     349 http_503    1.14 %       │
//! ├─ connections ────────────────────┤├─ connections ────────────────────┤
//! │ …                                ││ …                                │
//! ├─ what failed ────────────────────┤├─ what failed ────────────────────┤
//! ├─ failures per second ────────────┤├─ failures per second ────────────┤
//! ├─ in flight ──────────────────────┤├─ in flight ──────────────────────┤
//! ╰──────────────────────────────────╯╰──────────────────────────────────╯
//! ```
//!
//! Both panes give their parts the same rows, so that what stands side by side is compared at a glance. Where there is no
//! room for two panes there is one table (`brief`).

mod brief;
mod outcomes;
mod over_time;
mod sockets;
mod upstream;
mod words;

use super::canvas::{Canvas, Part, part};
use super::lane::{Lane, lanes};
use super::{Budget, Rows, cursor, pane};
use crate::theme::Role;
use crate::tui::App;
use ratatui::layout::Rect;

/// From this size on there are two panes.
const PANES: (u16, u16) = (76, 14);

/// What a part's title says of the second under the time cursor, from the longest form to the shortest.
type Read = Vec<Vec<Part>>;

/// The rows of the parts; the same in both panes.
#[derive(Clone, Copy)]
struct Layout {
    outcomes: u16,
    sockets: u16,
    words: u16,
    failures: u16,
    in_flight: u16,
}

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    panes(canvas, app, &lanes(app.snapshot()), area);
}

/// A pane for each of `lanes`, side by side.
pub(super) fn panes(canvas: &mut Canvas<'_>, app: &App, lanes: &[Lane<'_>], area: Rect) {
    if area.width < PANES.0 || area.height < PANES.1 {
        brief::draw(canvas, app, lanes, area);
        return;
    }
    let layout = layout(lanes, area.height);
    let peaks = over_time::Peaks::of(app.snapshot());
    let width = area.width / lanes.len() as u16;
    for (i, lane) in lanes.iter().enumerate() {
        let frame = Rect {
            x: area.x + width * i as u16,
            width,
            ..area
        };
        canvas.place(lane.panel(), frame);
        let inner = canvas.frame(frame);
        pane::titles(canvas, lane, frame);
        let mut rows = Rows(inner);
        outcomes::draw(canvas, lane, rows.take(layout.outcomes));
        let mut section = |canvas: &mut Canvas<'_>, title: &str, read: Read, height: u16| {
            let taken = rows.take(height);
            if height > 0 {
                canvas.divider(frame, taken.y);
                let from = canvas.title(frame, taken.y, &[part(title, Role::BorderTitle)]);
                cursor::draw_title(canvas, &read, (frame, taken.y), from);
            }
            Rect {
                y: taken.y + height.min(1),
                height: taken.height.saturating_sub(1),
                ..taken
            }
        };
        let title = sockets::title(lane, layout.sockets, frame.width.saturating_sub(6));
        let area = section(canvas, &title, Read::new(), layout.sockets);
        sockets::draw(canvas, lane, area);
        let area = section(canvas, "what failed", Read::new(), layout.words);
        words::draw(canvas, lane, area);
        let read = over_time::read_failures(app, lane);
        let title = if read.is_empty() {
            "failures per second, all kinds"
        } else {
            "failures per second"
        };
        let area = section(canvas, title, read, layout.failures);
        over_time::failures(canvas, app, lane, &peaks, area);
        let read = over_time::read_in_flight(app, lane);
        let area = section(canvas, "in flight", read, layout.in_flight);
        over_time::in_flight(canvas, app, lane, &peaks, area);
    }
}

fn layout(lanes: &[Lane<'_>], height: u16) -> Layout {
    let most = |of: fn(&Lane<'_>) -> usize| {
        let most = lanes.iter().map(of).max().unwrap_or(0);
        most.min(99) as u16
    };
    let mut budget = Budget(height.saturating_sub(2));
    let wanted = most(outcomes::rows);
    let mut outcomes = budget.grant_between((2, wanted.min(4)));
    let mut sockets = budget.grant(1 + sockets::LEAST_ROWS);
    let texts = most(words::rows);
    // Where nothing failed there are no words to show and no chart without a line.
    let mut words = if texts > 0 { budget.grant(2) } else { 0 };
    let failed = lanes.iter().any(over_time::has_failures);
    let mut failures = if failed {
        budget.grant(1 + over_time::FEWEST_ROWS)
    } else {
        0
    };
    let mut in_flight = budget.grant(1 + over_time::FEWEST_ROWS);
    // A line for what was agreed on comes before the rarer kinds of failures, and one for what is seen from behind.
    if sockets > 0 {
        let seen = lanes.iter().any(upstream::is_seen);
        sockets += budget.grant_between((0, 1 + u16::from(seen)));
    }
    outcomes += budget.grant_between((0, wanted.saturating_sub(outcomes).min(6)));
    if words > 0 {
        words += budget.grant_between((0, texts.saturating_sub(1).min(8)));
    }
    // The charts are legible already: the rest of the lens goes before their height.
    if sockets > 0 {
        let all = 1 + most(sockets::rows);
        sockets += budget.grant_between((0, all.saturating_sub(sockets)));
    }
    // The rest goes to the charts.
    let rest = budget.0;
    if failures > 0 && in_flight > 0 {
        failures += rest / 2;
        in_flight += rest - rest / 2;
    } else if in_flight > 0 {
        in_flight += rest;
    } else if failures > 0 {
        failures += rest;
    }
    Layout {
        outcomes,
        sockets,
        words,
        failures,
        in_flight,
    }
}
