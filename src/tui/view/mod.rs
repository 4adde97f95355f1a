//! The screen's views and their layouts: *Race* here and in `stacked`, the others (`latency`, `errors`, `details`) between the
//! lines that all of them have (`shell`). Each part has its own file and draws into the rows that it is given here.
//!
//! ```text
//!  dragstrip  demo · closed, 200 users, … · measuring                02:31 / 04:00 ━━━━━╌╌╌   header
//! ╭─ A  httpx ──────────── 127.0.0.1:4001 ─╮╭─ B  aiohttp ────────── 127.0.0.1:4002 ─╮
//! │ RPS  ███▌       ╎          50.4   50.3 ││ RPS  ████╎███████         225    224   │        pane
//! ├─ latency ──────────────────────────────┤├─ latency ──────────────────────────────┤
//! │                                        ││                                        │        chart
//! ╰────────────────────────────────────────╯╰────────────────────────────────────────╯
//! ╭─ B against A · model-based ────────────────── verdicts: at most 5 % false … ─────╮
//! │ p95  3.56 s  250 ms  −93.0 %  (−93.3 … −92.6 %)  ●  ╎   B faster, 14 ×           │        comparison
//! ╰──────────────────────────────────────────────────────────────────────────────────╯
//!  ▲ A is saturated: 162 in flight, about 155 of them waiting                                  notices
//! ╭─ Self-checks · all 9 ok ───────────────────────────────────────────── c details ─╮
//! │ …                                                                                │        checks
//! ╰──────────────────────────────────────────────────────────────────────────────────╯
//!  q quit  ? help  space freeze  …                                                             footer
//! ```
//!
//! When rows are short, charts go first, then room for notices and checks, then the panes stack (`stacked`). The four headline
//! figures of both variants are shown down to 40 × 10. Below that there is one sentence (`small`).

mod canvas;
mod chart;
mod checks;
mod comparison;
mod counts;
mod details;
mod errors;
mod footer;
mod gaps;
mod header;
mod help;
mod lane;
mod latency;
mod notices;
mod pane;
mod percentiles;
mod shell;
mod small;
mod stacked;
mod turns;
mod waits;

use super::{App, Overlay, View, glyphs};
use canvas::Canvas;
use comparison::Remarks;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The smallest terminal that shows figures.
const SMALLEST: (u16, u16) = (40, 10);
/// From this size on the panes stand side by side.
const SIDE_BY_SIDE: (u16, u16) = (96, 20);
/// The most rows of remarks under the table.
const MOST_REMARKS: u16 = 3;

/// Draws the whole screen into `area` of `buf`, with signs that the terminal shows.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    draw_view(app, area, buf);
    glyphs::fit(app.glyphs(), app.theme(), area, buf);
}

fn draw_view(app: &App, area: Rect, buf: &mut Buffer) {
    let mut canvas = Canvas::new(buf, app.theme());
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        small::draw(&mut canvas, area);
        return;
    }
    match app.view() {
        View::Race if area.width >= SIDE_BY_SIDE.0 && area.height >= SIDE_BY_SIDE.1 => {
            race(&mut canvas, app, area);
        }
        View::Race => stacked::draw(&mut canvas, app, area),
        View::Latency => {
            let body = shell::draw(&mut canvas, app, area);
            latency::draw(&mut canvas, app, body);
        }
        View::Errors => {
            let body = shell::draw(&mut canvas, app, area);
            errors::draw(&mut canvas, app, body);
        }
        View::Details => {
            let body = shell::draw(&mut canvas, app, area);
            details::draw(&mut canvas, app, body);
        }
    }
    match app.overlay() {
        Some(Overlay::Help) => help::draw(&mut canvas, app, area),
        Some(Overlay::Checks) => checks::draw_list(&mut canvas, app, area),
        None => {}
    }
}

/// Hands out rows from top to bottom.
struct Rows(Rect);

impl Rows {
    /// The next `height` rows, or as many as there are.
    fn take(&mut self, height: u16) -> Rect {
        let height = height.min(self.0.height);
        let taken = Rect { height, ..self.0 };
        self.0.y += height;
        self.0.height -= height;
        taken
    }
}

/// What is left of a number of rows while parts ask for theirs in the order of their importance.
struct Budget(u16);

impl Budget {
    /// `rows`, if there are so many; else 0.
    fn grant(&mut self, rows: u16) -> u16 {
        let granted = if rows <= self.0 { rows } else { 0 };
        self.0 -= granted;
        granted
    }

    /// As many rows as there are, if not fewer than `least` nor more than `most`; else 0.
    fn grant_between(&mut self, (least, most): (u16, u16)) -> u16 {
        self.grant(self.0.clamp(least, most))
    }
}

/// Panes side by side, the table below.
fn race(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
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
    let waits = budget.grant(1);
    // Where all checks have room, their line has nothing to add.
    let mut strip = checks::panel_rows(app.snapshot(), area.width);
    if budget.grant(strip.saturating_sub(line)) > 0 {
        line = 0;
    } else {
        strip = 0;
    }
    let air = budget.grant(pane::AIR);
    if air == 0 {
        failures += budget.grant(failures);
    }
    // A second line of notices only where the chart has room to spare.
    if budget.0 >= 3 {
        notices += budget.grant(1);
    }
    let layout = pane::Layout {
        air: air > 0,
        waits: waits > 0,
        failures,
    };
    pane += waits + air + failures;
    pane += if chart > 0 { chart + budget.0 } else { 0 };

    let mut rows = Rows(area);
    header::draw(canvas, app, rows.take(1));
    let panes = rows.take(pane);
    let width = panes.width / lanes.len() as u16;
    for (i, lane) in lanes.iter().enumerate() {
        let x = panes.x + width * i as u16;
        let frame = Rect { x, width, ..panes };
        pane::draw(canvas, app, lane, layout, frame);
    }
    let remarks = Remarks::of(app.snapshot(), area.width, remarks);
    draw_table(canvas, app, &remarks, rows.take(table + remarks.rows()));
    notices::draw(canvas, app, remarks.left(), rows.take(notices));
    // Rows that nobody wanted stay above the last line.
    let spare = rows.0.height.saturating_sub(1 + line + strip);
    rows.take(spare);
    checks::draw_panel(canvas, app.snapshot(), rows.take(strip));
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
fn table_rows(app: &App) -> (u16, u16) {
    if app.snapshot().variants.b.is_some() {
        comparison::rows(app.snapshot())
    } else {
        percentiles::rows(app.snapshot())
    }
}

fn draw_table(canvas: &mut Canvas<'_>, app: &App, remarks: &Remarks, frame: Rect) {
    if frame.is_empty() {
        return;
    }
    if app.snapshot().variants.b.is_some() {
        comparison::draw(canvas, app, remarks, frame);
    } else {
        percentiles::draw(canvas, app.snapshot(), frame);
    }
}
