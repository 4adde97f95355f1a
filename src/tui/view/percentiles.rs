//! A solo run has nothing to compare: in place of the comparison stands where its time goes.

use super::canvas::{Canvas, FIGURE, part, width_of};
use super::{checks, waits};
use crate::metrics::snapshot::{Figures, Latency, Snapshot};
use crate::text;
use crate::theme::Role;
use ratatui::layout::Rect;

/// Columns of a row's name.
const NAME: u16 = 12;
/// The row of ok requests alone.
const OK_ONLY: &str = "ok only";
/// The row of the wait for a slot or connection.
const SLOT_WAIT: &str = "slot wait";
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

/// The fewest and the most rows with the frame: what a red self-check says can stand in the place of the titles.
pub(super) fn rows(snapshot: &Snapshot) -> (u16, u16) {
    let least = lines(&snapshot.variants.a.run).len() as u16 + 3;
    (least, least + u16::from(!checks::are_trusted(snapshot)))
}

/// The latencies that are shown: that of ok requests alone only beside failures.
fn lines(run: &Figures) -> Vec<(&'static str, &Latency)> {
    let mut lines = vec![("response", &run.response_us)];
    if run.failed > 0 {
        lines.push((OK_ONLY, &run.ok_response_us));
    }
    lines.push(("service", &run.service_us));
    // Known to some engines alone.
    let phases = [
        ("connection", &run.connection_wait_us),
        ("write", &run.write_us),
    ];
    lines.extend(phases.into_iter().filter(|(_, phase)| phase.max.is_some()));
    lines.extend([
        ("TTFB", &run.ttfb_us),
        (SLOT_WAIT, &run.slot_wait_us),
        ("client lag", &run.client_lag_us),
    ]);
    lines
}

pub(super) fn draw(canvas: &mut Canvas<'_>, snapshot: &Snapshot, frame: Rect) {
    let inner = canvas.frame(frame);
    let title = [
        part("Latency", Role::BorderTitle),
        part(" · run figures", Role::TextMuted),
    ];
    canvas.title(frame, frame.y, &title);
    let run = &snapshot.variants.a.run;
    let rows = lines(run);
    let (titles, first) = checks::draw_head(canvas, snapshot, inner, rows.len());
    let waits = waits::make_the_latency(run);
    let fit = |columns: usize| NAME + columns as u16 * (FIGURE + 1) <= inner.width;
    let columns: &[(&str, &str)] = if fit(COLUMNS.len()) { &COLUMNS } else { &FEW };
    let room = inner.width.saturating_sub(NAME) / columns.len() as u16;
    let room = room.clamp(7, FIGURE + 6);
    let right = |i: usize| inner.x + NAME + (i as u16 + 1) * room;
    if let Some(y) = titles {
        for (i, (_, title)) in columns.iter().enumerate() {
            canvas.text_right(right(i) - 3, y, room, title, Role::TextMuted);
        }
    }
    for (y, (name, latency)) in (first..inner.bottom()).zip(rows) {
        // The wait for a slot, where it makes the latency.
        let marked = waits && name == SLOT_WAIT;
        let (of_name, of_figure) = if marked {
            canvas.text(inner.x + width_of(name) + 1, y, 1, "▲", Role::StatusWarn);
            (Role::StatusWarn, Role::StatusWarn)
        } else {
            (Role::Text, Role::Text)
        };
        canvas.text(inner.x, y, NAME, name, of_name);
        for (i, (percentile, _)) in columns.iter().enumerate() {
            let figure = text::percentile(latency.get(percentile), snapshot.plan.load.timeout_s);
            let width = room.min(FIGURE);
            let roles = if name == OK_ONLY {
                (Role::TextMuted, Role::TextMuted)
            } else {
                (of_figure, Role::TextMuted)
            };
            canvas.figure(right(i) - width, y, width, &figure, roles);
        }
    }
}
