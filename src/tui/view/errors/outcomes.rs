//! How the requests ended: the answers, then the failures by kind, the commonest first; each with its count and its share.

use crate::metrics::snapshot::Figures;
use crate::text;
use crate::theme::Role;
use crate::tui::view::canvas::{Canvas, width_of};
use crate::tui::view::lane::Lane;
use ratatui::layout::Rect;

/// Columns of a count.
const COUNT: u16 = 12;
/// Columns of a name.
const NAME: u16 = 13;
/// Columns of a share.
const SHARE: u16 = 8;

/// The counts of the run; before it has begun those of the live window.
pub(super) fn figures<'a>(lane: &Lane<'a>) -> &'a Figures {
    if is_counted(lane) {
        &lane.variant.run
    } else {
        &lane.variant.window
    }
}

/// True once the run has figures of its own.
fn is_counted(lane: &Lane<'_>) -> bool {
    let run = &lane.variant.run;
    run.requests > 0 || run.ok > 0 || run.failed > 0
}

/// Outcomes with their counts: ok first, the failures by count, what was cancelled last.
pub(super) fn counts<'a>(lane: &Lane<'a>) -> Vec<(&'a str, u64)> {
    let outcomes = &figures(lane).outcomes;
    let mut counts: Vec<(&str, u64)> = outcomes
        .iter()
        .map(|(name, &count)| (name.as_str(), count))
        .filter(|&(_, count)| count > 0)
        .collect();
    let place = |name: &str| match name {
        "ok" => 0,
        "cancelled" => 2,
        _ => 1,
    };
    counts.sort_by_key(|&(name, count)| (place(name), std::cmp::Reverse(count), name));
    counts
}

/// The rows it takes: what happened, and the line that says that all is well or how much is not.
pub(super) fn rows(lane: &Lane<'_>) -> usize {
    counts(lane).len().max(1) + 1
}

/// The colour of an outcome.
pub(super) fn role(name: &str) -> Role {
    match name {
        "ok" => Role::Text,
        "cancelled" => Role::TextMuted,
        _ => Role::StatusError,
    }
}

/// What is said of all of them in one line.
pub(super) fn summary(lane: &Lane<'_>) -> (String, Role) {
    let figures = figures(lane);
    let live = if is_counted(lane) {
        ""
    } else {
        ", not counted yet"
    };
    match (figures.failed, figures.ok) {
        (0, 0) => ("nothing has ended yet".to_owned(), Role::TextMuted),
        (0, _) => (format!("✓ none has failed{live}"), Role::StatusOk),
        (failed, _) => {
            let share = figures.failed_share().map_or_else(String::new, text::share);
            let failed = text::count(failed);
            (
                format!("✗ {failed} failed, {share}{live}"),
                Role::StatusError,
            )
        }
    }
}

pub(super) fn draw(canvas: &mut Canvas<'_>, lane: &Lane<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let (said, of_said) = summary(lane);
    let used = canvas.text(area.x, area.y, area.width, &said, of_said);
    let open = format!("{} in flight", text::count(lane.variant.window.in_flight));
    if used + 2 + width_of(&open) <= area.width {
        canvas.text_right(area.right(), area.y, area.width, &open, Role::Text);
    }
    let counts = counts(lane);
    let all = counts
        .iter()
        .fold(0u64, |sum, &(_, count)| sum.saturating_add(count));
    let bar = area.x + COUNT + 1 + NAME + SHARE + 2;
    for (i, &(name, count)) in counts.iter().enumerate() {
        let y = area.y + 1 + i as u16;
        let left = counts.len() - i;
        if y + 1 == area.bottom() && left > 1 {
            let more = format!("+{left} more kinds");
            canvas.text(area.x + COUNT + 1, y, area.width, &more, Role::TextMuted);
        }
        if y + 1 >= area.bottom() && (left > 1 || y >= area.bottom()) {
            return;
        }
        let role = role(name);
        let share = count as f64 / all.max(1) as f64;
        canvas.text_right(area.x + COUNT, y, COUNT, &text::count(count), role);
        let name = text::printable(name, 40);
        canvas.text(area.x + COUNT + 1, y, NAME, &name, role);
        let share_at = area.x + COUNT + 1 + NAME + SHARE;
        canvas.text_right(share_at, y, SHARE, &text::share(share), Role::Text);
        let room = area.right().saturating_sub(bar);
        if room >= 8 {
            let filled = ((share * f64::from(room)).round() as usize).max(1);
            let filled_line = "━".repeat(filled.min(usize::from(room)));
            canvas.text(
                bar,
                y,
                width_of(&filled_line),
                &filled_line,
                bar_role(lane, role),
            );
        }
    }
}

/// Failures have the colour of an error, the rest that of the variant.
fn bar_role(lane: &Lane<'_>, role: Role) -> Role {
    if role == Role::Text { lane.role } else { role }
}
