//! One stretch of time with its answers counted by latency.
//!
//! The steps are a 32nd of an octave wide at most (from 2 to 3 %): finer than the rows of any screen, and so coarse that
//! a busy second has some hundred of them. They begin where a histogram's buckets begin, so that none is split.

use crate::metrics::snapshot::Interval;

/// Steps in an octave.
const STEPS: u64 = 32;
/// The exponent of [`STEPS`].
const STEPS_LOG2: u32 = STEPS.trailing_zeros();
/// Steps from 0 to the largest number there is.
pub(in crate::tui) const BINS: usize = (64 - STEPS_LOG2 as usize + 1) * STEPS as usize;

/// A stretch of time with its answers.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) struct Spectrum {
    interval: Interval,
    /// How many answers there are.
    pub(in crate::tui) answers: u64,
    extremes: Option<(u64, u64)>,
    bins: Vec<(u16, u64)>,
}

impl Spectrum {
    pub(super) fn of(interval: &Interval) -> Spectrum {
        let mut bins: Vec<(u16, u64)> = Vec::new();
        let mut answers: u64 = 0;
        let mut extremes: Option<(u64, u64)> = None;
        for (us, count) in interval.histogram.buckets() {
            answers = answers.saturating_add(count);
            extremes = Some((extremes.map_or(us, |(low, _)| low), us));
            let here = bin(us);
            match bins.last_mut() {
                Some((last, counted)) if *last == here => *counted = counted.saturating_add(count),
                _ => bins.push((here, count)),
            }
        }
        Spectrum {
            interval: interval.clone(),
            answers,
            extremes,
            bins,
        }
    }

    /// True if it was made from `interval`.
    pub(super) fn is_of(&self, interval: &Interval) -> bool {
        // An unchanged histogram is shared, so that this looks at a pointer.
        self.interval == *interval
    }

    /// Its start, in seconds since the start of the run.
    pub(in crate::tui) fn t(&self) -> f64 {
        self.interval.t
    }

    /// Its end, in seconds since the start of the run.
    pub(in crate::tui) fn end(&self) -> f64 {
        self.interval.t + self.interval.seconds
    }

    /// How long it is, in seconds.
    pub(in crate::tui) fn seconds(&self) -> f64 {
        self.interval.seconds
    }

    /// The fastest and the slowest answer, µs.
    pub(in crate::tui) fn extremes(&self) -> Option<(u64, u64)> {
        self.extremes
    }

    /// The latency that a share of the answers does not exceed, µs, as `HdrHistogram` gives it. It is looked up anew each time.
    pub(in crate::tui) fn quantile(&self, share: f64) -> Option<u64> {
        let rank = ((self.answers as f64 * share).ceil() as u64).max(1);
        let mut below: u64 = 0;
        let mut buckets = self.interval.histogram.buckets();
        let found = buckets.find(|&(_, count)| {
            below = below.saturating_add(count);
            below >= rank
        });
        found.map(|(us, _)| us)
    }

    /// The steps with answers, ascending, with how many; each number is below [`BINS`].
    pub(in crate::tui) fn bins(&self) -> &[(u16, u64)] {
        &self.bins
    }
}

/// The step in which a latency lies.
fn bin(us: u64) -> u16 {
    if us < STEPS {
        return us as u16;
    }
    let shift = us.ilog2() - STEPS_LOG2;
    (STEPS * u64::from(shift) + (us >> shift)) as u16
}

/// The ends of a step, µs: the lower one lies in it, the upper one in the next.
pub(in crate::tui) fn ends(bin: usize) -> (f64, f64) {
    let bin = bin as u64;
    if bin < STEPS {
        return (bin as f64, (bin + 1) as f64);
    }
    let shift = (bin / STEPS - 1) as i32;
    let first = (bin % STEPS + STEPS) as f64;
    let width = 2f64.powi(shift);
    (first * width, (first + 1.0) * width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;

    #[test]
    fn each_latency_lies_between_the_ends_of_its_step() {
        for us in (0..5_000).chain([74_123, 1 << 31, (1 << 40) + 12_345, 1 << 50]) {
            let (low, high) = ends(usize::from(bin(us)));
            assert!(low <= us as f64 && (us as f64) < high, "{us}: {low} {high}");
            assert!(us < 32 || high / low <= 1.0 + 1.0 / 32.0, "{us}");
        }
        assert_eq!(usize::from(bin(u64::MAX)), BINS - 1);
    }

    #[test]
    fn steps_follow_one_another_without_gaps() {
        for bin in 1..BINS {
            let (end, next) = (ends(bin - 1).1, ends(bin).0);
            assert!((end - next).abs() < 1e-9 * next, "{bin}");
        }
    }

    #[test]
    fn figures_are_those_of_the_histogram() {
        let mut histogram = Histogram::<u64>::new(3).expect("a histogram");
        for i in 0..1_000u64 {
            histogram.record(1_000 + 37 * i).expect("in range");
        }
        let spectrum = Spectrum::of(&Interval {
            t: 4.0,
            seconds: 1.0,
            histogram: (&histogram).into(),
        });
        let at = |share| histogram.value_at_quantile(share);
        assert_eq!(spectrum.answers, 1_000);
        for share in [0.5, 0.99, 1.0] {
            assert_eq!(spectrum.quantile(share), Some(at(share)));
        }
        assert_eq!(spectrum.extremes(), Some((1_000, at(1.0))));
        assert_eq!((spectrum.t(), spectrum.end()), (4.0, 5.0));
        let counted: u64 = spectrum.bins().iter().map(|&(_, count)| count).sum();
        assert_eq!(counted, 1_000);
        assert!(spectrum.bins().is_sorted_by_key(|&(bin, _)| bin));
    }

    #[test]
    fn a_stretch_without_answers_has_no_figures() {
        let spectrum = Spectrum::of(&Interval {
            t: 0.0,
            seconds: 1.0,
            histogram: (&Histogram::<u64>::new(3).expect("a histogram")).into(),
        });
        assert_eq!((spectrum.answers, spectrum.bins()), (0, &[][..]));
        assert_eq!((spectrum.quantile(0.5), spectrum.extremes()), (None, None));
    }
}
