//! The [`Snapshot`]: one immutable picture of everything, on screen and in a file.
//!
//! The screen draws it, the reports serialise it, and nothing else is passed between the engine and either. The names of its
//! fields are the names in the JSON file (`dragstrip.snapshot/1`); scripts rely on them. Times end in `_s` (seconds) or `_us`
//! (microseconds), rates in `rps` (per second). Fields that are not known are `None` (null).

mod comparison;
mod connections;
mod latency;
mod plan;
mod processes;
mod record;
mod turns;
mod upstream;

pub use crate::text::Percentile;
pub use comparison::{Basis, Comparison, Cost, CostName, Metric, MetricName, Verdict};
pub use connections::{Agreed, ClosedBy, Connections};
pub use latency::Latency;
pub use plan::{LaunchRecord, LoadRecord, PlanRecord, RequestRecord};
pub use processes::Processes;
pub use record::{Annotation, LogEntry};
pub use turns::{BlockRecord, Side, Slot, SlotStage};
pub use upstream::{Upstream, UpstreamClosed};

use super::compact::CompactHistogram;
use super::packed::PackedHistogram;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name and major version of the file format.
pub const SCHEMA: &str = "dragstrip.snapshot/1";

/// One immutable picture of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Always [`SCHEMA`] in files that this version writes.
    pub schema: String,
    /// What, when, where, how far.
    pub meta: Meta,
    /// The validated plan, without secrets.
    pub plan: Arc<PlanRecord>,
    /// A, and B unless this is a solo run.
    pub variants: Variants,
    /// B against A; `None` in a solo run.
    pub comparison: Option<Comparison>,
    /// The self-checks: can the figures be trusted?
    pub checks: Vec<Check>,
    /// One entry at the start and one for each change of the load.
    pub epochs: Vec<Epoch>,
    /// The blocks of all judged pairs, oldest first; at most 2,000, the oldest go first.
    pub blocks: Arc<Vec<BlockRecord>>,
    /// The user's own marks on the time axis, in the order in which they were made; at most 200, the oldest go first.
    pub annotations: Arc<Vec<Annotation>>,
    /// What happened, oldest first; at most 500 lines, the oldest go first.
    #[serde(default)]
    pub log: Arc<Vec<LogEntry>>,
    /// Lines of the log that had to go for later ones.
    #[serde(default)]
    pub log_dropped: u64,
    /// Stretches of time that were left out of the measurement, oldest first; at most 200, the oldest go first.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// What a reader must know, most important first.
    pub notices: Vec<Notice>,
}

impl Snapshot {
    /// How the variants share the time at present: `together`, `alternate` or `sequential`. What was planned may have been
    /// changed since.
    pub fn order(&self) -> &str {
        let present = self.epochs.last().and_then(|epoch| epoch.order.as_deref());
        present.unwrap_or(&self.plan.load.order)
    }

    /// Users at present (closed loop). What was planned may have been changed since.
    pub fn users(&self) -> Option<u32> {
        let present = self.epochs.last().and_then(|epoch| epoch.users);
        present.or(self.plan.load.users)
    }

    /// The shortest and the longest think time at present, in seconds (closed loop). What was planned may have been changed
    /// since.
    pub fn think_s(&self) -> Option<[f64; 2]> {
        let present = self.epochs.last().and_then(|epoch| epoch.think_s);
        present.or(self.plan.load.think_s)
    }
}

/// What, when, where, how far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// dragstrip's version.
    pub version: String,
    /// The run's start, RFC 3339.
    pub started_at: String,
    /// Seconds since the start.
    pub elapsed_s: f64,
    /// Ramp + warm-up + duration, in seconds, where there is an end.
    pub total_s: Option<f64>,
    /// What the run is doing.
    pub phase: Phase,
    /// Seconds until this phase ends, where that is known.
    pub phase_left_s: Option<f64>,
    /// How long the live window is when it is full, in whole seconds; 0 in files that do not say.
    #[serde(default)]
    pub window_s: u32,
    /// Whose turn it is; `None` while both variants are under load, or neither.
    #[serde(default)]
    pub slot: Option<Slot>,
    /// The machine that drives the load.
    pub host: Host,
    /// The seed of every random choice.
    pub seed: u64,
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The load is being brought up.
    Ramp,
    /// Full load, not yet counted.
    WarmUp,
    /// Full load, counted.
    Measuring,
    /// The user holds the load.
    Paused,
    /// No new requests; the open ones are being waited for.
    Draining,
    /// Over.
    Done,
}

