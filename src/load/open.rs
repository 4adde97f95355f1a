//! The open loop: requests arrive when the schedule says so, whatever the answers do.

use super::lane::{Begun, Lane, Unsent};
use super::schedule::Schedule;
use super::spec::Overflow;
use crate::clock::Tick;
use crate::transport::Transport;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{spawn_local, yield_now};

/// Arrivals that may be begun one after another when they are late. After so many, answers get their turn: an open loop that
/// cannot keep up must not stop reading.
const BURST: u32 = 64;

/// One variant's arrivals on one load thread.
#[derive(Debug)]
pub(super) struct OpenLoop<T: Transport> {
    lane: Rc<Lane<T>>,
    /// At most this many requests are sent and not ended.
    cap: usize,
    overflow: Overflow,
    sent: Cell<usize>,
    /// How long the thread had stood still when the queue was last looked at.
    stood_still: Cell<Duration>,
    /// Whether all arrivals before the end have been begun.
    passed: Cell<bool>,
    passed_one: Notify,
    /// Arrivals that wait for their turn, oldest first. Each leaves at its timeout, so there are at most rate × timeout.
    queue: RefCell<VecDeque<Begun<T>>>,
}

impl<T: Transport> OpenLoop<T> {
    pub(super) fn new(lane: Rc<Lane<T>>, cap: usize, overflow: Overflow) -> Rc<Self> {
        Rc::new(OpenLoop {
            lane,
            cap: cap.max(1),
            overflow,
            sent: Cell::new(0),
            stood_still: Cell::default(),
            passed: Cell::default(),
            passed_one: Notify::new(),
            queue: RefCell::default(),
        })
    }

    /// Makes the arrivals of `schedule`, which belong to the turn that began at `began`, and those of all later turns, until
    /// the load stops.
    pub(super) async fn run(self: Rc<Self>, mut schedule: Schedule, mut began: Tick) {
        let gate = &self.lane.gate;
        let mut rate_hz = gate.state().rate_hz;
        let mut stood_still = self.lane.heart.stood_still();
        let mut burst = 0;
        loop {
            let now = self.lane.heart.now();
            let so_far = self.lane.heart.stood_still();
            if so_far > stood_still {
                schedule.shift(so_far.saturating_sub(stood_still));
                stood_still = so_far;
            }
            let changed = gate.changed();
            let state = gate.state();
            if let Some(turn) = gate.turn().filter(|turn| turn.from != began) {
                (began, rate_hz) = (turn.from, state.rate_hz);
                schedule.stand_for(gate.part());
                match turn.draw {
                    Some(draw) => schedule.restart_with(began, rate_hz, draw),
                    None => schedule.restart(began, rate_hz),
                }
            }
            let intended = schedule.next();
            let held = gate.holds(intended);
            if gate.stopped_by(intended) || (held && state.stop_at.is_some()) {
                // Unless the end is put off by a pause, or the rate is raised before it, this was the last arrival.
                self.passed.set(true);
                self.passed_one.notify_waiters();
                changed.await;
                self.passed.set(false);
                continue;
            }
            if held {
                changed.await;
                continue;
            }
            // Exact: the rate is copied, never computed.
            if state.rate_hz.to_bits() != rate_hz.to_bits() {
                rate_hz = state.rate_hz;
                schedule.restart(now, rate_hz);
                continue;
            }
            if intended > now {
                burst = 0;
                // The schedule may have to be shifted before the arrival: look again when it is due.
                tokio::select! {
                    biased;
                    () = self.lane.pacer.sleep_until(intended).sharp() => {}
                    () = changed => {}
                }
                continue;
            }
            schedule.advance();
            self.arrive(intended, stood_still);
            burst += 1;
            if burst == BURST {
                burst = 0;
                yield_now().await;
            }
        }
    }

    /// Waits until all arrivals before the end of the load have been begun, late as they may be.
    pub(super) async fn passed(&self) {
        loop {
            let passed_one = self.passed_one.notified();
            if self.passed.get() {
                return;
            }
            passed_one.await;
        }
    }

    fn arrive(self: &Rc<Self>, intended: Tick, stood_still: Duration) {
        self.expire();
        let begun = self.lane.begin(intended, stood_still);
        if self.sent.get() < self.cap {
            self.sent.set(self.sent.get() + 1);
            let this = Rc::clone(self);
            spawn_local(async move { this.serve(begun).await });
        } else if self.overflow == Overflow::Drop {
            begun.end_unsent(Unsent::NoPlace, self.lane.heart.now());
        } else {
            self.queue.borrow_mut().push_back(begun);
        }
    }

    /// Sends `first`, then what waits, until nothing does: whoever ends passes its turn on.
    async fn serve(&self, first: Begun<T>) {
        first.send(false).await;
        loop {
            self.expire();
            let next = self.queue.borrow_mut().pop_front();
            let Some(next) = next else { break };
            next.send(true).await;
        }
        self.sent.set(self.sent.get() - 1);
    }

    /// Ends what has waited longer than the timeout, and drops what a standstill has given up: it must not be sent.
    fn expire(&self) {
        self.lane.heart.now();
        let stood_still = self.lane.heart.stood_still();
        let mut queue = self.queue.borrow_mut();
        if self.stood_still.replace(stood_still) != stood_still {
            queue.clear();
        }
        while queue.front().is_some_and(Begun::expired) {
            if let Some(late) = queue.pop_front() {
                late.end_unsent(Unsent::TimedOut, self.lane.heart.now());
            }
        }
    }
}
