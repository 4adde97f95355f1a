//! One variant: who it is, four gauges with their figures, counts, connections, and its chart.

use super::canvas::{Canvas, FIGURE, foreign, part, width_of};
use super::chart;
use super::lane::{HEADLINES, Lane};
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use ratatui::layout::Rect;

/// Rows of a pane without a chart: the frame, column titles, gauges, counts, connections.
pub(super) const ROWS: u16 = 9;
/// Columns of a gauge's name.
const NAME: u16 = 5;
/// A gauge below this width shows too little to be worth its place.
const GAUGE: u16 = 8;

/// Draws the pane; `failures` keeps a line for what failed in both panes.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    app: &App,
    lane: &Lane<'_>,
    failures: bool,
    frame: Rect,
) {
    let inner = canvas.frame(frame);
    titles(canvas, lane, frame);
    gauges(canvas, app, lane, inner);
    let y = inner.y + 5;
    counts(
        canvas,
        lane,
        Rect {
            y,
            height: 1,
            ..inner
        },
    );
    connections(
        canvas,
        lane,
        Rect {
            y: y + 1,
            height: 1,
            ..inner
        },
    );
    if failures {
        what_failed(
            canvas,
            lane,
            Rect {
                y: y + 2,
                height: 1,
                ..inner
            },
        );
    }
    let above = 7 + u16::from(failures);
    if let Some(height) = inner
        .height
        .checked_sub(above)
        .filter(|&h| h >= chart::FEWEST_ROWS)
    {
        let area = Rect {
            y: inner.y + above,
            height,
            ..inner
        };
        chart::draw(canvas, app, lane, frame, area);
    }
}

fn titles(canvas: &mut Canvas<'_>, lane: &Lane<'_>, frame: Rect) {
    let name = [
        part(lane.letter, lane.role),
        part("  ", Role::Border),
        foreign(&lane.variant.label, Role::BorderTitle),
    ];
    let from = canvas.title(frame, frame.y, &name);
    canvas.title_right(
        frame,
        frame.y,
        from,
        &[part(lane.address(), Role::TextMuted)],
    );
    let bottom = frame.bottom().saturating_sub(1);
    let transport = [foreign(&lane.variant.transport, Role::TextMuted)];
    if !lane.variant.transport.is_empty() {
        canvas.title_right(frame, bottom, frame.x + 1, &transport);
    }
}

fn gauges(canvas: &mut Canvas<'_>, app: &App, lane: &Lane<'_>, inner: Rect) {
    let columns = Columns::of(inner, NAME);
    columns.titles(canvas, lane, inner.y);
    for (y, metric) in (inner.y + 1..).zip(HEADLINES) {
        canvas.text(inner.x, y, NAME, metric.word(), Role::Text);
        columns.row(canvas, app, lane, metric, y);
    }
}

/// Where gauge and figures stand in a row.
pub(super) struct Columns {
    gauge: (u16, u16),
    window: u16,
    run: Option<u16>,
}

impl Columns {
    /// The columns of an area whose first `name` columns hold names. The run's figures go when the gauge gets too narrow,
    /// then the gauge.
    pub(super) fn of(area: Rect, name: u16) -> Columns {
        let room = area.width.saturating_sub(name);
        let both = 2 * (FIGURE + 2);
        let run = (room >= both).then(|| area.right() - FIGURE);
        let window = run
            .unwrap_or(area.right())
            .saturating_sub(FIGURE + if run.is_some() { 2 } else { 0 });
        let x = area.x + name;
        let width = window.saturating_sub(x + 2);
        Columns {
            gauge: (x, if width >= GAUGE { width } else { 0 }),
            window,
            run,
        }
    }

    pub(super) fn titles(&self, canvas: &mut Canvas<'_>, lane: &Lane<'_>, y: u16) {
        canvas.text_right(
            self.window + FIGURE - 1,
            y,
            FIGURE,
            &lane.window_title(),
            Role::TextMuted,
        );
        if let Some(run) = self.run {
            canvas.text_right(run + FIGURE - 1, y, FIGURE, "run", Role::TextMuted);
        }
    }

    pub(super) fn row(
        &self,
        canvas: &mut Canvas<'_>,
        app: &App,
        lane: &Lane<'_>,
        metric: crate::metrics::snapshot::MetricName,
        y: u16,
    ) {
        let (x, width) = self.gauge;
        lane.gauge(
            canvas,
            metric,
            app.scales(),
            Rect {
                x,
                y,
                width,
                height: 1,
            },
        );
        let strong = (Role::TextStrong, Role::TextMuted);
        canvas.figure(self.window, y, FIGURE, &lane.window(metric), strong);
        if let Some(run) = self.run {
            canvas.figure(
                run,
                y,
                FIGURE,
                &lane.run(metric),
                (Role::Text, Role::TextMuted),
            );
        }
    }
}

/// A name and a figure that stand together.
pub(super) struct Cell {
    pub(super) name: &'static str,
    pub(super) figure: String,
    pub(super) role: Role,
}

/// Cells in columns of equal width. The figure is never cut; its name may be.
pub(super) fn cells(canvas: &mut Canvas<'_>, row: Rect, width: u16, cells: &[Cell]) {
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

/// The width of cells in a row: four where there is room for four, else three.
fn cell_width(row: Rect) -> u16 {
    let row = row.width + 3;
    if row >= 72 {
        (row / 4).min(24)
    } else {
        row / 3
    }
}

fn counts(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    let (_, failed) = lane.failures();
    let width = cell_width(row);
    let mut list = vec![
        count("in flight", lane.variant.window.in_flight),
        count("ok", lane.variant.run.ok),
        Cell {
            name: "failed",
            figure: lane.failed(width < 17),
            role: if failed > 0 {
                Role::StatusError
            } else {
                Role::Text
            },
        },
    ];
    if lane.variant.run.cancelled > 0 {
        list.push(count("cancelled", lane.variant.run.cancelled));
    }
    cells(canvas, row, width, &list);
}

fn connections(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    let connections = &lane.variant.connections;
    let width = cell_width(row);
    let name = if width >= 19 { "connections" } else { "conns" };
    let unknown = || text::NONE.to_owned();
    let figure = |name, figure| Cell {
        name,
        figure,
        role: Role::Text,
    };
    let mut list = vec![
        count(name, connections.opened),
        figure(
            "reused",
            connections.reused.map_or_else(unknown, text::count),
        ),
        figure(
            "new/s",
            connections.opened_per_s.map_or_else(unknown, text::figure),
        ),
    ];
    if connections.failed > 0 {
        let failed = Cell {
            role: Role::StatusError,
            ..count("refused", connections.failed)
        };
        if width * 4 <= row.width + 3 {
            list.push(failed);
        } else {
            // A failure matters more than the count of what went well.
            list[1] = failed;
        }
    }
    cells(canvas, row, width, &list);
}

fn count(name: &'static str, value: u64) -> Cell {
    Cell {
        name,
        figure: text::count(value),
        role: Role::Text,
    }
}

/// The commonest failures by name, and what one of them said.
fn what_failed(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    let outcomes = lane.outcomes();
    if outcomes.is_empty() {
        return;
    }
    let mut parts = vec![part(outcomes, Role::StatusError)];
    if let Some(error) = lane.variant.errors.iter().max_by_key(|error| error.count) {
        parts.push(part("   ", Role::Text));
        parts.push(foreign(&error.text, Role::TextMuted));
    }
    canvas.parts(row.x, row.y, row.width, &parts);
}