impl Phase {
    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Ramp => "ramping up",
            Phase::WarmUp => "warming up",
            Phase::Measuring => "measuring",
            Phase::Paused => "PAUSED",
            Phase::Draining => "draining",
            Phase::Done => "done",
        }
    }
}

/// The machine that drives the load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The operating system.
    pub os: String,
    /// Cores that this process may use.
    pub cores: usize,
}

/// Both variants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variants {
    /// The baseline.
    pub a: VariantSnapshot,
    /// The candidate; absent in a solo run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub b: Option<VariantSnapshot>,
}

impl Variants {
    /// A, then B where there is one.
    pub fn iter(&self) -> impl Iterator<Item = &VariantSnapshot> {
        std::iter::once(&self.a).chain(self.b.as_ref())
    }
}

/// One variant's figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantSnapshot {
    /// The user's name for it, else one made from what differs.
    pub label: String,
    /// The target's base URL, without a password.
    pub url: String,
    /// The transport as one line, e.g. `reqwest, http 1.1, max_connections 7`.
    pub transport: String,
    /// The HTTP version that the answers really had, e.g. `HTTP/1.1`; `None` before the first answer.
    pub protocol: Option<String>,
    /// The last few seconds, by end of request.
    pub window: Figures,
    /// The present epoch's measured time, by intended start. All counts are zero before measuring begins.
    pub run: Figures,
    /// Connections since the start of the load.
    pub connections: Connections,
    /// One point a second since the start, oldest first; neighbours are merged when it would grow too long.
    pub series: Arc<Vec<SeriesPoint>>,
    /// Response times of ok requests, by end, in at most 360 stretches of time.
    pub intervals: Arc<Vec<Interval>>,
    /// Response times of the run's ok requests.
    pub histogram: Arc<CompactHistogram>,
    /// Distinct error texts with their counts, at most 20 × 200 characters.
    pub errors: Vec<ErrorText>,
    /// What the gateway's processes use; `None` where this program has not launched it.
    #[serde(default)]
    pub processes: Option<Processes>,
    /// What its endpoint sees of the gateway's transport; `None` where the gateway has no endpoint of its own in this program.
    #[serde(default)]
    pub upstream: Option<Upstream>,
}

/// Counts, rates and latencies of one stretch of time.
///
/// `requests = ok + failed + cancelled + in_flight`, exactly, in a run. A window counts what *ended* in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Measured seconds in which the variant was active.
    pub seconds: f64,
    /// Requests intended.
    pub requests: u64,
    /// Requests with outcome ok.
    pub ok: u64,
    /// Requests that failed, timeouts and dropped ones included.
    pub failed: u64,
    /// Requests still open when the run ended.
    pub cancelled: u64,
    /// Requests open now.
    pub in_flight: u64,
    /// Ok completions per second; `None` before there is a second to divide by.
    pub rps: Option<f64>,
    /// Requests per second that the load intended.
    pub offered_rps: Option<f64>,
    /// The count of each outcome that has occurred, by name.
    pub outcomes: BTreeMap<String, u64>,
    /// Body bytes received.
    pub bytes: u64,
    /// Last byte − intended start, of all requests, failures as slower than any finite time. **The headline.**
    pub response_us: Latency,
    /// The same of ok requests alone.
    pub ok_response_us: Latency,
    /// Last byte − actual send, of ok requests.
    pub service_us: Latency,
    /// On a connection − actual send, of ok requests: 0 where one was idle, else the time to open one or to wait for it. Empty
    /// where the engine cannot know.
    #[serde(default)]
    pub connection_wait_us: Latency,
    /// Last byte of the request handed to the system − on a connection, of ok requests. Empty where the engine cannot know.
    #[serde(default)]
    pub write_us: Latency,
    /// First byte of the answer − actual send, of ok requests.
    #[serde(default)]
    pub ttfb_us: Latency,
    /// Until it was known that a request had failed − actual send, of failed requests that were sent.
    #[serde(default)]
    pub failed_service_us: Latency,
    /// Actual send − slot granted: the client's own lateness.
    pub client_lag_us: Latency,
    /// Slot granted − intended start.
    pub slot_wait_us: Latency,
}

