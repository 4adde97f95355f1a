//! The narrow or low screen: each headline figure of A above that of B, so that they are compared at a glance.

use super::canvas::{Canvas, foreign, part, width_of};
use super::comparison::Remarks;
use super::counts::failed_role;
use super::lane::{HEADLINES, Lane, lanes};
use super::pane::Columns;
use super::race::{MOST_REMARKS, draw_table, table_rows};
use super::{Budget, Rows, chart, checks, cursor, footer, header, notices, turns};
use crate::metrics::snapshot::MetricName;
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::widgets::Shape;
use ratatui::layout::Rect;

/// Columns of a metric's name and a variant's letter.
const NAMES: u16 = 7;
/// The narrowest screen with charts.
const CHART_COLUMNS: u16 = 60;

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    let lanes = lanes(app.snapshot());
    let count = lanes.len() as u16;
    let gauges = 4 * count;
    let mut budget = Budget(area.height.saturating_sub(2 + gauges));
    let failed = u16::from(lanes.iter().any(|lane| lane.failures().1 > 0));
    // In the order of their worth.
    let mut identities = budget.grant(failed * count);
    let table = budget.grant_between(table_rows(app));
    // Nobody must read the verdicts without the first of them.
    let wanted = if table > 0 {
        Remarks::wanted(app.snapshot(), area.width)
    } else {
        0
    };
    let mut remarks = budget.grant(wanted.min(1));
    let notice = budget.grant(1);
    // A red check has said so in the table.
    let said = table > 0 && !checks::are_trusted(app.snapshot());
    let urgent = checks::are_of_note(app.snapshot()) && !said;
    let mut line = budget.grant(u16::from(urgent));
    if identities == 0 {
        identities = budget.grant(count);
    }
    let frame = budget.grant(2);
    // A row above the gauges for the scale of RPS and for who waits, one above those of latency. The titles have the frame.
    let above_all = frame == 0 || lanes.iter().any(|lane| lane.idle);
    let first = budget.grant(1);
    if !urgent {
        line = budget.grant(1);
    }
    let second = budget.grant(first);
    let (titles, scale) = if above_all {
        (first, second)
    } else {
        (second, first)
    };
    remarks += budget.grant_between((0, wanted.min(MOST_REMARKS).saturating_sub(remarks)));
    let charts = if area.width >= CHART_COLUMNS && frame > 0 && budget.0 > chart::FEWEST_ROWS {
        budget.0
    } else {
        0
    };
    // With the row above the latency gauges there is one after each metric.
    let air = if charts == 0 && scale > 0 {
        budget.grant(3)
    } else {
        0
    };

    let mut rows = Rows(area);
    header::draw(canvas, app, rows.take(1));
    let block = rows.take(frame + titles + scale + gauges + air + identities);
    let inner = if frame > 0 {
        canvas.frame(block)
    } else {
        Rect {
            x: block.x + 1,
            width: block.width.saturating_sub(2),
            ..block
        }
    };
    let given = Given {
        frame: (frame > 0).then_some(block),
        titles: titles > 0,
        scale: scale > 0,
        air: air > 0,
    };
    figures(canvas, app, &lanes, given, inner);
    if identities > 0 {
        let y = inner.y + titles + scale + gauges + air;
        for (y, lane) in (y..).zip(&lanes) {
            identity(
                canvas,
                lane,
                Rect {
                    y,
                    height: 1,
                    ..inner
                },
            );
        }
    }
    draw_charts(canvas, app, &lanes, rows.take(charts));
    let remarks = Remarks::of(app.snapshot(), area.width, remarks);
    draw_table(canvas, app, &remarks, rows.take(table + remarks.rows()));
    notices::draw(canvas, app, remarks.left(), rows.take(notice));
    let spare = rows.0.height.saturating_sub(1 + line);
    rows.take(spare);
    if line > 0 {
        footer::draw_checks(canvas, app, rows.take(1));
    }
    // Where nothing else says it, that the figures cannot be trusted comes before the keys.
    if line == 0 && table == 0 && !checks::are_trusted(app.snapshot()) {
        footer::draw_checks(canvas, app, rows.take(1));
    } else if notice == 0 && notices::are_grave(app) {
        // So does what makes the figures worth nothing.
        notices::draw(canvas, app, &[], rows.take(1));
    } else {
        footer::draw_keys(canvas, app, rows.take(1));
    }
}

/// What there is room for beside the gauges.
#[derive(Clone, Copy)]
struct Given {
    /// The frame around them.
    frame: Option<Rect>,
    /// A row above them.
    titles: bool,
    /// A row above those of latency.
    scale: bool,
    /// A row after each metric.
    air: bool,
}

/// Who is compared, in the line of a frame.
fn title(canvas: &mut Canvas<'_>, app: &App, frame: Rect) {
    let mut parts = Vec::new();
    for lane in lanes(app.snapshot()) {
        if !parts.is_empty() {
            parts.push(part(" · ", Role::TextMuted));
        }
        parts.push(part(lane.letter, lane.role));
        parts.push(part(" ", Role::Border));
        parts.push(foreign(&lane.variant.label, Role::BorderTitle));
    }
    canvas.title(frame, frame.y, &parts);
}

