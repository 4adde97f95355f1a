//! The order in which two variants share the time, and what that means for figures and evidence.

use super::aggregator::Aggregator;
use super::judge::{Duet, Judge};
use super::turns::Turns;
use super::variant::Variant;

/// The orders, as a plan's record calls them.
pub(super) const ALTERNATE: &str = "alternate";
pub(super) const SEQUENTIAL: &str = "sequential";

impl Aggregator {
    /// From now on the variants share the time as `order` says, and the blocks under way are none. A new epoch must follow.
    /// Pairs are numbered through: `pairs` is the latest number given to one that took turns; returns the latest of all.
    pub fn change_order(&mut self, order: &str, pairs: u64) -> u64 {
        let (windows, number) = self.duet.as_ref().map_or((0, 0), Duet::latest);
        let pairs = pairs.max(windows);
        order.clone_into(&mut self.order);
        self.variants.iter_mut().for_each(Variant::drop_blocks);
        self.turns = Turns::after(self.turns.opened().max(number));
        self.arrange(pairs);
        pairs
    }

    /// Sets up what the present order needs.
    pub(super) fn arrange(&mut self, pairs: u64) {
        let judged = self.variants.len() == 2 && self.order != SEQUENTIAL;
        let in_pieces = self.is_in_pieces();
        for variant in &mut self.variants {
            variant.runs_in_pieces(in_pieces);
        }
        if let Some(judge) = &mut self.judge {
            judge.count_by_due(in_pieces && self.facts.plan.load.rate.is_some());
        }
        let together = judged && !in_pieces;
        self.duet = together.then(|| Duet::after(self.turns.opened(), pairs));
    }

    /// Whether what is measured comes in blocks, with the other variant's in between.
    pub(super) fn is_in_pieces(&self) -> bool {
        self.order == ALTERNATE
    }

    /// The judge, where there is anything to judge: two variants, and not one after the other.
    pub(super) fn judging(&self) -> Option<&Judge> {
        self.judge.as_ref().filter(|_| self.order != SEQUENTIAL)
    }
}
