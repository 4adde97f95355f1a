//! One line: that the client can be trusted, with the two figures that say most about it, or the worst check and why.

use super::{is_judged, mark, reason, sorted};
use crate::metrics::snapshot::{Check, CheckLevel, Snapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::view::canvas::{Canvas, Part, part, width_of_parts};
use ratatui::layout::Rect;

/// Checks whose figures stand in the line, with what is written before them there.
const FIGURES: [(&str, &str); 2] = [("client lag", ""), ("own CPU", "cpu ")];

/// Draws the line into `row`, from its first column.
pub(in crate::tui::view) fn draw(canvas: &mut Canvas<'_>, snapshot: &Snapshot, row: Rect) {
    let parts = parts(snapshot, row.width);
    canvas.parts(row.x, row.y, row.width, &parts);
}

fn parts(snapshot: &Snapshot, room: u16) -> Vec<Part> {
    let sorted = sorted(snapshot);
    match sorted.first() {
        None => Vec::new(),
        Some(worst) if worst.level == CheckLevel::Ok => well(&sorted),
        Some(_) => worries(&sorted, room),
    }
}

/// `client ok: lag p99 84 µs, cpu 9 % of 2 cores`.
fn well(checks: &[&Check]) -> Vec<Part> {
    let figures: Vec<String> = FIGURES
        .iter()
        .filter_map(|(name, prefix)| {
            let check = checks.iter().find(|check| check.name == *name)?;
            let detail = text::printable(&check.detail, 200);
            let first = detail.split(", ").next().unwrap_or_default();
            (is_judged(check) && !first.is_empty()).then(|| format!("{prefix}{first}"))
        })
        .collect();
    if !checks.iter().any(|check| is_judged(check)) {
        return vec![part("client: not judged yet", Role::TextMuted)];
    }
    let mut parts = vec![part("client ok", Role::StatusOk)];
    if !figures.is_empty() {
        let figures = format!(": {}", figures.join(", "));
        parts.push(part(figures, Role::TextMuted));
    }
    parts
}

/// `✗ client lag: … · ▲ own CPU`: the worst with its reason; the next ones only where they have room.
fn worries(checks: &[&Check], room: u16) -> Vec<Part> {
    let mut parts = reason(checks[0]);
    let others = &checks[1..];
    for (i, check) in others.iter().enumerate() {
        if check.level == CheckLevel::Ok {
            break;
        }
        let (sign, role) = mark(check);
        let name = format!("{sign} {}", text::printable(&check.name, 40));
        let mut longer = parts.clone();
        longer.extend([part(" · ", Role::TextMuted), part(name, role)]);
        if width_of_parts(&longer) > room {
            let left = others[i..].iter().filter(|c| c.level != CheckLevel::Ok);
            parts.push(part(format!(" +{}", left.count()), Role::TextMuted));
            break;
        }
        parts = longer;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;
    use crate::metrics::snapshot::Phase;
    use crate::tui::sample;

    fn said(checks: Vec<Check>, room: u16) -> String {
        let mut snapshot = sample::snapshot(Phase::Measuring, 30.0);
        snapshot.checks = checks;
        let parts = parts(&snapshot, room);
        parts.into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn the_line_says_the_figures_or_the_worry() {
        let lag = check("client lag", CheckLevel::Ok, "lag p99 84 µs");
        let cpu = check("own CPU", CheckLevel::Ok, "9 % of 2 cores, busiest 14 %");
        let well = vec![lag.clone(), cpu];
        assert_eq!(
            said(well, 99),
            "client ok: lag p99 84 µs, cpu 9 % of 2 cores"
        );
        let late = check("heartbeat", CheckLevel::Amber, "latest 7.2 ms late");
        let busy = check("own CPU", CheckLevel::Red, "CLIENT IS THE BOTTLENECK: 93 %");
        let worries = vec![lag.clone(), late, busy];
        assert_eq!(
            said(worries.clone(), 99),
            "✗ CLIENT IS THE BOTTLENECK: 93 % · ▲ heartbeat"
        );
        assert_eq!(said(worries, 40), "✗ CLIENT IS THE BOTTLENECK: 93 % +1");
        let few = check("client lag", CheckLevel::Ok, "too few requests yet");
        assert_eq!(said(vec![few], 99), "client: not judged yet");
        assert_eq!(said(Vec::new(), 99), "");
    }
}
