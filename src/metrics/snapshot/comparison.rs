//! B against A, as shown and saved.

use serde::{Deserialize, Serialize};

/// B against A.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// How the variants shared the time, e.g. `together`.
    pub order: String,
    /// What a verdict would rest on.
    pub basis: Basis,
    /// Pairs of blocks or windows so far.
    pub pairs: u64,
    /// Pairs needed before a verdict is possible, where that is known.
    pub needed_pairs: Option<u64>,
    /// Seconds that a pair takes at present.
    #[serde(default)]
    pub pair_s: Option<f64>,
    /// What must be read with the verdicts, a sentence each: what they rest on, the noise floor, why they began anew.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// RPS, the three percentiles, errors; in this order.
    pub metrics: Vec<Metric>,
    /// What it costs: processor time and memory of the gateways' processes, where both were launched. Never judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<Cost>,
}

/// One row of what the variants cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Which cost.
    pub name: CostName,
    /// A's: cores (cpu), µs (`cpu_per_request`) or bytes (memory).
    pub a: Option<f64>,
    /// B's, likewise.
    pub b: Option<f64>,
    /// (B − A) / A × 100.
    pub change_pct: Option<f64>,
    /// The row in words, e.g. `B takes 98.2 % more (2.0 ×)`.
    pub text: String,
    /// The arithmetic, as of a metric.
    pub calculation: String,
}

/// What the processes of a gateway cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostName {
    /// Processor time in the run's measured time, in cores.
    Cpu,
    /// Processor time for each ok request, in µs: a variant that serves more may use more.
    CpuPerRequest,
    /// The most resident memory in it.
    Memory,
}

impl CostName {
    /// The name on the screen.
    pub fn word(self) -> &'static str {
        match self {
            CostName::Cpu => "CPU",
            CostName::CpuPerRequest => "CPU per request",
            CostName::Memory => "memory",
        }
    }

    /// A figure of it: `0.83 cores`, `412 MB`.
    pub fn figure(self, value: f64) -> String {
        match self {
            CostName::CpuPerRequest => crate::text::latency(value),
            CostName::Cpu => format!("{} cores", crate::text::figure(value)),
            CostName::Memory => crate::text::bytes(value),
        }
    }
}

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Randomised blocks.
    Exact,
    /// A model of the noise.
    Model,
    /// Nothing: the difference is shown as measured, and not judged.
    None,
}

/// One row of the comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Which metric.
    pub name: MetricName,
    /// A's run figure: per second (rps), µs (percentiles) or a share from 0 to 1 (errors).
    pub a: Option<f64>,
    /// B's, likewise.
    pub b: Option<f64>,
    /// (B − A) / A × 100; for errors, B − A in percentage points.
    pub change_pct: Option<f64>,
    /// The lower end of the interval of the pair process.
    pub low_pct: Option<f64>,
    /// Its upper end.
    pub high_pct: Option<f64>,
    /// The change that the pairs agree with most: where the interval has its centre.
    #[serde(default)]
    pub centre_pct: Option<f64>,
    /// The lower end of the interval of the quantile sequences.
    pub model_low_pct: Option<f64>,
    /// Its upper end.
    pub model_high_pct: Option<f64>,
    /// The state of the judgement.
    pub verdict: Verdict,
    /// The same in words, e.g. `B faster, 14 ×`, `B ahead in 5 of 5 (decided from 6, ≈ 20 s)`.
    #[serde(default)]
    pub state: String,
    /// The row in words, e.g. `B is 93.0 % lower (14 ×)`, or why there is nothing to say.
    pub text: String,
    /// The arithmetic, e.g. `(224 − 50.2) / 50.2 × 100 = +346 %`; empty where there is none.
    pub calculation: String,
}

/// The metrics that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricName {
    /// Ok completions per second.
    Rps,
    /// Median response time.
    P50,
    /// 95 %.
    P95,
    /// 99 %.
    P99,
    /// The share of requests that failed.
    Errors,
}

impl MetricName {
    /// The name on the screen.
    pub fn word(self) -> &'static str {
        match self {
            MetricName::Rps => "RPS",
            MetricName::P50 => "p50",
            MetricName::P95 => "p95",
            MetricName::P99 => "p99",
            MetricName::Errors => "errors",
        }
    }
}

/// The state of a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// More pairs are needed.
    Collecting,
    /// Proven better.
    BBetter,
    /// Proven worse.
    BWorse,
    /// No difference can be seen.
    NoDifference,
    /// Proven the same within the user's margin.
    Same,
    /// The interval is too wide.
    TooNoisy,
    /// Error rates differ.
    NotComparable,
    /// A self-check forbids it.
    Withheld,
    /// Not judged.
    None,
}
