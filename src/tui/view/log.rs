//! The *Log* view.

use super::canvas::Canvas;
use crate::tui::App;
use ratatui::layout::Rect;

/// Draws the view.
pub(super) fn draw(_canvas: &mut Canvas<'_>, _app: &App, _area: Rect) {}
