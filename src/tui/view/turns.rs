//! Taking turns in words: what runs, and what the other variant waits for.

use super::canvas::width_of;
use crate::metrics::snapshot::{Phase, Side, Slot, SlotStage, Snapshot};

/// The present slot, while there is one.
fn slot(snapshot: &Snapshot) -> Option<&Slot> {
    let over = matches!(snapshot.meta.phase, Phase::Done);
    let slot = snapshot.meta.slot.as_ref();
    slot.filter(|_| !over && snapshot.variants.b.is_some())
}

/// `pair 5 · block 2`, where the slot belongs to a pair.
pub(super) fn place(snapshot: &Snapshot) -> Option<String> {
    let slot = slot(snapshot)?;
    let pair = slot.pair?;
    Some(match slot.block {
        Some(block) => format!("pair {pair} · block {block}"),
        None => format!("pair {pair}"),
    })
}

/// `B runs`: what the variant whose turn it is does.
pub(super) fn doing(snapshot: &Snapshot) -> Option<String> {
    let slot = slot(snapshot)?;
    let does = match (snapshot.meta.phase, slot.stage) {
        (Phase::Ramp, SlotStage::WarmUp) => "ramps up",
        (_, SlotStage::WarmUp) => "warms up",
        (_, SlotStage::Settling) => "settles",
        (_, SlotStage::Block) => "runs",
        (_, SlotStage::Draining) => "drains",
    };
    Some(format!("{} {does}", slot.variant.name()))
}

/// True for the variant whose turn it is not.
pub(super) fn is_idle(snapshot: &Snapshot, side: Side) -> bool {
    slot(snapshot).is_some_and(|slot| slot.variant != side)
}

/// What a variant without a turn does, in at most `room` columns: `waits (B runs block 2 of pair 5)`.
pub(super) fn waits(snapshot: &Snapshot, side: Side, room: u16) -> Option<String> {
    let slot = slot(snapshot).filter(|slot| slot.variant != side)?;
    let sequential = snapshot.order() == "sequential";
    let variants = &snapshot.variants;
    let figures = match side {
        Side::A => Some(&variants.a.run),
        Side::B => variants.b.as_ref().map(|b| &b.run),
    };
    let has_run = figures.is_some_and(|run| run.requests > 0);
    if sequential && has_run {
        return Some("has run".to_owned());
    }
    if snapshot.meta.phase == Phase::Paused {
        // Nobody runs.
        return Some("waits".to_owned());
    }
    let doing = doing(snapshot)?;
    let long = match (slot.pair, slot.block) {
        _ if sequential && slot.stage != SlotStage::WarmUp => {
            Some(format!("waits ({doing} first)"))
        }
        (Some(pair), Some(block)) => Some(format!("waits ({doing} block {block} of pair {pair})")),
        (Some(pair), None) => Some(format!("waits ({doing} in pair {pair})")),
        (None, _) => None,
    };
    let shorter = [format!("waits ({doing})"), "waits".to_owned()];
    let mut all = long.into_iter().chain(shorter);
    all.find(|said| width_of(said) <= room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;
    use std::sync::Arc;

    fn snapshot(variant: Side, pair: Option<u64>, stage: SlotStage) -> Snapshot {
        let mut snapshot = sample::snapshot(Phase::Measuring, 30.0);
        snapshot.meta.slot = Some(Slot {
            variant,
            pair,
            block: pair.map(|_| 2),
            stage,
        });
        snapshot
    }

    #[test]
    fn who_runs_and_who_waits_is_said() {
        let snapshot = snapshot(Side::B, Some(5), SlotStage::Block);
        assert_eq!(place(&snapshot).as_deref(), Some("pair 5 · block 2"));
        assert_eq!(doing(&snapshot).as_deref(), Some("B runs"));
        let a = |room| waits(&snapshot, Side::A, room).unwrap_or_default();
        assert_eq!(a(40), "waits (B runs block 2 of pair 5)");
        assert_eq!(a(31), "waits (B runs)");
        assert_eq!(a(9), "waits");
        assert_eq!(a(3), "");
        assert_eq!(waits(&snapshot, Side::B, 40), None);
        assert!(is_idle(&snapshot, Side::A) && !is_idle(&snapshot, Side::B));
    }

    #[test]
    fn between_blocks_and_before_them_it_is_said_what_is_waited_for() {
        let said = |stage, pair| waits(&snapshot(Side::A, pair, stage), Side::B, 60);
        let draining = said(SlotStage::Draining, Some(5));
        assert_eq!(
            draining.as_deref(),
            Some("waits (A drains block 2 of pair 5)")
        );
        let warming = said(SlotStage::WarmUp, None);
        assert_eq!(warming.as_deref(), Some("waits (A warms up)"));
    }

    #[test]
    fn one_after_the_other_the_first_one_has_run() {
        let mut snapshot = snapshot(Side::A, None, SlotStage::Block);
        Arc::make_mut(&mut snapshot.plan).load.order = "sequential".to_owned();
        let said = |snapshot: &Snapshot, side| waits(snapshot, side, 60);
        assert_eq!(
            said(&snapshot, Side::B).as_deref(),
            Some("waits (A runs first)")
        );
        snapshot.variants.a.run.requests = 9;
        snapshot.meta.slot.as_mut().expect("a slot").variant = Side::B;
        assert_eq!(said(&snapshot, Side::A).as_deref(), Some("has run"));
    }

    #[test]
    fn without_turns_and_in_the_end_nobody_waits() {
        let mut snapshot = snapshot(Side::A, Some(5), SlotStage::Block);
        snapshot.meta.phase = Phase::Done;
        assert_eq!(waits(&snapshot, Side::B, 60), None);
        snapshot.meta.phase = Phase::Paused;
        assert_eq!(waits(&snapshot, Side::B, 60).as_deref(), Some("waits"));
        snapshot.meta.phase = Phase::Measuring;
        snapshot.meta.slot = None;
        assert!(!is_idle(&snapshot, Side::B) && doing(&snapshot).is_none());
    }
}
