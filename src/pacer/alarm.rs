//! What rings at the earliest deadline: a `timerfd` on Linux, tokio's timer elsewhere.
//!
//! Each has `new` (inside a runtime), `set` (rings at a deadline, and not at the one set before) and `rings`, which one task
//! awaits. An alarm may ring too often, but never misses a deadline.

#[cfg(target_os = "linux")]
pub(super) use timerfd::Alarm;
#[cfg(not(target_os = "linux"))]
pub(super) use tokio_timer::Alarm;

#[cfg(target_os = "linux")]
mod timerfd {
    use crate::clock::{Clock, Tick};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    #[derive(Debug)]
    pub(in crate::pacer) struct Alarm(AsyncFd<OwnedFd>);

    impl Alarm {
        pub(in crate::pacer) fn new() -> io::Result<Self> {
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

        pub(in crate::pacer) fn set(&self, clock: &Clock, deadline: Tick) {
            // A value of zero would disarm it.
            let wait = deadline.since(clock.now()).max(Duration::from_nanos(1));
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

        pub(in crate::pacer) async fn rings(&self) {
            let Ok(mut guard) = self.0.readable().await else {
                // The runtime is shutting down: nobody waits any more.
                return std::future::pending().await;
            };
            // It need not be read: it rings once, the runtime is told of every ring anew (edge-triggered), and setting it
            // starts its count afresh.
            guard.clear_ready();
        }
    }
}

/// Late by up to two milliseconds. It is tested on Linux, too, where nothing else uses it.
#[cfg(any(not(target_os = "linux"), test))]
mod tokio_timer {
    use crate::clock::{Clock, Tick};
    use std::io;
    use std::sync::{Mutex, PoisonError};
    use std::time::Instant;
    use tokio::sync::Notify;

    #[derive(Debug)]
    pub(in crate::pacer) struct Alarm {
        at: Mutex<Option<Instant>>,
        changed: Notify,
    }

    impl Alarm {
        #[expect(
            clippy::unnecessary_wraps,
            reason = "the same signature as on Linux, where it can fail"
        )]
        pub(in crate::pacer) fn new() -> io::Result<Self> {
            Ok(Alarm {
                at: Mutex::default(),
                changed: Notify::new(),
            })
        }

        pub(in crate::pacer) fn set(&self, clock: &Clock, deadline: Tick) {
            // An instant too far away for the system's clock is never reached either.
            *self.at() = clock.instant_of(deadline);
            self.changed.notify_one();
        }

        pub(in crate::pacer) async fn rings(&self) {
            loop {
                let at = *self.at();
                let Some(at) = at else {
                    self.changed.notified().await;
                    continue;
                };
                tokio::select! {
                    () = tokio::time::sleep_until(at.into()) => {
                        // Set again meanwhile: that is the deadline to ring at.
                        let mut now_set = self.at();
                        if *now_set == Some(at) {
                            *now_set = None;
                            return;
                        }
                    }
                    () = self.changed.notified() => {}
                }
            }
        }

        fn at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
            self.at.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::clock::Clock;
    use std::time::Duration;

    /// Set to an hour, and then, while somebody waits, to 5 ms: it rings at the latter. A deadline in the past rings at once.
    macro_rules! rings_at_the_last_deadline {
        ($alarm:ty) => {{
            let clock = Clock::monotonic();
            let alarm = <$alarm>::new().unwrap();
            alarm.set(&clock, clock.now() + Duration::from_secs(3_600));
            let deadline = clock.now() + Duration::from_millis(5);
            tokio::join!(alarm.rings(), async {
                tokio::task::yield_now().await;
                alarm.set(&clock, deadline);
            });
            assert!(clock.now() >= deadline);
            alarm.set(&clock, deadline);
            alarm.rings().await;
        }};
    }

    #[tokio::test]
    async fn the_timer_of_this_system_rings() {
        rings_at_the_last_deadline!(super::Alarm);
    }

    #[tokio::test]
    async fn tokios_timer_rings() {
        rings_at_the_last_deadline!(super::tokio_timer::Alarm);
    }
}
