//! Everything measured of one variant: its shards, its live window, its run and its past.

use super::counts::{ErrorTexts, OutcomeCounts};
use super::history::History;
use super::recorder::Distribution;
use super::shard::{Ended, Shard, Taken};
use super::snapshot::{Connections, ErrorText, Figures, Interval, SeriesPoint, VariantSnapshot};
use super::summary;
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
    window: Window,
    run: Run,
    series: History<SeriesPoint>,
    intervals: History<Interval>,
    errors: ErrorTexts,
    /// Outcomes since the start, whether measured or not.
    lifetime: OutcomeCounts,
    open: Vec<Tick>,
    connections: ConnectionReading,
}

/// The present run (epoch).
#[derive(Debug, Default)]
struct Run {
    seconds: f64,
    /// Ok completions in its measured time, whenever they were intended.
    completed: u64,
    intended: u64,
    in_flight: u64,
    ended: Ended,
}

impl Variant {
    /// A variant whose load threads record into `shards`.
    pub fn new(names: VariantNames, shards: Vec<Arc<Shard>>) -> Self {
        Variant {
            names,
            shards,
            window: Window::default(),
            run: Run::default(),
            series: History::new(SERIES_POINTS),
            intervals: History::new(INTERVALS),
            errors: ErrorTexts::default(),
            lifetime: OutcomeCounts::default(),
            open: Vec::new(),
            connections: ConnectionReading::default(),
        }
    }

    /// Takes what the shards hold: `seconds` have passed since the last time, and count as measured if `measured`.
    pub fn collect(&mut self, seconds: f64, measured: bool, connections: ConnectionReading) {
        let mut part = Second {
            seconds,
            ..Second::default()
        };
        part.opened = connections.opened.saturating_sub(self.connections.opened);
        self.connections = connections;
        self.open.clear();
        self.run.in_flight = 0;
        for shard in &self.shards {
            let Taken {
                intended,
                intended_in_run,
                in_run,
                outside,
                errors,
                open,
                open_in_run,
            } = shard.take();
            part.intended += intended;
            part.ended.merge(&outside);
            part.ended.merge(&in_run);
            self.run.intended += intended_in_run;
            self.run.in_flight += open_in_run;
            self.run.ended.merge(&in_run);
            self.errors.merge(&errors);
            self.open.extend(open);
        }
        self.lifetime.merge(&part.ended.outcomes);
        if measured {
            self.run.seconds += seconds;
            self.run.completed += part.ended.outcomes.of(Outcome::Ok);
        }
        self.window.add(&part);
    }

    /// A second of the clock is over; it ended at `t` seconds since the start.
    pub fn roll_second(&mut self, t: f64) {
        let second = self.window.roll();
        let latency = summary::judged(&second.ended.ok_response, &second.ended.outcomes);
        self.series.push(SeriesPoint {
            t,
            seconds: second.seconds,
            rps: rate(second.ended.outcomes.of(Outcome::Ok), second.seconds).unwrap_or(0.0),
            p50_us: latency.p50,
            p95_us: latency.p95,
            p99_us: latency.p99,
            failed: second.ended.outcomes.failed(),
            in_flight: self.open.len() as u64,
        });
        self.intervals.push(Interval {
            t: t - second.seconds,
            seconds: second.seconds,
            histogram: Arc::new(second.ended.ok_response.histogram().clone()),
        });
    }

    /// Run figures start afresh with the requests intended from `from` on.
    pub fn start_run(&mut self, from: Tick) {
        // What the shards have recorded since the last collection belongs to the run that is over: only the window and the
        // totals see it.
        let mut rest = Second::default();
        for shard in &self.shards {
            let taken = shard.start_run(from);
            rest.intended += taken.intended;
            rest.ended.merge(&taken.outside);
            rest.ended.merge(&taken.in_run);
            self.errors.merge(&taken.errors);
        }
        self.lifetime.merge(&rest.ended.outcomes);
        self.window.add(&rest);
        self.run = Run::default();
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

    /// The mean response time in the live window, in seconds; the age of the oldest open request if none has ended.
    pub fn mean_response_s(&self, now: Tick) -> f64 {
        match self.window.sum().ended.ok_response.mean() {
            Some(us) => us / 1e6,
            None => self
                .open
                .iter()
                .min()
                .map_or(0.0, |oldest| now.since(*oldest).as_secs_f64()),
        }
    }

    /// The picture at `now`.
    pub fn snapshot(&self, now: Tick) -> VariantSnapshot {
        let window = self.window.sum();
        let ages: Vec<u64> = self
            .open
            .iter()
            .map(|intended| now.us_since(*intended))
            .collect();
        let ended = &window.ended;
        let mut live = figures(ended);
        live.response_us = summary::live(&ended.ok_response, &ended.outcomes, &ages);
        live.seconds = window.seconds;
        live.in_flight = self.open.len() as u64;
        live.requests = live.ok + live.failed + live.cancelled;
        live.rps = rate(live.ok, window.seconds);
        live.offered_rps = rate(window.intended, window.seconds);

        let mut run = figures(&self.run.ended);
        run.seconds = self.run.seconds;
        run.requests = self.run.intended;
        run.in_flight = self.run.in_flight;
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
        client_lag_us: summary::finite(&ended.client_lag),
        slot_wait_us: summary::finite(&ended.slot_wait),
        ..Figures::default()
    }
}
