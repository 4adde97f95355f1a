//! How punctual a load thread is, measured on itself: a task that wants to wake every 10 ms notes how late it did.
//!
//! Whatever keeps that task waiting keeps requests waiting: a busy thread, a busy machine, a core taken away.

use std::sync::atomic::{AtomicU64, Ordering};

/// One load thread's heartbeat. The thread writes, the aggregator reads.
#[derive(Debug, Default)]
pub struct Pulse {
    beats: AtomicU64,
    latest_us: AtomicU64,
}

impl Pulse {
    /// The heart beat, `late_us` µs late.
    pub fn beat(&self, late_us: u64) {
        self.beats.fetch_add(1, Ordering::Relaxed);
        self.latest_us.fetch_max(late_us, Ordering::Relaxed);
    }

    /// Beats so far, and the latest since the last call in µs.
    pub(super) fn take(&self) -> (u64, u64) {
        (
            self.beats.load(Ordering::Relaxed),
            self.latest_us.swap(0, Ordering::Relaxed),
        )
    }
}
