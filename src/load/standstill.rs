//! Standstills: spans in which no thread of this process ran, because it was stopped or starved of every core.
//!
//! A single thread that does not run for a while is late, and its lateness must be seen. Only if all are silent at once has
//! time stood still for the measurement. So every thread that measures gives a sign of life when it looks at the clock after
//! a pause, and the first one to come back to a silence of [`STANDSTILL`] enters it here. From then on it is a fact that all
//! threads act upon, each before it believes any time that it has measured.

use crate::clock::Tick;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Silence of all threads that can only mean that the process did not run. Load threads beat every 10 ms.
pub(super) const STANDSTILL: Duration = Duration::from_millis(250);

/// A span in which nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standstill {
    /// The last sign of life before it.
    pub(super) from: Tick,
    /// The first one after it.
    pub(super) until: Tick,
}

impl Standstill {
    pub(super) fn length(self) -> Duration {
        self.until.since(self.from)
    }
}

/// All standstills of a run, shared by its threads.
#[derive(Debug, Default)]
pub(super) struct Standstills(Mutex<Record>);

#[derive(Debug, Default)]
struct Record {
    /// The last sign of life; `None` before the first.
    life: Option<Tick>,
    /// One entry for at least every 250 ms of standing still.
    all: Vec<Standstill>,
}

impl Standstills {
    /// A thread is alive at `now`. Returns the standstills after the first `known` ones, which it has not acted upon yet.
    pub(super) fn look(&self, now: Tick, known: usize) -> Vec<Standstill> {
        let mut record = self.lock();
        let silent = record.life.filter(|life| now.since(*life) > STANDSTILL);
        if let Some(from) = silent {
            record.all.push(Standstill { from, until: now });
        }
        record.life = record.life.max(Some(now));
        record.all[known.min(record.all.len())..].to_vec()
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Tick {
        Tick(ms * 1_000_000)
    }

    #[test]
    fn one_silent_thread_is_late_and_all_of_them_are_a_standstill() {
        let standstills = Standstills::default();
        assert!(standstills.look(at(0), 0).is_empty());
        // Another thread lives on while this one does not.
        for ms in (0..2_000).step_by(10) {
            assert!(standstills.look(at(ms), 0).is_empty());
        }
        assert!(standstills.look(at(2_000), 0).is_empty());
        // Nobody does, and whoever comes second learns of it from the first.
        let gap = Standstill {
            from: at(2_000),
            until: at(5_000),
        };
        assert_eq!(standstills.look(at(5_000), 0), [gap]);
        assert_eq!(standstills.look(at(5_001), 0), [gap]);
        assert!(standstills.look(at(5_002), 1).is_empty());
        assert_eq!(gap.length(), Duration::from_secs(3));
    }
}
