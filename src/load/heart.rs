//! A load thread's sense of time: it reads the clock, feels its own pulse, and learns when time has stood still.
//!
//! A process that was stopped makes every open request look slow although nothing was slow but us. So after a pause of its own
//! a thread asks whether anybody was alive (see `standstill`) before it believes the clock. If nobody was, what was open is
//! given up with the age it had, and all that was still to come comes so much later.

use super::standstill::{STANDSTILL, Standstills};
use crate::clock::{Clock, Tick};
use crate::metrics::{Pulse, Shard};
use crate::pacer::Pacer;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The time between two beats.
const BEAT: Duration = Duration::from_millis(10);

/// Where a load thread shows that it is alive, and learns when nobody was.
#[derive(Debug, Clone)]
pub(super) struct Vitals {
    pub(super) pulse: Arc<Pulse>,
    pub(super) standstills: Arc<Standstills>,
}

/// A load thread's clock and pulse.
#[derive(Debug)]
pub(super) struct Heart {
    clock: Clock,
    /// `None` in simulated time, which jumps.
    vitals: Option<Vitals>,
    shards: Vec<Arc<Shard>>,
    last: Cell<Tick>,
    /// Standstills that it has acted upon.
    known: Cell<usize>,
    resumed: Cell<Option<Tick>>,
    stood_still: Cell<Duration>,
}

impl Heart {
    /// `shards` are all that the thread records into.
    pub(super) fn new(clock: Clock, vitals: Option<Vitals>, shards: Vec<Arc<Shard>>) -> Rc<Self> {
        Rc::new(Heart {
            last: Cell::new(clock.now()),
            clock,
            vitals,
            shards,
            known: Cell::default(),
            resumed: Cell::default(),
            stood_still: Cell::default(),
        })
    }

    /// The present instant.
    pub(super) fn now(&self) -> Tick {
        let now = self.clock.now();
        let last = self.last.replace(now);
        // Half of it: whoever was silent for the whole of it must ask, however the signs of life fell.
        if now.since(last) > STANDSTILL / 2 {
            self.ask(now);
        }
        now
    }

    /// Gives a sign of life, and acts upon the standstills that it did not know of.
    fn ask(&self, now: Tick) {
        let Some(vitals) = &self.vitals else { return };
        for standstill in vitals.standstills.look(now, self.known.get()) {
            for shard in &self.shards {
                shard.stand_still(standstill.from, standstill.until);
            }
            self.known.set(self.known.get() + 1);
            self.resumed.set(Some(standstill.until));
            self.stood_still
                .set(self.stood_still.get() + standstill.length());
        }
    }

    /// The end of the latest standstill.
    pub(super) fn resumed(&self) -> Option<Tick> {
        self.resumed.get()
    }

    /// How long the thread has stood still in all.
    pub(super) fn stood_still(&self) -> Duration {
        self.stood_still.get()
    }

    /// Beats for ever.
    pub(super) async fn beat(self: Rc<Self>, pacer: Arc<Pacer>) {
        let Some(vitals) = self.vitals.clone() else {
            return;
        };
        let mut due = self.now() + BEAT;
        loop {
            pacer.sleep_until(due).await;
            let now = self.now();
            self.ask(now);
            // A standstill is no lateness: it is said elsewhere.
            let since = self.resumed.get().map_or(due, |resumed| due.max(resumed));
            vitals.pulse.beat(now, now.us_since(since));
            // Missed beats are left out: the next one says how late they all were.
            let missed = now.since(due).as_nanos() / BEAT.as_nanos();
            due = due + BEAT * (missed as u32 + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heart(vitals: Option<Vitals>) -> (Clock, Arc<Shard>, Rc<Heart>) {
        let (clock, shard) = (Clock::manual(), Arc::new(Shard::default()));
        let heart = Heart::new(clock.clone(), vitals, vec![Arc::clone(&shard)]);
        (clock, shard, heart)
    }

    fn vitals() -> Vitals {
        Vitals {
            pulse: Arc::default(),
            standstills: Arc::default(),
        }
    }

    #[test]
    fn a_standstill_gives_up_what_is_open_at_the_age_it_had() {
        let (clock, shard, heart) = heart(Some(vitals()));
        let _ = shard.start_run(Tick(0), Tick(0));
        clock.set(Tick(100_000_000));
        heart.ask(heart.now());
        let request = shard.begin(Tick(90_000_000), heart.now());
        clock.set(Tick(3_100_000_000));
        assert_eq!(heart.now(), Tick(3_100_000_000));
        assert_eq!(heart.resumed(), Some(Tick(3_100_000_000)));
        assert_eq!(heart.stood_still(), Duration::from_secs(3));
        // Its end, whenever it comes, is not recorded any more.
        shard.cancel(request, heart.now());
        let taken = shard.take(heart.now());
        assert_eq!(taken.in_run.censored.max(), Some(10_000));
        assert_eq!(taken.in_run.censored.count(), 1);
    }

    #[test]
    fn a_thread_that_alone_stood_still_is_late_and_nothing_else() {
        let vitals = vitals();
        let (clock, shard, heart) = heart(Some(vitals.clone()));
        heart.ask(heart.now());
        let request = shard.begin(Tick(0), heart.now());
        for ms in (0..3_000).step_by(10) {
            vitals.standstills.look(Tick(ms * 1_000_000), 0);
        }
        clock.set(Tick(3_000_000_000));
        heart.now();
        assert_eq!(heart.stood_still(), Duration::ZERO);
        assert_eq!(shard.take(heart.now()).open_outside.len(), 1);
        shard.cancel(request, heart.now());
    }

    #[test]
    fn simulated_time_may_jump() {
        let (clock, _, heart) = heart(None);
        clock.set(Tick(3_000_000_000));
        heart.now();
        assert_eq!(heart.stood_still(), Duration::ZERO);
    }
}
