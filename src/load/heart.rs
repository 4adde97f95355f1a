//! A load thread's sense of time: it reads the clock, feels its own pulse, and notices when it has stood still.
//!
//! A process that is stopped, or a machine that is put to sleep, makes every open request look slow although nothing was
//! slow but us. With a beat every 10 ms, a thread that has not looked at the clock for [`STANDSTILL`] did not run in
//! between. What was open then is given up with the age it had, and all that was still to come comes so much later.

use crate::clock::{Clock, Tick};
use crate::metrics::{Pulse, Shard};
use crate::pacer::Pacer;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The time between two beats.
const BEAT: Duration = Duration::from_millis(10);

/// Silence that can only mean that the thread did not run.
pub(super) const STANDSTILL: Duration = Duration::from_millis(250);

/// A load thread's clock and pulse.
#[derive(Debug)]
pub(super) struct Heart {
    clock: Clock,
    /// `None` in simulated time, which jumps.
    pulse: Option<Arc<Pulse>>,
    shards: Vec<Arc<Shard>>,
    last: Cell<Tick>,
    resumed: Cell<Option<Tick>>,
    stood_still: Cell<Duration>,
}

impl Heart {
    /// `shards` are all that the thread records into.
    pub(super) fn new(
        clock: Clock,
        pulse: Option<Arc<Pulse>>,
        shards: Vec<Arc<Shard>>,
    ) -> Rc<Self> {
        Rc::new(Heart {
            last: Cell::new(clock.now()),
            clock,
            pulse,
            shards,
            resumed: Cell::default(),
            stood_still: Cell::default(),
        })
    }

    /// The present instant.
    pub(super) fn now(&self) -> Tick {
        let now = self.clock.now();
        let last = self.last.replace(now);
        if self.pulse.is_some() && now.since(last) > STANDSTILL {
            self.resume(last, now);
        }
        now
    }

    fn resume(&self, last: Tick, now: Tick) {
        for shard in &self.shards {
            shard.stand_still(last, now);
        }
        self.resumed.set(Some(now));
        self.stood_still
            .set(self.stood_still.get() + now.since(last));
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
        let heart = Heart::new(clock.clone(), pulse, vec![Arc::clone(&shard)]);
        (clock, shard, heart)
    }

    #[test]
    fn a_standstill_gives_up_what_is_open_at_the_age_it_had() {
        let (clock, shard, heart) = heart(Some(Arc::default()));
        let _ = shard.start_run(Tick(0), Tick(0));
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
