//! What the processes of a launched gateway use now: processor time of the last second, memory, and how many they are.

use super::canvas::{Canvas, Part, part, width_of, width_of_parts};
use super::lane::Lane;
use crate::metrics::snapshot::Processes;
use crate::text;
use crate::theme::Role;
use ratatui::layout::Rect;

/// Columns of a figure; a longer one shifts the rest.
const FIGURE: u16 = 9;

/// Draws the row.
pub(super) fn draw(canvas: &mut Canvas<'_>, lane: &Lane<'_>, row: Rect) {
    let Some(processes) = &lane.variant.processes else {
        return;
    };
    let room = row.width.saturating_sub(2);
    let forms = [true, false].map(|long| parts(processes, long));
    let fitting = forms.iter().find(|parts| width_of_parts(parts) <= room);
    canvas.parts(row.x + 2, row.y, room, fitting.unwrap_or(&forms[1]));
}

/// `gateway CPU 0.83 cores  memory 412 MB  2 processes`.
fn parts(processes: &Processes, long: bool) -> Vec<Part> {
    let muted = Role::TextMuted;
    if processes.processes == 0 {
        return vec![part("gateway is down", Role::StatusError)];
    }
    let cores = processes.cpu_cores;
    let cores = cores.map_or_else(|| text::NONE.to_owned(), text::figure);
    let memory = text::bytes(processes.memory_bytes as f64);
    let pad = |figure: &str| " ".repeat(usize::from(FIGURE.saturating_sub(width_of(figure))));
    let mut parts = vec![
        part("gateway CPU ", muted),
        part(cores.clone(), Role::Text),
        part(
            format!(" cores{}memory ", pad(&format!("{cores}  "))),
            muted,
        ),
        part(memory.clone(), Role::Text),
    ];
    if long {
        parts.push(part(format!("{}{}", pad(&memory), count(processes)), muted));
    }
    if processes.exits > 0 {
        let times = text::count(processes.exits);
        parts.push(part(format!("  ended {times} ×"), Role::StatusError));
    }
    parts
}

/// `1 process`, `3 processes`.
pub(super) fn count(processes: &Processes) -> String {
    match processes.processes {
        1 => "1 process".to_owned(),
        count => format!("{} processes", text::count(count)),
    }
}
