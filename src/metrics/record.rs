//! What the aggregator has written down beside the figures: notes of the user's own, and the journal.

use super::aggregator::Aggregator;
use super::journal::Seen;
use super::snapshot::{Check, Comparison, GapReason, Notice, NoticeLevel, Phase, Side};
use crate::clock::Tick;
use crate::text;

impl Aggregator {
    /// The user marks the instant `at_s` (seconds since the start; `None`: now) with `said`. No mark lies outside of the run.
    pub fn annotate(&mut self, said: &str, at_s: Option<f64>, now: Tick) {
        let end_s = self.end_s(now);
        let t = at_s
            .filter(|t| t.is_finite())
            .map_or(end_s, |t| t.clamp(0.0, end_s));
        let Some(noted) = self.notes.add(t, said) else {
            return;
        };
        let said = if t < end_s {
            format!("at {}: {noted}", text::clock(t))
        } else {
            noted.to_owned()
        };
        self.journal.write(end_s, NoticeLevel::Info, "note", &said);
    }

    /// A line for the log that is known elsewhere; `source` says where.
    pub fn log(&mut self, level: NoticeLevel, source: &str, said: &str, now: Tick) {
        let t = self.end_s(now);
        self.journal.write(t, level, source, said);
    }

    /// The present instant on the axis of the run, which ends with it.
    pub(super) fn end_s(&self, now: Tick) -> f64 {
        if self.phase == Phase::Done {
            self.last.as_secs_f64()
        } else {
            now.as_secs_f64()
        }
    }

    /// The journal looks at what the picture shows.
    pub(super) fn write_down(
        &mut self,
        checks: &[Check],
        notices: &[Notice],
        comparison: Option<&Comparison>,
    ) {
        let pauses = self.gaps.iter().rev();
        let pause = pauses.clone().find(|gap| gap.reason == GapReason::Paused);
        self.journal.look(&Seen {
            t: self.last.as_secs_f64(),
            phase: self.phase,
            phase_since: self.phase_since.as_secs_f64(),
            side: self.side_alone(),
            pause_s: pause.map_or(0.0, |gap| gap.seconds),
            begins: self.epochs.first(),
            checks,
            notices,
            comparison,
            variants: &self.variants,
        });
    }

    /// Whose load it is, where that lasts: pairs have two sides.
    fn side_alone(&self) -> Option<Side> {
        let slot = self.turns.slot.filter(|slot| slot.pair.is_none())?;
        let lasts = match self.phase {
            Phase::Ramp | Phase::WarmUp => true,
            Phase::Measuring => !self.is_in_pieces(),
            Phase::Paused | Phase::Draining | Phase::Done => false,
        };
        lasts.then_some(slot.variant)
    }
}
