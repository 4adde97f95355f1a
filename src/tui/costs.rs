//! What the screen itself costs: the time of a frame, how many there are, and the memory of the whole process.

use std::collections::VecDeque;
use std::time::Duration;

/// Frames whose time is looked at.
const FRAMES: usize = 60;
/// The time over which frames are counted.
const SECOND: Duration = Duration::from_secs(1);

/// What the screen costs.
#[derive(Debug, Default)]
pub(super) struct Costs {
    /// When each of the last frames was drawn, and how long that took.
    frames: VecDeque<(Duration, Duration)>,
    /// Resident memory of the process in bytes.
    pub(super) resident: Option<u64>,
}

impl Costs {
    /// A frame was drawn at `now`, which took `time`.
    pub(super) fn drawn(&mut self, now: Duration, time: Duration) {
        if self.frames.len() == FRAMES {
            self.frames.pop_front();
        }
        self.frames.push_back((now, time));
    }

    /// The median time of the last frames.
    pub(super) fn frame(&self) -> Option<Duration> {
        let mut times: Vec<Duration> = self.frames.iter().map(|(_, time)| *time).collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied()
    }

    /// Frames in the second before the last one.
    pub(super) fn frames_per_s(&self) -> usize {
        let Some((last, _)) = self.frames.back() else {
            return 0;
        };
        let recent = self.frames.iter().rev();
        recent.take_while(|(at, _)| *at + SECOND > *last).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_frames_count() {
        let mut costs = Costs::default();
        assert_eq!((costs.frame(), costs.frames_per_s()), (None, 0));
        let ms = Duration::from_millis;
        for i in 0..100 {
            let time = if i < 50 { ms(900) } else { ms(i) };
            costs.drawn(ms(250 * i), time);
        }
        assert_eq!((costs.frame(), costs.frames_per_s()), (Some(ms(80)), 4));
        assert_eq!(costs.frames.len(), FRAMES);
    }
}
