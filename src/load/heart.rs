//! A load thread's sense of time: it reads the clock, feels its own pulse, and hears when the process has stood still.
//!
//! A process that is stopped, or a machine that is put to sleep, makes every open request look slow although nothing was
//! slow but us. What was open then is given up with the age it had, and all that was still to come comes so much later.

use super::standstill::{SoFar, Standstills};
use crate::clock::{Clock, Tick};
use crate::metrics::{Pulse, Shard};
use crate::pacer::Pacer;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The time between two beats.
const BEAT: Duration = Duration::from_millis(10);

/// A load thread's clock and pulse.
#[derive(Debug)]
pub(super) struct Heart {
    clock: Clock,
    /// `None` in simulated time, which jumps.
    pulse: Option<Arc<Pulse>>,
    standstills: Arc<Standstills>,
    shards: Vec<Arc<Shard>>,
    /// When the thread said last that it runs, and the standstills that it has heard of.
    said: Cell<Tick>,
    known: Cell<SoFar>,
}

impl Heart {
    /// `shards` are all that the thread records into; `standstills` are those of the whole process.
    pub(super) fn new(
        clock: Clock,
        pulse: Option<Arc<Pulse>>,
        standstills: Arc<Standstills>,
        shards: Vec<Arc<Shard>>,
    ) -> Rc<Self> {
        let now = clock.now();
        Rc::new(Heart {
            known: Cell::new(standstills.look(now)),
            said: Cell::new(now),
            clock,
            pulse,
            standstills,
            shards,
        })
    }

    /// The present instant.
    pub(super) fn now(&self) -> Tick {
        let now = self.clock.now();
        // At most once a beat, and whoever has stood still has missed many.
        if self.pulse.is_some() && now.since(self.said.get()) >= BEAT {
            self.said.set(now);
            let known = self.known.replace(self.standstills.look(now));
            if let Some((gap, until)) = self.known.get().since(known) {
                for shard in &self.shards {
                    shard.stand_still(gap, until);
                }
            }
        }
        now
    }

    /// The end of the latest standstill.
    pub(super) fn resumed(&self) -> Option<Tick> {
        let known = self.known.get();
        (!known.total.is_zero()).then_some(known.until)
    }

    /// How long the process has stood still in all.
    pub(super) fn stood_still(&self) -> Duration {
        self.known.get().total
    }

    /// Beats for ever.
    pub(super) async fn beat(self: Rc<Self>, pacer: Arc<Pacer>) {
        let Some(pulse) = self.pulse.clone() else {
            return;
        };
        let mut due = self.now() + BEAT;
        loop {
            pacer.sleep_until(due).await;
            let now = self.now();
            pulse.beat(now.us_since(due));
            // Missed beats are left out: the next one says how late they all were.
            let missed = now.since(due).as_nanos() / BEAT.as_nanos();
            due = due + BEAT * (missed as u32 + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heart(pulse: Option<Arc<Pulse>>) -> (Clock, Arc<Shard>, Rc<Heart>) {
        let (clock, shard) = (Clock::manual(), Arc::new(Shard::default()));
        let standstills = Arc::default();
        let heart = Heart::new(clock.clone(), pulse, standstills, vec![Arc::clone(&shard)]);
        (clock, shard, heart)
    }

    #[test]
    fn a_standstill_gives_up_what_is_open_at_the_age_it_had() {
        let (clock, shard, heart) = heart(Some(Arc::default()));
        let _ = shard.start_run(Tick(0), Tick(0));
        clock.set(Tick(90_000_000));
        heart.now();
        clock.set(Tick(100_000_000));
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
        assert_eq!(taken.unaccounted, 0);
    }

    #[test]
    fn simulated_time_may_jump() {
        let (clock, _, heart) = heart(None);
        clock.set(Tick(3_000_000_000));
        heart.now();
        assert_eq!(heart.stood_still(), Duration::ZERO);
    }
}