impl Figures {
    /// Failed requests as a share of those that have ended; `None` when none has.
    pub fn failed_share(&self) -> Option<f64> {
        let ended = self.ok.saturating_add(self.failed);
        (ended > 0).then(|| self.failed as f64 / ended as f64)
    }
}

/// One second of a variant (more when neighbours were merged).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// Its end, in seconds since the start.
    pub t: f64,
    /// How long it is.
    pub seconds: f64,
    /// Ok completions per second.
    pub rps: f64,
    /// Response time percentiles of the requests that ended in it, failures as +infinity. `None`: nothing ended, or among
    /// failures.
    pub p50_us: Option<u64>,
    /// See `p50_us`.
    pub p95_us: Option<u64>,
    /// See `p50_us`.
    pub p99_us: Option<u64>,
    /// Requests that failed.
    pub failed: u64,
    /// Requests open at its end.
    pub in_flight: u64,
}

/// A stretch of time with its histogram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its start, in seconds since the start of the run.
    pub t: f64,
    /// How long it is.
    pub seconds: f64,
    /// Response times of the ok requests that ended in it, µs.
    pub histogram: PackedHistogram,
}

/// A distinct error text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorText {
    /// The outcome's name.
    pub outcome: String,
    /// What went wrong; printable, at most 200 characters.
    pub text: String,
    /// How often.
    pub count: u64,
}

/// One self-check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its name, e.g. `client lag`.
    pub name: String,
    /// How it stands.
    pub level: CheckLevel,
    /// The figures behind it.
    pub detail: String,
}

/// How a self-check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckLevel {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Amber,
    /// The figures cannot be trusted.
    Red,
}

/// A stretch of the run under one unchanged load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Its start, in seconds since the start of the run.
    pub t: f64,
    /// The load from then on, e.g. `200 users` or `150 req/s`; `alternate, 200 users` where the order has changed, and
    /// `200 users, think 0.2–1 s` where the think time has.
    pub load: String,
    /// Users per variant from then on (closed loop).
    pub users: Option<u32>,
    /// Shortest and longest think time from then on, in seconds (closed loop); `None` in files that do not say.
    #[serde(default)]
    pub think_s: Option<[f64; 2]>,
    /// Arrivals per second and variant from then on (open loop).
    pub rate: Option<f64>,
    /// How the variants share the time from then on: `together`, `alternate` or `sequential`; `None` in a solo run.
    #[serde(default)]
    pub order: Option<String>,
}

impl Epoch {
    /// Whether the load is the same as in `other`.
    pub fn is_like(&self, other: &Epoch) -> bool {
        (self.users, self.think_s, self.rate) == (other.users, other.think_s, other.rate)
    }
}

/// A stretch of time that was left out of the measurement: no request was due in it, and it counts in no latency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Its start, in seconds since the start of the run.
    pub t: f64,
    /// How long it is; grows while it lasts.
    pub seconds: f64,
    /// What it was.
    pub reason: GapReason,
}

/// Why time was left out of the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The user held the load.
    Paused,
    /// This process did not run: suspended, stopped, or starved of every core.
    Suspended,
}

/// Something a reader must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How much it matters.
    pub level: NoticeLevel,
    /// One line; printable.
    pub text: String,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// The figures need it to be understood.
    Warning,
    /// Something failed.
    Error,
}
