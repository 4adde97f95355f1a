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
//! each future that waits. The lock is held for a look-up in the map, never while a waker runs or is dropped.

mod alarm;
mod lead;
mod sleep;

pub use sleep::Sleep;

use crate::clock::{Clock, Tick};
use alarm::Alarm;
use lead::Lead;
use std::collections::BTreeMap;
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
    waiting: BTreeMap<(Tick, u64), Sleeper>,
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
        while self.wake_due(now) == Next::Woke {}
    }

    /// Wakes the first of those that are due at `now`; if there is none, sees to the next deadline.
    fn wake_due(&self, now: Tick) -> Next {
        let mut due = [const { None::<Waker> }; BATCH];
        let next = self.take_due(now, &mut due);
        due.into_iter().flatten().for_each(Waker::wake);
        next
    }

    /// The earliest deadline that somebody waits for.
    pub fn next_deadline(&self) -> Option<Tick> {
        self.lock().earliest()
    }

    /// Moves the wakers of the first that are due into `due`, which is empty.
    fn take_due(&self, now: Tick, due: &mut [Option<Waker>; BATCH]) -> Next {
        let sleepers = &mut *self.lock();
        let (mut taken, mut sharp) = (false, false);
        for place in due {
            let first = sleepers.waiting.first_entry();
            let Some(first) = first.filter(|first| first.key().0 <= now) else {
                break;
            };
            let sleeper = first.remove();
            taken = true;
            sharp |= sleeper.sharp;
            *place = Some(sleeper.waker);
        }
        if !taken {
            return self.prepare(sleepers, now);
        }
        if sharp {
            sleepers.lead.woken(now);
        }
        // Those who are woken may wait again at once; the alarm is set after that, once.
        sleepers.armed = Some(Tick(0));
        Next::Woke
    }

    /// Sets the alarm for the next deadline, unless that is so near that the clock is to be watched.
    fn prepare(&self, sleepers: &mut Sleepers, now: Tick) -> Next {
        let next = sleepers.waiting.first_key_value();
        let next = next.map(|(key, sleeper)| (key.0, sleeper.sharp));
        if let Some((deadline, true)) = next
            && self.alarm.is_some()
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
        self.waiting.keys().next().map(|key| key.0)
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
            if pacer.wake_due(pacer.clock.now()) == Next::Wait {
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
mod tests {
    use super::*;
    use std::mem;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake};
    use std::time::Duration;

    /// A waker that notes its name.
    struct Bell(u64, Arc<Mutex<Vec<u64>>>);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    /// A pacer in simulated time, and who has been woken.
    struct Scene {
        clock: Clock,
        pacer: Arc<Pacer>,
        woken: Arc<Mutex<Vec<u64>>>,
    }

    impl Scene {
        fn new() -> Scene {
            let clock = Clock::manual();
            Scene {
                pacer: Pacer::manual(clock.clone()),
                clock,
                woken: Arc::default(),
            }
        }

        fn poll(&self, name: u64, sleep: &mut Sleep) -> Poll<()> {
            let waker = Waker::from(Arc::new(Bell(name, Arc::clone(&self.woken))));
            Pin::new(sleep).poll(&mut Context::from_waker(&waker))
        }

        /// A sleeper that waits already.
        fn sleeper(&self, name: u64, deadline: u64) -> Sleep {
            let mut sleep = self.pacer.sleep_until(Tick(deadline));
            assert!(self.poll(name, &mut sleep).is_pending());
            sleep
        }

        /// Moves the clock and rings; who has been woken by that.
        fn at(&self, now: u64) -> Vec<u64> {
            self.clock.set(Tick(now));
            self.pacer.ring(Tick(now));
            mem::take(&mut self.woken.lock().unwrap())
        }
    }

    #[test]
    fn sleepers_wake_in_the_order_of_their_deadlines_and_never_early() {
        let scene = Scene::new();
        let mut first = scene.sleeper(1, 30);
        let _others = [
            scene.sleeper(2, 10),
            scene.sleeper(3, 20),
            scene.sleeper(4, 10),
        ];
        assert_eq!(scene.pacer.next_deadline(), Some(Tick(10)));
        assert_eq!(scene.at(9), [0; 0]);
        assert_eq!(scene.at(29), [2, 4, 3]);
        assert!(scene.poll(1, &mut first).is_pending());
        assert_eq!(scene.at(30), [1]);
        assert!(scene.poll(1, &mut first).is_ready());
        assert_eq!(scene.pacer.next_deadline(), None);
        // More than one batch, latest first.
        let crowd: Vec<_> = (0..100).rev().map(|i| scene.sleeper(i, 100 + i)).collect();
        assert_eq!(scene.at(1_000), (0..100).collect::<Vec<_>>());
        drop(crowd);
    }

    #[test]
    fn a_deadline_that_has_passed_does_not_wait() {
        let scene = Scene::new();
        scene.clock.set(Tick(5));
        for deadline in [0, 5] {
            let mut sleep = scene.pacer.sleep_until(Tick(deadline));
            assert!(scene.poll(1, &mut sleep).is_ready());
        }
        assert_eq!(scene.pacer.next_deadline(), None);
    }

    #[test]
    fn a_sleeper_that_is_dropped_or_done_leaves_nothing_behind() {
        let scene = Scene::new();
        let mut kept = scene.sleeper(1, 20);
        drop(scene.sleeper(2, 10));
        assert_eq!(scene.pacer.next_deadline(), Some(Tick(20)));
        // The time has come, and it is polled before the bell rings.
        scene.clock.set(Tick(20));
        assert!(scene.poll(1, &mut kept).is_ready());
        assert_eq!(scene.pacer.next_deadline(), None);
        assert_eq!(scene.at(20), [0; 0]);
        drop(scene.pacer.sleep_until(Tick(50)));
        assert_eq!(scene.pacer.lock().waiting.len(), 0);
        assert_eq!(Arc::strong_count(&scene.pacer), 2);
    }

    #[test]
    fn the_last_waker_counts_and_a_ring_ahead_of_the_clock_loses_nobody() {
        let scene = Scene::new();
        let mut sleep = scene.sleeper(1, 10);
        assert!(scene.poll(2, &mut sleep).is_pending());
        scene.pacer.ring(Tick(10));
        // It is told that it is too early, and waits again.
        assert!(scene.poll(3, &mut sleep).is_pending());
        assert_eq!(scene.at(10), [2, 3]);
    }

    /// Drops a sleeper of the same pacer when it is dropped itself.
    struct Holder(#[expect(dead_code, reason = "held to be dropped")] Mutex<Sleep>);

    impl Wake for Holder {
        fn wake(self: Arc<Self>) {}
    }

    #[test]
    fn a_waker_may_hold_sleepers_itself() {
        let scene = Scene::new();
        let held = Mutex::new(scene.sleeper(1, 20));
        let waker = Waker::from(Arc::new(Holder(held)));
        let mut sleep = scene.pacer.sleep_until(Tick(10));
        assert!(
            Pin::new(&mut sleep)
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        drop(waker);
        // Its waker is replaced, which drops the held sleeper; with the lock held that would hang.
        assert!(scene.poll(2, &mut sleep).is_pending());
        assert_eq!(scene.pacer.lock().waiting.len(), 1);
    }

    #[tokio::test]
    async fn a_result_in_time_wins_and_a_late_one_is_none() {
        let clock = Clock::manual();
        let pacer = Pacer::manual(clock.clone());
        assert_eq!(pacer.timeout_at(Tick(0), async { 1 }).await, Some(1));
        let never = pacer.timeout_at(Tick(10), std::future::pending::<()>());
        let wait = async {
            while pacer.next_deadline().is_none() {
                tokio::task::yield_now().await;
            }
            clock.set(Tick(10));
            pacer.ring(Tick(10));
        };
        assert_eq!(tokio::join!(never, wait).0, None);
        assert_eq!(pacer.next_deadline(), None);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_alarm_wakes_all_in_time_on_any_thread() {
        let clock = Clock::monotonic();
        let pacer = Pacer::new(clock.clone()).unwrap();
        let early = Arc::new(AtomicUsize::new(0));
        // The first sets the alarm to a far deadline; the others must set it anew.
        let start = clock.now();
        let far = tokio::spawn(pacer.sleep_until(start + Duration::from_secs(3_600)));
        let tasks: Vec<_> = (0..400_u64)
            .map(|i| {
                let deadline = start + Duration::from_micros(i * 7_919 % 40_000);
                let (pacer, early, clock) = (Arc::clone(&pacer), Arc::clone(&early), clock.clone());
                tokio::spawn(async move {
                    pacer.sleep_until(deadline).await;
                    early.fetch_add(usize::from(clock.now() < deadline), Ordering::Relaxed);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(early.load(Ordering::Relaxed), 0);
        assert!(!far.is_finished());
        far.abort();
        assert!(far.await.unwrap_err().is_cancelled());
        assert_eq!(pacer.next_deadline(), None);
    }

    #[test]
    fn outside_of_a_runtime_there_is_no_alarm() {
        assert!(Pacer::new(Clock::monotonic()).is_err());
    }
}
