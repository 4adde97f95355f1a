//! Whose turn it is, and the blocks and windows that a comparison rests on.

use serde::{Deserialize, Serialize};

/// One of the two variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The baseline.
    A,
    /// The candidate.
    B,
}

impl Side {
    /// Its place: A is 0.
    pub fn index(self) -> usize {
        match self {
            Side::A => 0,
            Side::B => 1,
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Side {
        match self {
            Side::A => Side::B,
            Side::B => Side::A,
        }
    }

    /// `A` or `B`.
    pub fn name(self) -> &'static str {
        match self {
            Side::A => "A",
            Side::B => "B",
        }
    }
}

/// Whose turn it is in *alternate* and *sequential*; the other variant waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Who is under load.
    pub variant: Side,
    /// The pair that the slot belongs to, from 1; `None` during warm-up and in *sequential*.
    pub pair: Option<u64>,
    /// 1 for the first slot of its pair, 2 for the second.
    pub block: Option<u8>,
    /// What the slot is doing.
    pub stage: SlotStage,
}

/// What a slot is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotStage {
    /// The variant's first load: ramp and warm-up.
    WarmUp,
    /// Under load again, not yet counted.
    Settling,
    /// Counted.
    Block,
    /// No new requests; the open ones are being waited for.
    Draining,
}

/// One variant's block of a pair: a slot's counted part in *alternate*, a window in *together*. Judged by the intended start
/// of its requests, once all of them have ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockRecord {
    /// The pair, from 1. In *alternate* the block that comes first in the list ran first: that was the coin.
    pub pair: u64,
    /// Whose block.
    pub variant: Side,
    /// Its start, in seconds since the start of the run.
    pub t: f64,
    /// How long it is.
    pub seconds: f64,
    /// Requests that were due in it.
    pub requests: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// Ok answers that arrived in it, per second.
    pub rps: f64,
    /// Percentiles of its requests, µs, failures as +infinity; `None`: no requests, or among failures.
    pub p50_us: Option<f64>,
    /// See `p50_us`.
    pub p95_us: Option<f64>,
    /// See `p50_us`.
    pub p99_us: Option<f64>,
}
