//! Waking at an exact instant.
//!
//! tokio's timers tick in milliseconds and wake up to two of them late. A pacer keeps the deadlines of all who wait, in
//! order, and sets one alarm for the earliest: on Linux a `timerfd` inside the runtime, which rings within about
//! 0.1 ms and costs nothing while it waits; elsewhere tokio's timer. Those for whom that is too late ask to be woken
//! [`Sleep::sharp`]. A [`Pacer::manual`] one has no alarm: whoever moves its clock calls [`Pacer::ring`], so that time can
//! be simulated.
//!
//! What holds always: nobody wakes before the deadline, a deadline that has passed never waits, those who are due together
//! wake in the order of their deadlines and among equals in that of their first poll, and what is kept is one entry for
//! each future that waits. The lock is held for a look-up among them, never while a waker runs or is dropped.

mod alarm;
mod lead;
mod queue;
mod sleep;

pub use sleep::Sleep;

use crate::clock::{Clock, Tick};
use alarm::Alarm;
use lead::Lead;
use queue::Queue;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Poll, Waker};
use tokio::task::yield_now;
use tokio_util::task::AbortOnDropHandle;

/// How many are woken for each time that the lock is taken.
const BATCH: usize = 32;

/// The timers of a load thread or of a server.
#[derive(Debug)]
pub struct Pacer {
    clock: Clock,
    sleepers: Mutex<Sleepers>,
    alarm: Option<Arc<Alarm>>,
    /// The task that answers the alarm; it ends with the pacer.
    _ringing: Option<AbortOnDropHandle<()>>,
}

#[derive(Debug, Default)]
struct Sleepers {
    /// Who waits, by deadline and then by number.
    waiting: Queue,
    /// What the alarm is set to. It may be for a deadline that nobody waits for any more: the alarm then rings in vain, once.
    armed: Option<Tick>,
    next_id: u64,
    lead: Lead,
}

#[derive(Debug)]
struct Sleeper {
    waker: Waker,
    sharp: bool,
}

impl Pacer {
    /// A pacer whose alarm is served by a task on the current runtime. It fails outside of a runtime, or when the system
    /// refuses the timer; the runtime must have its I/O and time drivers (`enable_all`).
    pub fn new(clock: Clock) -> io::Result<Arc<Pacer>> {
        let runtime = tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
        let alarm = Arc::new(Alarm::new()?);
        Ok(Arc::new_cyclic(|pacer| Pacer {
            clock,
            sleepers: Mutex::default(),
            _ringing: Some(AbortOnDropHandle::new(
                runtime.spawn(answer(Arc::clone(&alarm), Weak::clone(pacer))),
            )),
            alarm: Some(alarm),
        }))
    }

    /// A pacer without an alarm: sleepers wake when [`Pacer::ring`] is called after the clock has been moved.
    pub fn manual(clock: Clock) -> Arc<Pacer> {
        Arc::new(Pacer {
            clock,
            sleepers: Mutex::default(),
            alarm: None,
            _ringing: None,
        })
    }

    /// The clock that the deadlines are read against.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Waits until `deadline`. Dropping the future forgets it.
    pub fn sleep_until(self: &Arc<Self>, deadline: Tick) -> Sleep {
        Sleep::new(Arc::clone(self), deadline)
    }

    /// The future's result, or `None` if it is not there at `deadline`. A result that is there wins over a deadline that
    /// has passed.
    pub async fn timeout_at<F: Future>(
        self: &Arc<Self>,
        deadline: Tick,
        future: F,
    ) -> Option<F::Output> {
        let mut future = pin!(future);
        let mut sleep = self.sleep_until(deadline);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            Pin::new(&mut sleep).poll(context).map(|()| None)
        })
        .await
    }

    /// Wakes all that are due at `now`, and sets the alarm for the next deadline.
    pub fn ring(&self, now: Tick) {
        while self.look(now, false) == Next::Woke {}
    }

    /// Wakes the first of those that are due at `now`; if there is none, sees to the next deadline. Only who `may_watch` is
    /// asked to watch the clock.
    fn look(&self, now: Tick, may_watch: bool) -> Next {
        let mut due = [const { None::<Waker> }; BATCH];
        let woke = self.take_due(now, &mut due);
        due.into_iter().flatten().for_each(Waker::wake);
        if woke {
            Next::Woke
        } else {
            self.prepare(now, may_watch)
        }
    }

    /// The earliest deadline that somebody waits for.
    pub fn next_deadline(&self) -> Option<Tick> {
        self.lock().earliest()
    }

    /// Moves the wakers of the first that are due into `due`, which is empty. Whether there are any.
    fn take_due(&self, now: Tick, due: &mut [Option<Waker>; BATCH]) -> bool {
        let sleepers = &mut *self.lock();
        let (mut taken, mut sharp) = (false, false);
        for place in due {
            let Some(sleeper) = sleepers.waiting.take_due(now) else {
                break;
            };
            taken = true;
            sharp |= sleeper.sharp;
            *place = Some(sleeper.waker);
        }
        if sharp {
            sleepers.lead.woken(now);
        }
        if taken {
            // Those who are woken may wait again at once; the alarm is set after that, once.
            sleepers.armed = Some(Tick(0));
        }
        taken
    }

    /// Sets the alarm for the next deadline, unless that is so near that the clock is to be watched.
    fn prepare(&self, now: Tick, may_watch: bool) -> Next {
        let sleepers = &mut *self.lock();
        let next = sleepers.waiting.first();
        let next = next.map(|(deadline, sleeper)| (deadline, sleeper.sharp));
        if let Some((deadline, true)) = next
            && may_watch
            && sleepers.lead.watch(now, deadline)
        {
            // Meanwhile nobody has to set the alarm.
            sleepers.armed = Some(Tick(0));
            return Next::Watch;
        }
        sleepers.lead.rest(now);
        sleepers.armed = None;
        if let Some((deadline, sharp)) = next {
            self.arm(sleepers, deadline, sharp);
        }
        Next::Wait
    }

    /// Sees to it that the alarm rings for `deadline`. That is done under the lock, so that the alarm always has the last
    /// instant it was given.
    fn arm(&self, sleepers: &mut Sleepers, deadline: Tick, sharp: bool) {
        let at = if sharp {
            sleepers.lead.before(deadline)
        } else {
            deadline
        };
        if sleepers.armed.is_some_and(|armed| armed <= at) {
            return;
        }
        sleepers.armed = Some(at);
        if let Some(alarm) = &self.alarm {
            alarm.set(&self.clock, at);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sleepers> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sleepers {
    fn earliest(&self) -> Option<Tick> {
        self.waiting.first().map(|(deadline, _)| deadline)
    }
}

/// What follows a look at the clock.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Some have been woken: look again when they have had their turn.
    Woke,
    /// The clock is to be watched.
    Watch,
    /// The alarm will ring.
    Wait,
}

/// Rings whenever the alarm does, and watches the clock when that is needed.
async fn answer(alarm: Arc<Alarm>, pacer: Weak<Pacer>) {
    loop {
        alarm.rings().await;
        loop {
            let Some(pacer) = pacer.upgrade() else { return };
            if pacer.look(pacer.clock.now(), true) == Next::Wait {
                break;
            }
            drop(pacer);
            // Everybody else gets a turn, and what has arrived is read.
            yield_now().await;
        }
    }
}

/// Lets the timers of this thread ring when they should, not up to 50 µs later as Linux does by default.
pub fn be_punctual() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
}

#[cfg(test)]
mod tests;
