//! Where one load thread records one variant.
//!
//! A shard is written by its load thread and read ten times a second by the aggregator, which swaps the filled tally for an
//! empty one. The lock is held for a few hundred nanoseconds by the one and a few microseconds by the other, never across an
//! await, so neither waits for the other in practice (with very many requests open, the second grows with their number);
//! there is no message per request.
//!
//! What holds always: every [`Shard::begin`] is followed by exactly one [`Shard::end`] or [`Shard::cancel`], and is counted
//! in the run or outside it, at its begin and at its end alike; so the counts of a run add up exactly.

use super::counts::{ErrorTexts, OutcomeCounts};
use super::occupancy::{Occupancy, OccupancyReading};
use super::recorder::{Distribution, Recorder};
use super::sample::Sample;
use crate::clock::Tick;
use crate::outcome::Outcome;
use slab::Slab;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A request that has begun: the key to end it with, once.
#[derive(Debug)]
pub struct OpenRequest {
    place: usize,
    /// Its number among all: the place may have been given to another, if this one was given up.
    number: u64,
}

/// One load thread's record of one variant.
#[derive(Debug)]
pub struct Shard(Mutex<State>);

#[derive(Debug)]
struct State {
    tally: Box<Tally>,
    spare: Option<Box<Tally>>,
    open: Slab<Open>,
    /// Requests intended from here on belong to the run; `None` before measuring.
    run_from: Option<Tick>,
    /// Counts the runs, so that a request of an earlier run is never mistaken for one of this.
    run: u32,
    occupancy: Occupancy,
    /// Requests begun and ended since the start, whatever run they belong to.
    begun: u64,
    ended: u64,
}

#[derive(Debug)]
struct Open {
    number: u64,
    intended: Tick,
    /// The run that it belongs to; 0 for none.
    run: u32,
}

/// What happened between two swaps.
#[derive(Debug, Default)]
struct Tally {
    intended: u64,
    intended_in_run: u64,
    in_run: Part,
    outside: Part,
    errors: ErrorTexts,
}

#[derive(Debug, Default)]
struct Part {
    outcomes: OutcomeCounts,
    bytes: u64,
    ok_response: Recorder,
    service: Recorder,
    ttfb: Recorder,
    client_lag: Recorder,
    slot_wait: Recorder,
    censored: Recorder,
}

/// Requests that ended, in one part of a swap.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ended {
    /// How they ended.
    pub outcomes: OutcomeCounts,
    /// Body bytes received.
    pub bytes: u64,
    /// Response times of ok requests, µs.
    pub ok_response: Distribution,
    /// Service times of ok requests, µs.
    pub service: Distribution,
    /// First byte − actual send of ok requests, µs.
    pub ttfb: Distribution,
    /// The client's own lateness of all requests that were sent, µs.
    pub client_lag: Distribution,
    /// Waits for a slot of all requests that ended, µs.
    pub slot_wait: Distribution,
    /// The ages at which requests were cancelled, µs: their response time is longer, nobody knows by how much.
    pub censored: Distribution,
}

impl Ended {
    /// Adds `other`.
    pub fn merge(&mut self, other: &Ended) {
        self.outcomes.merge(&other.outcomes);
        self.bytes += other.bytes;
        self.ok_response.merge(&other.ok_response);
        self.service.merge(&other.service);
        self.ttfb.merge(&other.ttfb);
        self.client_lag.merge(&other.client_lag);
        self.slot_wait.merge(&other.slot_wait);
        self.censored.merge(&other.censored);
    }
}

/// What a swap took out of a shard.
#[derive(Debug, Default)]
pub struct Taken {
    /// Requests intended since the last swap, of the run or not.
    pub intended: u64,
    /// Those of them that belong to the run.
    pub intended_in_run: u64,
    /// Requests of the run that ended.
    pub in_run: Ended,
    /// Other requests that ended.
    pub outside: Ended,
    /// Error texts.
    pub errors: ErrorTexts,
    /// The intended starts of the requests that are open now and belong to the run.
    pub open_in_run: Vec<Tick>,
    /// Those of the others that are open.
    pub open_outside: Vec<Tick>,
    /// The time integrals since the start.
    pub occupancy: OccupancyReading,
    /// Requests begun since the start that have neither ended nor are open: 0, or the records are wrong.
    pub unaccounted: i64,
}

impl Default for Shard {
    fn default() -> Self {
        Shard(Mutex::new(State {
            tally: Box::default(),
            spare: Some(Box::default()),
            open: Slab::new(),
            run_from: None,
            run: 0,
            occupancy: Occupancy::default(),
            begun: 0,
            ended: 0,
        }))
    }
}

