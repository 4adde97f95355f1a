//! The exact figures of the run, side by side. They are the same as in *Race*, requests that are still open among them.

use super::Measured;
use crate::metrics::snapshot::Snapshot;
use crate::text;
use crate::theme::Role;
use crate::tui::view::canvas::{Canvas, FIGURE, part};
use crate::tui::view::counts::failed_role;
use ratatui::layout::Rect;

/// The rows with the frame and the titles.
pub(super) const FRAMED_ROWS: u16 = 10;
/// Columns of a row's name.
const NAME: u16 = 7;
/// Columns between two figures.
const GAP: u16 = 1;

/// The figures with their names in a latency summary, and how much they are worth where rows are short: 0 most.
const FIGURES: [(&str, &str, u8); 7] = [
    ("p50", "p50", 0),
    ("p90", "p90", 3),
    ("p95", "p95", 1),
    ("p99", "p99", 2),
    ("p999", "p99.9", 5),
    ("p9999", "p99.99", 6),
    ("max", "max", 4),
];

/// Columns with the frame.
pub(super) fn width(measured: &[Measured<'_>]) -> u16 {
    NAME + measured.len() as u16 * (FIGURE + GAP) + 4
}

/// Draws the table in a frame.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    snapshot: &Snapshot,
    measured: &[Measured<'_>],
    frame: Rect,
) {
    let inner = canvas.frame(frame);
    canvas.title(frame, frame.y, &[part("Run figures", Role::BorderTitle)]);
    figures(canvas, snapshot, measured, inner);
}

/// Draws the table without a frame.
pub(super) fn figures(
    canvas: &mut Canvas<'_>,
    snapshot: &Snapshot,
    measured: &[Measured<'_>],
    area: Rect,
) {
    let x = |i: usize| area.x + NAME + i as u16 * (FIGURE + GAP) + GAP;
    for (i, one) in measured.iter().enumerate() {
        let lane = &one.lane;
        canvas.figure(x(i), area.y, FIGURE, lane.letter, (lane.role, lane.role));
    }
    let room = usize::from(area.height.saturating_sub(1));
    let mut y = area.y + 1;
    let timeout_s = snapshot.plan.load.timeout_s;
    for (name, word, worth) in FIGURES {
        if usize::from(worth) >= room {
            continue;
        }
        canvas.text(area.x, y, NAME, word, Role::Text);
        for (i, one) in measured.iter().enumerate() {
            let run = &one.lane.variant.run.response_us;
            let failure = commonest(one);
            let shown = match name {
                "p9999" => one.distribution.p9999(run, &failure),
                name => run.get(name),
            };
            let figure = text::percentile(shown, timeout_s);
            let roles = (one.lane.dimmed(Role::TextStrong), Role::TextMuted);
            canvas.figure(x(i), y, FIGURE, &figure, roles);
        }
        y += 1;
    }
    counts(canvas, measured, area, y, x);
}

/// What the figures rest on, where there is room.
fn counts(
    canvas: &mut Canvas<'_>,
    measured: &[Measured<'_>],
    area: Rect,
    y: u16,
    x: impl Fn(usize) -> u16,
) {
    let names = ["ok", "failed", "open"];
    let rows = names.len() as u16;
    let mut y = y;
    if area.bottom() < y + rows {
        return;
    }
    y += u16::from(area.bottom() > y + rows);
    for name in names {
        canvas.text(area.x, y, NAME, name, Role::TextMuted);
        for (i, one) in measured.iter().enumerate() {
            let run = &one.lane.variant.run;
            let (count, role) = match name {
                "ok" => (run.ok, Role::Text),
                "failed" => (run.failed, failed_role(run.failed)),
                _ => (run.in_flight, Role::Text),
            };
            canvas.figure(x(i), y, FIGURE, &text::count(count), (role, role));
        }
        y += 1;
    }
}

/// The commonest failure of the run; empty without one.
fn commonest(one: &Measured<'_>) -> String {
    let outcomes = &one.lane.variant.run.outcomes;
    let failures = outcomes
        .iter()
        .filter(|(name, count)| **count > 0 && !matches!(name.as_str(), "ok" | "cancelled"));
    let most = failures.max_by_key(|(_, count)| **count);
    most.map_or_else(String::new, |(name, _)| text::printable(name, 40))
}
