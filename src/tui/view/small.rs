//! What stands on a terminal that is too small for figures.

use super::canvas::{Canvas, width_of, wrap};
use crate::theme::Role;
use ratatui::layout::Rect;

/// The sentence, whole where it fits, else word by word.
const SENTENCE: &str = "dragstrip needs 40×10; the run goes on";

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let lines = wrap(SENTENCE, area.width);
    let top = area.y + area.height.saturating_sub(lines.len() as u16) / 2;
    for (y, line) in (top..area.bottom()).zip(&lines) {
        let x = area.x + area.width.saturating_sub(width_of(line)) / 2;
        canvas.text(x, y, area.width, line, Role::Text);
    }
}