impl Shard {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request that was due at `intended` begins its life at `now`, whether or not it can be sent yet.
    pub fn begin(&self, intended: Tick, now: Tick) -> OpenRequest {
        let mut state = self.state();
        state.begun += 1;
        state.occupancy.begin(intended, now);
        let run = if state.run_from.is_some_and(|from| intended >= from) {
            state.run
        } else {
            0
        };
        state.tally.intended += 1;
        state.tally.intended_in_run += u64::from(run != 0);
        let number = state.begun;
        let place = state.open.insert(Open {
            number,
            intended,
            run,
        });
        OpenRequest { place, number }
    }

    /// A request has ended.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "consumed: a request ends once"
    )]
    pub fn end(&self, request: OpenRequest, sample: &Sample) {
        let state = &mut *self.state();
        let Some(open) = state.close(&request, sample.done) else {
            return;
        };
        let part = state.tally.part_of(&open, state.run);
        part.outcomes.add(sample.outcome);
        part.bytes += sample.bytes;
        part.slot_wait.record(sample.slot_wait_us());
        if let Some(lag) = sample.client_lag_us() {
            part.client_lag.record(lag);
        }
        if sample.outcome == Outcome::Ok {
            part.ok_response.record(sample.response_us());
            if let Some(service) = sample.service_us() {
                part.service.record(service);
            }
            if let Some(ttfb) = sample.ttfb_us() {
                part.ttfb.record(ttfb);
            }
        } else if let Some(error) = &sample.error {
            state.tally.errors.add(sample.outcome, error);
        }
    }

    /// A request is given up at `at`: because the run ends, or because this process stood still and its time means nothing.
    /// Censored, neither ok nor failed.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "consumed: a request ends once"
    )]
    pub fn cancel(&self, request: OpenRequest, at: Tick) {
        let state = &mut *self.state();
        if let Some(open) = state.close(&request, at) {
            state.censor(&open, at);
        }
    }

    /// Gives up everything that is open, at the age that it has at `at`. Their ends, when they come, are ignored.
    pub fn give_up_all(&self, at: Tick) {
        let state = &mut *self.state();
        for open in std::mem::take(&mut state.open) {
            state.ended += 1;
            state.occupancy.end(open.1.intended, at);
            state.censor(&open.1, at);
        }
    }

    /// A user of a closed loop starts to think at `from` and will be done at `until`.
    pub fn think(&self, from: Tick, until: Tick) {
        self.state().occupancy.think(from, until);
    }

    /// A user who wanted to think until `until` is done with it.
    pub fn thought(&self, until: Tick) {
        self.state().occupancy.thought(until);
    }

    /// A user of a closed loop comes to life, or leaves.
    pub fn user(&self, alive: bool) {
        self.state().occupancy.user(alive);
    }

    /// From now on, requests intended at `from` or later belong to a new run. What is open belongs to it no more, and what
    /// was recorded until this very instant is handed out, so that nothing of an earlier run can be taken for this one's.
    #[must_use]
    pub fn start_run(&self, from: Tick, now: Tick) -> Taken {
        let mut state = self.state();
        state.run_from = Some(from);
        state.run += 1;
        self.empty(state, now)
    }

    /// Takes what has been recorded since the last swap; it is `now`.
    pub fn take(&self, now: Tick) -> Taken {
        self.empty(self.state(), now)
    }

    fn empty(&self, mut guard: MutexGuard<'_, State>, now: Tick) -> Taken {
        let state = &mut *guard;
        let spare = state.spare.take().unwrap_or_default();
        let mut tally = std::mem::replace(&mut state.tally, spare);
        let (mut open_in_run, mut open_outside) = (Vec::new(), Vec::new());
        for (_, request) in &state.open {
            if request.is_of(state.run) {
                open_in_run.push(request.intended);
            } else {
                open_outside.push(request.intended);
            }
        }
        let occupancy = state.occupancy.read(now);
        let unaccounted = state.begun.cast_signed()
            - state.ended.cast_signed()
            - (state.open.len() as u64).cast_signed();
        drop(guard);
        let taken = Taken {
            intended: std::mem::take(&mut tally.intended),
            intended_in_run: std::mem::take(&mut tally.intended_in_run),
            in_run: tally.in_run.take(),
            outside: tally.outside.take(),
            errors: std::mem::take(&mut tally.errors),
            open_in_run,
            open_outside,
            occupancy,
            unaccounted,
        };
        // Emptied, it serves as the next spare: no histogram is allocated after the start.
        self.state().spare = Some(tally);
        taken
    }
}

