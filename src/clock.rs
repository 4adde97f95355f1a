//! The one place where time is read.
//!
//! Every instant in dragstrip is a [`Tick`]: nanoseconds since the clock was made. A tick is a plain number, so schedules,
//! histograms and snapshots can be computed and tested without waiting. `tokio::time` and `Instant::now` are not called
//! anywhere else on the measured path.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// An instant, in nanoseconds since the start of the clock that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tick(pub u64);

impl Tick {
    /// The time from `earlier` to `self`; zero if `earlier` is later.
    pub fn since(self, earlier: Tick) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Whole microseconds from `earlier` to `self`; zero if `earlier` is later.
    pub fn us_since(self, earlier: Tick) -> u64 {
        self.0.saturating_sub(earlier.0) / 1_000
    }

    /// This instant in seconds since the clock's start.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl std::ops::Add<Duration> for Tick {
    type Output = Tick;
    fn add(self, duration: Duration) -> Tick {
        Tick(
            self.0
                .saturating_add(duration.as_nanos().min(u128::from(u64::MAX)) as u64),
        )
    }
}

/// A monotonic clock. Copies tell the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Monotonic(Instant),
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// The machine's monotonic clock; tick 0 is now.
    pub fn monotonic() -> Clock {
        Clock(Source::Monotonic(Instant::now()))
    }

    /// A clock that stands still until [`Clock::set`] moves it: for tests of everything that only reads the time.
    pub fn manual() -> Clock {
        Clock(Source::Manual(Arc::default()))
    }

    /// The present instant.
    pub fn now(&self) -> Tick {
        match &self.0 {
            Source::Monotonic(start) => Tick(start.elapsed().as_nanos() as u64),
            Source::Manual(tick) => Tick(tick.load(Ordering::Acquire)),
        }
    }

    /// Moves a manual clock to `tick`; does nothing to a monotonic one.
    pub fn set(&self, tick: Tick) {
        if let Source::Manual(now) = &self.0 {
            now.store(tick.0, Ordering::Release);
        }
    }

    /// The operating system's instant of `tick`, for timers that need one (`None` for a manual clock).
    pub fn instant_of(&self, tick: Tick) -> Option<Instant> {
        match &self.0 {
            Source::Monotonic(start) => start.checked_add(Duration::from_nanos(tick.0)),
            Source::Manual(_) => None,
        }
    }
}
