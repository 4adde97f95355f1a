//! The *Heat* view: the answers of every second by their latency, as shades, so that two speeds at once, slow tails and
//! stalls show.
//!
//! ```text
//! ╭─ A  7 upstream connections ─────────── 127.0.0.1:41001 ─╮╭─ B  unbounded pool ──────────────────── 127.0.0.1:41002 ─╮
//! │  failed│                                                ││  failed│           ×  ×××                                │
//! │    5 s ┤      ░▒▓████████████▓▓▓████                    ││    5 s ┤               ░                                 │
//! │    1 s ┤    ░▒▓▒                                        ││    1 s ┤     ░   ░  ░  ▒                                 │
//! │  200 ms┤ ░▒▓▒                                           ││  200 ms┤ ░▒▓▓▓▓▓▓▓▓▒   ▓▓▓▓▓▓                            │
//! │   50 ms┤ ▓▒                                             ││   50 ms┤ ▒▒▒▒▒▒▒▒▒▒    ▒▒▒▒▒▒                            │
//! │        │                                                ││        │           ▲▲▲                                   │
//! │        └┬───────┬───────┬───────┬───────┬───────┬──     ││        └┬───────┬───────┬───────┬───────┬───────┬──      │
//! ╰─ share of a column's answers: ░ ▒ 1 % ▓ 5 % █ 20 % ─────╯╰─────────────────────────────────────────────────────────╯
//! ```
//!
//! Both panes have the same scales, from the fastest answer to the slowest. Where the screen is too low for panes each
//! variant has a few rows (`brief`).

mod brief;
mod figures;
mod grid;
mod legend;
mod map;

use super::canvas::{Canvas, fit, foreign, part, width_of_parts};
use super::chart::LABELS;
use super::cursor;
use super::lane::{Lane, lanes};
use crate::theme::Role;
use crate::tui::App;
use ratatui::layout::Rect;

/// From this width on the panes stand side by side.
const SIDE_BY_SIDE: u16 = 96;
/// The smallest pane: the frame, three rows of shades, the axis and its labels.
const SMALLEST: (u16, u16) = (LABELS + 12, 7);

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    panes(canvas, app, &lanes(app.snapshot()), area);
}

/// A pane for each of `lanes`, side by side where there is room, else one above the other.
pub(super) fn panes(canvas: &mut Canvas<'_>, app: &App, lanes: &[Lane<'_>], area: Rect) {
    let count = (lanes.len() as u16).max(1);
    let size = if area.width >= SIDE_BY_SIDE {
        (area.width / count, area.height)
    } else {
        (area.width, area.height / count)
    };
    if size.0 < SMALLEST.0 || size.1 < SMALLEST.1 {
        brief::draw(canvas, app, lanes, area);
        return;
    }
    for (i, lane) in (0..).zip(lanes) {
        let frame = if area.width >= SIDE_BY_SIDE {
            Rect::new(area.x + size.0 * i, area.y, size.0, size.1)
        } else {
            Rect::new(area.x, area.y + size.1 * i, size.0, size.1)
        };
        canvas.place(lane.panel(), frame);
        pane(canvas, app, lane, frame);
    }
}

/// One variant with its frame.
fn pane(canvas: &mut Canvas<'_>, app: &App, lane: &Lane<'_>, frame: Rect) {
    let inner = canvas.frame(frame);
    let ink = map::ink(canvas, lane);
    titles(canvas, app, lane, frame);
    let room = frame.width.saturating_sub(6);
    let legend = legend::of(app, &ink, room);
    let bottom = frame.bottom().saturating_sub(1);
    legend::draw(canvas, &legend, frame.x + 2, bottom, true);
    let area = Rect {
        width: inner.width - LABELS,
        x: inner.x + LABELS,
        height: inner.height - 2,
        ..inner
    };
    map::draw(canvas, app, lane, &ink, (inner, area), true);
}

/// Who it is, and where, or what the second under the cursor has. The figures come before the name.
fn titles(canvas: &mut Canvas<'_>, app: &App, lane: &Lane<'_>, frame: Rect) {
    /// Columns of the letter, of the space around titles, and of a name that still tells something.
    const LEAST: u16 = 14;
    let room = frame.width.saturating_sub(LEAST);
    let read = figures::at_cursor(app, lane);
    let read = read.into_iter().find(|said| width_of_parts(said) <= room);
    let label = foreign(&lane.variant.label, Role::BorderTitle);
    let taken = read.as_ref().map_or(0, |said| width_of_parts(said) + 2);
    let label = fit(&label.0, frame.width.saturating_sub(taken + 10));
    let name = [
        part(lane.letter, lane.role),
        part("  ", Role::Border),
        part(label, Role::BorderTitle),
    ];
    let from = canvas.title(frame, frame.y, &name);
    match read {
        Some(read) => canvas.title_right(frame, frame.y, from, &read),
        None => cursor::draw_title(canvas, &lane.addresses(), (frame, frame.y), from),
    }
}
