//! One variant: who it is, four gauges with their figures, counts, connections, where its time goes, and its chart.
//!
//! Beside failures stands the latency of ok requests alone, dimmed: in the air under a gauge, or in a row of its own.

use super::canvas::{Canvas, FIGURE, UNIT, fit, foreign, part, split, width_of, width_of_parts};
use super::lane::{HEADLINES, Lane, percentile_name};
use super::{Rows, chart, counts, cursor, gauge_scale, processes, turns, waits};
use crate::glyphs::Glyphs;
use crate::metrics::snapshot::{Figures, MetricName};
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::widgets::{BIG_ROWS, Big, Shape};
use ratatui::layout::Rect;

/// Rows of a pane without a chart: the frame, column titles, gauges, counts, connections.
pub(super) const ROWS: u16 = 9;
/// Columns of a pane's title beside its words: corners, gaps and lines.
const TITLE: u16 = 11;
/// The least of a label that is left of it.
const LABEL: u16 = 8;
/// Columns of a gauge's name.
const NAME: u16 = 5;
/// A gauge below this width shows too little to be worth its place.
const GAUGE: u16 = 8;

/// Rows that air between the gauges takes.
pub(super) const AIR: u16 = 4;

/// Rows that figures three rows high take beyond those of gauges without air.
pub(super) const BIG: u16 = 4 * (BIG_ROWS - 1);
/// The narrowest pane with such figures.
const BIG_COLUMNS: u16 = 70;
/// Columns of such a figure with its unit.
const BIG_FIGURE: u16 = 24;

/// True if figures three rows high can be shown in a pane of so many columns: they are made of half blocks.
pub(super) fn has_big(app: &App, width: u16) -> bool {
    width >= BIG_COLUMNS && app.glyphs() != Glyphs::Ascii
}

/// How much room gauges have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// A row each.
    Tight,
    /// An empty row after each.
    Airy,
    /// Figures three rows high.
    Big,
}

impl Room {
    /// Rows from one gauge to the next.
    fn rows(self) -> u16 {
        match self {
            Room::Tight => 1,
            Room::Airy => 2,
            Room::Big => BIG_ROWS,
        }
    }
}

/// How the rows of a pane are used; the same for both.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// The room that gauges have.
    pub(super) room: Room,
    /// A row for the scale of the latency gauges, where there is no air above them.
    pub(super) scale: bool,
    /// A row for where the time goes.
    pub(super) waits: bool,
    /// A row for what the gateway's processes use.
    pub(super) processes: bool,
    /// Rows about failures: what failed, and the latency of ok requests alone, which with air needs no row.
    pub(super) failures: u16,
}

/// Draws the pane.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    app: &App,
    lane: &Lane<'_>,
    layout: Layout,
    frame: Rect,
) {
    let inner = canvas.frame(frame);
    titles(canvas, lane, frame);
    gauges(canvas, app, lane, layout, inner);
    let mut rows = Rows(inner);
    rows.take(1 + 4 * layout.room.rows() + u16::from(layout.scale));
    counts::requests(canvas, lane, rows.take(1));
    counts::connections(canvas, lane, rows.take(1));
    if layout.waits {
        waits::draw(canvas, lane, rows.take(1));
    }
    if layout.processes {
        processes::draw(canvas, lane, rows.take(1));
    }
    if layout.failures > 0 {
        what_failed(canvas, lane, rows.take(1));
    }
    if layout.failures > 1 {
        ok_only(canvas, lane, rows.take(1));
    }
    if rows.0.height >= chart::FEWEST_ROWS {
        chart::draw(canvas, app, lane, frame, rows.0);
    }
}

