//! Everything measured of one variant: its shards, its live window, its run and its past.

mod blocks;
mod connections;
mod names;
mod pace;
mod picture;
mod processes;
mod upstream;

pub use self::connections::ConnectionReading;
pub use self::names::VariantNames;
pub(super) use self::pace::LastSecond;
pub use self::processes::ProcessReading;
pub use self::upstream::{UpstreamLens, UpstreamReading};

use self::blocks::SlotStart;
use self::processes::Watched;
use super::counts::{ErrorTexts, OutcomeCounts};
use super::history::History;
use super::laws::{Books, Laws};
use super::occupancy::OccupancyReading;
use super::shard::{Shard, Taken};
use super::snapshot::{Interval, SeriesPoint};
use super::summary;
use super::tally::Ended;
use super::trend::Trend;
use super::window::{Second, Window};
use crate::clock::Tick;
use crate::outcome::Outcome;
use crate::stats::Buckets;
use std::sync::Arc;

/// Points of the series kept: an hour of seconds.
const SERIES_POINTS: usize = 3_600;

/// What counts as a whole second at the end of a run or before a gap, in seconds.
const WHOLE_S: f64 = 0.95;

/// Stretches of time kept with a histogram.
const INTERVALS: usize = 360;

/// What is known of one variant, without B or A in mind.
#[derive(Debug)]
pub struct Variant {
    names: VariantNames,
    shards: Vec<Arc<Shard>>,
    /// What an open loop allows in flight.
    limit: Option<u64>,
    /// How many users a closed loop should have.
    users: Option<u32>,
    window: Window,
    /// The window as it was when the load was paused: what ends in a pause is no picture of the load.
    held: Option<Held>,
    /// The mean response time in the window when it last had any, in seconds, and what that was when it was last cleared.
    recent_s: f64,
    before_s: f64,
    run: Run,
    series: History<SeriesPoint>,
    intervals: History<Interval>,
    errors: ErrorTexts,
    /// Outcomes since the start, whether measured or not.
    lifetime: OutcomeCounts,
    /// Intended starts of the requests that are open and not of the run.
    open_outside: Vec<Tick>,
    /// The same of those of the run.
    open_in_run: Vec<Tick>,
    occupancy: OccupancyReading,
    /// Requests intended since the start, measured or not.
    intended: u64,
    /// The response times of all requests recorded since the start, added up, µs.
    recorded_us: u128,
    laws: Laws,
    trend: Trend,
    /// It runs in pieces, with pauses for the other variant's turn: its halves say nothing about drift.
    in_pieces: bool,
    connections: ConnectionReading,
    processes: Watched,
    upstream: Option<UpstreamReading>,
    slot: SlotStart,
    /// The second that was rolled last.
    last_second: LastSecond,
}

/// The live window of a load that is paused.
#[derive(Debug)]
struct Held {
    window: Window,
    /// The ages of the requests that were open, µs.
    ages_us: Vec<u64>,
}

/// How a variant passes its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// It waits for its turn: its figures stay what they are.
    Waiting,
    /// Under load, or held with everybody else.
    Loaded,
    /// Under load, and counted.
    Measured,
}

/// The present run (epoch).
#[derive(Debug, Default)]
struct Run {
    seconds: f64,
    /// Its measured stretch of time so far.
    from: Tick,
    until: Tick,
    /// The seconds with as many requests in flight as an open loop allows.
    at_limit_s: f64,
    /// Ok completions in its measured time, whenever they were intended.
    completed: u64,
    intended: u64,
    ended: Ended,
}

impl Variant {
    /// A variant whose load threads record into `shards`.
    pub fn new(names: VariantNames, shards: Vec<Arc<Shard>>) -> Self {
        Variant {
            names,
            shards,
            limit: None,
            users: None,
            window: Window::default(),
            held: None,
            recent_s: 0.0,
            before_s: 0.0,
            run: Run::default(),
            series: History::new(SERIES_POINTS),
            intervals: History::new(INTERVALS),
            errors: ErrorTexts::default(),
            lifetime: OutcomeCounts::default(),
            open_outside: Vec::new(),
            open_in_run: Vec::new(),
            occupancy: OccupancyReading::default(),
            intended: 0,
            recorded_us: 0,
            laws: Laws::default(),
            trend: Trend::default(),
            in_pieces: false,
            connections: ConnectionReading::default(),
            processes: Watched::default(),
            upstream: None,
            slot: SlotStart::default(),
            last_second: LastSecond::default(),
        }
    }

    /// The load that is meant to be on it: users of a closed loop, or what an open loop allows in flight.
    pub(super) fn expect(&mut self, users: Option<u32>, limit: Option<u64>) {
        (self.users, self.limit) = (users, limit);
    }

