//! What one load thread has counted of one variant between two swaps.

use super::counts::{ErrorTexts, OutcomeCounts};
use super::recorder::{Distribution, Recorder};
use super::sample::Sample;
use crate::clock::Tick;
use crate::outcome::Outcome;

/// A request that has begun and not ended.
#[derive(Debug)]
pub(super) struct Open {
    /// Put off by the standstills that it has outlived.
    pub(super) intended: Tick,
    /// The run that it belongs to; 0 for none.
    pub(super) run: u32,
    /// The number of the block that it belongs to; 0 for none.
    pub(super) block: u32,
    /// It has been counted as cancelled, and how it really ends counts no more.
    pub(super) given_up: bool,
}

/// What happened between two swaps.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) intended: u64,
    pub(super) intended_in_run: u64,
    pub(super) in_run: Part,
    pub(super) outside: Part,
    pub(super) errors: ErrorTexts,
}

#[derive(Debug, Default)]
pub(super) struct Part {
    outcomes: OutcomeCounts,
    bytes: u64,
    failed_us: u64,
    ok_response: Recorder,
    service: Recorder,
    connection_wait: Recorder,
    write: Recorder,
    ttfb: Recorder,
    failed_service: Recorder,
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
    /// The response times of failed requests, added up, µs.
    pub failed_us: u64,
    /// Response times of ok requests, µs.
    pub ok_response: Distribution,
    /// Service times of ok requests, µs.
    pub service: Distribution,
    /// On a connection − actual send of ok requests, µs, where the engine knows.
    pub connection_wait: Distribution,
    /// Last byte of the request − on a connection, of ok requests, µs, where the engine knows.
    pub write: Distribution,
    /// First byte − actual send of ok requests, µs.
    pub ttfb: Distribution,
    /// Service times of failed requests that were sent: how long it took until they were known to have failed, µs.
    pub failed_service: Distribution,
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
        self.failed_us += other.failed_us;
        self.ok_response.merge(&other.ok_response);
        self.service.merge(&other.service);
        self.connection_wait.merge(&other.connection_wait);
        self.write.merge(&other.write);
        self.ttfb.merge(&other.ttfb);
        self.failed_service.merge(&other.failed_service);
        self.client_lag.merge(&other.client_lag);
        self.slot_wait.merge(&other.slot_wait);
        self.censored.merge(&other.censored);
    }
}

impl Ended {
    /// The response times of all of them, however they ended, added up, µs.
    pub(super) fn response_us(&self) -> u128 {
        self.ok_response.sum() + u128::from(self.failed_us) + self.censored.sum()
    }
}

impl Open {
    pub(super) fn is_of(&self, run: u32) -> bool {
        self.run != 0 && self.run == run
    }
}

impl Tally {
    /// Records how a request has ended.
    pub(super) fn record(&mut self, open: &Open, run: u32, sample: &Sample) {
        let part = self.part_of(open, run);
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
            if let Some(wait) = sample.connection_wait_us() {
                part.connection_wait.record(wait);
            }
            if let Some(write) = sample.write_us() {
                part.write.record(write);
            }
            if let Some(ttfb) = sample.ttfb_us() {
                part.ttfb.record(ttfb);
            }
        } else {
            part.failed_us += sample.response_us();
            if let Some(service) = sample.service_us() {
                part.failed_service.record(service);
            }
            if let Some(error) = &sample.error {
                self.errors.add(sample.outcome, error);
            }
        }
    }

    /// Counts a request as cancelled at the age that it has at `at`.
    pub(super) fn censor(&mut self, open: &Open, run: u32, at: Tick) {
        let part = self.part_of(open, run);
        part.outcomes.add(Outcome::Cancelled);
        part.censored.record(at.us_since(open.intended));
    }

    /// The part that a request counts in, while the present run is `run`.
    fn part_of(&mut self, open: &Open, run: u32) -> &mut Part {
        if open.is_of(run) {
            &mut self.in_run
        } else {
            &mut self.outside
        }
    }
}

impl Part {
    pub(super) fn take(&mut self) -> Ended {
        Ended {
            outcomes: std::mem::take(&mut self.outcomes),
            bytes: std::mem::take(&mut self.bytes),
            failed_us: std::mem::take(&mut self.failed_us),
            ok_response: self.ok_response.take(),
            service: self.service.take(),
            connection_wait: self.connection_wait.take(),
            write: self.write.take(),
            ttfb: self.ttfb.take(),
            failed_service: self.failed_service.take(),
            client_lag: self.client_lag.take(),
            slot_wait: self.slot_wait.take(),
            censored: self.censored.take(),
        }
    }
}
