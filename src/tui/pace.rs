//! When the next frame may be drawn: at once after a key, and never more than [`FRAMES_PER_S`] in a second.

use std::time::Duration;

/// The most frames in any second.
pub(super) const FRAMES_PER_S: u32 = 15;
/// So many of them may come at once, so that a key need not wait for the frame before it.
const AT_ONCE: u32 = 3;
/// The time that pays for one frame.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / (FRAMES_PER_S - AT_ONCE) as u64);

/// Hands out frames: what time has paid for and nobody has used is kept, up to [`AT_ONCE`] frames.
#[derive(Debug)]
pub(super) struct Pace {
    /// When everything was or will be paid for.
    paid_from: Duration,
}

impl Pace {
    /// A start with nothing used.
    pub(super) fn new(now: Duration) -> Pace {
        Pace { paid_from: now }
    }

    /// How long until a frame may be drawn.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        let earliest = self.paid_from.saturating_sub(FRAME * (AT_ONCE - 1));
        earliest.saturating_sub(now)
    }

    /// A frame has been drawn.
    pub(super) fn drawn(&mut self, now: Duration) {
        self.paid_from = self.paid_from.max(now) + FRAME;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When frames are drawn in two seconds by someone who wants one every `every` ms.
    fn frames(every: u64) -> Vec<u64> {
        let mut pace = Pace::new(Duration::ZERO);
        let mut drawn = Vec::new();
        for ms in (0..2_000).step_by(every as usize) {
            let now = Duration::from_millis(ms);
            if pace.wait(now).is_zero() {
                pace.drawn(now);
                drawn.push(ms);
            }
        }
        drawn
    }

    #[test]
    fn no_second_has_more_frames_than_allowed() {
        for every in [1, 7, 40] {
            let drawn = frames(every);
            for (i, from) in drawn.iter().enumerate() {
                let in_a_second = drawn[i..].iter().take_while(|at| **at < from + 1_000);
                assert!(in_a_second.count() <= FRAMES_PER_S as usize, "{drawn:?}");
            }
            assert!(drawn.len() > 20, "{drawn:?}");
        }
    }

    #[test]
    fn a_key_soon_after_a_frame_need_not_wait() {
        let mut pace = Pace::new(Duration::ZERO);
        for ms in [0, 250, 260, 500, 510] {
            let now = Duration::from_millis(ms);
            assert!(pace.wait(now).is_zero(), "{ms}");
            pace.drawn(now);
        }
    }
}