/// Who it is, and where, in the frame's own lines.
pub(super) fn titles(canvas: &mut Canvas<'_>, lane: &Lane<'_>, frame: Rect) {
    let (mut label, role) = foreign(&lane.variant.label, Role::BorderTitle);
    let agreed: Vec<String> = lane.agreed().collect();
    if !agreed.is_empty() {
        // A long name gives way to what was agreed on.
        let taken = width_of(&agreed.join(" · ")) + width_of(lane.letter) + TITLE;
        label = fit(&label, frame.width.saturating_sub(taken).max(LABEL));
    }
    let name = [
        part(lane.letter, lane.role),
        part("  ", Role::Border),
        part(label, role),
    ];
    let from = canvas.title(frame, frame.y, &name);
    cursor::draw_title(canvas, &lane.addresses(), (frame, frame.y), from);
    let bottom = frame.bottom().saturating_sub(1);
    let transport = [foreign(&lane.variant.transport, Role::TextMuted)];
    if !lane.variant.transport.is_empty() {
        canvas.title_right(frame, bottom, frame.x + 1, &transport);
    }
}

fn gauges(canvas: &mut Canvas<'_>, app: &App, lane: &Lane<'_>, layout: Layout, inner: Rect) {
    let given = layout.room;
    let big = given == Room::Big;
    let columns = Columns::with(inner, NAME, if big { BIG_FIGURE } else { FIGURE });
    columns.titles(canvas, lane, inner.y);
    let room = columns.window.saturating_sub(inner.x);
    let waits = turns::waits(app.snapshot(), lane.side, room);
    if let Some(said) = &waits {
        canvas.text(inner.x, inner.y, room, said, Role::PhaseWait);
    }
    // Each scale stands right above the first of its gauges.
    let first = inner.y + u16::from(big);
    if big || waits.is_none() {
        columns.rps_scale(canvas, app, first);
    }
    if given != Room::Tight || layout.scale {
        let above = if given == Room::Tight {
            2
        } else {
            given.rows()
        };
        columns.latency_scale(canvas, app, first + above);
    }
    let shape = if given == Room::Tight {
        Shape::Line
    } else {
        Shape::Bar
    };
    let steps = usize::from(given.rows());
    for (y, metric) in (inner.y + 1..).step_by(steps).zip(HEADLINES) {
        let y = y + u16::from(layout.scale && metric != MetricName::Rps);
        let middle = y + u16::from(big);
        canvas.text(inner.x, middle, NAME, metric.word(), Role::Text);
        columns.row(canvas, app, lane, (metric, shape), middle);
        if given == Room::Airy {
            columns.ok_only(canvas, lane, metric, y + 1);
        }
    }
}

/// Where gauge and figures stand in a row.
pub(super) struct Columns {
    gauge: (u16, u16),
    window: u16,
    /// Columns of the window's figure.
    figure: u16,
    run: Option<u16>,
}

impl Columns {
    /// The columns of both figures.
    pub(super) const FIGURES: u16 = 2 * (FIGURE + 2);

    /// The columns of an area whose first `name` columns hold names. The run's figures go when the gauge gets too narrow,
    /// then the gauge.
    pub(super) fn of(area: Rect, name: u16) -> Columns {
        Columns::with(area, name, FIGURE)
    }

    /// The same with `figure` columns for the figure that counts.
    fn with(area: Rect, name: u16, figure: u16) -> Columns {
        let room = area.width.saturating_sub(name);
        let run = (room >= Columns::FIGURES).then(|| area.right() - FIGURE);
        let window = run
            .unwrap_or(area.right())
            .saturating_sub(figure + if run.is_some() { 2 } else { 0 });
        let x = area.x + name;
        let width = window.saturating_sub(x + 2);
        Columns {
            gauge: (x, if width >= GAUGE { width } else { 0 }),
            window,
            figure,
            run,
        }
    }

    /// The same where the figures are named in a row of gauges: these leave room for that.
    pub(super) fn labelled(area: Rect, name: u16) -> Columns {
        let columns = Columns::of(area, name);
        let (x, width) = columns.gauge;
        let width = width.saturating_sub(FIGURE + 1);
        Columns {
            gauge: (x, if width >= GAUGE { width } else { 0 }),
            ..columns
        }
    }

    /// The scale of the RPS gauges, in row `y`.
    pub(super) fn rps_scale(&self, canvas: &mut Canvas<'_>, app: &App, y: u16) {
        gauge_scale::rps(canvas, app.scales(), self.gauge_row(y));
    }

