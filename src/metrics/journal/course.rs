//! The course of the run: its phases, and how long they took.

use super::{Lines, Seen, tenths};
use crate::metrics::snapshot::{Phase, Side};
use crate::metrics::variant::Variant;
use crate::text;

/// Where the run stood in the picture before.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// `None` before the first picture.
    stands: Option<(Phase, Option<Side>)>,
    /// The present run has been measured, if only for a moment.
    measured: bool,
}

impl Course {
    /// What is measured from now on has nothing to do with what was.
    pub(super) fn begin_anew(&mut self) {
        self.measured = matches!(self.stands, Some((Phase::Measuring, _)));
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>, lines: &mut Lines) {
        let stands = (seen.phase, seen.side);
        let before = self.stands.replace(stands);
        let Some(before) = before else {
            let load = seen.begins.map_or("", |epoch| &epoch.load);
            let order = seen.begins.and_then(|epoch| epoch.order.as_deref());
            let order = order.map_or(String::new(), |order| format!(", {order}"));
            return lines.info(seen.t, "run", &format!("the load begins: {load}{order}"));
        };
        if before == stands {
            return;
        }
        if seen.phase == Phase::Ramp {
            self.measured = false;
        }
        let said = self.words(before.0, seen);
        self.measured |= seen.phase == Phase::Measuring;
        lines.info(seen.phase_since, "run", &said);
    }

    fn words(&self, before: Phase, seen: &Seen<'_>) -> String {
        let who = seen
            .side
            .map_or(String::new(), |side| format!("{}: ", side.name()));
        let does = match seen.phase {
            Phase::Ramp if seen.side.is_some() => "comes under load".to_owned(),
            // The user holds the load no more, or nobody could have driven it.
            Phase::WarmUp if self.measured => "settling".to_owned(),
            Phase::Measuring if self.measured => "measuring goes on".to_owned(),
            Phase::Measuring => {
                format!("measuring, {} after the start", tenths(seen.phase_since))
            }
            Phase::Paused => "paused".to_owned(),
            Phase::Draining => {
                let open = seen.variants.iter().map(Variant::in_flight);
                format!("draining, {} requests open", text::count(open.sum()))
            }
            Phase::Done => format!("done after {}", tenths(seen.phase_since)),
            Phase::Ramp | Phase::WarmUp => seen.phase.word().to_owned(),
        };
        if before == Phase::Paused && !matches!(seen.phase, Phase::Draining | Phase::Done) {
            format!("resumed after {}: {who}{does}", tenths(seen.pause_s))
        } else {
            format!("{who}{does}")
        }
    }
}
