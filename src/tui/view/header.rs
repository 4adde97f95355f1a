//! The first line: what runs, under which load, what it is doing, how far it is.
//!
//! When columns are short, the progress bar goes first and the phase last.

use super::canvas::{Canvas, Part, part, width_of, width_of_parts};
use super::{lane, turns};
use crate::metrics::snapshot::{Phase, Slot, SlotStage, Snapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::{self, App};
use Item::{Amount, Load, Order, Title, Turn, View};
use ratatui::layout::Rect;

/// What can be left out.
#[derive(Clone, Copy, PartialEq)]
enum Item {
    /// Which view this is.
    View,
    Title,
    Load,
    /// The load without its model.
    Amount,
    Order,
    /// Which block of which pair runs, where variants take turns.
    Turn,
}

/// From everything to hardly anything: the columns of the progress bar, and what is said.
const LEVELS: [(u16, &[Item]); 8] = [
    (24, &[View, Title, Load, Order, Turn]),
    (12, &[View, Title, Load, Order, Turn]),
    (0, &[View, Title, Load, Order, Turn]),
    (0, &[View, Title, Load, Turn]),
    (0, &[View, Load, Turn]),
    (0, &[View, Title, Amount, Turn]),
    (0, &[View, Turn]),
    (0, &[]),
];

pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, row: Rect) {
    let snapshot = app.snapshot();
    let time = time(snapshot);
    let total_known = snapshot.meta.total_s.is_some();
    let mut chosen = (Vec::new(), 0);
    for (bar, items) in LEVELS {
        let bar = if total_known { bar } else { 0 };
        let left = left(app, items);
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

fn left(app: &App, items: &[Item]) -> Vec<Part> {
    let snapshot = app.snapshot();
    let mut said: Vec<Part> = Vec::new();
    if items.contains(&Item::Title) {
        said.push(part(text::printable(&snapshot.plan.title, 40), Role::Text));
    }
    if items.contains(&Item::Load) {
        said.push(part(load(snapshot), Role::Text));
    }
    if items.contains(&Item::Amount) {
        said.push(part(amount(snapshot), Role::Text));
    }
    if items.contains(&Item::Order) && snapshot.variants.b.is_some() {
        said.push(part(text::printable(snapshot.order(), 20), Role::Text));
    }
    if items.contains(&Item::Turn) {
        let place = turns::place(snapshot);
        said.extend(place.map(|place| part(place, Role::Text)));
    }
    said.push(phase(snapshot));
    // It stands on every view, whatever else there is to say.
    if let Some(whose) = unchecked(snapshot) {
        if items.is_empty() {
            said.insert(0, part(format!("{whose}unverified"), Role::StatusWarn));
        } else {
            said.push(part(format!("▲ {whose}TLS unverified"), Role::StatusWarn));
        }
    }
    // On a screen without a chart nothing else says where it is.
    if let Some(t) = app.cursor() {
        let at = text::clock(t);
        if items.is_empty() {
            said.insert(0, part(format!("at {at}"), Role::PhaseWait));
        } else {
            said.push(part(format!("cursor {at}"), Role::PhaseWait));
        }
    }
    if app.is_frozen() {
        // Where hardly anything fits, it must not be what is cut off.
        if items.is_empty() {
            said.insert(0, part(" FROZEN ", Role::PhaseHeld));
        } else {
            said.push(part(" FROZEN display, the run goes on ", Role::PhaseHeld));
        }
    }
    // Where hardly anything fits, a view says its own name; the first one needs none.
    let bare = items.is_empty() && app.view() != tui::View::Race;
    let name = if bare { app.view().name() } else { "dragstrip" };
    let mut parts = vec![part(name, Role::TextStrong)];
    if items.contains(&Item::View) {
        parts.push(part("  ", Role::Text));
        parts.push(part(app.view().name(), Role::BorderTitle));
    }
    for (i, item) in said.into_iter().enumerate() {
        parts.push(part(if i == 0 { "  " } else { " · " }, Role::TextMuted));
        parts.push(item);
    }
    parts
}

/// Whose certificate is not checked: `A `, `A B `, or nothing where there is one variant only. `None` where all are.
fn unchecked(snapshot: &Snapshot) -> Option<String> {
    let named = ["A ", "B "].into_iter().zip(snapshot.variants.iter());
    let unchecked = named.filter(|(_, variant)| lane::is_unverified(variant));
    let whose: Vec<&str> = unchecked.map(|(name, _)| name).collect();
    let solo = snapshot.variants.b.is_none();
    (!whose.is_empty()).then(|| if solo { String::new() } else { whose.concat() })
}

/// `200 users`, `150 req/s poisson`: the load as it is now.
fn amount(snapshot: &Snapshot) -> String {
    let load = &snapshot.plan.load;
    let planned = || match (load.users, load.rate) {
        (Some(users), _) => format!("{} users", text::count(u64::from(users))),
        (None, Some(rate)) => format!("{} req/s", text::figure(rate)),
        (None, None) => String::new(),
    };
    let now = snapshot.epochs.last();
    let now = now.map_or_else(planned, |epoch| {
        // The order has a place of its own.
        let order = epoch.order.as_deref().unwrap_or_default();
        let load = epoch.load.strip_prefix(order).unwrap_or(&epoch.load);
        let load = load.trim_start_matches(", ");
        // So has the think time.
        let load = match epoch.users {
            Some(_) => load.split(", ").next().unwrap_or(load),
            None => load,
        };
        text::printable(load, 40)
    });
    match load.arrivals.as_deref().filter(|_| load.model == "open") {
        Some(arrivals) => format!("{now} {}", text::printable(arrivals, 20)),
        None => now,
    }
}

/// `closed, 200 users, think 0.5–1 s`: the model and the load as it is now.
pub(super) fn load(snapshot: &Snapshot) -> String {
    let mut words = vec![
        text::printable(&snapshot.plan.load.model, 20),
        load_now(snapshot),
    ];
    words.retain(|word| !word.trim().is_empty());
    words.join(", ")
}

/// `200 users, think 0.5–1 s`: the load as it is now.
pub(super) fn load_now(snapshot: &Snapshot) -> String {
    let mut words = vec![amount(snapshot)];
    if let Some([low, high]) = snapshot.think_s()
        && high > 0.0
    {
        words.push(text::think(low, high));
    }
    words.retain(|word| !word.trim().is_empty());
    words.join(", ")
}

/// `warming up, 4 s left`.
fn phase(snapshot: &Snapshot) -> Part {
    let meta = &snapshot.meta;
    let counts = |slot: &Slot| slot.stage == SlotStage::Block;
    let role = match meta.phase {
        Phase::Ramp | Phase::WarmUp | Phase::Draining => Role::PhaseWait,
        Phase::Measuring if !meta.slot.as_ref().is_none_or(counts) => Role::PhaseWait,
        Phase::Measuring => Role::PhaseActive,
        Phase::Paused => Role::PhaseHeld,
        Phase::Done => Role::PhaseDone,
    };
    let doing = match meta.phase {
        Phase::Ramp | Phase::WarmUp | Phase::Measuring => turns::doing(snapshot),
        Phase::Paused | Phase::Draining | Phase::Done => None,
    };
    // After a pause the run is there already, and goes on when the load is as it was.
    let goes_on = snapshot.variants.iter().any(|v| v.run.rps.is_some());
    let word = match meta.phase {
        Phase::WarmUp if goes_on => "settling",
        phase => phase.word(),
    };
    let word = doing.as_deref().unwrap_or(word);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;

    fn changed(change: impl FnOnce(&mut Snapshot)) -> Snapshot {
        let mut snapshot = sample::snapshot(Phase::WarmUp, 7.0);
        change(&mut snapshot);
        snapshot
    }

    #[test]
    fn the_load_is_said_as_it_is_now() {
        assert_eq!(load(&changed(|_| ())), "open, 150 req/s poisson");
        let closed = changed(|s| {
            let plan = &mut std::sync::Arc::make_mut(&mut s.plan).load;
            plan.model = "closed".to_owned();
            plan.think_s = Some([0.5, 1.0]);
            s.epochs[0].load = "250 users".to_owned();
        });
        assert_eq!(load(&closed), "closed, 250 users, think 0.5–1 s");
        let steady = changed(|s| {
            std::sync::Arc::make_mut(&mut s.plan).load.think_s = Some([0.2, 0.2]);
            s.epochs.clear();
        });
        assert_eq!(load(&steady), "open, 150 req/s poisson, think 0.2 s");
    }

    #[test]
    fn a_think_time_that_was_changed_is_said_as_it_is_now() {
        let changed = changed(|s| {
            let plan = &mut std::sync::Arc::make_mut(&mut s.plan).load;
            (plan.model, plan.think_s) = ("closed".to_owned(), Some([0.5, 1.0]));
            let epoch = &mut s.epochs[0];
            epoch.load = "together, 1,250 users, think 2 s".to_owned();
            (epoch.users, epoch.order) = (Some(1_250), Some("together".to_owned()));
            epoch.think_s = Some([2.0, 2.0]);
        });
        assert_eq!(load(&changed), "closed, 1,250 users, think 2 s");
    }

    #[test]
    fn the_phase_says_how_long_it_lasts_where_that_is_known() {
        let left = |phase, left| {
            phase_text(&changed(|s| {
                s.meta.phase = phase;
                s.meta.phase_left_s = left;
            }))
        };
        assert_eq!(left(Phase::WarmUp, Some(3.2)), "warming up, 4 s left");
        assert_eq!(left(Phase::WarmUp, None), "warming up");
        assert_eq!(left(Phase::Measuring, Some(60.0)), "measuring");
        assert_eq!(left(Phase::Paused, Some(60.0)), " PAUSED ");
        let resumed = changed(|s| {
            s.meta.phase_left_s = Some(1.5);
            s.variants.a.run.rps = Some(50.0);
        });
        assert_eq!(phase_text(&resumed), "settling, 2 s left");
    }

    fn phase_text(snapshot: &Snapshot) -> String {
        phase(snapshot).0
    }

    #[test]
    fn whose_certificate_is_not_checked_is_said() {
        let off = || "reqwest, tls_verify false".to_owned();
        assert_eq!(unchecked(&changed(|_| ())), None);
        let b = changed(|s| s.variants.b.as_mut().unwrap().transport = off());
        assert_eq!(unchecked(&b).as_deref(), Some("B "));
        let solo = changed(|s| {
            s.variants.b = None;
            s.variants.a.transport = off();
        });
        assert_eq!(unchecked(&solo).as_deref(), Some(""));
    }

    #[test]
    fn there_is_no_end_without_a_total() {
        assert_eq!(time(&changed(|_| ())), "00:07");
        assert_eq!(
            time(&changed(|s| s.meta.total_s = Some(90.0))),
            "00:07 / 01:30"
        );
    }
}