    /// The scale of the latency gauges, in row `y`.
    pub(super) fn latency_scale(&self, canvas: &mut Canvas<'_>, app: &App, y: u16) {
        gauge_scale::latency(canvas, app.scales(), self.gauge_row(y));
    }

    fn gauge_row(&self, y: u16) -> Rect {
        let (x, width) = self.gauge;
        Rect {
            x,
            y,
            width,
            height: 1,
        }
    }

    /// The titles in the line of a frame, and there the upper end of the RPS gauges if `end` says so. Gives the column where
    /// that begins.
    pub(super) fn titles_in_frame(
        &self,
        canvas: &mut Canvas<'_>,
        app: &App,
        lane: &Lane<'_>,
        (y, end): (u16, bool),
    ) -> u16 {
        let mut title = |column: u16, said: &str| {
            // The digits end where those under them do.
            let (number, _) = split(said);
            let x = (column + FIGURE - UNIT).saturating_sub(width_of(number) + 1);
            let said = format!(" {said} ");
            canvas.text(x, y, width_of(&said), &said, Role::TextMuted);
            x
        };
        let from = match self.run {
            Some(run) if lane.shows_run() => title(run, "run"),
            Some(run) => {
                title(run, "run");
                title(self.window, &lane.window_title())
            }
            None if lane.shows_run() => title(self.window, "run"),
            None => title(self.window, &lane.window_title()),
        };
        let (x, width) = self.gauge;
        if !end || width == 0 {
            return from;
        }
        let said = format!(" {}┬", gauge_scale::rps_end(app.scales()));
        let used = canvas.text_right(x + width, y, width, &said, Role::ChartAxis);
        (x + width).saturating_sub(used)
    }

