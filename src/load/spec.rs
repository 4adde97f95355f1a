//! What load to drive: the part of a validated plan that the engine needs. Every value here has been checked by `plan`.

use std::time::Duration;

/// The whole load of a run. Users and rates are **per variant**.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadSpec {
    /// Closed loop (users) or open loop (arrivals).
    pub model: LoadModel,
    /// How the two variants share the time.
    pub order: Order,
    /// The load is brought up over this time: users one after another, or the rate from zero, evenly.
    pub ramp: Duration,
    /// What is left out of the run figures after the ramp.
    pub warmup: Warmup,
    /// Measured time of each variant; `None` runs until it is stopped.
    pub duration: Option<Duration>,
    /// Ends the run when every metric is decided, if that is sooner.
    pub until_decided: bool,
    /// A request that has not ended this long after its intended start has failed (`timeout`).
    pub timeout: Duration,
    /// Load threads, at least 1; each carries both variants in equal parts.
    pub threads: usize,
    /// The seed of every random choice in the run.
    pub seed: u64,
}

/// Who decides when the next request starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LoadModel {
    /// Each user sends, reads the answer, thinks, sends again.
    Closed {
        /// Users per variant, at least 1.
        users: u32,
        /// The pause between an answer and the next request, uniform over this range.
        think: ThinkTime,
    },
    /// Requests arrive at a rate, whatever the answers do.
    Open {
        /// Arrivals per second and variant, above 0.
        rate_hz: f64,
        /// The spacing of the arrivals.
        arrivals: Arrivals,
        /// At most this many requests of one variant are open at once, at least 1.
        max_in_flight: u32,
        /// What happens to an arrival at that limit.
        overflow: Overflow,
    },
}

/// Users beyond these numbers cannot be added while a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MostUsers {
    /// Of users, however they think.
    pub any: u32,
    /// Of users who never think: all of them have a request open at all times.
    pub who_never_think: u32,
}

impl MostUsers {
    /// Of users who think so long.
    pub(super) fn with(self, think: ThinkTime) -> u32 {
        if think.high.is_zero() {
            self.any.min(self.who_never_think)
        } else {
            self.any
        }
    }
}

/// A think time, uniform over `low..=high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThinkTime {
    /// The shortest pause.
    pub low: Duration,
    /// The longest pause, not below `low`.
    pub high: Duration,
}

impl ThinkTime {
    /// No pause.
    pub const NONE: ThinkTime = ThinkTime {
        low: Duration::ZERO,
        high: Duration::ZERO,
    };

    /// The shortest and the longest pause, in seconds.
    pub fn seconds(self) -> [f64; 2] {
        [self.low.as_secs_f64(), self.high.as_secs_f64()]
    }

    /// The mean pause.
    pub fn mean(self) -> Duration {
        (self.low + self.high) / 2
    }
}

/// One value of a load under way, to be changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LoadChange {
    /// Users per variant (closed loop).
    Users(u32),
    /// Arrivals per second and variant (open loop).
    RateHz(f64),
    /// The users' pauses (closed loop).
    Think(ThinkTime),
}

/// The spacing of open-loop arrivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Evenly spaced.
    Constant,
    /// Exponential gaps.
    Poisson,
}

/// What an open loop does with an arrival when `max_in_flight` requests are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// It waits for a slot; the wait counts as response time.
    Queue,
    /// It is dropped: a failure, slower than any finite time.
    Drop,
}

/// How the two variants share the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Both under load at once.
    Together,
    /// Randomised pairs of slots: A then B or B then A, by a fair coin.
    Alternate,
    /// A for the whole duration, then B.
    Sequential,
}

impl Order {
    /// The word of the command line, of plans and of files.
    pub fn word(self) -> &'static str {
        match self {
            Order::Together => "together",
            Order::Alternate => "alternate",
            Order::Sequential => "sequential",
        }
    }

    /// Whether one variant waits while the other is under load.
    pub fn takes_turns(self) -> bool {
        self != Order::Together
    }
}

/// How long to wait, after the ramp, before run figures start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warmup {
    /// max(5 s, 3 × (think + mean response)), at most 30 s.
    Auto,
    /// Exactly this long.
    Fixed(Duration),
}
