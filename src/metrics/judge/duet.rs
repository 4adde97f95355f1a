//! *Together*: windows of time in which both variants are judged against each other.
//!
//! Each whole second of both is shown to the rules of `stats::Windows`, which say when a window opens and how long it lasts. A
//! window is a block on both sides; it is judged when all its requests have ended, which may be long after its end, and
//! windows are judged in their order.

use super::super::block::Spoiled;
use super::super::snapshot::Side;
use super::super::variant::Variant;
use super::{Block, METRICS};
use crate::clock::Tick;
use crate::stats::{
    HIGHEST, Pace, Windows, block_quantile, failed_share, log_difference, share_difference,
};
use std::collections::VecDeque;
use std::time::Duration;

/// The windows of a run.
#[derive(Debug, Default)]
pub(in crate::metrics) struct Duet {
    /// `None` before the first window under the present load.
    windows: Option<Windows>,
    /// Whether the load is on, and counted.
    measuring: bool,
    /// Measuring has begun or gone on, or the load has changed: a window is to open, whatever the last one's gap.
    begins: bool,
    /// No window opens before: a changed load settles.
    not_before: Tick,
    /// Windows whose requests have not all ended, oldest first.
    pending: VecDeque<Pending>,
    /// The latest window: its number as a block, and as a pair.
    number: u32,
    pair: u64,
}

#[derive(Debug, Clone, Copy)]
struct Pending {
    number: u32,
    pair: u64,
    from: Tick,
    until: Tick,
}

impl Duet {
    /// Windows whose numbers come after these: the latest of any block, and of any pair.
    pub(in crate::metrics) fn after(number: u32, pair: u64) -> Duet {
        Duet {
            number,
            pair,
            ..Duet::default()
        }
    }

    /// The numbers of the latest window: as a pair, and as a block.
    pub(in crate::metrics) fn latest(&self) -> (u64, u32) {
        (self.pair, self.number)
    }

    /// The load is on and counted: windows may open.
    pub(in crate::metrics) fn resume(&mut self) {
        (self.measuring, self.begins) = (true, true);
    }

    /// The load is held: the window under way is none. Those before are waited for.
    pub(in crate::metrics) fn interrupt(&mut self, now: Tick, variants: &mut [Variant]) {
        self.measuring = false;
        // The end of the run and the end of a window may fall together.
        let past = |pending: &Pending| pending.until <= now + Duration::from_millis(20);
        for pending in self.pending.iter().filter(|pending| !past(pending)) {
            for variant in variants.iter_mut() {
                variant.drop_block(pending.number);
            }
        }
        self.pending.retain(past);
    }

    /// The load has changed: windows begin anew, from `from` on at the earliest.
    pub(in crate::metrics) fn begin_anew(&mut self, from: Tick, variants: &mut [Variant]) {
        variants.iter_mut().for_each(Variant::drop_blocks);
        *self = Duet {
            number: self.number,
            pair: self.pair,
            measuring: self.measuring,
            begins: true,
            not_before: from,
            ..Duet::default()
        };
    }

    /// `seconds` whole seconds have passed (one, unless we were held up); it is `now`.
    pub(in crate::metrics) fn seconds(
        &mut self,
        seconds: u64,
        now: Tick,
        pace: Pace,
        variants: &mut [Variant],
    ) {
        if !self.measuring {
            return;
        }
        if self.begins {
            if now < self.not_before {
                return;
            }
            self.begins = false;
            match &mut self.windows {
                Some(windows) => windows.restart(pace),
                None => self.windows = Some(Windows::new(HIGHEST, METRICS, pace)),
            }
            self.begin_window(now, variants);
            return;
        }
        for passed in 0..seconds {
            let Some(windows) = &mut self.windows else {
                return;
            };
            let inside = windows.is_inside();
            // What happened in a second that was missed is not known.
            let differences = if passed == 0 && seconds == 1 {
                differences(variants)
            } else {
                [None; METRICS]
            };
            let _ = windows.second(&differences, pace);
            if !inside && windows.is_inside() {
                // Of seconds that were missed, those after its beginning do not count for it.
                self.begin_window(now, variants);
                return;
            }
        }
    }

    fn begin_window(&mut self, now: Tick, variants: &mut [Variant]) {
        let Some(windows) = &self.windows else { return };
        self.number += 1;
        self.pair += 1;
        let pending = Pending {
            number: self.number,
            pair: self.pair,
            from: now,
            until: now + Duration::from_secs(windows.window_s()),
        };
        for variant in variants {
            variant.open_block(pending.number, pending.from, Some(pending.until));
        }
        self.pending.push_back(pending);
    }

    /// The next window that can be judged at `now`: its number and blocks.
    pub(in crate::metrics) fn next(
        &mut self,
        now: Tick,
        variants: &mut [Variant],
    ) -> Option<(u64, [Block; 2])> {
        loop {
            let pending = *self.pending.front()?;
            let over = variants.iter().try_fold(true, |over, variant| {
                Ok::<_, Spoiled>(over & variant.is_block_over(pending.number, now)?)
            });
            if over == Ok(false) {
                return None;
            }
            self.pending.pop_front();
            let taken: Vec<_> = variants
                .iter_mut()
                .map(|variant| variant.take_block(pending.number))
                .collect();
            let [Some(a), Some(b)] = <[_; 2]>::try_from(taken).ok()? else {
                // Spoiled on one side: there is nothing to compare with.
                continue;
            };
            if a.requests() + b.requests() == 0 {
                continue;
            }
            let t = pending.from.as_secs_f64();
            let block = |variant, figures| Block {
                variant,
                t,
                figures,
            };
            return Some((pending.pair, [block(Side::A, a), block(Side::B, b)]));
        }
    }

    /// Whether the noise remembers too long for windows.
    pub(in crate::metrics) fn is_too_slow(&self) -> bool {
        self.windows.as_ref().is_some_and(Windows::is_too_slow)
    }

    /// Seconds that a pair takes at present, and seconds until the next one can be judged. `answers_s`: how long the last
    /// answers of a window take.
    pub(in crate::metrics) fn pace_s(&self, now: Tick, answers_s: f64) -> Option<(f64, f64)> {
        let windows = self.windows.as_ref()?;
        let ends_s = match self.pending.front() {
            Some(pending) => pending.until.since(now).as_secs_f64(),
            None => windows.left_s() as f64,
        };
        Some((windows.pair_s() as f64, ends_s + answers_s))
    }
}

/// B against A in the last whole second, for each metric.
fn differences(variants: &[Variant]) -> [Option<f64>; METRICS] {
    let [a, b] = variants else {
        return [None; METRICS];
    };
    let (a, b) = (a.last_second(), b.last_second());
    let (Some(in_a), Some(in_b)) = (&a.ended, &b.ended) else {
        return [None; METRICS];
    };
    let quantile = |p| log_difference(block_quantile(in_a, p), block_quantile(in_b, p));
    [
        log_difference(Some(a.rps), Some(b.rps)),
        quantile(super::QUANTILES[0]),
        quantile(super::QUANTILES[1]),
        quantile(super::QUANTILES[2]),
        share_difference(failed_share(in_a), failed_share(in_b)),
    ]
}
