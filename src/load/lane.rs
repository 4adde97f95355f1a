//! One variant on one load thread: sending a single request and recording it. Closed and open loops differ only in when
//! they ask for this.

use super::control::Gate;
use super::heart::Heart;
use crate::clock::Tick;
use crate::metrics::{OpenRequest, Sample, Shard};
use crate::outcome::Outcome;
use crate::pacer::Pacer;
use crate::transport::{Transport, following};
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// One variant on one load thread.
#[derive(Debug)]
pub(super) struct Lane<T> {
    pub(super) transport: T,
    pub(super) heart: Rc<Heart>,
    pub(super) pacer: Arc<Pacer>,
    pub(super) gate: Gate,
    pub(super) shard: Arc<Shard>,
    timeout: Duration,
    protocol: Protocol,
    open: Cell<usize>,
    closed_one: Notify,
}

/// The HTTP version of the latest answer, shared with the conductor: 0 is unknown, then 9, 10, 11, 20, 30.
pub(super) type Protocol = Arc<std::sync::atomic::AtomicU8>;

/// A request that has begun. Dropped without an end, it counts as cancelled.
#[derive(Debug)]
pub(super) struct Begun<T: Transport> {
    lane: Rc<Lane<T>>,
    request: Option<OpenRequest>,
    /// Its intended start.
    pub(super) intended: Tick,
}

/// Why a request was never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsent {
    /// Its timeout came first.
    TimedOut,
    /// An open loop had its limit of requests in flight.
    NoPlace,
    /// Every connection or stream was in use, and the transport does not let requests wait, or no longer.
    NoneFree,
}

impl<T: Transport> Lane<T> {
    pub(super) fn new(
        transport: T,
        heart: Rc<Heart>,
        pacer: Arc<Pacer>,
        gate: Gate,
        shard: Arc<Shard>,
        timeout: Duration,
        protocol: Protocol,
    ) -> Self {
        Lane {
            transport,
            heart,
            pacer,
            gate,
            shard,
            timeout,
            protocol,
            open: Cell::new(0),
            closed_one: Notify::new(),
        }
    }

    /// A request is due at `intended`, which takes account of `stood_still`: how long the heart had stood still in all when
    /// that was computed.
    pub(super) fn begin(self: &Rc<Self>, intended: Tick, stood_still: Duration) -> Begun<T> {
        let now = self.heart.now();
        // Time stood still between the decision to begin and this very moment: that is no lateness either.
        let intended = if self.heart.stood_still() > stood_still {
            intended.max(now)
        } else {
            intended
        };
        self.open.set(self.open.get() + 1);
        Begun {
            lane: Rc::clone(self),
            request: Some(self.shard.begin(intended, now)),
            intended,
        }
    }

    /// Whether nothing is open.
    pub(super) fn is_drained(&self) -> bool {
        self.open.get() == 0
    }

    /// Waits until nothing is open.
    pub(super) async fn drained(&self) {
        loop {
            let closed_one = self.closed_one.notified();
            if self.open.get() == 0 {
                return;
            }
            closed_one.await;
        }
    }

    fn saw(&self, version: http::Version) {
        let code = match version {
            http::Version::HTTP_09 => 9,
            http::Version::HTTP_10 => 10,
            http::Version::HTTP_11 => 11,
            http::Version::HTTP_2 => 20,
            _ => 30,
        };
        self.protocol
            .store(code, std::sync::atomic::Ordering::Relaxed);
    }
}

