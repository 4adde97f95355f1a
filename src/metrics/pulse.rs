//! How punctual a load thread is, measured on itself: a task that wants to wake every 10 ms notes how late it did.
//!
//! Whatever keeps that task waiting keeps requests waiting: a busy thread, a busy machine, a core taken away. A thread that
//! says nothing any more is late as well, by the time since it last did.

use crate::clock::Tick;
use std::sync::atomic::{AtomicU64, Ordering};

/// The time between two beats, µs.
const BEAT_US: u64 = 10_000;

/// One load thread's heartbeat. The thread writes, the aggregator reads.
#[derive(Debug, Default)]
pub struct Pulse {
    beats: AtomicU64,
    latest_us: AtomicU64,
    last: AtomicU64,
}

impl Pulse {
    /// The heart beats at `now`, `late_us` µs late.
    pub fn beat(&self, now: Tick, late_us: u64) {
        self.latest_us.fetch_max(late_us, Ordering::Relaxed);
        self.last.store(now.0, Ordering::Relaxed);
        self.beats.fetch_add(1, Ordering::Release);
    }

    /// Beats so far, and the latest since the last call in µs, be it one that is still awaited at `now`.
    pub(super) fn take(&self, now: Tick) -> (u64, u64) {
        let beats = self.beats.load(Ordering::Acquire);
        let latest = self.latest_us.swap(0, Ordering::Relaxed);
        let last = Tick(self.last.load(Ordering::Relaxed));
        let awaited = now.us_since(last).saturating_sub(BEAT_US);
        (
            beats,
            if beats == 0 {
                latest
            } else {
                latest.max(awaited)
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_lateness() {
        let pulse = Pulse::default();
        assert_eq!(pulse.take(Tick(9_000_000_000)), (0, 0));
        pulse.beat(Tick(1_000_000_000), 300);
        assert_eq!(pulse.take(Tick(1_005_000_000)), (1, 300));
        assert_eq!(pulse.take(Tick(3_010_000_000)), (1, 2_000_000));
    }
}
