//! The *Heat* view.

use super::canvas::Canvas;
use super::lane::{Lane, lanes};
use crate::tui::App;
use ratatui::layout::Rect;

/// Draws the view.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, area: Rect) {
    panes(canvas, app, &lanes(app.snapshot()), area);
}

/// A pane for each of `lanes`, side by side.
pub(super) fn panes(canvas: &mut Canvas<'_>, _app: &App, lanes: &[Lane<'_>], area: Rect) {
    for lane in lanes {
        canvas.place(lane.panel(), area);
    }
}
