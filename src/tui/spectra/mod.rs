//! What the *Heat* view is drawn from: the answers of each stretch of a run, counted by latency in steps that are fine
//! enough for any screen.
//!
//! A run's hundreds of histograms are read once each, when they come or change, and not for every frame: a frame then only
//! adds up a few numbers. What is kept is bounded as the snapshot's stretches are.

mod spectrum;

pub(super) use spectrum::{BINS, Spectrum, ends};

use super::scales::{LogScale, Steady};
use crate::metrics::snapshot::{Interval, Side, Snapshot, VariantSnapshot};

/// The stretches of both variants, and one scale on which all their answers lie.
#[derive(Debug, Default)]
pub(super) struct Spectra {
    a: Vec<Spectrum>,
    b: Vec<Spectrum>,
    scale: Steady,
}

impl Spectra {
    /// Those of `snapshot`, when these were the last ones.
    pub(super) fn following(self, snapshot: &Snapshot) -> Spectra {
        let of = |variant: Option<&VariantSnapshot>, last| {
            let intervals = variant.map(|variant| variant.intervals.as_slice());
            renewed(last, intervals.unwrap_or_default())
        };
        let variants = &snapshot.variants;
        let (a, b) = (
            of(Some(&variants.a), self.a),
            of(variants.b.as_ref(), self.b),
        );
        let ends = a.iter().chain(&b).filter_map(Spectrum::extremes);
        let ends = ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
        let scale = ends.map_or(self.scale, |(low, high)| {
            self.scale
                .following(low as f64, high as f64, snapshot.meta.elapsed_s)
        });
        Spectra { a, b, scale }
    }

    /// The stretches of a variant, oldest first.
    pub(super) fn of(&self, side: Side) -> &[Spectrum] {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    /// The scale of both, from the fastest answer to the slowest.
    pub(super) fn scale(&self) -> LogScale {
        self.scale.scale()
    }
}

/// The spectra of `intervals`; what has not changed is taken from `last`.
fn renewed(mut last: Vec<Spectrum>, intervals: &[Interval]) -> Vec<Spectrum> {
    last.truncate(intervals.len());
    for (spectrum, interval) in last.iter_mut().zip(intervals) {
        if !spectrum.is_of(interval) {
            *spectrum = Spectrum::of(interval);
        }
    }
    let more = intervals.iter().skip(last.len()).map(Spectrum::of);
    let more: Vec<Spectrum> = more.collect();
    last.extend(more);
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::Phase;
    use crate::tui::sample;
    use hdrhistogram::Histogram;
    use std::sync::Arc;

    fn interval(t: f64, values: &[u64]) -> Interval {
        let mut histogram = Histogram::<u64>::new(3).expect("a histogram");
        values
            .iter()
            .for_each(|&us| histogram.record(us).expect("in range"));
        Interval {
            t,
            seconds: 1.0,
            histogram: (&histogram).into(),
        }
    }

    fn with(a: Vec<Interval>, b: Vec<Interval>) -> Snapshot {
        let mut snapshot = sample::snapshot(Phase::Measuring, 9.0);
        snapshot.variants.a.intervals = Arc::new(a);
        snapshot.variants.b.as_mut().expect("two").intervals = Arc::new(b);
        snapshot
    }

    #[test]
    fn what_is_kept_from_the_last_picture_is_what_would_be_read_now() {
        let first = vec![
            interval(0.0, &[5]),
            interval(1.0, &[7, 90]),
            interval(2.0, &[4]),
        ];
        let mut grown = first.clone();
        grown[2] = interval(2.0, &[4, 4]);
        grown.push(interval(3.0, &[8]));
        // When the past gets too long, neighbours are merged, and there are fewer.
        let merged = vec![interval(0.0, &[5, 7, 90]), interval(2.0, &[4, 4, 8])];
        let mut spectra = Spectra::default();
        for intervals in [first, grown, merged, Vec::new()] {
            spectra = spectra.following(&with(intervals.clone(), Vec::new()));
            let afresh: Vec<Spectrum> = intervals.iter().map(Spectrum::of).collect();
            assert_eq!(spectra.of(Side::A), afresh);
        }
        assert!(spectra.of(Side::B).is_empty());
    }

    #[test]
    fn the_fastest_and_the_slowest_answer_of_both_are_on_the_scale_and_it_stands_still() {
        let a = vec![interval(0.0, &[3_000]), interval(1.0, &[40_000])];
        let spectra =
            Spectra::default().following(&with(a, vec![interval(0.0, &[700, 1_900_000])]));
        let first = spectra.scale();
        assert_eq!((first.low_us, first.high_us), (500.0, 2e6));
        let calmer = with(
            vec![interval(0.0, &[1_200])],
            vec![interval(0.0, &[600_000])],
        );
        let spectra = spectra.following(&calmer);
        assert_eq!(spectra.scale(), first);
        let spectra = spectra.following(&with(Vec::new(), Vec::new()));
        assert_eq!(spectra.scale(), first);
    }
}