    /// The share of the run with all requests in flight that an open loop allows.
    pub(super) fn at_limit(&self) -> f64 {
        if self.run.seconds > 0.0 {
            self.run.at_limit_s / self.run.seconds
        } else {
            0.0
        }
    }

    /// The laws are judged anew: what comes is not comparable with what was.
    pub(super) fn restart_laws(&mut self) {
        self.laws.restart();
    }

    /// What the whole seconds of the run tell so far.
    pub(super) fn trend(&self) -> &Trend {
        &self.trend
    }

    /// Whether it runs in pieces, with pauses for the other variant's turn.
    pub(super) fn runs_in_pieces(&mut self, in_pieces: bool) {
        self.in_pieces = in_pieces;
    }

    fn look_back(&mut self) {
        if self.in_pieces {
            return;
        }
        let (from, until) = (self.run.from.as_secs_f64(), self.run.until.as_secs_f64());
        let series = self.series.items();
        // A second that is cut by either end is none of the run's.
        let points: Vec<&SeriesPoint> = series
            .iter()
            .filter(|point| point.t - point.seconds >= from - 0.15 && point.t <= until + 0.15)
            .collect();
        let offered = rate(self.run.intended, self.run.seconds).unwrap_or(0.0);
        self.trend = Trend::of(&points, offered);
    }

    /// Its sums for the laws that every correct measurement obeys.
    pub(super) fn laws(&self) -> &Laws {
        &self.laws
    }

    /// Takes what the shards hold: `seconds` have passed since the last time.
    pub fn collect(
        &mut self,
        now: Tick,
        seconds: f64,
        activity: Activity,
        connections: ConnectionReading,
    ) {
        let measured = activity == Activity::Measured;
        let mut part = Second {
            seconds: if activity == Activity::Waiting {
                0.0
            } else {
                seconds
            },
            ..Second::default()
        };
        part.opened = connections.opened.saturating_sub(self.connections.opened);
        self.connections = connections;
        self.open_in_run.clear();
        self.open_outside.clear();
        self.occupancy = OccupancyReading::default();
        for shard in &self.shards {
            let Taken {
                intended,
                intended_in_run,
                in_run,
                outside,
                errors,
                open_in_run,
                open_outside,
                occupancy,
            } = shard.take(now);
            part.intended += intended;
            part.ended.merge(&outside);
            part.ended.merge(&in_run);
            self.run.intended += intended_in_run;
            self.run.ended.merge(&in_run);
            self.errors.merge(&errors);
            self.open_in_run.extend(open_in_run);
            self.open_outside.extend(open_outside);
            self.occupancy.add(&occupancy);
        }
        self.lifetime.merge(&part.ended.outcomes);
        self.recorded_us += part.ended.response_us();
        self.intended += part.intended;
        self.laws
            .add(self.books(now), seconds, measured, self.users);
        if measured {
            self.run.seconds += seconds;
            self.run.until = now;
            if self.limit.is_some_and(|limit| self.in_flight() >= limit) {
                self.run.at_limit_s += seconds;
            }
            self.run.completed += part.ended.outcomes.of(Outcome::Ok);
        }
        self.window.add(&part);
    }

    /// A second of the clock is over; it ended at `t` seconds since the start. `held`: the load was held, so that a second
    /// in which nothing ended is no point in the series. While it waits for its turn nothing moves.
    pub fn roll_second(&mut self, t: f64, held: bool, activity: Activity) {
        if activity == Activity::Waiting {
            self.last_second = LastSecond::default();
            return;
        }
        let second = self.window.roll();
        if let Some(us) = self.window.recent().ended.ok_response.mean() {
            self.recent_s = us / 1e6;
        }
        self.last_second = LastSecond {
            rps: rate(second.ended.outcomes.of(Outcome::Ok), second.seconds).unwrap_or(0.0),
            ended: Some(Buckets::from_hdr(
                second.ended.ok_response.histogram().buckets(),
                second.ended.outcomes.failed(),
            )),
        };
        if held && second.ended.outcomes == OutcomeCounts::default() {
            return;
        }
        self.push_second(t, &second);
        self.look_back();
    }

    fn push_second(&mut self, t: f64, second: &Second) {
        let latency = summary::judged(&second.ended.ok_response, &second.ended.outcomes);
        self.series.push(SeriesPoint {
            t,
            seconds: second.seconds,
            rps: rate(second.ended.outcomes.of(Outcome::Ok), second.seconds).unwrap_or(0.0),
            p50_us: latency.p50,
            p95_us: latency.p95,
            p99_us: latency.p99,
            failed: second.ended.outcomes.failed(),
            in_flight: self.in_flight(),
        });
        self.intervals.push(interval(t, second));
    }

