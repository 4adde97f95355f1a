//! What is worth a sentence while a run goes on: what has changed, and the figures now and then.

use super::figures::{brief, name, red, told};
use super::spoken::{lines, spoken};
use crate::metrics::snapshot::{CheckLevel, Phase, Side, Snapshot, Verdict};
use crate::text;
use std::collections::BTreeMap;
use std::time::Duration;

/// The shortest time between two tellings of the figures, or of one check that goes up and down.
const PAUSE: Duration = Duration::from_secs(10);
/// The most notices that are told in a run.
const NOTICES: usize = 50;

/// What has been told of a run.
#[derive(Debug, Default)]
pub struct News {
    phase: Option<Phase>,
    turn: Option<Side>,
    verdicts: Vec<Verdict>,
    /// Notices without their figures: the same with others is no news.
    notices: Vec<String>,
    checks: BTreeMap<String, (CheckLevel, Duration)>,
    figures: Duration,
}

impl News {
    /// What is new in `snapshot`, which is looked at `now` after the start: lines of ASCII, none of them long.
    pub fn of(&mut self, snapshot: &Snapshot, now: Duration) -> Vec<String> {
        let mut said = Vec::new();
        self.phase(snapshot, &mut said);
        self.turn(snapshot, &mut said);
        self.notices(snapshot, &mut said);
        self.checks(snapshot, now, &mut said);
        self.verdicts(snapshot, &mut said);
        self.figures(snapshot, now, &mut said);
        said.iter().flat_map(|sentence| lines(sentence)).collect()
    }

    fn phase(&mut self, snapshot: &Snapshot, said: &mut Vec<String>) {
        let phase = snapshot.meta.phase;
        let left = snapshot.meta.phase_left_s.filter(|_| phase != Phase::Done);
        // One that has no time to be in is none.
        let over = left.is_some_and(|left| left <= 0.0);
        if over && matches!(phase, Phase::Ramp | Phase::WarmUp) {
            return;
        }
        if self.phase.replace(phase) == Some(phase) {
            return;
        }
        let what = match phase {
            Phase::Ramp => "The load is being brought up",
            Phase::WarmUp => "Warming up",
            Phase::Measuring => "Measuring",
            Phase::Paused => "The load is paused",
            Phase::Draining => "Waiting for the last answers",
            Phase::Done => "The run is over",
        };
        let left = left.map_or(String::new(), |left| {
            let most = if snapshot.plan.load.until_decided {
                "at most "
            } else {
                ""
            };
            format!(", {most}{} left", spoken(&text::seconds(left.ceil())))
        });
        said.push(format!("{what}{left}."));
    }

    /// Whose turn it is, where the variants take turns.
    fn turn(&mut self, snapshot: &Snapshot, said: &mut Vec<String>) {
        let Some(slot) = &snapshot.meta.slot else {
            return;
        };
        if self.turn.replace(slot.variant) == Some(slot.variant) {
            return;
        }
        let pair = slot.pair.map_or(String::new(), |pair| {
            format!(", pair {}", text::count(pair))
        });
        let waits = slot.variant.other().name();
        said.push(format!(
            "It is {}'s turn{pair}; {waits} waits.",
            slot.variant.name()
        ));
    }

    fn notices(&mut self, snapshot: &Snapshot, said: &mut Vec<String>) {
        for notice in &snapshot.notices {
            let key: String = notice.text.chars().filter(|c| !c.is_numeric()).collect();
            if self.notices.contains(&key) || self.notices.len() >= NOTICES {
                continue;
            }
            self.notices.push(key);
            said.push(told(notice));
        }
    }

    fn checks(&mut self, snapshot: &Snapshot, now: Duration, said: &mut Vec<String>) {
        for check in &snapshot.checks {
            let known = self.checks.get(&check.name);
            let (level, told) = known.copied().unwrap_or((CheckLevel::Ok, Duration::ZERO));
            let soon = known.is_some() && now.saturating_sub(told) < PAUSE;
            // What takes the verdicts away is never kept back.
            if check.level == level || soon && check.level != CheckLevel::Red {
                continue;
            }
            self.checks.insert(check.name.clone(), (check.level, now));
            let what = match check.level {
                CheckLevel::Ok => "is well again",
                CheckLevel::Amber => "is worth knowing",
                CheckLevel::Red if snapshot.variants.b.is_some() => {
                    "has failed and the verdicts are withheld"
                }
                CheckLevel::Red => "has failed and the figures cannot be trusted",
            };
            let (name, detail) = (spoken(&check.name), spoken(&check.detail));
            said.push(format!("Self-check {name} {what}: {detail}."));
        }
    }

    fn verdicts(&mut self, snapshot: &Snapshot, said: &mut Vec<String>) {
        let Some(comparison) = &snapshot.comparison else {
            return;
        };
        if red(snapshot).is_some() {
            // They are told anew when they count again.
            self.verdicts.clear();
            return;
        }
        self.verdicts
            .resize(comparison.metrics.len(), Verdict::None);
        for (metric, told) in comparison.metrics.iter().zip(&mut self.verdicts) {
            let silent = matches!(metric.verdict, Verdict::None | Verdict::Collecting);
            if *told == metric.verdict
                || silent && matches!(told, Verdict::None | Verdict::Collecting)
            {
                continue;
            }
            *told = metric.verdict;
            let words = if metric.state.is_empty() {
                &metric.text
            } else {
                &metric.state
            };
            said.push(format!("{}: {}.", name(metric.name), spoken(words)));
        }
    }

    /// The figures of the live window, and at the end none: the result follows.
    fn figures(&mut self, snapshot: &Snapshot, now: Duration, said: &mut Vec<String>) {
        if snapshot.meta.phase == Phase::Done || now.saturating_sub(self.figures) < PAUSE {
            return;
        }
        self.figures = now;
        said.push(format!(
            "After {}:",
            spoken(&text::seconds(snapshot.meta.elapsed_s.round()))
        ));
        for (letter, variant) in ["A", "B"].iter().zip(snapshot.variants.iter()) {
            let failed = variant.run.failed.max(variant.window.failed);
            said.push(format!("{letter}: {}.", brief(&variant.window, failed)));
        }
    }
}
