//! The plan as a snapshot keeps it: everything needed to understand and repeat the run, and no secret.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The validated plan. Header values, keys and URL passwords are redacted before it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// What runs: `demo`, the plan file's name, or `run`.
    pub title: String,
    /// The load.
    pub load: LoadRecord,
    /// The request.
    pub request: RequestRecord,
    /// The commands that were launched, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub launches: Vec<LaunchRecord>,
}

/// A command that was launched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaunchRecord {
    /// Whose gateway it is: `a` or `b`.
    pub variant: String,
    /// The command, without what is a key.
    pub command: String,
    /// What its environment had besides: the names, with all values redacted.
    pub env: BTreeMap<String, String>,
    /// Whether it was started again when it ended.
    pub restart: bool,
}

/// The load of a plan; users and rate are per variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadRecord {
    /// `closed` or `open`.
    pub model: String,
    /// Users (closed loop).
    pub users: Option<u32>,
    /// Shortest and longest think time in seconds (closed loop).
    pub think_s: Option<[f64; 2]>,
    /// Arrivals per second (open loop).
    pub rate: Option<f64>,
    /// `constant` or `poisson` (open loop).
    pub arrivals: Option<String>,
    /// The limit of requests in flight (open loop).
    pub max_in_flight: Option<u32>,
    /// `queue` or `drop` (open loop).
    pub overflow: Option<String>,
    /// `together`, `alternate` or `sequential`.
    pub order: String,
    /// B is a copy of A, to learn the noise floor.
    #[serde(default)]
    pub aa: bool,
    /// Changes within ± this many per cent count as the same, if the user said so.
    #[serde(default)]
    pub margin_pct: Option<f64>,
    /// The run ends when every metric is decided.
    #[serde(default)]
    pub until_decided: bool,
    /// Seconds over which the load is brought up.
    pub ramp_s: f64,
    /// Seconds of warm-up after the ramp; `None` for automatic.
    pub warmup_s: Option<f64>,
    /// Measured seconds; `None` for a run until stopped.
    pub duration_s: Option<f64>,
    /// Seconds after which a request has failed.
    pub timeout_s: f64,
    /// Load threads.
    pub threads: usize,
}

/// The request of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The method.
    pub method: String,
    /// The path appended to each variant's URL.
    pub path: String,
    /// Header names with their values, redacted.
    pub headers: BTreeMap<String, String>,
    /// The size of the body, or of the longest.
    pub body_bytes: u64,
    /// How many bodies there are to choose from, where there are several.
    #[serde(default)]
    pub bodies: Option<u64>,
    /// How they are chosen: `cycle` or `sample`.
    #[serde(default)]
    pub bodies_order: Option<String>,
}
