//! The first line: what runs, under which load, what it is doing, how far it is.
//!
//! When columns are short, the progress bar goes first and the phase last.

use super::canvas::{Canvas, Part, part, width_of, width_of_parts};
use crate::metrics::snapshot::{Phase, Snapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use ratatui::layout::Rect;

/// What is shown at one level of shortness.
struct Level {
    bar: u16,
    name: bool,
    order: bool,
    load: bool,
    long: bool,
}

/// From everything to hardly anything.
const LEVELS: [Level; 7] = [
    Level {
        bar: 24,
        name: true,
        order: true,
        load: true,
        long: true,
    },
    Level {
        bar: 12,
        name: true,
        order: true,
        load: true,
        long: true,
    },
    Level {
        bar: 0,
        name: true,
        order: true,
        load: true,
        long: true,
    },
    Level {
        bar: 0,
        name: true,
        order: false,
        load: true,
        long: true,
    },
    Level {
        bar: 0,
        name: false,
        order: false,
        load: true,
        long: true,
    },
    Level {
        bar: 0,
        name: true,
        order: false,
        load: false,
        long: true,
    },
    Level {
        bar: 0,
        name: false,
        order: false,
        load: false,
        long: false,
    },
];

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, row: Rect) {
    let snapshot = app.snapshot();
    let time = time(snapshot);
    let total_known = snapshot.meta.total_s.is_some();
    let mut chosen = (Vec::new(), 0);
    for level in &LEVELS {
        let bar = if total_known { level.bar } else { 0 };
        let left = left(app, level);
        let right = width_of(&time) + if bar > 0 { bar + 1 } else { 0 };
        let fits = width_of_parts(&left) + right + 4 <= row.width;
        chosen = (left, bar);
        if fits {
            break;
        }
    }
    let (left, bar) = chosen;
    let mut right = row.right().saturating_sub(1);
    if bar > 0 {
        right -= bar;
        progress(
            canvas,
            snapshot,
            Rect {
                x: right,
                width: bar,
                ..row
            },
        );
        right -= 1;
    }
    let used = canvas.text_right(right, row.y, row.width, &time, Role::Text);
    let room = right.saturating_sub(row.x + used + 2);
    canvas.parts(row.x + 1, row.y, room, &left);
}

fn left(app: &App, level: &Level) -> Vec<Part> {
    let snapshot = app.snapshot();
    let mut said: Vec<Part> = Vec::new();
    if level.name {
        said.push(part(text::printable(&snapshot.plan.title, 40), Role::Text));
    }
    if level.load {
        said.push(part(load(snapshot), Role::Text));
    }
    if level.order && snapshot.variants.b.is_some() {
        said.push(part(
            text::printable(&snapshot.plan.load.order, 20),
            Role::Text,
        ));
    }
    said.push(phase(snapshot));
    if app.is_frozen() {
        let word = if level.long {
            " FROZEN display, the run goes on "
        } else {
            " FROZEN "
        };
        said.push(part(word, Role::PhaseHeld));
    }
    let mut parts = vec![part("dragstrip", Role::TextStrong)];
    for (i, item) in said.into_iter().enumerate() {
        parts.push(part(if i == 0 { "  " } else { " · " }, Role::TextMuted));
        parts.push(item);
    }
    parts
}

/// `closed, 200 users, think 0.5–1 s`: the model and the load as it is now.
fn load(snapshot: &Snapshot) -> String {
    let load = &snapshot.plan.load;
    let mut words = vec![text::printable(&load.model, 20)];
    let now = snapshot
        .epochs
        .last()
        .map(|epoch| text::printable(&epoch.load, 40));
    let planned = || match (load.users, load.rate) {
        (Some(users), _) => format!("{} users", text::count(u64::from(users))),
        (None, Some(rate)) => format!("{} req/s", text::figure(rate)),
        (None, None) => String::new(),
    };
    let mut amount = now.unwrap_or_else(planned);
    if let Some(arrivals) = load.arrivals.as_deref().filter(|_| load.model == "open") {
        amount = format!("{amount} {}", text::printable(arrivals, 20));
    }
    words.push(amount);
    if let Some([low, high]) = load.think_s
        && high > 0.0
    {
        words.push(if low < high {
            format!("think {low}–{}", text::seconds(high))
        } else {
            format!("think {}", text::seconds(high))
        });
    }
    words.retain(|word| !word.trim().is_empty());
    words.join(", ")
}

/// `warming up, 4 s left`.
fn phase(snapshot: &Snapshot) -> Part {
    let meta = &snapshot.meta;
    let role = match meta.phase {
        Phase::Ramp | Phase::WarmUp | Phase::Draining => Role::PhaseWait,
        Phase::Measuring => Role::PhaseActive,
        Phase::Paused => Role::PhaseHeld,
        Phase::Done => Role::PhaseDone,
    };
    let word = meta.phase.word();
    let left = match meta.phase {
        // The clock at the right says when the measuring ends.
        Phase::Ramp | Phase::WarmUp | Phase::Draining => meta.phase_left_s,
        Phase::Measuring | Phase::Paused | Phase::Done => None,
    };
    let said = match (left, meta.phase) {
        (Some(seconds), _) if seconds > 0.0 => format!("{word}, {} s left", seconds.ceil()),
        (_, Phase::Paused) => format!(" {word} "),
        _ => word.to_owned(),
    };
    (said, role)
}

/// `02:31 / 04:00`.
fn time(snapshot: &Snapshot) -> String {
    let elapsed = text::clock(snapshot.meta.elapsed_s);
    match snapshot.meta.total_s {
        Some(total) => format!("{elapsed} / {}", text::clock(total)),
        None => elapsed,
    }
}

fn progress(canvas: &mut Canvas<'_>, snapshot: &Snapshot, row: Rect) {
    let share = match snapshot.meta.total_s {
        _ if snapshot.meta.phase == Phase::Done => 1.0,
        Some(total) if total > 0.0 => (snapshot.meta.elapsed_s / total).clamp(0.0, 1.0),
        _ => 0.0,
    };
    let passed = (share * f64::from(row.width)).round() as u16;
    let rest = usize::from(row.width - passed);
    canvas.text(
        row.x,
        row.y,
        passed,
        &"━".repeat(usize::from(passed)),
        Role::Progress,
    );
    canvas.text(
        row.x + passed,
        row.y,
        row.width - passed,
        &"╌".repeat(rest),
        Role::ProgressRest,
    );
}