impl<T: Transport> Begun<T> {
    /// Sends it and records how it ends. `waited`: it has been waiting for its turn until now.
    /// Returns the instant of its end.
    pub(super) async fn send(self, waited: bool) -> Tick {
        let lane = Rc::clone(&self.lane);
        let intended = self.intended;
        let deadline = intended + lane.timeout;
        let mut granted = if waited { lane.heart.now() } else { intended };
        let slot = if let Some(slot) = lane.transport.try_slot() {
            slot
        } else {
            let now = lane.heart.now();
            let patience = lane.transport.patience().map(|patience| now + patience);
            let until = patience.map_or(deadline, |until| until.min(deadline));
            let why = if until < deadline {
                Unsent::NoneFree
            } else {
                Unsent::TimedOut
            };
            if until <= now {
                let end = self.end_unsent(why, now);
                // Whoever tries again at once must not keep the thread from everybody else.
                tokio::task::yield_now().await;
                return end;
            }
            let slot = pin!(lane.transport.slot());
            let slot = lane.pacer.timeout_at(until, slot).await;
            let Some(slot) = slot else {
                return self.end_unsent(why, lane.heart.now());
            };
            granted = lane.heart.now();
            slot
        };
        let sent = lane.heart.now();
        // Pinned here: a future that is handed over takes its place in memory twice, and each user has one.
        let unconnected = Cell::new(false);
        let exchange = {
            let exchange = pin!(lane.transport.exchange());
            let exchange = following(exchange, &unconnected);
            lane.pacer.timeout_at(deadline, exchange).await
        };
        drop(slot);
        // If this thread stood still meanwhile, that is noticed now, before anything is recorded.
        let now = lane.heart.now();
        let sample = match exchange {
            Some(exchange) => {
                if let Some(version) = exchange.version {
                    lane.saw(version);
                }
                Sample {
                    intended,
                    granted,
                    sent: Some(sent),
                    ready: exchange.ready,
                    written: exchange.written,
                    first_byte: exchange.first_byte,
                    done: exchange.done,
                    outcome: exchange.outcome,
                    bytes: exchange.bytes,
                    error: exchange.error,
                }
            }
            None => Sample {
                intended,
                granted,
                sent: Some(sent),
                ready: None,
                written: None,
                first_byte: None,
                done: now,
                outcome: Outcome::Timeout,
                bytes: 0,
                error: Some(too_late(unconnected.get(), lane.timeout)),
            },
        };
        let done = sample.done;
        let failed = sample.outcome.is_failure();
        self.end(&sample);
        if failed {
            // A refused connection can fail without ever waiting. Whoever tries again at once must not keep the thread from
            // everybody else, the conductor's orders included.
            tokio::task::yield_now().await;
        }
        done
    }

    fn end(mut self, sample: &Sample) {
        if let Some(request) = self.request.take() {
            self.lane.shard.end(request, sample);
        }
    }

    /// Whether it has waited longer than the timeout.
    pub(super) fn expired(&self) -> bool {
        self.lane.heart.now() >= self.intended + self.lane.timeout
    }

    /// It ends without having been sent. Returns `now`.
    pub(super) fn end_unsent(self, why: Unsent, now: Tick) -> Tick {
        let (outcome, error) = match why {
            Unsent::TimedOut => (Outcome::Timeout, Some("timed out before it could be sent")),
            Unsent::NoPlace => (Outcome::Dropped, None),
            Unsent::NoneFree => (Outcome::Dropped, Some(self.lane.transport.place().in_use())),
        };
        let sample = Sample {
            intended: self.intended,
            granted: now,
            sent: None,
            ready: None,
            written: None,
            first_byte: None,
            done: now,
            outcome,
            bytes: 0,
            error: error.map(str::to_owned),
        };
        self.end(&sample);
        now
    }
}

impl<T: Transport> Drop for Begun<T> {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            self.lane.shard.cancel(request, self.lane.heart.now());
        }
        self.lane.open.set(self.lane.open.get() - 1);
        self.lane.closed_one.notify_waiters();
    }
}

/// What is said of a request that the load's own timeout has ended.
fn too_late(unconnected: bool, timeout: Duration) -> String {
    let what = if unconnected {
        "connection"
    } else {
        "complete answer"
    };
    format!(
        "no {what} within {}",
        crate::text::seconds(timeout.as_secs_f64())
    )
}

/// The name of what [`Lane::saw`] stored.
pub(super) fn protocol_name(code: u8) -> Option<String> {
    let name = match code {
        9 => "HTTP/0.9",
        10 => "HTTP/1.0",
        11 => "HTTP/1.1",
        20 => "HTTP/2",
        30 => "HTTP/3",
        _ => return None,
    };
    Some(name.to_owned())
}
