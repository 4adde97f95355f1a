//! Whether this process stood still: it was stopped, or the machine was put to sleep.
//!
//! Every thread of a run says now and then that it runs; the load threads every 10 ms. A time in which not one of them did
//! is a standstill of the process. A single thread that says nothing has been kept waiting by something on this machine,
//! which is our lateness and must be seen as such: requests due meanwhile are late, not put off.
//!
//! All threads are told the same two instants, so what they put off fits together exactly.

use crate::clock::Tick;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Silence of all threads that can only mean that none of them ran.
const LEAST: Duration = Duration::from_millis(250);

/// What is known of a process's standstills.
#[derive(Debug, Default)]
pub(super) struct Standstills(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// When somebody ran last; `None` before anybody has.
    last: Option<Tick>,
    so_far: SoFar,
}

/// All standstills until some instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SoFar {
    /// How long they lasted together.
    pub(super) total: Duration,
    /// The end of the latest.
    pub(super) until: Tick,
}

impl Standstills {
    /// The calling thread runs; it is `now`.
    pub(super) fn look(&self, now: Tick) -> SoFar {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = state.last.unwrap_or(now);
        state.last = Some(last.max(now));
        let silence = now.since(last);
        if silence > LEAST {
            state.so_far.total += silence;
            state.so_far.until = now;
        }
        state.so_far
    }
}

impl SoFar {
    /// What has come since `known`, as one gap: its length and its end.
    pub(super) fn since(self, known: SoFar) -> Option<(Duration, Tick)> {
        let gap = self.total.saturating_sub(known.total);
        (!gap.is_zero()).then_some((gap, self.until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Tick {
        Tick(ms * 1_000_000)
    }

    #[test]
    fn one_silent_thread_is_no_standstill_and_all_are_told_the_same() {
        let standstills = Standstills::default();
        // Nothing has run before the first look.
        let none = standstills.look(ms(5_000));
        assert_eq!(none, SoFar::default());
        // One thread looks every 100 ms, another says nothing for a second.
        for at in (5_100..=6_000).step_by(100) {
            assert_eq!(standstills.look(ms(at)), none);
        }
        assert_eq!(standstills.look(ms(6_001)), none);
        // Nobody for two seconds: the first to run finds it, and the second hears of it.
        let first = standstills.look(ms(8_001));
        let second = standstills.look(ms(8_003));
        assert_eq!(first, second);
        assert_eq!(first.since(none), Some((Duration::from_secs(2), ms(8_001))));
        assert_eq!(second.since(first), None);
    }
}
