//! What a run's seconds tell when they are put in a row: that it drifts, or that a queue grows without end.

use super::snapshot::SeriesPoint;
use super::variant::Variant;
use crate::stats;

/// Seconds of measured time before a trend is looked for.
const LEAST_S: f64 = 20.0;

/// Batches that the measured time is cut into.
const BATCHES: usize = 40;

/// Share of the offered requests that may stay behind.
const LEFT_BEHIND: f64 = 0.02;

/// How the figures changed from the first half of the run to the second.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Drift {
    /// Relative change of the RPS, if it is more than noise.
    pub(super) rps: Option<f64>,
    /// That of the median.
    pub(super) p50: Option<f64>,
}

fn seconds(points: &[SeriesPoint]) -> f64 {
    points.iter().map(|point| point.seconds).sum()
}

/// Whether the halves of the run differ by more than noise.
pub(super) fn drift(variant: &Variant) -> Drift {
    let (points, _) = variant.measured();
    if seconds(&points) < LEAST_S {
        return Drift::default();
    }
    let size = points.len().div_ceil(BATCHES).max(1);
    let mean = |of: &dyn Fn(&SeriesPoint) -> Option<f64>| -> Vec<f64> {
        points
            .chunks(size)
            .filter_map(|batch| {
                let known: Vec<f64> = batch.iter().filter_map(of).collect();
                (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
            })
            .collect()
    };
    Drift {
        rps: stats::drift(&mean(&|point| Some(point.rps))),
        p50: stats::drift(&mean(&|point| point.p50_us.map(|us| us as f64))),
    }
}

/// The share of the offered requests that stay behind, if requests in flight grow throughout the run. For open loops.
pub(super) fn growing_queue(variant: &Variant) -> Option<f64> {
    let (points, offered_rps) = variant.measured();
    if seconds(&points) < LEAST_S || points.len() < 8 {
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
