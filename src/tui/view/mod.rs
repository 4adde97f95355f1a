//! The screen's views and their layouts: *Race* in `race` and `stacked`, the others between the lines that all of them have
//! (`shell`), and any panel that fills the screen in `zoom`. Each part has its own file and draws into the rows it is given.
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
mod cursor;
mod details;
mod errors;
mod footer;
mod gaps;
mod gauge_scale;
mod header;
mod heat;
mod help;
mod lane;
mod latency;
mod log;
mod marks;
mod notices;
mod pane;
mod percentiles;
mod processes;
mod prompt;
mod race;
mod rows;
mod shell;
mod small;
mod stacked;
mod turns;
mod waits;
mod zoom;

use super::{App, Overlay, Places, View, glyphs};
use canvas::Canvas;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rows::{Budget, Rows};

/// The smallest terminal that shows figures.
const SMALLEST: (u16, u16) = (40, 10);
/// From this size on the panes stand side by side.
const SIDE_BY_SIDE: (u16, u16) = (96, 20);

/// Draws the whole screen into `area` of `buf`, with signs that the terminal shows, and says where its panels are.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) -> Places {
    let area = area.intersection(buf.area);
    let places = draw_view(app, area, buf);
    glyphs::fit(app.glyphs(), app.theme(), area, buf);
    places
}

fn draw_view(app: &App, area: Rect, buf: &mut Buffer) -> Places {
    let mut canvas = Canvas::new(buf, app.theme());
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        small::draw(&mut canvas, area);
        return canvas.into_places();
    }
    if let Some(panel) = app.zoomed() {
        let body = shell::draw(&mut canvas, app, area);
        zoom::draw(&mut canvas, app, panel, body);
    } else {
        whole(&mut canvas, app, area);
    }
    prompt::draw(&mut canvas, app, area);
    match app.overlay() {
        Some(Overlay::Help { page }) => help::draw(&mut canvas, app, page, area),
        Some(Overlay::Checks) => checks::draw_list(&mut canvas, app, area),
        None => {}
    }
    canvas.into_places()
}

/// A view with all its panels.
fn whole(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    if app.view() == View::Race {
        if area.width >= SIDE_BY_SIDE.0 && area.height >= SIDE_BY_SIDE.1 {
            race::draw(canvas, app, area);
        } else {
            stacked::draw(canvas, app, area);
        }
        return;
    }
    let body = shell::draw(canvas, app, area);
    match app.view() {
        View::Race => {}
        View::Latency => latency::draw(canvas, app, body),
        View::Heat => heat::draw(canvas, app, body),
        View::Errors => errors::draw(canvas, app, body),
        View::Details => details::draw(canvas, app, body),
        View::Log => log::draw(canvas, app, body),
    }
}
