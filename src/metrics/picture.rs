//! The picture of an instant: the aggregator's figures as a snapshot, with checks, verdicts and notices.

use super::aggregator::{Aggregator, Moment};
use super::checks::{self, Checked};
use super::comparison::compare;
use super::judge::Asked;
use super::notices::{self, Noticed};
use super::order::SEQUENTIAL;
use super::snapshot::{
    Basis, Check, CheckLevel, Comparison, GapReason, Meta, Phase, SCHEMA, Snapshot,
    VariantSnapshot, Variants,
};
use super::variant::Variant;
use crate::stats;
use std::sync::Arc;

impl Aggregator {
    /// The picture at the time of the last [`Aggregator::collect`].
    pub fn snapshot(&mut self, moment: Moment) -> Snapshot {
        let mut pictures = self
            .variants
            .iter()
            .map(|variant| variant.snapshot(self.last));
        let Some(a) = pictures.next() else {
            unreachable!("a run has at least one variant")
        };
        let b = pictures.next();
        let plan = Arc::clone(&self.facts.plan);
        let load = &plan.load;
        let shown: Vec<_> = std::iter::once(&a).chain(&b).collect();
        let users = self.epochs.last().and_then(|epoch| epoch.users);
        let checks = checks::checks(&Checked {
            variants: &self.variants,
            shown: &shown,
            client: &self.client,
            think_s: self.thinks_s(),
            users,
        });
        let comparison = b.as_ref().map(|b| self.compared(&a, b, &checks));
        self.distrusted = checks.iter().any(|check| check.level == CheckLevel::Red);
        let mut all = moment.notices;
        all.extend(self.incidents.notices());
        all.extend(notices::notes_gone(self.notes.gone()));
        all.extend(notices::notices(&Noticed {
            phase: self.phase,
            load,
            variants: &self.variants,
            shown: &shown,
            think_s: self.thinks_s(),
            users,
        }));
        // Where there is room for one it must be the worst, whoever had it.
        all.sort_by_key(|notice| std::cmp::Reverse(notice.level));
        self.write_down(&checks, &all, comparison.as_ref());
        let mut gaps = self.gaps.clone();
        if self.phase == Phase::Paused
            && let Some(gap) = gaps
                .iter_mut()
                .rev()
                .find(|g| g.reason == GapReason::Paused)
        {
            gap.seconds = self.last.as_secs_f64() - gap.t;
        }
        Snapshot {
            schema: SCHEMA.to_owned(),
            meta: Meta {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                started_at: self.facts.started_at.clone(),
                elapsed_s: self.last.as_secs_f64(),
                total_s: moment.total_s,
                phase: self.phase,
                phase_left_s: moment.phase_left_s,
                window_s: self.window_s(),
                slot: self.turns.slot,
                host: self.facts.host.clone(),
                seed: self.facts.seed,
            },
            plan: Arc::clone(&self.facts.plan),
            comparison,
            checks,
            epochs: self.epochs.clone(),
            blocks: self
                .judge
                .as_ref()
                .map_or_else(Arc::default, |judge| Arc::clone(judge.blocks())),
            annotations: Arc::clone(self.notes.kept()),
            log: Arc::clone(self.journal.lines()),
            log_dropped: self.journal.dropped(),
            gaps,
            notices: all,
            variants: Variants { a, b },
        }
    }

    /// B against A, judged as far as that goes.
    fn compared(&self, a: &VariantSnapshot, b: &VariantSnapshot, checks: &[Check]) -> Comparison {
        let load = &self.facts.plan.load;
        let mut comparison = compare(&self.order, a, b, load.timeout_s);
        if let Some(judge) = self.judging() {
            comparison.basis = if self.is_in_pieces() {
                Basis::Exact
            } else {
                Basis::Model
            };
            let (pair_s, left_s) = self.pace_s();
            let asked = Asked {
                pair_s,
                left_s,
                over: matches!(self.phase, Phase::Draining | Phase::Done),
                margin: self.margin(),
                aa: load.aa,
                rps_is_set: self.rps_is_set(),
                failed: (
                    a.run.failed_share().unwrap_or(0.0),
                    b.run.failed_share().unwrap_or(0.0),
                ),
            };
            judge.rule(&mut comparison, &asked);
        }
        if self.order == SEQUENTIAL {
            comparison.remarks.push(stats::SEQUENTIAL.to_owned());
            for metric in &mut comparison.metrics {
                stats::NOT_JUDGED.clone_into(&mut metric.state);
            }
        }
        if self
            .duet
            .as_ref()
            .is_some_and(super::judge::Duet::is_too_slow)
        {
            let slow = "the noise remembers for a minute or longer: windows do not protect from that, --order alternate does";
            comparison.remarks.push(slow.to_owned());
        }
        let queue = self.queue();
        checks::withhold(&mut comparison, checks, queue.as_deref());
        comparison
    }

    /// Seconds that a pair takes, and seconds left of the one under way.
    fn pace_s(&self) -> (f64, f64) {
        let answers_s = self.mean_response_s(self.last);
        let of_windows = self
            .duet
            .as_ref()
            .and_then(|duet| duet.pace_s(self.last, answers_s));
        of_windows
            .or_else(|| self.turns.pace_s(self.last))
            .unwrap_or_else(|| {
                // Before the first pair: two slots by their rules.
                let (load, pace) = (&self.facts.plan.load, self.pace());
                let per_second = load.rate.unwrap_or(pace.per_second);
                let block_s = stats::block_s(per_second, pace.cycle_s, stats::HIGHEST);
                let pair_s = 2.0 * (stats::settling_s(pace.cycle_s) + block_s);
                (pair_s, pair_s)
            })
    }

    fn margin(&self) -> Option<f64> {
        self.facts.plan.load.margin_pct.map(|pct| pct / 100.0)
    }

    /// Whether the comparison has found out all that it can: every metric is decided, or known not to matter, and nothing
    /// forbids to say so. What stops a run that is to end when it is decided.
    pub fn is_decided(&self) -> bool {
        let settled =
            |judge: &super::judge::Judge| judge.is_settled(self.margin(), !self.rps_is_set());
        !self.distrusted && self.queue().is_none() && self.judging().is_some_and(settled)
    }

    /// An open loop that both variants keep up with: their RPS is what the user set.
    fn rps_is_set(&self) -> bool {
        self.facts.plan.load.rate.is_some()
            && self.queue().is_none()
            && self.variants.iter().all(Variant::keeps_up)
    }

    /// Why nothing can be said about latency, if that is so: it depends on how long one waits.
    fn queue(&self) -> Option<String> {
        let load = &self.facts.plan.load;
        notices::growing_queue(&self.variants, load).or_else(|| {
            let judge = self.judging().filter(|_| load.rate.is_some())?;
            judge.queue().map(notices::queue_in_blocks)
        })
    }
}
