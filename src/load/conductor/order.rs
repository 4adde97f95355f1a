//! Changing the order in which the variants share the time, while the run goes on.
//!
//! What was measured under another order is worth nothing under this one: a new epoch begins, and with it the measured time
//! that was asked for. What is open is never lost: it ends under the old order, outside of the new run.

use super::Conductor;
use super::slots::AHEAD;
use super::stage::{Resume, Stage};
use super::turns::{Cycles, Next, Turns};
use crate::clock::Tick;
use crate::load::control::{LoadState, Turn};
use crate::load::spec::Order;
use crate::metrics::snapshot::{NoticeLevel, Side};
use std::time::Duration;

impl Conductor {
    /// The next order: together, alternate, sequential, and together again. A solo run has none.
    pub(super) fn cycle_order(&mut self) {
        // What is due comes first: by now the run may be over.
        self.advance(false);
        let now = self.setup.clock.now();
        if let Some(order) = self.load.order
            && !self.is_ending(now)
        {
            let order = self.next_order(order, now);
            self.change_order(order, now);
        }
    }

    /// Too late to change anything: the load threads may already have left.
    fn is_ending(&self, now: Tick) -> bool {
        match self.stage {
            Stage::Draining | Stage::Done => true,
            Stage::Measuring { until: Some(until) } => {
                self.turns.as_ref().is_none_or(Turns::is_last) && now + AHEAD >= until
            }
            _ => false,
        }
    }

    fn next_order(&mut self, order: Order, now: Tick) -> Order {
        match order {
            Order::Together => Order::Alternate,
            Order::Alternate if self.setup.spec.duration.is_some() => Order::Sequential,
            Order::Alternate => {
                let said =
                    "order sequential is left out: without a duration B's turn would never come";
                let aggregator = &mut self.setup.aggregator;
                aggregator.log(NoticeLevel::Info, "run", said, now);
                Order::Together
            }
            Order::Sequential => Order::Together,
        }
    }

    fn change_order(&mut self, order: Order, now: Tick) {
        self.collect(now);
        let aggregator = &mut self.setup.aggregator;
        let response_s = aggregator.mean_response_s(now);
        let pairs = self.turns.as_ref().map_or(0, |turns| turns.pair);
        let pair = aggregator.change_order(order.word(), pairs);
        self.turns = Turns::of(order, aggregator.variants().len()).map(|turns| Turns {
            pair,
            cycles: Cycles::guessed(response_s),
            ..turns
        });
        let load = LoadState {
            order: Some(order),
            turns: [None; 2],
            stop_at: None,
            ..self.load
        };
        let mut epoch = load.epoch(now);
        epoch.load = format!("{}, {}", order.word(), epoch.load);
        aggregator.start_epoch(now, epoch, true);
        // Until measured time is opened, nothing belongs to the new run.
        aggregator.discard_pair();
        self.load = load;
        let resume = self.beginning(order, now);
        if let Stage::Paused { .. } = self.stage {
            return self.enter(Stage::Paused { resume }, now);
        }
        if order == Order::Together {
            self.load.turns = [Some(Turn::begin(now)); 2];
        }
        let stage = self.resumed(resume, now);
        self.enter(stage, now);
        self.announce_run();
    }

    /// Where a run in this order goes on from here. Who has had its warm-up needs none again, but settles.
    fn beginning(&self, order: Order, now: Tick) -> Resume {
        match order {
            Order::Alternate => Resume::Clearing {
                next: self.next_cold(),
            },
            Order::Sequential => Resume::Clearing {
                next: Next::Load(Side::A),
            },
            Order::Together if self.warm == [true; 2] => Resume::Measuring {
                left: self.setup.spec.duration,
            },
            Order::Together => {
                let ramps = [Side::A, Side::B].map(|side| self.ramp_left(side, now));
                Resume::Ramp {
                    left: ramps.into_iter().max().unwrap_or_default(),
                }
            }
        }
    }

    /// In *alternate*: the warm-up that is still missing, or else the next pair.
    pub(super) fn next_cold(&self) -> Next {
        let mut sides = [Side::A, Side::B].into_iter();
        sides
            .find(|side| !self.warm[side.index()])
            .map_or(Next::Pair, Next::Load)
    }

    /// What is left of the ramp of `side`, all of it if it was never under load.
    pub(super) fn ramp_left(&self, side: Side, now: Tick) -> Duration {
        self.ramp_ends[side.index()].map_or(self.setup.spec.ramp, |end| end.since(now))
    }
}
