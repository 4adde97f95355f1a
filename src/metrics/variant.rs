//! Everything measured of one variant: its shards, its live window, its run and its past.

use super::counts::{ErrorTexts, OutcomeCounts};
use super::history::History;
use super::laws::Laws;
use super::occupancy::OccupancyReading;
use super::recorder::Distribution;
use super::shard::{Shard, Taken};
use super::snapshot::{Connections, ErrorText, Figures, Interval, SeriesPoint, VariantSnapshot};
use super::summary;
use super::tally::Ended;
use super::trend::Trend;
use super::window::{Second, Window};
use crate::clock::Tick;
use crate::outcome::Outcome;
use std::sync::Arc;

/// Points of the series kept: an hour of seconds.
const SERIES_POINTS: usize = 3_600;

/// Stretches of time kept with a histogram.
const INTERVALS: usize = 360;

/// Names of one variant, fixed for a run.
#[derive(Debug, Clone)]
pub struct VariantNames {
    /// The user's label or one made from what differs.
    pub label: String,
    /// The base URL without a password.
    pub url: String,
    /// The transport in one line.
    pub transport: String,
}

/// What the transport knows of its connections since the start.
#[derive(Debug, Clone, Default)]
pub struct ConnectionReading {
    /// Connections opened.
    pub opened: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Requests served by a connection used before; `None` if unknown.
    pub reused: Option<u64>,
    /// Connections closed; `None` if unknown.
    pub closed: Option<u64>,
    /// The times it took to connect, µs.
    pub connect: Distribution,
    /// The HTTP version of the latest answer, e.g. `HTTP/1.1`.
    pub protocol: Option<String>,
}

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
    unaccounted: i64,
    laws: Laws,
    trend: Trend,
    connections: ConnectionReading,
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
            run: Run::default(),
            series: History::new(SERIES_POINTS),
            intervals: History::new(INTERVALS),
            errors: ErrorTexts::default(),
            lifetime: OutcomeCounts::default(),
            open_outside: Vec::new(),
            open_in_run: Vec::new(),
            occupancy: OccupancyReading::default(),
            unaccounted: 0,
            laws: Laws::default(),
            trend: Trend::default(),
            connections: ConnectionReading::default(),
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

    fn look_back(&mut self) {
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

    /// Takes what the shards hold: `seconds` have passed since the last time, and count as measured if `measured`.
    pub fn collect(
        &mut self,
        now: Tick,
        seconds: f64,
        measured: bool,
        connections: ConnectionReading,
    ) {
        let mut part = Second {
            seconds,
            ..Second::default()
        };
        part.opened = connections.opened.saturating_sub(self.connections.opened);
        self.connections = connections;
        self.open_in_run.clear();
        self.open_outside.clear();
        self.occupancy = OccupancyReading::default();
        self.unaccounted = 0;
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
                unaccounted,
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
            self.unaccounted += unaccounted;
        }
        self.lifetime.merge(&part.ended.outcomes);
        self.laws
            .add(&self.occupancy, seconds, measured, self.users);
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
    /// in which nothing ended is no point in the series.
    pub fn roll_second(&mut self, t: f64, held: bool) {
        let second = self.window.roll();
        if held && second.ended.outcomes == OutcomeCounts::default() {
            return;
        }
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
        self.intervals.push(Interval {
            t: t - second.seconds,
            seconds: second.seconds,
            histogram: Arc::new(second.ended.ok_response.histogram().clone()),
        });
        self.look_back();
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
        self.window.add(&rest);
        self.run = Run {
            from,
            ..Run::default()
        };
        self.laws.restart();
        self.trend = Trend::default();
        self.open_outside.append(&mut self.open_in_run);
    }

    /// The live window starts afresh: what it holds was under another load.
    pub fn clear_window(&mut self) {
        self.window.clear();
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

    /// Requests begun since the start that have neither ended nor are open. Anything but 0 is a mistake of ours.
    pub fn unaccounted(&self) -> i64 {
        self.unaccounted
    }

    /// The ages of the run's requests that have not ended, and those at which others were given up, µs.
    fn ages_in_run(&self, now: Tick) -> Vec<u64> {
        let given_up = &self.run.ended.censored;
        self.open_in_run
            .iter()
            .map(|intended| now.us_since(*intended))
            .chain(
                given_up
                    .histogram()
                    .buckets()
                    .iter()
                    .flat_map(|&(us, count)| std::iter::repeat_n(us, count as usize)),
            )
            .collect()
    }

    /// The mean response time in the live window, in seconds; the age of the oldest open request if none has ended.
    pub fn mean_response_s(&self, now: Tick) -> f64 {
        match self.window.sum().ended.ok_response.mean() {
            Some(us) => us / 1e6,
            None => self
                .open_outside
                .iter()
                .chain(&self.open_in_run)
                .min()
                .map_or(0.0, |oldest| now.since(*oldest).as_secs_f64()),
        }
    }

    /// The picture at `now`.
    pub fn snapshot(&self, now: Tick) -> VariantSnapshot {
        let window = self.window.sum();
        let ages: Vec<u64> = self
            .open_outside
            .iter()
            .chain(&self.open_in_run)
            .map(|intended| now.us_since(*intended))
            .collect();
        let ended = &window.ended;
        let mut live = figures(ended);
        live.response_us = summary::live(&ended.ok_response, &ended.outcomes, &ages);
        live.seconds = window.seconds;
        live.in_flight = self.in_flight();
        live.requests = live.ok + live.failed + live.cancelled;
        live.rps = rate(live.ok, window.seconds);
        live.offered_rps = rate(window.intended, window.seconds);

        let mut run = figures(&self.run.ended);
        run.seconds = self.run.seconds;
        run.requests = self.run.intended;
        run.in_flight = self.open_in_run.len() as u64;
        run.response_us = summary::run(
            &self.run.ended.ok_response,
            &self.run.ended.outcomes,
            self.ages_in_run(now),
        );
        run.rps = rate(self.run.completed, self.run.seconds);
        run.offered_rps = rate(self.run.intended, self.run.seconds);

        VariantSnapshot {
            label: self.names.label.clone(),
            url: self.names.url.clone(),
            transport: self.names.transport.clone(),
            protocol: self.connections.protocol.clone(),
            window: live,
            run,
            connections: Connections {
                opened: self.connections.opened,
                opened_per_s: rate(window.opened, window.seconds),
                reused: self.connections.reused,
                failed: self.connections.failed,
                closed: self.connections.closed,
                connect_us: summary::finite(&self.connections.connect),
            },
            series: self.series.items(),
            intervals: self.intervals.items(),
            histogram: Arc::new(self.run.ended.ok_response.histogram().clone()),
            errors: self
                .errors
                .sorted()
                .into_iter()
                .map(|(outcome, text, count)| ErrorText {
                    outcome: outcome.to_string(),
                    text: text.to_owned(),
                    count,
                })
                .collect(),
        }
    }
}

/// `n` per second; `None` before there is half a tick to divide by.
fn rate(n: u64, seconds: f64) -> Option<f64> {
    (seconds > 0.05).then(|| n as f64 / seconds)
}

/// Counts and latencies of what has ended.
fn figures(ended: &Ended) -> Figures {
    Figures {
        ok: ended.outcomes.of(Outcome::Ok),
        failed: ended.outcomes.failed(),
        cancelled: ended.outcomes.of(Outcome::Cancelled),
        outcomes: ended.outcomes.by_name(),
        bytes: ended.bytes,
        response_us: summary::judged(&ended.ok_response, &ended.outcomes),
        ok_response_us: summary::finite(&ended.ok_response),
        service_us: summary::finite(&ended.service),
        ttfb_us: summary::finite(&ended.ttfb),
        client_lag_us: summary::finite(&ended.client_lag),
        slot_wait_us: summary::finite(&ended.slot_wait),
        ..Figures::default()
    }
}
