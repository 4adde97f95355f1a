//! Where one load thread records one variant.
//!
//! A shard is written by its load thread and read ten times a second by the aggregator, which swaps the filled tally for an
//! empty one. The lock is held for a few hundred nanoseconds by the one and a few microseconds by the other, never across an
//! await, so neither waits for the other in practice (with very many requests open, the second grows with their number);
//! there is no message per request.
//!
//! What holds always: every [`Shard::begin`] is followed by exactly one [`Shard::end`] or [`Shard::cancel`], and is counted
//! in the run or outside it, at its begin and at its end alike; so the counts of a run add up exactly.

use super::block::Blocks;
use super::counts::ErrorTexts;
use super::occupancy::{Occupancy, OccupancyReading};
use super::sample::Sample;
use super::tally::{Ended, Open, Tally};
use crate::clock::Tick;
use slab::Slab;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A request that has begun: the key to end it with, once.
#[derive(Debug)]
pub struct OpenRequest(usize);

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
    /// Requests intended from here on do not, for now.
    run_until: Option<Tick>,
    /// Counts the runs, so that a request of an earlier run is never mistaken for one of this.
    run: u32,
    /// Judged stretches of time whose requests have not all ended.
    blocks: Blocks,
    occupancy: Occupancy,
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
}

impl Default for Shard {
    fn default() -> Self {
        Shard(Mutex::new(State {
            tally: Box::default(),
            spare: Some(Box::default()),
            open: Slab::new(),
            run_from: None,
            run_until: None,
            run: 0,
            blocks: Blocks::default(),
            occupancy: Occupancy::default(),
        }))
    }
}

impl Shard {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request that was due at `intended` begins its life at `now`, whether or not it can be sent yet.
    pub fn begin(&self, intended: Tick, now: Tick) -> OpenRequest {
        let state = &mut *self.state();
        state.occupancy.begin(now);
        let run = if state.is_of_run(intended) {
            state.run
        } else {
            0
        };
        let block = state.blocks.begin(intended);
        state.tally.intended += 1;
        state.tally.intended_in_run += u64::from(run != 0);
        OpenRequest(state.open.insert(Open {
            intended,
            run,
            block,
            given_up: false,
        }))
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
        state.tally.record(&open, state.run, sample);
        state.blocks.end(open.block, sample);
    }

    /// A request is given up at `at`, because the run ends. Censored, neither ok nor failed.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "consumed: a request ends once"
    )]
    pub fn cancel(&self, request: OpenRequest, at: Tick) {
        let state = &mut *self.state();
        if let Some(open) = state.close(&request, at) {
            state.tally.censor(&open, state.run, at);
            // A block without its last answers is none.
            state.blocks.spoil(open.block);
        }
    }

    /// The load thread did not run between these instants. What was open is given up at the age that it had: its time means
    /// nothing. Whoever waits or thinks does so for what was left of it, as if the gap had not been.
    pub fn stand_still(&self, from: Tick, until: Tick) {
        let state = &mut *self.state();
        state.occupancy.stand_still(from, until);
        state.blocks.spoil_all();
        for (_, open) in &mut state.open {
            if !open.given_up {
                open.given_up = true;
                state.tally.censor(open, state.run, from);
            }
            open.intended = open.intended + until.since(from);
        }
    }

    /// Does something with the judged stretches of time.
    pub(super) fn with_blocks<R>(&self, what: impl FnOnce(&mut Blocks) -> R) -> R {
        what(&mut self.state().blocks)
    }

    /// A user of a closed loop starts to think at `from` and will be done at `until`.
    pub fn think(&self, from: Tick, until: Tick) {
        self.state().occupancy.think(from, until);
    }

    /// A user who wanted to think until `before` will do so until `until`.
    pub fn rethink(&self, before: Tick, until: Tick) {
        self.state().occupancy.rethink(before, until);
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
        (state.run_from, state.run_until) = (Some(from), None);
        state.run += 1;
        self.empty(state, now)
    }

    /// The run goes on: requests intended at `from` or later belong to it, those before do not.
    pub fn resume_run(&self, from: Tick) {
        let mut state = self.state();
        if state.run_from.is_some() {
            (state.run_from, state.run_until) = (Some(from), None);
        }
    }

    /// Requests intended at `until` or later do not belong to the run, until it goes on.
    pub fn hold_run(&self, until: Tick) {
        self.state().run_until = Some(until);
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
        for (_, request) in state.open.iter().filter(|(_, open)| !open.given_up) {
            if request.is_of(state.run) {
                open_in_run.push(request.intended);
            } else {
                open_outside.push(request.intended);
            }
        }
        let occupancy = state.occupancy.read(now);
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
        };
        // Emptied, it serves as the next spare: no histogram is allocated after the start.
        self.state().spare = Some(tally);
        taken
    }
}

impl State {
    fn is_of_run(&self, intended: Tick) -> bool {
        self.run_from.is_some_and(|from| intended >= from)
            && self.run_until.is_none_or(|until| intended < until)
    }

    /// Takes a request out of the open ones; `None` if it was given up before.
    fn close(&mut self, request: &OpenRequest, at: Tick) -> Option<Open> {
        let open = self.open.try_remove(request.0)?;
        if open.given_up {
            self.occupancy.end_given_up(at);
            return None;
        }
        self.occupancy.end(at);
        Some(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;

    fn sample(intended: u64, done: u64, outcome: Outcome) -> Sample {
        Sample {
            intended: Tick(intended),
            granted: Tick(intended),
            sent: Some(Tick(intended)),
            ready: None,
            written: None,
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
    }

    #[test]
    fn a_standstill_gives_up_once_and_the_laws_hold_across_it() {
        let shard = Shard::default();
        let _ = shard.start_run(Tick(0), Tick(0));
        shard.user(true);
        shard.user(true);
        let (first, second) = (begin(&shard, 1_000), begin(&shard, 3_000));
        shard.think(Tick(0), Tick(9_000));
        shard.stand_still(Tick(5_000), Tick(2_005_000));
        shard.stand_still(Tick(2_005_000), Tick(4_005_000));
        let taken = shard.take(Tick(4_006_000));
        assert_eq!(taken.in_run.outcomes.of(Outcome::Cancelled), 2);
        assert_eq!(taken.in_run.censored.max(), Some(4));
        assert_eq!(taken.open_in_run.len(), 0);
        let before = taken.occupancy;
        // Both end for good; only the laws hear of it: they see no gap.
        shard.end(first, &sample(1_000, 4_007_000, Outcome::Ok));
        shard.cancel(second, Tick(4_008_000));
        shard.thought(Tick(4_009_000));
        let taken = shard.take(Tick(4_010_000));
        assert_eq!(taken.in_run, Ended::default());
        let during = taken.occupancy.since(&before);
        assert_eq!((during.in_flight_ns, during.given_up_ns), (0, 3_000));
        assert_eq!(during.thinking_ns, 3_000);
        let in_all = taken.occupancy;
        assert_eq!((in_all.in_flight_ns, in_all.given_up_ns), (6_000, 5_000));
        assert_eq!(in_all.thinking_ns, 9_000);
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
