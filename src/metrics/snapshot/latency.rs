//! Latency summaries in which a figure can be unknown, or lie beyond every finite time.

use crate::text::Percentile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A latency distribution in microseconds. All `None` when it is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// The exact minimum.
    pub min: Option<u64>,
    /// The exact mean of those that have ended; `None` as soon as one has failed.
    pub mean: Option<f64>,
    /// The median.
    pub p50: Option<u64>,
    /// 90 %.
    pub p90: Option<u64>,
    /// 95 %.
    pub p95: Option<u64>,
    /// 99 %.
    pub p99: Option<u64>,
    /// 99.9 %.
    pub p999: Option<u64>,
    /// The exact maximum.
    pub max: Option<u64>,
    /// Percentiles that lie among failures, each with the commonest failure: `{"p99": "timeout"}`. Their value is `None`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub beyond: BTreeMap<String, String>,
    /// Percentiles that are lower bounds, because requests still open are in them at their present age ("≥").
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_least: Vec<String>,
}

impl Latency {
    /// The figure called `name`: `min`, `p50`, `p90`, `p95`, `p99`, `p999` or `max`.
    pub fn get(&self, name: &str) -> Percentile<'_> {
        let value = match name {
            "min" => self.min,
            "p50" => self.p50,
            "p90" => self.p90,
            "p95" => self.p95,
            "p99" => self.p99,
            "p999" => self.p999,
            "max" => self.max,
            _ => None,
        };
        if let Some(failure) = self.beyond.get(name) {
            return Percentile::Beyond(failure);
        }
        match value {
            None => Percentile::Unknown,
            Some(us) if self.at_least.iter().any(|at_least| at_least == name) => {
                Percentile::AtLeast(us)
            }
            Some(us) => Percentile::Exactly(us),
        }
    }
}
