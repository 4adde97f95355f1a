//! First bytes that come at two speeds: a valley in their histogram.

use crate::text;

/// First bytes before a valley is looked for.
const LEAST: u64 = 100;

/// Two groups of first bytes with hardly anything between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TwoSpeeds {
    fast_us: u64,
    slow_us: u64,
    /// The share of the slow ones.
    slow: f64,
}

impl TwoSpeeds {
    /// What is said of them.
    pub(super) fn words(self, name: &str) -> String {
        format!(
            "{name}'s first bytes come at two speeds: about {}, and {} for {} of them",
            text::latency(self.fast_us as f64),
            text::latency(self.slow_us as f64),
            text::share(self.slow)
        )
    }
}

/// Steps of the histogram in which modes are looked for: a factor of 1.25 each.
const STEP: f64 = 1.25;
/// A mode's least share of the requests.
const MODE: f64 = 0.05;
/// How much lower than the lower mode's peak the valley between must be.
const VALLEY: f64 = 0.2;
/// How far apart the modes must be, in steps: a factor of about 3.
const APART: usize = 5;

/// Splits the first bytes at the emptiest place with enough on both sides, if that is a valley and not noise.
pub(super) fn two_speeds(ttfb: &[(u64, u64)]) -> Option<TwoSpeeds> {
    let total: u64 = ttfb.iter().map(|(_, count)| count).sum();
    if total < LEAST {
        return None;
    }
    let step_of = |us: u64| (us.max(1) as f64).log(STEP) as usize;
    let first = step_of(ttfb.first()?.0);
    let mut steps = vec![0_u64; step_of(ttfb.last()?.0) - first + 1];
    for &(us, count) in ttfb {
        steps[step_of(us) - first] += count;
    }
    // Over three steps, so that a gap between two full buckets of the histogram is none.
    let smooth: Vec<f64> = (0..steps.len())
        .map(|i| {
            let around = &steps[i.saturating_sub(1)..(i + 2).min(steps.len())];
            around.iter().sum::<u64>() as f64 / around.len() as f64
        })
        .collect();
    let peak = |range: std::ops::Range<usize>| {
        range.max_by(|a, b| smooth[*a].total_cmp(&smooth[*b]).then(b.cmp(a)))
    };
    let share =
        |range: std::ops::Range<usize>| steps[range].iter().sum::<u64>() as f64 / total as f64;
    let us_at = |step: usize| STEP.powf((step + first) as f64 + 0.5) as u64;
    (1..steps.len())
        .filter_map(|at| {
            let (low, high) = (peak(0..at)?, peak(at..steps.len())?);
            let lower = smooth[low].min(smooth[high]);
            let slow = share(at..steps.len());
            let two = high - low >= APART
                && smooth[at] < VALLEY * lower
                && (MODE..=1.0 - MODE).contains(&slow);
            two.then_some((at, low, high, slow))
        })
        .min_by(|a, b| smooth[a.0].total_cmp(&smooth[b.0]))
        .map(|(_, low, high, slow)| TwoSpeeds {
            fast_us: us_at(low),
            slow_us: us_at(high),
            slow,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Log-normal values round a median: deterministic quantiles, as (µs, count).
    fn mode(median_us: f64, sigma: f64, count: u64) -> Vec<(u64, u64)> {
        (0..count)
            .map(|i| {
                let p = (i as f64 + 0.5) / count as f64;
                // The logistic quantile, with about the same width.
                let z = (p / (1.0 - p)).ln() / 1.702;
                ((median_us * (sigma * z).exp()) as u64, 1)
            })
            .collect()
    }

    fn sorted(parts: &[Vec<(u64, u64)>]) -> Vec<(u64, u64)> {
        let mut all = parts.concat();
        all.sort_unstable();
        all
    }

    #[test]
    fn two_speeds_are_seen_and_one_is_not_taken_for_two() {
        let both = sorted(&[mode(20_000.0, 0.15, 900), mode(200_000.0, 0.15, 100)]);
        let speeds = two_speeds(&both).unwrap();
        assert!((speeds.slow - 0.1).abs() < 0.01, "{speeds:?}");
        assert!((15_000..27_000).contains(&speeds.fast_us), "{speeds:?}");
        assert!((150_000..270_000).contains(&speeds.slow_us), "{speeds:?}");
        for one in [
            mode(20_000.0, 0.15, 1_000),
            mode(80_000.0, 0.9, 1_000),
            mode(500.0, 0.02, 1_000),
            sorted(&[mode(20_000.0, 0.15, 980), mode(200_000.0, 0.15, 20)]),
            sorted(&[mode(20_000.0, 0.3, 500), mode(40_000.0, 0.3, 500)]),
            mode(20_000.0, 0.1, 50),
        ] {
            assert_eq!(two_speeds(&one), None);
        }
    }
}