    /// What the figures of row `y` are, before each: for RPS, which have no unit.
    pub(super) fn labels(&self, canvas: &mut Canvas<'_>, lane: &Lane<'_>, y: u16) {
        let before = |canvas: &mut Canvas<'_>, column: u16, said: &str| {
            canvas.text_right(column.saturating_sub(1), y, FIGURE, said, Role::TextMuted);
        };
        let window = lane.window_title();
        match self.run {
            Some(run) => {
                if !lane.shows_run() {
                    before(canvas, self.window + 1, &window);
                }
                before(canvas, run + 1, "run");
            }
            None if lane.shows_run() => before(canvas, self.window + 1, "run"),
            None => before(canvas, self.window + 1, &window),
        }
    }

    pub(super) fn titles(&self, canvas: &mut Canvas<'_>, lane: &Lane<'_>, y: u16) {
        let muted = (Role::TextMuted, Role::TextMuted);
        let counting = if lane.shows_run() {
            "run".to_owned()
        } else {
            lane.window_title()
        };
        // Where the run's figures are the ones that count they are the only ones: where they always stand, unless the
        // figures that count have a place of their own.
        match self.run {
            Some(run) if lane.shows_run() && self.figure == FIGURE => {
                canvas.figure(run, y, FIGURE, &counting, muted);
            }
            Some(run) => {
                canvas.figure(self.window, y, self.figure, &counting, muted);
                if !lane.shows_run() {
                    canvas.figure(run, y, FIGURE, "run", muted);
                }
            }
            None => canvas.figure(self.window, y, self.figure, &counting, muted),
        }
    }

    pub(super) fn row(
        &self,
        canvas: &mut Canvas<'_>,
        app: &App,
        lane: &Lane<'_>,
        (metric, shape): (MetricName, Shape),
        y: u16,
    ) {
        lane.gauge(canvas, metric, app.scales(), shape, self.gauge_row(y));
        let strong = (lane.dimmed(Role::TextStrong), Role::TextMuted);
        if self.figure > FIGURE {
            let counting = if lane.shows_run() {
                lane.run(metric)
            } else {
                lane.window(metric)
            };
            self.big(canvas, &counting, strong, y);
        } else if lane.shows_run() {
            let column = self.run.unwrap_or(self.window);
            canvas.figure(column, y, FIGURE, &lane.run(metric), strong);
        } else {
            canvas.figure(self.window, y, FIGURE, &lane.window(metric), strong);
        }
        if let Some(run) = self.run.filter(|_| !lane.shows_run()) {
            let quiet = (lane.dimmed(Role::Text), Role::TextMuted);
            canvas.figure(run, y, FIGURE, &lane.run(metric), quiet);
        }
    }

    /// A figure three rows high around row `y`; what has no such form is written as usual.
    fn big(&self, canvas: &mut Canvas<'_>, figure: &str, roles: (Role, Role), y: u16) {
        let (number, unit) = split(figure);
        let (at_least, digits) = match number.strip_prefix("≥ ") {
            Some(digits) => ("≥ ", digits),
            None => ("", number),
        };
        let big = Big {
            figure: digits,
            style: canvas.style(roles.0),
        };
        let room = self.figure - UNIT;
        let Some(width) = big.width().filter(|width| width + 2 <= room) else {
            canvas.figure(self.window, y, self.figure, figure, roles);
            return;
        };
        let x = self.window + room - width;
        canvas.text(x - 2, y, 2, at_least, roles.0);
        canvas.text(self.window + room + 1, y, UNIT - 1, unit, roles.1);
        let area = Rect {
            x,
            y: y.saturating_sub(1),
            width,
            height: BIG_ROWS,
        };
        canvas.widget(&big, area);
    }

    /// Under a percentile that has failures in it, the same of ok requests alone.
    fn ok_only(&self, canvas: &mut Canvas<'_>, lane: &Lane<'_>, metric: MetricName, y: u16) {
        let Some(name) = percentile_name(metric) else {
            return;
        };
        let muted = (Role::TextMuted, Role::TextMuted);
        let (window, run) = (&lane.variant.window, &lane.variant.run);
        let columns = [
            (Some(self.window), (!lane.shows_run()).then_some(window)),
            (self.run, Some(run)),
        ];
        let mut shown = false;
        for (column, figures) in columns {
            let figure = figures.and_then(|figures| of_ok(figures, name, lane.timeout_s));
            if let Some((x, figure)) = column.zip(figure) {
                canvas.figure(x, y, FIGURE, &figure, muted);
                shown = true;
            }
        }
        if shown {
            let right = self.window.saturating_sub(1);
            canvas.text_right(right, y, 7, "ok only", Role::TextMuted);
        }
    }
}

/// A percentile of ok requests alone, where `figures` have failures.
fn of_ok(figures: &Figures, name: &str, timeout_s: f64) -> Option<String> {
    let latency = &figures.ok_response_us;
    (figures.failed > 0).then(|| text::percentile(latency.get(name), timeout_s))
}

/// The latency of ok requests alone, in a row.
fn ok_only(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    let mut said = String::from("ok only");
    for name in HEADLINES.into_iter().filter_map(percentile_name) {
        let Some(figure) = of_ok(lane.counting(), name, lane.timeout_s) else {
            return;
        };
        said.push_str(&format!("  {name} {figure:>7}"));
    }
    canvas.text(row.x + 2, row.y, row.width - 2, &said, Role::TextMuted);
}

/// The share of failures, the commonest by name, and what one of them said.
fn what_failed(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    let (figures, failed) = lane.failures();
    let Some(share) = figures.failed_share().filter(|_| failed > 0) else {
        return;
    };
    let mut parts = vec![
        part(text::share(share), Role::StatusError),
        part(" failed: ", Role::TextMuted),
        part(lane.outcomes(), Role::StatusError),
    ];
    let common = lane.variant.errors.iter().max_by_key(|e| e.count);
    // A text of which hardly anything can be read is left out.
    if let Some(error) = common.filter(|_| width_of_parts(&parts) + 20 <= row.width) {
        parts.push(part("   ", Role::Text));
        parts.push(foreign(&error.text, Role::TextMuted));
    }
    canvas.parts(row.x, row.y, row.width, &parts);
}
