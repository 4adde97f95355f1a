//! What is written down beside the figures: the user's own marks, and what happened.

use super::NoticeLevel;
use serde::{Deserialize, Serialize};

/// A mark on the time axis: the user's own, or what happened to a launched gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// Where it belongs, in seconds since the start of the run.
    pub t: f64,
    /// What it says: one line of at most 200 characters; printable.
    pub text: String,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When it happened, in seconds since the start of the run.
    pub t: f64,
    /// How much it matters.
    pub level: NoticeLevel,
    /// Where it comes from: `run` (phases, loads, gaps), `check`, `notice`, `verdict`, `error`, `note` (the user's own), `file`,
    /// `preflight`; `A`, `B` or `gateway`: a launched gateway, what it writes and what happens to it.
    pub source: String,
    /// What happened: one line of at most about 400 characters; printable.
    pub text: String,
}
