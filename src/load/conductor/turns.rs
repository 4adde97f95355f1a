//! The state of a run whose variants take turns, and what happens to a turn that is disturbed.

use super::Conductor;
use super::stage::{Resume, Stage};
use crate::clock::Tick;
use crate::load::control::{LoadState, Turn};
use crate::load::spec::Order;
use crate::metrics::snapshot::{Epoch, Side, Slot, SlotStage};
use std::time::Duration;

/// What comes when nothing is open any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The variant's ramp and warm-up.
    Load(Side),
    /// The first slot of a new pair.
    Pair,
    /// Its second slot.
    Second,
    /// Its end.
    Judge,
}

/// The state of a run whose variants take turns.
#[derive(Debug)]
pub(super) struct Turns {
    /// Whose turn it is, or was last.
    pub(super) slot: Slot,
    pub(super) alternate: bool,
    /// The number of the latest pair.
    pub(super) pair: u64,
    /// How long both slots of this pair settle and are measured; `None` in closed loops, where each finds out for itself.
    pub(super) fixed: Option<(Duration, Duration)>,
    pub(super) cycles: Cycles,
    pub(super) block_from: Tick,
    pub(super) blocks: [Duration; 2],
    /// The blocks of all judged pairs.
    pub(super) measured: [Duration; 2],
    pub(super) pairs: u32,
    /// The time that the judged pairs took.
    pub(super) pairs_took: Duration,
    pub(super) pair_began: Tick,
}

/// The longest mean response of any slot, in seconds.
#[derive(Debug, Default)]
pub(super) struct Cycles {
    longest: f64,
    /// What the interrupted slot showed under the load before: all there is to go by until a pair has been measured.
    before: f64,
    changed: bool,
}

impl Cycles {
    /// Nothing to go by but what was seen in another order.
    pub(super) fn guessed(response_s: f64) -> Cycles {
        Cycles {
            before: response_s,
            changed: true,
            ..Cycles::default()
        }
    }

    pub(super) fn add(&mut self, response_s: f64) {
        let longest = if std::mem::take(&mut self.changed) {
            &mut self.before
        } else {
            &mut self.longest
        };
        *longest = longest.max(response_s);
    }

    pub(super) fn longest(&self) -> f64 {
        self.longest.max(self.before)
    }

    /// A pair has been measured under the present load.
    pub(super) fn pair_is_measured(&mut self) {
        self.before = 0.0;
    }

    fn load_changed(&mut self) {
        *self = Cycles {
            changed: true,
            ..Cycles::default()
        };
    }
}

impl Turns {
    /// `None` if the variants do not take turns.
    pub(super) fn of(order: Order, variants: usize) -> Option<Turns> {
        (order.takes_turns() && variants == 2).then(|| Turns {
            slot: first_load(Side::A),
            alternate: order == Order::Alternate,
            pair: 0,
            fixed: None,
            cycles: Cycles::default(),
            block_from: Tick(0),
            blocks: [Duration::ZERO; 2],
            measured: [Duration::ZERO; 2],
            pairs: 0,
            pairs_took: Duration::ZERO,
            pair_began: Tick(0),
        })
    }

    /// When a slot that began at `since` has settled, where that is known.
    pub(super) fn settled_at(&self, since: Tick) -> Option<Tick> {
        self.fixed.map(|(settling, _)| since + settling)
    }

    /// When `duration` will have been measured of both, if pairs go on taking as long as they did.
    pub(super) fn end(&self, duration: Option<Duration>, now: Tick) -> Option<Tick> {
        let left = self
            .measured
            .into_iter()
            .map(|measured| duration.map(|duration| duration.saturating_sub(measured)))
            .max()??;
        let each = self.measured.into_iter().min()? / self.pairs.max(1);
        if each.is_zero() {
            return None;
        }
        let pairs = left.div_duration_f64(each).ceil();
        let took = self.pairs_took.as_secs_f64() / f64::from(self.pairs);
        let end = self.pair_began + Duration::try_from_secs_f64(pairs * took).ok()?;
        Some(end.max(now))
    }

    /// The last variant of a *sequential* run has its turn.
    pub(super) fn is_last(&self) -> bool {
        !self.alternate && self.slot.variant == Side::B
    }
}

pub(super) fn first_load(side: Side) -> Slot {
    Slot {
        variant: side,
        pair: None,
        block: None,
        stage: SlotStage::WarmUp,
    }
}

/// A load on one variant alone.
pub(super) fn only(side: Side, turn: Turn) -> [Option<Turn>; 2] {
    let mut turns = [None; 2];
    turns[side.index()] = Some(turn);
    turns
}

impl Conductor {
    /// The turn is interrupted at `at`: a pair under way is discarded, whoever's slot it was. Returns where the run goes on;
    /// `None` in stages that know no turns.
    pub(super) fn set_aside(&mut self, at: Tick) -> Option<Resume> {
        let alternate = self.turns.as_ref()?.alternate;
        let resume = match self.stage {
            Stage::Clearing {
                next: next @ (Next::Load(_) | Next::Pair),
                ..
            } => return Some(Resume::Clearing { next }),
            Stage::Measuring { until } if !alternate => Resume::Measuring {
                left: until.map(|until| until.since(at)),
            },
            Stage::Opening { from, until } if !alternate => Resume::Measuring {
                left: until.map(|until| until.since(from)),
            },
            Stage::SlotSettling { .. }
            | Stage::Opening { .. }
            | Stage::Measuring { .. }
            | Stage::Clearing { .. } => Resume::Clearing { next: Next::Pair },
            _ => return None,
        };
        // Nothing that is due from now on is measured. In *sequential* there is no pair to lose by that.
        self.setup.aggregator.discard_pair();
        Some(resume)
    }

    /// The load becomes `load`, and what was measured under another one is worth nothing any more: in *alternate* a new pair
    /// begins, in *sequential* it is A's turn again. False if nothing was measured yet.
    pub(super) fn change_turns(&mut self, load: LoadState, epoch: &Epoch, now: Tick) -> bool {
        let Some(turns) = &mut self.turns else {
            return false;
        };
        let next = match (turns.alternate, turns.slot) {
            (true, Slot { pair: None, .. }) => return false,
            (true, _) => Next::Pair,
            (false, _) => Next::Load(Side::A),
        };
        let warming = matches!(
            self.stage,
            Stage::Ramp { .. }
                | Stage::WarmUp { .. }
                | Stage::Paused {
                    resume: Resume::Ramp { .. } | Resume::WarmUp { .. }
                }
        );
        if warming && turns.slot.variant == Side::A {
            return false;
        }
        turns.cycles.load_changed();
        let aggregator = &mut self.setup.aggregator;
        aggregator.discard_pair();
        aggregator.start_epoch(now, epoch.clone(), true);
        // Until a block is opened, nothing belongs to the new run.
        aggregator.discard_pair();
        self.change_load(load);
        if let Stage::Paused { resume } = &mut self.stage {
            *resume = Resume::Clearing { next };
        } else {
            self.clear(next, now);
        }
        true
    }
}
