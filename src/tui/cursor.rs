//! The time cursor: which second of the run is read on the charts.

use crate::metrics::snapshot::{SeriesPoint, Snapshot};

/// A movement of the time cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// So many seconds back; without a cursor, to the newest second.
    Back(usize),
    /// So many seconds on; from the newest one it goes away.
    On(usize),
    /// To the first second.
    First,
    /// To no second: the newest one is what all figures are about.
    Newest,
}

/// How far Shift goes.
pub(super) const MUCH: usize = 10;

/// Where the cursor is after a movement: the end of a second, in seconds since the start; `None` when there is none.
///
/// Where seconds were merged it goes by what the series has.
pub(super) fn moved(from: Option<f64>, by: Move, snapshot: &Snapshot) -> Option<f64> {
    let series = &snapshot.variants.a.series;
    let newest = series.len().checked_sub(1)?;
    let place = match (from, by) {
        (_, Move::First) => 0,
        (None, Move::Back(_)) => newest,
        (_, Move::Newest) | (None, Move::On(_)) => return None,
        (Some(t), Move::Back(steps)) => index(series, t).saturating_sub(steps),
        (Some(t), Move::On(steps)) => {
            let here = index(series, t);
            if here == newest {
                return None;
            }
            here.saturating_add(steps).min(newest)
        }
    };
    series.get(place).map(|point| point.t)
}

/// The second of a variant that ends at `t` or holds it.
pub(super) fn point(series: &[SeriesPoint], t: f64) -> Option<&SeriesPoint> {
    let point = series.get(index(series, t))?;
    let holds = t > point.t - point.seconds - 0.01 && t < point.t + 0.01;
    holds.then_some(point)
}

/// The first point that does not end before `t`, else the last one.
fn index(series: &[SeriesPoint], t: f64) -> usize {
    series
        .partition_point(|point| point.t < t - 0.01)
        .min(series.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::Phase;
    use crate::tui::sample;
    use std::sync::Arc;

    fn seconds(ends: &[f64]) -> Vec<SeriesPoint> {
        let point = |&t: &f64| SeriesPoint {
            t,
            seconds: 1.0,
            rps: 0.0,
            p50_us: None,
            p95_us: None,
            p99_us: None,
            failed: 0,
            in_flight: 0,
        };
        ends.iter().map(point).collect()
    }

    #[test]
    fn it_goes_from_second_to_second_and_leaves_at_the_newest() {
        let mut snapshot = sample::snapshot(Phase::Measuring, 4.2);
        let go = |from, by, snapshot: &Snapshot| moved(from, by, snapshot);
        assert_eq!(go(None, Move::Back(1), &snapshot), None);
        snapshot.variants.a.series = Arc::new(seconds(&[1.0, 2.0, 3.0, 4.0]));
        assert_eq!(go(None, Move::Back(1), &snapshot), Some(4.0));
        assert_eq!(go(None, Move::On(1), &snapshot), None);
        assert_eq!(go(Some(4.0), Move::Back(1), &snapshot), Some(3.0));
        assert_eq!(go(Some(4.0), Move::Back(MUCH), &snapshot), Some(1.0));
        assert_eq!(go(Some(1.0), Move::Back(1), &snapshot), Some(1.0));
        assert_eq!(go(Some(2.0), Move::On(MUCH), &snapshot), Some(4.0));
        assert_eq!(go(Some(4.0), Move::On(1), &snapshot), None);
        assert_eq!(go(Some(3.0), Move::First, &snapshot), Some(1.0));
        assert_eq!(go(Some(1.0), Move::Newest, &snapshot), None);
    }

    #[test]
    fn a_second_is_read_where_there_is_one() {
        let series = seconds(&[1.0, 2.0, 4.0]);
        assert_eq!(point(&series, 2.0).map(|p| p.t), Some(2.0));
        assert_eq!(point(&series, 1.5).map(|p| p.t), Some(2.0));
        assert_eq!(point(&series, 2.5).map(|p| p.t), None);
        assert_eq!(point(&series, 9.0).map(|p| p.t), None);
        assert_eq!(point(&[], 1.0), None);
    }
}
