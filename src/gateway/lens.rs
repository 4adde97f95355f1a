//! The lens: what a server has seen of the way in which its clients use connections since somebody began to look. For the
//! endpoint behind a gateway it shows why one transport of the gateway differs from another.
//!
//! What holds always: a request costs a handful of relaxed atomics and one look at the clock, and no lock; nothing is kept per
//! request, and of a connection no more than while it is open.

use super::serving::Ending;
use http::Version;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The versions of HTTP that are told apart.
pub const VERSIONS: [&str; 3] = ["HTTP/1.0", "HTTP/1.1", "HTTP/2"];

/// What was seen since [`ServerCounters::begin`](super::ServerCounters::begin), else since the server's start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LensReading {
    /// Connections accepted.
    pub opened: u64,
    /// Connections open now.
    pub open: u64,
    /// The most that were open at once.
    pub most_open: u64,
    /// Connections that a request has come on.
    pub used: u64,
    /// Requests whose head has come, by the versions of HTTP in [`VERSIONS`].
    pub requests: [u64; VERSIONS.len()],
    /// The most requests that have come on one connection.
    pub most_requests: u64,
    /// Requests whose head has come and whose answer is not over.
    pub in_service: u64,
    /// The most of them at once.
    pub most_in_service: u64,
    /// Connections that are open no more.
    pub closed: Closings,
    /// The longest that a connection had been without a request when its client closed it; `None` if none was.
    pub longest_idle: Option<Duration>,
}

/// Closed connections by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closings {
    /// By the client, while no request was on it.
    pub idle: u64,
    /// By the client, before the answer to a request was over.
    pub mid_request: u64,
    /// After an answer, as the request had asked for.
    pub asked: u64,
    /// By the server, unasked.
    pub server: u64,
}

/// The counters of one server, written by its threads.
#[derive(Debug)]
pub(super) struct Lens {
    /// What times are counted from.
    origin: Instant,
    /// How often somebody has begun to look: what a connection has carried before is not counted.
    look: AtomicU64,
    /// The sums when the present look began.
    before: Mutex<Sums>,
    opened: AtomicU64,
    open: AtomicU64,
    most_open: AtomicU64,
    used: AtomicU64,
    requests: [AtomicU64; VERSIONS.len()],
    most_requests: AtomicU64,
    in_service: AtomicU64,
    most_in_service: AtomicU64,
    closed: [AtomicU64; 4],
    longest_idle_us: AtomicU64,
}

/// What only ever grows.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    opened: u64,
    requests: [u64; VERSIONS.len()],
    closed: [u64; 4],
}

impl Default for Lens {
    fn default() -> Self {
        Lens {
            origin: Instant::now(),
            look: AtomicU64::new(0),
            before: Mutex::default(),
            opened: AtomicU64::new(0),
            open: AtomicU64::new(0),
            most_open: AtomicU64::new(0),
            used: AtomicU64::new(0),
            requests: Default::default(),
            most_requests: AtomicU64::new(0),
            in_service: AtomicU64::new(0),
            most_in_service: AtomicU64::new(0),
            closed: Default::default(),
            longest_idle_us: AtomicU64::new(0),
        }
    }
}

impl Lens {
    /// From now on is counted anew. Connections that are open stay open, and count as such.
    pub(super) fn begin(&self) {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        *before = self.sums();
        self.look.fetch_add(1, Ordering::Relaxed);
        self.used.store(0, Ordering::Relaxed);
        self.most_requests.store(0, Ordering::Relaxed);
        self.longest_idle_us.store(0, Ordering::Relaxed);
        self.most_open.store(now(&self.open), Ordering::Relaxed);
        self.most_in_service
            .store(now(&self.in_service), Ordering::Relaxed);
    }

    /// What was seen since then. The figures are read one after another.
    pub(super) fn reading(&self) -> LensReading {
        let before = *self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let sums = self.sums();
        let since = |at: usize| sums.closed[at].saturating_sub(before.closed[at]);
        let closed = Closings {
            idle: since(Ending::Idle as usize),
            mid_request: since(Ending::MidRequest as usize),
            asked: since(Ending::Asked as usize),
            server: since(Ending::Server as usize),
        };
        let longest_us = now(&self.longest_idle_us);
        LensReading {
            opened: sums.opened.saturating_sub(before.opened),
            open: now(&self.open),
            most_open: now(&self.most_open),
            used: now(&self.used),
            requests: std::array::from_fn(|at| {
                sums.requests[at].saturating_sub(before.requests[at])
            }),
            most_requests: now(&self.most_requests),
            in_service: now(&self.in_service),
            most_in_service: now(&self.most_in_service),
            longest_idle: (closed.idle > 0).then(|| Duration::from_micros(longest_us)),
            closed,
        }
    }

    /// Connections accepted, open, open at most, and requests, since the server's start (the most: since the last look).
    pub(super) fn totals(&self) -> [u64; 4] {
        let sums = self.sums();
        let requests = sums.requests.iter().sum();
        [sums.opened, now(&self.open), now(&self.most_open), requests]
    }

    fn sums(&self) -> Sums {
        Sums {
            opened: now(&self.opened),
            requests: std::array::from_fn(|at| now(&self.requests[at])),
            closed: std::array::from_fn(|at| now(&self.closed[at])),
        }
    }

    /// Microseconds since the server's start.
    pub(super) fn now_us(&self) -> u64 {
        self.origin.elapsed().as_micros() as u64
    }

    /// Which look it is.
    pub(super) fn look(&self) -> u64 {
        now(&self.look)
    }

    /// A connection is open; returns which it is, counted from 1.
    pub(super) fn opens(&self) -> u64 {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        raise(&self.most_open, open);
        self.opened.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A connection is open no more.
    pub(super) fn closes(&self, ending: Ending) {
        self.closed[ending as usize].fetch_add(1, Ordering::Relaxed);
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// A client is about to close a connection that no request was on for so long.
    pub(super) fn was_idle(&self, us: u64) {
        raise(&self.longest_idle_us, us);
    }

    /// The head of a request has come, the `nth` on its connection in this look.
    pub(super) fn request(&self, version: Version, nth: u64) {
        let at = match version {
            Version::HTTP_09 | Version::HTTP_10 => 0,
            Version::HTTP_2 => 2,
            _ => 1,
        };
        self.requests[at].fetch_add(1, Ordering::Relaxed);
        if nth == 1 {
            self.used.fetch_add(1, Ordering::Relaxed);
        }
        raise(&self.most_requests, nth);
        let in_service = self.in_service.fetch_add(1, Ordering::Relaxed) + 1;
        raise(&self.most_in_service, in_service);
    }

    /// The answer to a request is over, or nobody waits for it any more.
    pub(super) fn served(&self) {
        self.in_service.fetch_sub(1, Ordering::Relaxed);
    }
}

fn now(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Most values are not the highest so far: to look costs less than to write.
fn raise(most: &AtomicU64, value: u64) {
    if value > now(most) {
        most.fetch_max(value, Ordering::Relaxed);
    }
}
