//! The scales of gauges and charts: the same for A and B, and steady.
//!
//! A scale grows as soon as a value does not fit. It shrinks slowly, step by step, so that it does not move back and forth
//! with every snapshot.

mod change;
mod latency;
mod range;

pub use latency::LogScale;

pub(super) use change::ChangeScale;
pub(super) use latency::Steady;

use range::{Range, Steps};

use crate::metrics::snapshot::{Latency, Phase, Snapshot, VariantSnapshot};

/// All scales.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scales {
    /// Latency gauges and charts.
    pub latency: LogScale,
    /// The upper end of the RPS gauges; they begin at 0.
    pub rps: f64,
    /// The most requests per second that the present load asks for, where that is known.
    pub rps_limit: Option<f64>,
    /// The upper end of the time axis in seconds; it begins at 0.
    pub time_s: f64,
    /// The intervals of the changes.
    pub change: ChangeScale,
    /// Behind `latency` and `rps`.
    ranges: (Steady, Range),
}

impl Default for Scales {
    fn default() -> Self {
        Scales {
            latency: LogScale::default(),
            rps: 10.0,
            rps_limit: None,
            time_s: TIMES_S[0],
            change: ChangeScale::default(),
            ranges: (Steady::default(), Range::new(0.0, 10.0)),
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
        let rps_limit = rps_limit(snapshot);
        let ranges = (
            latency_range(self.ranges.0, snapshot),
            rps_range(self.ranges.1, rps_limit, snapshot),
        );
        Scales {
            latency: ranges.0.scale(),
            rps: ranges.1.high,
            ranges,
            rps_limit,
            time_s: time_scale(snapshot.meta.elapsed_s, snapshot.meta.total_s),
            change: self.change.following(snapshot),
        }
    }
}

fn latency_range(last: Steady, snapshot: &Snapshot) -> Steady {
    let mut low = f64::INFINITY;
    let mut high: f64 = 0.0;
    for us in snapshot.variants.iter().flat_map(latencies) {
        low = low.min(us as f64);
        high = high.max(us as f64);
    }
    if high <= 0.0 {
        return last;
    }
    last.following(low, high, snapshot.meta.elapsed_s)
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

/// What the load asks for at most: the rate of an open loop; in a closed one with a think time every user's next request
/// after the mean think time, as if answers took none.
fn rps_limit(snapshot: &Snapshot) -> Option<f64> {
    let now = snapshot.epochs.last()?;
    let limit = if let Some(rate) = now.rate {
        rate
    } else {
        let [low, high] = snapshot.think_s()?;
        f64::from(now.users?) / f64::midpoint(low, high)
    };
    (limit.is_finite() && limit > 0.0).then_some(limit)
}

/// Upper ends of the RPS gauges, times a power of ten.
const RPS: [f64; 10] = [1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0];

/// The limit is on the scale with some air behind it, except where the figures turn out to be far below it.
fn rps_range(last: Range, limit: Option<f64>, snapshot: &Snapshot) -> Range {
    const STEPS: Steps = Steps {
        up: |low| low,
        down: |rps| {
            let power = 10f64.powf((rps * 0.999).log10().floor());
            let lower = RPS.iter().rev().map(|step| step * power);
            lower
                .into_iter()
                .find(|step| *step < rps * 0.999)
                .unwrap_or(rps)
        },
    };
    let most = snapshot
        .variants
        .iter()
        .flat_map(|v| [v.window.rps, v.run.rps])
        .flatten()
        .fold(0.0, f64::max);
    let counted = !matches!(snapshot.meta.phase, Phase::Ramp | Phase::WarmUp);
    let reach = |limit: f64| if last.high >= limit { 12.0 } else { 8.0 } * most;
    let shown = limit.filter(|&limit| !counted || limit <= reach(limit));
    let most = shown.map_or(most, |limit| most.max(limit * 1.1));
    if most <= 0.0 || !most.is_finite() {
        return last;
    }
    let high = round_up(most, &RPS);
    last.following((0.0, high), snapshot.meta.elapsed_s, &STEPS)
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
pub(super) fn round_up(value: f64, steps: &[f64]) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;
    use std::sync::Arc;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-6 * other.abs().max(1.0)
    }

    fn with(p50_us: u64, p99_us: u64, rps: f64) -> Snapshot {
        let mut snapshot = sample::snapshot(Phase::Measuring, 10.0);
        let window = &mut snapshot.variants.a.window;
        window.response_us.p50 = Some(p50_us);
        window.response_us.p99 = Some(p99_us);
        window.rps = Some(rps);
        snapshot
    }

    #[test]
    fn a_factor_of_ten_has_one_length_everywhere() {
        let scale = LogScale {
            low_us: 1e3,
            high_us: 1e6,
        };
        assert!(close(scale.position(1e4), 1.0 / 3.0) && close(scale.position(1e5), 2.0 / 3.0));
        assert!(close(scale.position(0.0), 0.0) && close(scale.position(1e9), 1.0));
        assert_eq!(scale.ticks(1.0), [1e3, 1e4, 1e5, 1e6]);
        assert_eq!(scale.ticks(5.0), [5e3, 5e4, 5e5]);
    }

    #[test]
    fn scales_end_at_round_values_around_the_figures() {
        let scales = Scales::default().following(&with(74_000, 3_700_000, 224.0));
        assert!(close(scales.latency.low_us, 50e3) && close(scales.latency.high_us, 5e6));
        assert!(close(scales.rps, 250.0));
        // Never less than a factor of ten.
        let scales = Scales::default().following(&with(3_000_000, 3_100_000, 1.0));
        assert!(close(scales.latency.high_us / scales.latency.low_us, 10.0));
    }

    #[test]
    fn scales_grow_at_once_and_shrink_late() {
        let first = Scales::default().following(&with(74_000, 3_700_000, 224.0));
        let at = |second, mut snapshot: Snapshot| {
            snapshot.meta.elapsed_s = f64::from(second);
            snapshot
        };
        let wilder = first.following(&at(11, with(74_000, 9_000_000, 260.0)));
        assert!(close(wilder.latency.high_us, 10e6) && close(wilder.rps, 300.0));
        let mut scales = wilder;
        let mut seen = Vec::new();
        for second in 12..60 {
            scales = scales.following(&at(second, with(74_000, 1_900_000, 180.0)));
            seen.push((scales.latency.high_us / 1e6, scales.rps));
        }
        seen.dedup();
        assert_eq!(seen, [(10.0, 300.0), (5.0, 250.0), (2.0, 200.0)]);
    }

    #[test]
    fn without_figures_the_scales_stay() {
        let empty = sample::snapshot(Phase::Ramp, 0.0);
        assert_eq!(Scales::default().following(&empty), Scales::default());
    }

    #[test]
    fn the_scale_reaches_what_the_load_asks_for_unless_that_is_far_away() {
        let mut snapshot = with(74_000, 330_000, 50.0);
        let mut load = |rate, users, think_s| {
            snapshot.epochs[0].rate = rate;
            snapshot.epochs[0].users = users;
            Arc::make_mut(&mut snapshot.plan).load.think_s = think_s;
            let scales = Scales::default().following(&snapshot);
            (scales.rps_limit.map(f64::round), scales.rps)
        };
        assert_eq!(load(Some(100.0), None, None), (Some(100.0), 125.0));
        let think = Some([0.5, 1.0]);
        assert_eq!(load(None, Some(200), think), (Some(267.0), 300.0));
        assert_eq!(load(None, Some(200), Some([0.0, 0.0])), (None, 50.0));
        assert_eq!(load(None, Some(9_000), think), (Some(12_000.0), 50.0));
    }

    #[test]
    fn time_goes_in_round_lengths_and_not_past_the_end() {
        assert!(close(time_scale(0.0, None), 30.0));
        assert!(close(time_scale(31.0, None), 60.0));
        assert!(close(time_scale(61.0, Some(75.0)), 75.0));
        assert!(close(time_scale(80.0, Some(75.0)), 120.0));
        assert!(close(time_scale(200_000.0, None), 259_200.0));
    }
}