    /// Run figures start afresh with the requests intended from `from` on.
    pub fn start_run(&mut self, from: Tick, now: Tick) {
        // What the shards have recorded since the last collection belongs to the run that is over: only the window and the
        // totals see it.
        let mut rest = Second::default();
        for shard in &self.shards {
            let taken = shard.start_run(from, now);
            rest.intended += taken.intended;
            rest.ended.merge(&taken.outside);
            rest.ended.merge(&taken.in_run);
            self.errors.merge(&taken.errors);
        }
        self.lifetime.merge(&rest.ended.outcomes);
        self.recorded_us += rest.ended.response_us();
        self.intended += rest.intended;
        self.window.add(&rest);
        self.run = Run {
            from,
            ..Run::default()
        };
        self.laws.restart();
        self.processes.restart();
        self.trend = Trend::default();
        self.open_outside.append(&mut self.open_in_run);
    }

    /// A part of a second, which ended at `t`, is all that there will be of it: its requests join the last stretch with a
    /// histogram. It is no point of the series, where it would look like a whole second.
    pub(super) fn roll_part(&mut self, t: f64) {
        let part = self.window.roll();
        if part.seconds >= WHOLE_S {
            self.push_second(t, &part);
        } else if !part.ended.ok_response.is_empty() {
            self.intervals.join_last(interval(t, &part));
        }
        self.look_back();
    }

    /// The run goes on with the requests intended from `from` on.
    pub(super) fn resume_run(&mut self, from: Tick) {
        self.shards.iter().for_each(|shard| shard.resume_run(from));
    }

    /// The run is held from `until` on.
    pub(super) fn hold_run(&mut self, until: Tick) {
        self.shards.iter().for_each(|shard| shard.hold_run(until));
    }

    /// The live window shows the last `length` whole seconds.
    pub(super) fn show(&mut self, length: usize) {
        self.window.show(length);
        if let Some(held) = &mut self.held {
            held.window.show(length);
        }
    }

    /// The live window stands still until it starts afresh; the load is paused at `now`.
    pub(super) fn hold_window(&mut self, now: Tick) {
        self.held = Some(Held {
            window: self.window.clone(),
            ages_us: self.ages_us(now),
        });
    }

    /// The live window starts afresh: what it holds was under another load.
    pub fn clear_window(&mut self) {
        self.before_s = self.recent_s;
        self.window.clear();
        self.held = None;
    }

    /// How long the requests have been open that are open at `now`, µs.
    fn ages_us(&self, now: Tick) -> Vec<u64> {
        let open = self.open_outside.iter().chain(&self.open_in_run);
        open.map(|intended| now.us_since(*intended)).collect()
    }

    /// Outcomes since the start.
    pub fn lifetime(&self) -> &OutcomeCounts {
        &self.lifetime
    }

    /// Error texts since the start.
    pub fn errors(&self) -> &ErrorTexts {
        &self.errors
    }

    /// The latest reading of the connections.
    pub fn connections(&self) -> &ConnectionReading {
        &self.connections
    }

    /// Latencies that were too long for the histogram, in the present run.
    pub fn clamped(&self) -> u64 {
        self.run.ended.ok_response.clamped()
    }

    /// Requests open now.
    pub fn in_flight(&self) -> u64 {
        (self.open_in_run.len() + self.open_outside.len()) as u64
    }

    /// Requests intended since the start that are neither recorded as ended nor open, by the sums that went through swaps and
    /// merges. Anything but 0 is a mistake of ours.
    pub fn unaccounted(&self) -> i128 {
        i128::from(self.intended) - i128::from(self.lifetime.total()) - i128::from(self.in_flight())
    }

    fn books(&self, now: Tick) -> Books {
        let ages: u64 = self
            .open_outside
            .iter()
            .chain(&self.open_in_run)
            .map(|intended| now.0.saturating_sub(intended.0))
            .sum();
        Books {
            occupancy: self.occupancy,
            response_ns: (self.recorded_us * 1_000).cast_signed() + i128::from(ages),
            ended: self.lifetime.total(),
        }
    }
}

/// A second with its histogram.
fn interval(t: f64, second: &Second) -> Interval {
    Interval {
        t: t - second.seconds,
        seconds: second.seconds,
        histogram: second.ended.ok_response.histogram().into(),
    }
}

/// `n` per second; `None` before there is half a tick to divide by.
fn rate(n: u64, seconds: f64) -> Option<f64> {
    (seconds > 0.05).then(|| n as f64 / seconds)
}
