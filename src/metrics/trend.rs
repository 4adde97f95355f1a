//! What a run's seconds tell when they are put in a row: that it drifts, or that a queue grows without end.

use super::snapshot::SeriesPoint;
use crate::stats;

/// Seconds of measured time before a trend is looked for.
const LEAST_S: f64 = 20.0;

/// Batches that the measured time is cut into.
const BATCHES: usize = 40;

/// Share of the offered requests that may stay behind.
const LEFT_BEHIND: f64 = 0.02;

/// What the whole seconds of a run tell so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Trend {
    /// Relative change of the RPS from the first half to the second, if it is more than noise.
    pub(super) rps_drift: Option<f64>,
    /// That of the median.
    pub(super) p50_drift: Option<f64>,
    /// The share of the offered requests that stay behind, if requests in flight grow throughout. For open loops.
    pub(super) growing: Option<f64>,
}

impl Trend {
    /// From the seconds of a run, of which each offered `offered_rps` requests.
    pub(super) fn of(points: &[&SeriesPoint], offered_rps: f64) -> Trend {
        if seconds(points) < LEAST_S {
            return Trend::default();
        }
        Trend {
            rps_drift: drift(points, |point| Some(point.rps)),
            p50_drift: drift(points, |point| point.p50_us.map(|us| us as f64)),
            growing: growing(points, offered_rps),
        }
    }
}

fn seconds(points: &[&SeriesPoint]) -> f64 {
    points.iter().map(|point| point.seconds).sum()
}

/// Whether the halves of the run differ by more than noise in what `of` says of each second.
fn drift(points: &[&SeriesPoint], of: impl Fn(&SeriesPoint) -> Option<f64>) -> Option<f64> {
    let size = points.len().div_ceil(BATCHES).max(1);
    let means: Vec<f64> = points
        .chunks(size)
        .filter_map(|batch| {
            let known: Vec<f64> = batch.iter().filter_map(|point| of(point)).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        })
        .collect();
    stats::drift(&means)
}

/// See [`Trend::growing`].
fn growing(points: &[&SeriesPoint], offered_rps: f64) -> Option<f64> {
    if points.len() < 8 {
        return None;
    }
    let quarters: Vec<(f64, f64)> = points
        .chunks(points.len().div_ceil(4))
        .map(|quarter| {
            let n = quarter.len() as f64;
            let in_flight = quarter.iter().map(|p| p.in_flight as f64).sum::<f64>() / n;
            (in_flight, quarter.iter().map(|p| p.t).sum::<f64>() / n)
        })
        .collect();
    let (first, last) = (quarters.first()?, quarters.last()?);
    let offered = offered_rps * (last.1 - first.1);
    let behind = (last.0 - first.0) / offered.max(1.0);
    let throughout = quarters.windows(2).all(|pair| pair[0].0 < pair[1].0);
    (throughout && behind > LEFT_BEHIND).then_some(behind)
}
