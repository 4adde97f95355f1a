//! A run's past in bounded space: when it grows too long, neighbours are merged, so that old time gets coarser and nothing
//! is forgotten.

use super::snapshot::{Interval, SeriesPoint};
use std::sync::Arc;

/// A stretch of time that can be joined with the one that follows it.
pub(super) trait Stretch: Clone {
    /// How long it is, in seconds.
    fn seconds(&self) -> f64;
    /// Joins `next`, which follows directly.
    fn join(&mut self, next: &Self);
}

/// Stretches of time, oldest first, never more than a fixed number of them.
#[derive(Clone, Debug)]
pub(super) struct History<T> {
    items: Arc<Vec<T>>,
    most: usize,
    /// Items shorter than this are joined with what follows, in seconds.
    step: f64,
}

impl<T: Stretch> History<T> {
    /// An empty history of at most `most` items (at least 2).
    pub(super) fn new(most: usize) -> Self {
        History {
            items: Arc::default(),
            most: most.max(2),
            step: 0.0,
        }
    }

    /// Adds the latest stretch.
    pub(super) fn push(&mut self, item: T) {
        let items = Arc::make_mut(&mut self.items);
        // Half a second of tolerance: seconds are measured, not exact.
        match items.last_mut() {
            Some(last) if last.seconds() + item.seconds() <= self.step + 0.5 && self.step > 0.0 => {
                last.join(&item);
            }
            _ => items.push(item),
        }
        if items.len() >= self.most {
            self.step = if self.step == 0.0 {
                2.0
            } else {
                self.step * 2.0
            };
            let mut halved: Vec<T> = Vec::with_capacity(self.most);
            for pair in items.chunks(2) {
                let mut joined = pair[0].clone();
                pair[1..].iter().for_each(|next| joined.join(next));
                halved.push(joined);
            }
            *items = halved;
        }
    }

    /// Joins `item` with the latest stretch, however short either is.
    pub(super) fn join_last(&mut self, item: T) {
        match Arc::make_mut(&mut self.items).last_mut() {
            Some(last) => last.join(&item),
            None => self.push(item),
        }
    }

    /// The stretches, oldest first.
    pub(super) fn items(&self) -> Arc<Vec<T>> {
        Arc::clone(&self.items)
    }
}

impl Stretch for SeriesPoint {
    fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Rates are averaged and failures added; of a percentile the worse of the two stays, since the exact one is gone.
    fn join(&mut self, next: &Self) {
        let seconds = self.seconds + next.seconds;
        *self = SeriesPoint {
            t: next.t,
            seconds,
            rps: (self.rps * self.seconds + next.rps * next.seconds)
                / seconds.max(f64::MIN_POSITIVE),
            p50_us: self.p50_us.max(next.p50_us),
            p95_us: self.p95_us.max(next.p95_us),
            p99_us: self.p99_us.max(next.p99_us),
            failed: self.failed + next.failed,
            in_flight: next.in_flight,
        };
    }
}

impl Stretch for Interval {
    fn seconds(&self) -> f64 {
        self.seconds
    }

    fn join(&mut self, next: &Self) {
        self.seconds += next.seconds;
        self.histogram = self.histogram.merged(&next.histogram);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_seconds_fits_and_none_is_lost() {
        let mut history = History::new(360);
        let day = 86_400;
        for t in 1..=day {
            let t = f64::from(t);
            history.push(SeriesPoint {
                t,
                seconds: 1.0,
                rps: 10.0,
                p50_us: Some(5),
                p95_us: None,
                p99_us: None,
                failed: 1,
                in_flight: 3,
            });
            assert!(history.items().len() <= 360);
        }
        let items = history.items();
        assert_eq!(items.iter().map(|p| p.failed).sum::<u64>(), day as u64);
        assert!((items.iter().map(|p| p.seconds).sum::<f64>() - f64::from(day)).abs() < 1e-6);
        assert!(items.iter().all(|p| (p.rps - 10.0).abs() < 1e-9));
        assert!((items.last().expect("not empty").t - f64::from(day)).abs() < 1e-9);
        assert!(
            items.len() > 100,
            "the past must not be coarser than needed: {}",
            items.len()
        );
    }
}
