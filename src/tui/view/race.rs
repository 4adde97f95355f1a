//! The *Race* view where there is room for two panes: gauges and trend side by side, the table below.

use super::canvas::Canvas;
use super::comparison::{self, Remarks};
use super::pane::Room;
use super::rows::{Budget, Rows};
use super::{chart, checks, footer, header, lane, notices, pane, percentiles};
use crate::tui::{App, Panel};
use ratatui::layout::Rect;

/// The most rows of remarks under the table.
pub(super) const MOST_REMARKS: u16 = 3;
/// Rows beyond the fewest that a chart keeps beside figures that are three rows high.
const ROOM_FOR_CHART: u16 = 4;

/// Panes side by side, the table below.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let lanes = lane::lanes(app.snapshot());
    let one_line = footer::fits_one_line(app, area.width);
    let failures = u16::from(lanes.iter().any(|lane| lane.failures().1 > 0));
    let mut budget = Budget(area.height - 2);
    let mut pane = budget.grant(pane::ROWS);
    let table = budget.grant_between(table_rows(app));
    // Nobody must read the verdicts without the first of them.
    let wanted = if table > 0 {
        Remarks::wanted(app.snapshot(), area.width)
    } else {
        0
    };
    let mut remarks = budget.grant(wanted.min(1));
    let mut failures = budget.grant(failures);
    let mut notices = budget.grant(1);
    let mut line = budget.grant(u16::from(!one_line));
    let chart = budget.grant(chart::FEWEST_ROWS);
    remarks += budget.grant_between((0, wanted.min(MOST_REMARKS).saturating_sub(remarks)));
    let launched = lanes.iter().any(|lane| lane.variant.processes.is_some());
    let processes = budget.grant(u16::from(launched));
    let waits = budget.grant(1);
    // Where all checks have room, their line has nothing to add.
    let mut strip = checks::panel_rows(app.snapshot(), area.width);
    if budget.grant(strip.saturating_sub(line)) > 0 {
        line = 0;
    } else {
        strip = 0;
    }
    let width = area.width / lanes.len() as u16;
    // Figures that can be read from across the room, where a chart that deserves the name stays.
    let reserved = budget.0.saturating_sub(ROOM_FOR_CHART);
    let big = pane::has_big(app, width) && reserved >= pane::BIG;
    let air = budget.grant(if big { pane::BIG } else { pane::AIR });
    let room = match air {
        0 => Room::Tight,
        _ if big => Room::Big,
        _ => Room::Airy,
    };
    let scale = budget.grant(u16::from(room == Room::Tight));
    if room != Room::Airy {
        failures += budget.grant(failures);
    }
    // A second line of notices only where the chart has room to spare.
    if budget.0 >= 3 {
        notices += budget.grant(1);
    }
    let layout = pane::Layout {
        room,
        scale: scale > 0,
        waits: waits > 0,
        processes: processes > 0,
        failures,
    };
    pane += waits + processes + air + scale + failures;
    pane += if chart > 0 { chart + budget.0 } else { 0 };

    let mut rows = Rows(area);
    header::draw(canvas, app, rows.take(1));
    let panes = rows.take(pane);
    for (i, lane) in lanes.iter().enumerate() {
        let x = panes.x + width * i as u16;
        let frame = Rect { x, width, ..panes };
        canvas.place(lane.panel(), frame);
        pane::draw(canvas, app, lane, layout, frame);
    }
    let remarks = Remarks::of(app.snapshot(), area.width, remarks);
    draw_table(canvas, app, &remarks, rows.take(table + remarks.rows()));
    notices::draw(canvas, app, remarks.left(), rows.take(notices));
    // Rows that nobody wanted stay above the last line.
    let spare = rows.0.height.saturating_sub(1 + line + strip);
    rows.take(spare);
    let strip_rows = rows.take(strip);
    canvas.place(Panel::Checks, strip_rows);
    checks::draw_panel(canvas, app.snapshot(), strip_rows);
    if line > 0 {
        footer::draw_checks(canvas, app, rows.take(1));
    }
    if line > 0 || strip > 0 {
        footer::draw_keys(canvas, app, rows.take(1));
    } else {
        footer::draw_both(canvas, app, rows.take(1));
    }
}

/// The fewest and the most rows of the table with its frame.
pub(super) fn table_rows(app: &App) -> (u16, u16) {
    if app.snapshot().variants.b.is_some() {
        comparison::rows(app.snapshot())
    } else {
        percentiles::rows(app.snapshot())
    }
}

pub(super) fn draw_table(canvas: &mut Canvas<'_>, app: &App, remarks: &Remarks, frame: Rect) {
    if frame.is_empty() {
        return;
    }
    canvas.place(Panel::Table, frame);
    if app.snapshot().variants.b.is_some() {
        comparison::draw(canvas, app, remarks, frame);
    } else {
        percentiles::draw(canvas, app.snapshot(), frame);
    }
}
