//! A panel that fills the screen. It shows what it shows among the others, with all the room there is.

use super::canvas::{Canvas, part, wrap};
use super::comparison::Remarks;
use super::lane::{Lane, lanes};
use super::pane::Room;
use super::race::{draw_table, table_rows};
use super::{chart, details, errors, heat, latency, log, pane};
use crate::text;
use crate::theme::Role;
use crate::tui::{App, Panel, View};
use ratatui::layout::Rect;

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, panel: Panel, area: Rect) {
    canvas.place(panel, area);
    let lanes = lanes(app.snapshot());
    let lane = lanes.iter().find(|lane| lane.panel() == panel);
    match (app.view(), panel, lane) {
        (View::Race, Panel::A | Panel::B, Some(lane)) => one_pane(canvas, app, lane, area),
        (View::Heat, Panel::A | Panel::B, Some(lane)) => heat::panes(canvas, app, &[*lane], area),
        (View::Errors, Panel::A | Panel::B, Some(lane)) => {
            errors::panes(canvas, app, &[*lane], area);
        }
        (_, Panel::Table, _) => table(canvas, app, area),
        (View::Latency, ..) => latency::one(canvas, app, panel, area),
        (_, Panel::Log, _) => log::draw(canvas, app, area),
        _ => details::one(canvas, app, panel, area),
    }
}

/// Everything about one variant.
fn one_pane(canvas: &mut Canvas<'_>, app: &App, lane: &Lane<'_>, area: Rect) {
    let failed = u16::from(lane.failures().1 > 0);
    let spare = area.height.saturating_sub(pane::ROWS);
    // The chart, then where the time goes, then failures, then air.
    let waits = spare > chart::FEWEST_ROWS;
    let spare = spare.saturating_sub(chart::FEWEST_ROWS + 1);
    let failures = (2 * failed).min(spare);
    let spare = spare - failures;
    let processes = u16::from(lane.variant.processes.is_some()).min(spare);
    let spare = spare - processes;
    let room = if spare >= pane::BIG && pane::has_big(app, area.width) {
        Room::Big
    } else if spare >= pane::AIR {
        Room::Airy
    } else {
        Room::Tight
    };
    let layout = pane::Layout {
        room,
        scale: room == Room::Tight && spare > 0,
        waits,
        processes: processes > 0,
        failures: if room == Room::Airy {
            failures.min(1)
        } else {
            failures
        },
    };
    pane::draw(canvas, app, lane, layout, area);
}

/// The table with all its remarks, and under it how each figure comes about.
fn table(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let (_, most) = table_rows(app);
    let room = area.height.saturating_sub(most);
    let wanted = Remarks::wanted(app.snapshot(), area.width).min(room);
    let remarks = Remarks::of(app.snapshot(), area.width, wanted);
    let upper = Rect {
        height: (most + remarks.rows()).min(area.height),
        ..area
    };
    draw_table(canvas, app, &remarks, upper);
    let lower = Rect {
        y: upper.bottom(),
        height: area.height - upper.height,
        ..area
    };
    let used = calculations(canvas, app, lower);
    let rest = Rect {
        y: lower.y + used,
        height: lower.height - used,
        ..lower
    };
    if app.compares() {
        details::one(canvas, app, Panel::Pairs, rest);
    }
}

/// How each figure of the table comes about; gives the rows used.
fn calculations(canvas: &mut Canvas<'_>, app: &App, area: Rect) -> u16 {
    /// Columns of a metric's name.
    const NAME: u16 = 8;
    let room = area.width.saturating_sub(4 + NAME);
    let metrics = app.snapshot().comparison.iter().flat_map(|c| &c.metrics);
    let mut lines = Vec::new();
    for metric in metrics {
        let said = text::printable(&metric.calculation, 300);
        for (i, line) in wrap(&said, room).into_iter().enumerate() {
            let name = if i == 0 { metric.name.word() } else { "" };
            lines.push((name, line));
        }
    }
    if lines.is_empty() || area.height < 3 {
        return 0;
    }
    let frame = Rect {
        height: (lines.len() as u16 + 2).min(area.height),
        ..area
    };
    let inner = canvas.frame(frame);
    canvas.title(frame, frame.y, &[part("Calculation", Role::BorderTitle)]);
    for (y, (name, line)) in (inner.y..inner.bottom()).zip(lines) {
        canvas.text(inner.x, y, NAME - 1, name, Role::Text);
        canvas.text(inner.x + NAME, y, room, &line, Role::TextMuted);
    }
    frame.height
}
