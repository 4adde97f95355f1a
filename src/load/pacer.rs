//! Waking at an exact time.
//!
//! tokio's timers tick in milliseconds and wake up to two of them late. A pacer keeps the deadlines of one load thread in a
//! heap and waits for the earliest with a `timerfd` inside the thread's own runtime, which on Linux wakes within tens of
//! microseconds and costs nothing while it waits. Elsewhere it falls back to tokio's timer. A deadline that has passed never
//! waits.

use crate::clock::{Clock, Tick};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The timers of one load thread.
#[derive(Debug)]
pub(super) struct Pacer {
    clock: Clock,
    sleepers: RefCell<Sleepers>,
    alarm: alarm::Alarm,
}

#[derive(Debug, Default)]
struct Sleepers {
    heap: BinaryHeap<Reverse<Sleeper>>,
    armed: Option<Tick>,
    next_id: u64,
}

#[derive(Debug)]
struct Sleeper {
    deadline: Tick,
    id: u64,
    waker: Waker,
}

impl PartialEq for Sleeper {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Sleeper {}
impl PartialOrd for Sleeper {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Sleeper {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.deadline, self.id).cmp(&(other.deadline, other.id))
    }
}

impl Pacer {
    /// A pacer for the current thread; call it inside the thread's runtime. [`Pacer::run`] must be spawned beside it.
    pub(super) fn new(clock: Clock) -> io::Result<Rc<Pacer>> {
        Ok(Rc::new(Pacer {
            clock,
            sleepers: RefCell::default(),
            alarm: alarm::Alarm::new()?,
        }))
    }

    /// Waits until `deadline`. A future that is dropped earlier leaves at most one needless wake-up behind.
    pub(super) async fn sleep_until(&self, deadline: Tick) {
        let mut registered = false;
        poll_fn(|context| {
            if self.clock.now() >= deadline {
                return Poll::Ready(());
            }
            if !registered {
                registered = true;
                self.register(deadline, context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    fn register(&self, deadline: Tick, waker: Waker) {
        let mut sleepers = self.sleepers.borrow_mut();
        let id = sleepers.next_id;
        sleepers.next_id += 1;
        sleepers.heap.push(Reverse(Sleeper {
            deadline,
            id,
            waker,
        }));
        if sleepers.armed.is_none_or(|armed| deadline < armed) {
            sleepers.armed = Some(deadline);
            self.alarm.set(&self.clock, deadline);
        }
    }

    /// Wakes the sleepers in time, for ever.
    pub(super) async fn run(self: Rc<Self>) {
        loop {
            self.alarm.rings().await;
            let mut sleepers = self.sleepers.borrow_mut();
            let now = self.clock.now();
            while let Some(first) = sleepers.heap.peek_mut() {
                if first.0.deadline > now {
                    break;
                }
                PeekMut::pop(first).0.waker.wake();
            }
            let next = sleepers.heap.peek().map(|first| first.0.deadline);
            sleepers.armed = next;
            if let Some(next) = next {
                self.alarm.set(&self.clock, next);
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod alarm {
    //! One `timerfd`.

    use crate::clock::{Clock, Tick};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::os::fd::OwnedFd;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    #[derive(Debug)]
    pub(super) struct Alarm(AsyncFd<OwnedFd>);

    impl Alarm {
        pub(super) fn new() -> io::Result<Self> {
            let fd = timerfd_create(
                TimerfdClockId::Monotonic,
                TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
            )?;
            // Its successor is `unsafe`, because a type could exchange the descriptor behind the runtime's back. An
            // `OwnedFd` that nobody else can reach cannot.
            #[expect(
                deprecated,
                reason = "sound for an OwnedFd, and this crate has no unsafe code"
            )]
            let fd = AsyncFd::with_interest(fd, Interest::READABLE)?;
            Ok(Alarm(fd))
        }

        /// Rings at `deadline`, and not at the deadline set before.
        pub(super) fn set(&self, clock: &Clock, deadline: Tick) {
            // A value of zero would disarm it.
            let wait = deadline
                .since(clock.now())
                .max(std::time::Duration::from_nanos(1));
            let spec = Itimerspec {
                it_interval: Timespec {
                    tv_sec: 0,
                    tv_nsec: 0,
                },
                it_value: Timespec {
                    tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX) as _,
                    tv_nsec: i64::from(wait.subsec_nanos()) as _,
                },
            };
            // It can fail only for a bad descriptor or an invalid time, and both are made here.
            let _ = timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &spec);
        }

        pub(super) async fn rings(&self) {
            let Ok(mut guard) = self.0.readable().await else {
                // The runtime is shutting down: nobody waits any more.
                return std::future::pending().await;
            };
            let _ = rustix::io::read(self.0.get_ref(), &mut [0; 8]);
            guard.clear_ready();
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod alarm {
    //! tokio's own timer, late by up to two milliseconds.

    use crate::clock::{Clock, Tick};
    use std::cell::Cell;
    use std::io;
    use std::time::Instant;
    use tokio::sync::Notify;

    #[derive(Debug)]
    pub(super) struct Alarm {
        at: Cell<Option<Instant>>,
        changed: Notify,
    }

    impl Alarm {
        #[expect(
            clippy::unnecessary_wraps,
            reason = "the same signature as on Linux, where it can fail"
        )]
        pub(super) fn new() -> io::Result<Self> {
            Ok(Alarm {
                at: Cell::new(None),
                changed: Notify::new(),
            })
        }

        pub(super) fn set(&self, clock: &Clock, deadline: Tick) {
            self.at.set(clock.instant_of(deadline));
            self.changed.notify_one();
        }

        pub(super) async fn rings(&self) {
            loop {
                let Some(at) = self.at.get() else {
                    self.changed.notified().await;
                    continue;
                };
                tokio::select! {
                    () = tokio::time::sleep_until(at.into()) => {
                        self.at.set(None);
                        return;
                    }
                    () = self.changed.notified() => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::time::Duration;
    use tokio::task::{LocalSet, spawn_local};

    #[test]
    fn sleepers_wake_in_order_and_never_early() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        LocalSet::new().block_on(&runtime, async {
            let clock = Clock::monotonic();
            let pacer = Pacer::new(clock.clone()).expect("a pacer");
            spawn_local(Rc::clone(&pacer).run());
            let order = Rc::new(RefCell::new(Vec::new()));
            let early = Rc::new(Cell::new(0));
            let start = clock.now();
            let tasks: Vec<_> = [30u64, 10, 20, 10, 0]
                .into_iter()
                .map(|ms| {
                    let (pacer, order, early, clock) = (
                        Rc::clone(&pacer),
                        Rc::clone(&order),
                        Rc::clone(&early),
                        clock.clone(),
                    );
                    spawn_local(async move {
                        let deadline = start + Duration::from_millis(ms);
                        pacer.sleep_until(deadline).await;
                        early.set(early.get() + u32::from(clock.now() < deadline));
                        order.borrow_mut().push(ms);
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("no panic");
            }
            assert_eq!(
                (order.borrow().as_slice(), early.get()),
                ([0, 10, 10, 20, 30].as_slice(), 0)
            );
        });
    }
}