impl State {
    /// Takes a request out of the open ones.
    fn close(&mut self, request: &OpenRequest, at: Tick) -> Option<Open> {
        let known = self.open.get(request.place)?;
        if known.number != request.number {
            return None;
        }
        let open = self.open.try_remove(request.place)?;
        self.ended += 1;
        self.occupancy.end(open.intended, at);
        Some(open)
    }

    fn censor(&mut self, open: &Open, at: Tick) {
        let part = self.tally.part_of(open, self.run);
        part.outcomes.add(Outcome::Cancelled);
        part.censored.record(at.us_since(open.intended));
    }
}

impl Open {
    fn is_of(&self, run: u32) -> bool {
        self.run != 0 && self.run == run
    }
}

impl Tally {
    fn part_of(&mut self, open: &Open, run: u32) -> &mut Part {
        if open.is_of(run) {
            &mut self.in_run
        } else {
            &mut self.outside
        }
    }
}

impl Part {
    fn take(&mut self) -> Ended {
        Ended {
            outcomes: std::mem::take(&mut self.outcomes),
            bytes: std::mem::take(&mut self.bytes),
            ok_response: self.ok_response.take(),
            service: self.service.take(),
            ttfb: self.ttfb.take(),
            client_lag: self.client_lag.take(),
            slot_wait: self.slot_wait.take(),
            censored: self.censored.take(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(intended: u64, done: u64, outcome: Outcome) -> Sample {
        Sample {
            intended: Tick(intended),
            granted: Tick(intended),
            sent: Some(Tick(intended)),
            first_byte: Some(Tick(done)),
            done: Tick(done),
            outcome,
            bytes: 10,
            error: None,
        }
    }

    fn begin(shard: &Shard, intended: u64) -> OpenRequest {
        shard.begin(Tick(intended), Tick(intended))
    }

    #[test]
    fn what_is_given_up_is_kept_with_its_age() {
        let shard = Shard::default();
        let _ = shard.start_run(Tick(0), Tick(0));
        let given_up = begin(&shard, 1_000);
        shard.cancel(given_up, Tick(8_000_000));
        let taken = shard.take(Tick(9_000_000));
        assert_eq!(taken.in_run.outcomes.of(Outcome::Cancelled), 1);
        assert_eq!(taken.in_run.censored.max(), Some(7_999));
        assert_eq!(taken.unaccounted, 0);
    }

    #[test]
    fn a_request_counts_where_it_was_intended_however_late_it_ends() {
        let shard = Shard::default();
        let early = begin(&shard, 5);
        assert_eq!(shard.start_run(Tick(10), Tick(9)).intended, 1);
        let late = begin(&shard, 10);
        shard.end(early, &sample(5, 50_000, Outcome::Ok));
        shard.end(late, &sample(10, 60_000, Outcome::Http(500)));
        let taken = shard.take(Tick(99_999));
        assert_eq!((taken.intended, taken.intended_in_run), (1, 1));
        assert_eq!(
            (
                taken.outside.outcomes.of(Outcome::Ok),
                taken.in_run.outcomes.failed()
            ),
            (1, 1)
        );
        assert_eq!(taken.in_run.ok_response.count(), 0);
    }

    #[test]
    fn a_new_run_disowns_what_is_open() {
        let shard = Shard::default();
        let _ = shard.start_run(Tick(0), Tick(0));
        let old = begin(&shard, 1);
        assert_eq!(shard.take(Tick(1)).open_in_run.len(), 1);
        let taken = shard.start_run(Tick(2), Tick(2));
        assert_eq!(
            (taken.open_outside.as_slice(), taken.open_in_run.len()),
            ([Tick(1)].as_slice(), 0)
        );
        shard.end(old, &sample(1, 9, Outcome::Ok));
        assert_eq!(shard.take(Tick(99_999)).in_run, Ended::default());
    }

    #[test]
    fn what_the_old_run_recorded_last_is_not_the_new_runs() {
        let shard = Shard::default();
        let _ = shard.start_run(Tick(0), Tick(0));
        let (ended, open) = (begin(&shard, 1), begin(&shard, 2));
        shard.end(ended, &sample(1, 9, Outcome::Ok));
        // No take in between: the requests of the last moment go out with the run they belong to.
        let old = shard.start_run(Tick(5), Tick(5));
        assert_eq!(
            (old.intended_in_run, old.in_run.outcomes.of(Outcome::Ok)),
            (2, 1)
        );
        shard.end(open, &sample(2, 9, Outcome::Ok));
        let new = shard.take(Tick(99_999));
        assert_eq!((new.intended_in_run, new.open_in_run.len()), (0, 0));
        assert_eq!(
            (new.in_run, new.outside.outcomes.of(Outcome::Ok)),
            (Ended::default(), 1)
        );
    }
}
