//! The scales of gauges and charts: the same for A and B, and steady.
//!
//! A scale grows as soon as a value does not fit. It shrinks only when it has become much too large, so that it does not move
//! back and forth with every snapshot.

use crate::metrics::snapshot::{Latency, Snapshot, VariantSnapshot};

/// A logarithmic scale for latencies in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogScale {
    /// Its lower end, above 0.
    pub low_us: f64,
    /// Its upper end, at least ten times as much.
    pub high_us: f64,
}

impl LogScale {
    /// Where `us` lies: 0 at the lower end, 1 at the upper one; never outside.
    pub fn position(&self, us: f64) -> f64 {
        let share = (us.max(1e-3) / self.low_us).ln() / (self.high_us / self.low_us).ln();
        share.clamp(0.0, 1.0)
    }

    /// Round values on the scale, ascending: the powers of ten, and with `fine` also 2 and 5 times these.
    pub fn ticks(&self, fine: bool) -> Vec<f64> {
        let factors: &[f64] = if fine { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let exponents = self.low_us.log10().floor() as i32..=self.high_us.log10().ceil() as i32;
        exponents
            .flat_map(|exponent| factors.iter().map(move |f| f * 10f64.powi(exponent)))
            .filter(|&us| us >= self.low_us * 0.999 && us <= self.high_us * 1.001)
            .collect()
    }

    fn around(low_us: f64, high_us: f64) -> LogScale {
        let high_us = round_up(high_us.max(10.0), &[1.0, 2.0, 5.0]);
        let low_us = round_down(low_us.max(1.0)).min(high_us / 10.0);
        LogScale { low_us, high_us }
    }
}

/// All scales.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scales {
    /// Latency gauges and charts.
    pub latency: LogScale,
    /// The upper end of the RPS gauges; they begin at 0.
    pub rps: f64,
    /// The upper end of the time axis in seconds; it begins at 0.
    pub time_s: f64,
}

impl Default for Scales {
    fn default() -> Self {
        Scales {
            latency: LogScale {
                low_us: 1e3,
                high_us: 1e6,
            },
            rps: 10.0,
            time_s: TIMES_S[0],
        }
    }
}

/// Lengths of the time axis.
const TIMES_S: [f64; 14] = [
    30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0,
    43_200.0, 86_400.0,
];

impl Scales {
    /// The scales for `snapshot`, when these were the last ones.
    #[must_use]
    pub fn following(self, snapshot: &Snapshot) -> Scales {
        Scales {
            latency: latency_scale(self.latency, snapshot),
            rps: rps_scale(self.rps, snapshot),
            time_s: time_scale(snapshot.meta.elapsed_s, snapshot.meta.total_s),
        }
    }
}

fn latency_scale(last: LogScale, snapshot: &Snapshot) -> LogScale {
    let mut low = f64::INFINITY;
    let mut high: f64 = 0.0;
    for us in snapshot.variants.iter().flat_map(latencies) {
        low = low.min(us as f64);
        high = high.max(us as f64);
    }
    if high <= 0.0 {
        return last;
    }
    let fresh = LogScale::around(low, high);
    let fits = last.low_us <= low && last.high_us >= high;
    let close = last.low_us >= fresh.low_us / 5.5 && last.high_us <= fresh.high_us * 5.5;
    if fits && close { last } else { fresh }
}

/// Every latency of a variant that a gauge or the chart shows, µs.
fn latencies(variant: &VariantSnapshot) -> impl Iterator<Item = u64> {
    let gauges = |latency: &Latency| [latency.p50, latency.p95, latency.p99];
    let shown = gauges(&variant.window.response_us)
        .into_iter()
        .chain(gauges(&variant.run.response_us));
    let charted = variant
        .series
        .iter()
        .flat_map(|point| [point.p50_us, point.p95_us, point.p99_us]);
    shown.chain(charted).flatten()
}

fn rps_scale(last: f64, snapshot: &Snapshot) -> f64 {
    let most = snapshot
        .variants
        .iter()
        .flat_map(|v| [v.window.rps, v.run.rps])
        .flatten()
        .fold(0.0, f64::max);
    if most <= 0.0 || !most.is_finite() {
        return last;
    }
    let fresh = round_up(most, &[1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0]);
    if last >= most && last <= fresh * 1.7 {
        last
    } else {
        fresh
    }
}

fn time_scale(elapsed_s: f64, total_s: Option<f64>) -> f64 {
    let length = TIMES_S
        .into_iter()
        .find(|&length| length >= elapsed_s)
        .unwrap_or_else(|| (elapsed_s / 86_400.0).ceil() * 86_400.0);
    match total_s {
        Some(total) if total >= elapsed_s && total > 0.0 => length.min(total),
        _ => length,
    }
}

/// The next value of the form (step × a power of ten) that is not below `value`; `steps` ascend from 1 to below 10.
fn round_up(value: f64, steps: &[f64]) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    steps
        .iter()
        .map(|step| step * power)
        .find(|&rounded| rounded >= value * 0.999_999)
        .unwrap_or(10.0 * power)
}

fn round_down(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [5.0, 2.0]
        .into_iter()
        .map(|step| step * power)
        .find(|&rounded| rounded <= value * 1.000_001)
        .unwrap_or(power)
}
