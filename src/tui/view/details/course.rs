//! The course of the run: each load with its beginning, and the time that was left out, oldest first.

use super::Line;
use crate::metrics::snapshot::{GapReason, Snapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::view::turns;

/// The most lines: the oldest go first.
const MOST: usize = 12;

pub(super) fn lines(snapshot: &Snapshot) -> Vec<Line> {
    let loads = snapshot.epochs.iter().enumerate().map(|(i, epoch)| {
        let load = text::printable(&epoch.load, 60);
        let anew = if i > 0 { ": run figures anew" } else { "" };
        (epoch.t, format!("{load}{anew}"), Role::Text)
    });
    let gaps = snapshot.gaps.iter().map(|gap| {
        let was = match gap.reason {
            GapReason::Paused => "load paused",
            GapReason::Suspended => "this process did not run",
        };
        let seconds = text::seconds((gap.seconds * 10.0).round() / 10.0);
        (
            gap.t,
            format!("░ {was} for {seconds}, left out"),
            Role::ChartMark,
        )
    });
    let mut all: Vec<(f64, String, Role)> = loads.chain(gaps).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let earlier = all.len().saturating_sub(MOST);
    let mut lines = Vec::new();
    if earlier > 0 {
        lines.push(Line::new("", format!("+{earlier} earlier")));
    }
    for (t, said, role) in all.into_iter().skip(earlier) {
        let mut line = Line::new(&text::clock(t), said);
        line.said.1 = role;
        lines.push(line);
    }
    let now = [turns::doing(snapshot), turns::place(snapshot)];
    let now: Vec<String> = now.into_iter().flatten().collect();
    let phase = snapshot.meta.phase.word();
    let now = if now.is_empty() {
        phase.to_owned()
    } else {
        format!("{phase}: {}", now.join(", "))
    };
    lines.push(Line::new("now", now));
    lines
}
