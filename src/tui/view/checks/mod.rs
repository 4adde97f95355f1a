//! The self-checks: how each is marked, which comes first, and what a red one says in the verdict's place.
//!
//! A mark and a colour say the same, so that they are read without colour too. The order is the snapshot's own as long as all
//! is well, so that nothing moves; what is not comes first.

mod line;
mod list;
mod panel;

pub(super) use line::draw as draw_line;
pub(super) use list::{draw as draw_list, draw_within as draw_whole, rows as whole_rows};
pub(super) use panel::{draw as draw_panel, rows as panel_rows};

use super::canvas::{Canvas, Part, fit_words, part, width_of};
use crate::metrics::snapshot::{Check, CheckLevel, Snapshot};
use crate::text;
use crate::theme::Role;
use ratatui::layout::Rect;

/// Worst first; checks that stand alike stay in the snapshot's order.
fn sorted(snapshot: &Snapshot) -> Vec<&Check> {
    let mut sorted: Vec<&Check> = snapshot.checks.iter().collect();
    sorted.sort_by_key(|check| std::cmp::Reverse(check.level));
    sorted
}

/// False for a check that says it has nothing to judge, or not enough of it yet.
fn is_judged(check: &Check) -> bool {
    let waits = ["not ", "too few "];
    check.level != CheckLevel::Ok || !waits.iter().any(|begin| check.detail.starts_with(begin))
}

/// The sign before a check's name, with its colour.
fn mark(check: &Check) -> (&'static str, Role) {
    match check.level {
        CheckLevel::Ok if is_judged(check) => ("✓", Role::StatusOk),
        CheckLevel::Ok => ("·", Role::TextMuted),
        CheckLevel::Amber => ("▲", Role::StatusWarn),
        CheckLevel::Red => ("✗", Role::StatusError),
    }
}

/// The mark and why: `▲ own CPU: 74 % of 2 cores`.
fn reason(check: &Check) -> Vec<Part> {
    let (sign, role) = mark(check);
    let detail = text::printable(&check.detail, 200);
    let said = text::reason(&text::printable(&check.name, 40), &detail);
    vec![part(format!("{sign} "), role), part(said, role)]
}

/// True when no check is red.
pub(super) fn are_trusted(snapshot: &Snapshot) -> bool {
    snapshot.checks.iter().all(|c| c.level != CheckLevel::Red)
}

/// True when a check is amber or red.
pub(super) fn are_of_note(snapshot: &Snapshot) -> bool {
    snapshot.checks.iter().any(|c| c.level != CheckLevel::Ok)
}

/// The head of a table with `lines` lines inside `inner`: what a red check says, then a row for titles. Gives that row and
/// the first one of the lines. Where rows are short the titles go.
pub(super) fn draw_head(
    canvas: &mut Canvas<'_>,
    snapshot: &Snapshot,
    inner: Rect,
    lines: usize,
) -> (Option<u16>, u16) {
    if are_trusted(snapshot) {
        return (Some(inner.y), inner.y + 1);
    }
    draw_banner(canvas, snapshot, Rect { height: 1, ..inner });
    if usize::from(inner.height) > lines + 1 {
        (Some(inner.y + 1), inner.y + 2)
    } else {
        (None, inner.y + 1)
    }
}

/// What a red check says in the verdict's place; nothing while none is red.
fn draw_banner(canvas: &mut Canvas<'_>, snapshot: &Snapshot, row: Rect) {
    let red: Vec<&Check> = sorted(snapshot)
        .into_iter()
        .filter(|check| check.level == CheckLevel::Red)
        .collect();
    let Some(worst) = red.first() else { return };
    let more = match red.len() - 1 {
        0 => String::new(),
        more => format!(" · +{more} more"),
    };
    let end = if snapshot.variants.b.is_some() {
        format!("{more} · {}", text::WITHHELD)
    } else {
        format!("{more} · {}", text::UNTRUSTED)
    };
    // The reason is cut before its consequence.
    let said = reason(worst).into_iter().map(|(text, _)| text);
    let said = fit_words(
        &said.collect::<String>(),
        row.width.saturating_sub(width_of(&end)),
    );
    let parts = [part(said, Role::StatusError), part(end, Role::StatusError)];
    canvas.parts(row.x, row.y, row.width, &parts);
}

/// A detail in at most `room` columns. If it is too long, what is loud goes first; then what stands in its brackets says
/// what it comes to.
fn in_short(detail: &str, room: u16) -> String {
    if width_of(detail) <= room {
        return detail.to_owned();
    }
    let loud = |words: &str| words.chars().all(|c| c.is_uppercase() || c == ' ');
    let detail = match detail.split_once(": ") {
        Some((words, rest)) if loud(words) => rest,
        _ => detail,
    };
    detail
        .strip_suffix(')')
        .and_then(|detail| detail.rsplit_once('('))
        .map(|(_, inside)| inside.to_owned())
        .filter(|inside| width_of(inside) <= room)
        .unwrap_or_else(|| fit_words(detail, room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::Phase;
    use crate::tui::sample;

    pub(super) fn check(name: &str, level: CheckLevel, detail: &str) -> Check {
        Check {
            name: name.to_owned(),
            level,
            detail: detail.to_owned(),
        }
    }

    #[test]
    fn what_is_not_well_comes_first_and_the_rest_stays_in_place() {
        let mut snapshot = sample::snapshot(Phase::Measuring, 30.0);
        let names = |snapshot: &Snapshot| -> String {
            sorted(snapshot).iter().map(|c| c.name.as_str()).collect()
        };
        snapshot.checks = ["c", "a", "d", "b"]
            .map(|name| check(name, CheckLevel::Ok, ""))
            .to_vec();
        assert_eq!(names(&snapshot), "cadb");
        snapshot.checks[2].level = CheckLevel::Amber;
        snapshot.checks[3].level = CheckLevel::Red;
        assert_eq!(names(&snapshot), "bdca");
        assert!(are_of_note(&snapshot) && !are_trusted(&snapshot));
    }

    #[test]
    fn a_check_that_judges_nothing_is_not_said_to_be_well() {
        let sign = |level, detail| mark(&check("x", level, detail)).0;
        assert_eq!(sign(CheckLevel::Ok, "lag p99 84 µs"), "✓");
        assert_eq!(sign(CheckLevel::Ok, "not judged before 20 s"), "·");
        assert_eq!(sign(CheckLevel::Ok, "too few requests yet"), "·");
        assert_eq!(sign(CheckLevel::Amber, "not often"), "▲");
        assert_eq!(sign(CheckLevel::Red, ""), "✗");
    }

    #[test]
    fn a_long_detail_is_cut_to_what_it_comes_to() {
        let little = "in flight 31.2, throughput × response 31.1 (0.3 % apart)";
        assert_eq!(in_short(little, 60), little);
        assert_eq!(in_short(little, 20), "0.3 % apart");
        let cpu = "9 % of 2 cores, thread 14 %";
        assert_eq!(in_short(cpu, 16), "9 % of 2 cores…");
        let loud = "CLIENT IS THE BOTTLENECK: 93 % of 2 cores";
        assert_eq!(in_short(loud, 16), "93 % of 2 cores");
    }
}
