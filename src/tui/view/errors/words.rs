//! The distinct texts of what went wrong, the commonest first, each with how often and how it is counted.

use super::outcomes;
use crate::metrics::snapshot::ErrorText;
use crate::text;
use crate::theme::Role;
use crate::tui::view::canvas::{Canvas, fit, part, width_of_parts};
use crate::tui::view::lane::Lane;
use ratatui::layout::Rect;

/// How many there are.
pub(super) fn rows(lane: &Lane<'_>) -> usize {
    lane.variant.errors.len()
}

fn sorted<'a>(lane: &Lane<'a>) -> Vec<&'a ErrorText> {
    let mut errors: Vec<&ErrorText> = lane.variant.errors.iter().collect();
    errors.sort_by_key(|error| std::cmp::Reverse(error.count));
    errors
}

pub(super) fn draw(canvas: &mut Canvas<'_>, lane: &Lane<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let errors = sorted(lane);
    if errors.is_empty() {
        let said = if outcomes::figures(lane).failed > 0 {
            "no text was kept"
        } else {
            "nothing"
        };
        canvas.text(area.x, area.y, area.width, said, Role::TextMuted);
    }
    for (i, (y, error)) in (area.y..area.bottom()).zip(&errors).enumerate() {
        let left = errors.len() - i - 1;
        let more = if y + 1 == area.bottom() && left > 0 {
            format!("  +{left} more")
        } else {
            String::new()
        };
        let mut parts = vec![
            part(format!("{:>8} ", text::count(error.count)), Role::Text),
            part(text::printable(&error.outcome, 20), Role::StatusError),
            part("  ", Role::Text),
        ];
        let room = area
            .width
            .saturating_sub(width_of_parts(&parts) + more.len() as u16);
        parts.push(part(
            fit(&text::printable(&error.text, 200), room),
            Role::Text,
        ));
        canvas.parts(area.x, y, area.width, &parts);
        canvas.text_right(area.right(), y, area.width, &more, Role::TextMuted);
    }
}
