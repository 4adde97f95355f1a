//! A solo run has nothing to compare: in place of the comparison stands where its time goes.

use super::canvas::{Canvas, FIGURE, part};
use crate::metrics::snapshot::{Latency, Snapshot};
use crate::text;
use crate::theme::Role;
use ratatui::layout::Rect;

/// The rows with the frame.
pub(super) const ROWS: u16 = 7;
/// Columns of a row's name.
const NAME: u16 = 12;
/// The figures, and their titles.
const COLUMNS: [(&str, &str); 7] = [
    ("min", "min"),
    ("p50", "p50"),
    ("p90", "p90"),
    ("p95", "p95"),
    ("p99", "p99"),
    ("p999", "p99.9"),
    ("max", "max"),
];
/// The same where columns are short.
const FEW: [(&str, &str); 4] = [
    ("p50", "p50"),
    ("p95", "p95"),
    ("p99", "p99"),
    ("max", "max"),
];

pub(super) fn draw(canvas: &mut Canvas<'_>, snapshot: &Snapshot, frame: Rect) {
    let inner = canvas.frame(frame);
    let title = [
        part("Latency", Role::BorderTitle),
        part(" · run figures", Role::TextMuted),
    ];
    canvas.title(frame, frame.y, &title);
    let run = &snapshot.variants.a.run;
    let rows: [(&str, &Latency); 4] = [
        ("response", &run.response_us),
        ("service", &run.service_us),
        ("slot wait", &run.slot_wait_us),
        ("client lag", &run.client_lag_us),
    ];
    let fit = |columns: usize| NAME + columns as u16 * (FIGURE + 1) <= inner.width;
    let columns: &[(&str, &str)] = if fit(COLUMNS.len()) { &COLUMNS } else { &FEW };
    let room = inner.width.saturating_sub(NAME) / columns.len() as u16;
    let room = room.clamp(7, FIGURE + 6);
    let right = |i: usize| inner.x + NAME + (i as u16 + 1) * room;
    for (i, (_, title)) in columns.iter().enumerate() {
        canvas.text_right(right(i) - 3, inner.y, room, title, Role::TextMuted);
    }
    for (y, (name, latency)) in (inner.y + 1..inner.bottom()).zip(rows) {
        canvas.text(inner.x, y, NAME, name, Role::Text);
        for (i, (percentile, _)) in columns.iter().enumerate() {
            let figure = text::percentile(latency.get(percentile), snapshot.plan.load.timeout_s);
            let width = room.min(FIGURE);
            canvas.figure(
                right(i) - width,
                y,
                width,
                &figure,
                (Role::Text, Role::TextMuted),
            );
        }
    }
}