/// The gauges with their figures, and what these are: in the frame's line, above, or where there is neither, before them.
fn figures(canvas: &mut Canvas<'_>, app: &App, lanes: &[Lane<'_>], given: Given, inner: Rect) {
    let named = given.frame.is_some() || given.titles;
    let columns = if named {
        Columns::of(inner, NAMES)
    } else {
        Columns::labelled(inner, NAMES)
    };
    // The live window is that of the variant whose turn it is.
    let live = lanes.iter().find(|lane| !lane.idle).unwrap_or(&lanes[0]);
    // Two bars touch even where there is air between the metrics.
    let shape = if given.air && lanes.len() == 1 {
        Shape::Bar
    } else {
        Shape::Line
    };
    if let Some(frame) = given.frame {
        let from = columns.titles_in_frame(canvas, app, live, (frame.y, !given.titles));
        let width = from.saturating_sub(frame.x);
        title(canvas, app, Rect { width, ..frame });
    }
    let mut y = inner.y;
    if given.titles {
        if given.frame.is_none() {
            columns.titles(canvas, live, y);
        }
        let row = Rect {
            y,
            height: 1,
            ..inner
        };
        if !waiting(canvas, app, lanes, row) {
            columns.rps_scale(canvas, app, y);
        }
        y += 1;
    }
    for metric in HEADLINES {
        if given.scale && metric == MetricName::P50 {
            columns.latency_scale(canvas, app, y);
            y += 1;
        }
        canvas.text(inner.x, y, NAMES, metric.word(), Role::Text);
        for (i, lane) in lanes.iter().enumerate() {
            canvas.text(inner.x + 5, y, 1, lane.letter, lane.role);
            columns.row(canvas, app, lane, (metric, shape), y);
            if !named && i == 0 && metric == MetricName::Rps {
                columns.labels(canvas, live, y);
            }
            y += 1;
        }
        // Above the latency gauges that is the row of their scale.
        y += u16::from(given.air && metric != MetricName::Rps);
    }
}

/// Which variant waits, and for what; true if one does.
fn waiting(canvas: &mut Canvas<'_>, app: &App, lanes: &[Lane<'_>], row: Rect) -> bool {
    let room = row.width.saturating_sub(Columns::FIGURES + 2);
    let mut one_does = false;
    for lane in lanes.iter().filter(|lane| lane.idle) {
        if let Some(said) = turns::waits(app.snapshot(), lane.side, room) {
            canvas.text(row.x, row.y, 1, lane.letter, lane.role);
            canvas.text(row.x + 2, row.y, room, &said, Role::PhaseWait);
            one_does = true;
        }
    }
    one_does
}

/// Where a variant is, and its counts.
fn identity(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    let width = 16;
    let count = |name, value| Cell {
        name,
        figure: text::count(value),
        role: Role::Text,
    };
    let (_, failed) = lane.failures();
    let failures = Cell {
        name: "failed",
        figure: text::count(failed),
        role: failed_role(failed),
    };
    let (open, ok) = (
        count("in flight", lane.variant.window.in_flight),
        count("ok", lane.variant.run.ok),
    );
    let list = if row.width >= 60 {
        vec![open, ok, failures]
    } else {
        vec![open, failures]
    };
    let taken = width * list.len() as u16 - 3;
    let x = row.right().saturating_sub(taken);
    canvas.text(row.x, row.y, 1, lane.letter, lane.role);
    let room = x.saturating_sub(row.x + 4);
    // What was agreed on must not be hidden for want of room for the place.
    let agreed: Vec<String> = lane.agreed().collect();
    let forms = [lane.address(), agreed.join(" · ")];
    let mut forms = forms.iter().filter(|form| !form.is_empty());
    let shown = forms.find(|form| width_of(form) <= room);
    let address = lane.address();
    let place = address.split(" · ").next().unwrap_or_default();
    let shown = shown.map_or(place, String::as_str);
    canvas.text(row.x + 2, row.y, room, shown, Role::TextMuted);
    cells(
        canvas,
        Rect {
            x,
            width: taken,
            ..row
        },
        width,
        &list,
    );
}

/// A name and a figure that stand together.
struct Cell {
    name: &'static str,
    figure: String,
    role: Role,
}

/// Cells in columns of equal width. The figure is never cut; its name may be.
fn cells(canvas: &mut Canvas<'_>, row: Rect, width: u16, cells: &[Cell]) {
    let gap = 3;
    for (i, cell) in cells.iter().enumerate() {
        let x = row.x + i as u16 * width;
        let right = x + width - gap;
        let figure = width_of(&cell.figure);
        if right > row.right() {
            return;
        }
        canvas.text(
            x,
            row.y,
            (width - gap).saturating_sub(figure + 1),
            cell.name,
            Role::TextMuted,
        );
        canvas.text_right(right, row.y, width - gap, &cell.figure, cell.role);
    }
}

fn draw_charts(canvas: &mut Canvas<'_>, app: &App, lanes: &[Lane<'_>], area: Rect) {
    if area.is_empty() {
        return;
    }
    let width = area.width / lanes.len() as u16;
    for (i, lane) in lanes.iter().enumerate() {
        let frame = Rect {
            x: area.x + i as u16 * width,
            width,
            ..area
        };
        let inner = canvas.frame(frame);
        let read = chart::read(app, lane);
        let mut name = vec![part(lane.letter, lane.role)];
        if read.is_empty() {
            name.push(part("  latency p50 p95 p99", Role::TextMuted));
        }
        let from = canvas.title(frame, frame.y, &name);
        cursor::draw_title(canvas, &read, (frame, frame.y), from);
        chart::curves(canvas, app, lane, inner);
    }
}
