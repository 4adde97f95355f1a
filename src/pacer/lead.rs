//! Waking early, and watching the clock for the rest.
//!
//! A core that has gone to sleep needs its time to come back: tens of microseconds in a virtual machine, and all of it would
//! be lateness. So the alarm for those who ask for it ([`super::Sleep::sharp`]) rings earlier by a *lead*, and what is left
//! is spent looking at the clock, in turns with everything else that the thread has to do.
//!
//! The lead is learnt: it rises when a sharp sleeper is woken late and falls when he is woken in time, so that it settles
//! where one in ten is late. What holds always: in the long run no more than [`SHARE`] of the time is spent watching; beyond
//! it the lead falls, and at a high rate it is the alarm alone again.

use crate::clock::Tick;
use std::time::Duration;

/// The share of a core that may go into watching, in thousandths.
const SHARE: u64 = 25;

/// The longest lead.
const LONGEST_NS: u64 = 120_000;

/// Where the lead begins.
const FIRST_NS: u64 = 40_000;

/// What the lead loses when a sleeper is woken in time. Late, it gains nine times as much.
const STEP_NS: u64 = 200;

/// What can be saved up of the time for watching, and owed.
const CREDIT_NS: i64 = 1_000_000;

/// How much earlier than the deadline the alarm rings, and what watching has cost.
#[derive(Debug)]
pub(super) struct Lead {
    ns: u64,
    credit_ns: i64,
    /// Until when the credit has been given.
    given: Tick,
    /// Since when the clock is being watched.
    watching: Option<Tick>,
}

impl Default for Lead {
    fn default() -> Self {
        Lead {
            ns: FIRST_NS,
            credit_ns: 0,
            given: Tick(0),
            watching: None,
        }
    }
}

impl Lead {
    /// When the alarm for a sharp sleeper should ring.
    pub(super) fn before(&self, deadline: Tick) -> Tick {
        Tick(deadline.0.saturating_sub(self.ns))
    }

    /// Whether the clock is to be watched from `now` until `deadline`.
    pub(super) fn watch(&mut self, now: Tick, deadline: Tick) -> bool {
        let near = self.before(deadline) <= now;
        if near {
            self.watching.get_or_insert(now);
        } else {
            self.rest(now);
        }
        near
    }

    /// The watch, if there was one, is over.
    pub(super) fn rest(&mut self, now: Tick) {
        if let Some(since) = self.watching.take() {
            self.spend(now.since(since));
        }
    }

    /// A sharp sleeper, whose time has come, is woken at `now`.
    pub(super) fn woken(&mut self, now: Tick) {
        let in_time = self.watching.is_some();
        self.rest(now);
        let earned = now.since(self.given).as_nanos() as u64 / 1_000 * SHARE;
        self.given = now;
        self.credit_ns = self
            .credit_ns
            .saturating_add_unsigned(earned)
            .min(CREDIT_NS);
        self.ns = match (in_time, self.credit_ns < 0) {
            (_, true) => self.ns.saturating_sub(9 * STEP_NS),
            (true, false) => self.ns.saturating_sub(STEP_NS),
            (false, false) => (self.ns + 9 * STEP_NS).min(LONGEST_NS),
        };
    }

    fn spend(&mut self, time: Duration) {
        let ns = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        self.credit_ns = self.credit_ns.saturating_sub(ns).max(-CREDIT_NS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sharp sleepers every `gap` for `seconds` on a core that takes `wake(i)` ns to come back. Returns the share that was
    /// late, the share of the time spent watching, and the lead at the end.
    fn life(gap: u64, seconds: u64, wake: impl Fn(u64) -> u64) -> (f64, f64, u64) {
        let mut lead = Lead::default();
        let (mut late, mut watched, mut now) = (0, 0, Tick(0));
        let wakes = seconds * 1_000_000_000 / gap;
        for i in 1..=wakes {
            let deadline = Tick(i * gap);
            now = now.max(Tick(lead.before(deadline).0 + wake(i)));
            if now < deadline {
                assert!(lead.watch(now, deadline));
                watched += deadline.since(now).as_nanos() as u64;
                now = deadline;
            } else {
                late += 1;
            }
            lead.woken(now);
        }
        let share = |part: u64, whole: u64| part as f64 / whole as f64;
        (
            share(late, wakes),
            share(watched, seconds * 1_000_000_000),
            lead.ns,
        )
    }

    #[test]
    fn one_in_ten_is_late_where_time_allows() {
        // Between 30 and 80 µs, evenly.
        let (late, watched, lead) = life(5_000_000, 60, |i| 30_000 + i * 7_919 % 50_000);
        assert!((0.05..0.15).contains(&late), "{late}");
        assert!((70_000..80_000).contains(&lead), "{lead}");
        assert!(watched < 0.01, "{watched}");
    }

    #[test]
    fn watching_is_bounded_at_every_rate() {
        for gap in [20_000, 100_000, 1_000_000] {
            let (_, watched, _) = life(gap, 10, |i| 1_000 + i * 7_919 % 100_000);
            assert!(watched < 0.026, "{watched} at a gap of {gap} ns");
        }
    }

    #[test]
    fn a_watch_in_vain_is_paid_for() {
        let mut lead = Lead::default();
        assert!(!lead.watch(Tick(0), Tick(50_000)));
        assert!(lead.watch(Tick(20_000), Tick(50_000)));
        // The sleeper is gone.
        lead.rest(Tick(30_000));
        lead.rest(Tick(40_000));
        assert_eq!(lead.credit_ns, -10_000);
    }
}
