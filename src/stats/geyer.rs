//! How long the difference between two variants that run together remembers: τ̂ of (e) of the project's statistics.
//!
//! Per metric the differences B − A, second by second, are averaged in bins of b = 1, 2, 4 … s (at least 40 of them). With
//! `τ_int = 1 + 2 Σ ρ` by Geyer's initial monotone sequence ("Practical Markov chain Monte Carlo", 1992), a bin remembers
//! `b(τ_int − 1)/2` seconds (`τ_int/2` for b = 1). τ̂ is the longest over bins and metrics, each times
//! `1 + √(2(2L+1)/bins)`, L the last lag summed, for the sum being an estimate.

/// Fewer bins say too little.
const FEWEST: usize = 40;

/// So many bins are kept at most; then neighbours are joined.
const MOST: usize = 2_048;

/// Variations below this share of the largest value are rounding.
const ROUNDING: f64 = 1e-9;

/// `τ_int` by the initial monotone sequence and the last lag that it sums. `values` should be finite; (1, 0) if they do not vary.
pub fn integrated_autocorrelation(values: &[f64]) -> (f64, usize) {
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n.max(1) as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let covariance = |lag: usize| -> f64 {
        centred
            .iter()
            .zip(centred.iter().skip(lag))
            .map(|(x, y)| x * y)
            .sum::<f64>()
    };
    let variance = covariance(0);
    // Equal values are not exactly equal to their mean: what rounding leaves is no variation, though it would look like one
    // that never ends.
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if variance <= n as f64 * (ROUNDING * largest).powi(2) {
        return (1.0, 0);
    }
    // Sums of two neighbouring lags are positive and fall for every reversible chain; where they do not, noise begins.
    let (mut sum, mut before, mut last) = (0.0, f64::INFINITY, 0);
    for lag in (0..n.saturating_sub(1)).step_by(2) {
        let pair = (covariance(lag) + covariance(lag + 1)) / variance;
        if pair <= 0.0 {
            break;
        }
        before = pair.min(before);
        sum += before;
        last = lag + 1;
    }
    ((2.0 * sum - 1.0).max(0.0), last)
}

/// The differences of one metric, second by second. Memory is bounded: a long series is kept in longer bins.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    bins: Vec<f64>,
    /// Seconds in each bin.
    length_s: u32,
    /// Sum, known seconds and seconds of the bin in the making.
    open: (f64, u32, u32),
    /// What stands for an infinite difference: the largest finite one so far.
    largest: f64,
}

impl Default for Memory {
    fn default() -> Self {
        Memory {
            bins: Vec::new(),
            length_s: 1,
            open: (0.0, 0, 0),
            largest: 0.0,
        }
    }
}

impl Memory {
    /// Adds the next second's difference, `None` where it is not known. An infinite one counts as the largest so far.
    pub(super) fn push(&mut self, difference: Option<f64>) {
        if let Some(d) = difference.filter(|d| !d.is_nan()) {
            if d.is_finite() {
                self.largest = self.largest.max(d.abs());
            }
            self.open.0 += d.clamp(-self.largest, self.largest);
            self.open.1 += 1;
        }
        self.open.2 += 1;
        if self.open.2 < self.length_s {
            return;
        }
        let (sum, known, _) = std::mem::take(&mut self.open);
        // A bin without any known second repeats the one before: it must not look like a move to the mean.
        let repeated = self.bins.last().copied().unwrap_or(0.0);
        self.bins.push(if known > 0 {
            sum / f64::from(known)
        } else {
            repeated
        });
        if self.bins.len() >= MOST {
            self.bins = halved(&self.bins);
            self.length_s *= 2;
        }
    }

    /// τ̂ in seconds; 0 while there are fewer than 40 seconds.
    pub(super) fn tau_s(&self) -> f64 {
        let mut bins = self.bins.clone();
        let (mut length_s, mut tau) = (f64::from(self.length_s), 0.0_f64);
        while bins.len() >= FEWEST {
            let (integrated, last) = integrated_autocorrelation(&bins);
            let memory = if length_s > 1.0 {
                length_s * (integrated - 1.0) / 2.0
            } else {
                integrated / 2.0
            };
            let doubt = 1.0 + (2.0 * (2 * last + 1) as f64 / bins.len() as f64).sqrt();
            tau = tau.max(memory * doubt);
            bins = halved(&bins);
            length_s *= 2.0;
        }
        tau
    }
}

fn halved(bins: &[f64]) -> Vec<f64> {
    bins.chunks_exact(2)
        .map(|pair| f64::midpoint(pair[0], pair[1]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_no_memory() {
        // None of them is a round number in binary, and their mean is not exactly what they are.
        for value in [0.1, -0.154_150_679_827_258_3, 1e-9 / 3.0] {
            for n in [40, 997] {
                assert_eq!(integrated_autocorrelation(&vec![value; n]), (1.0, 0));
            }
        }
    }
    use rand::SeedableRng;
    use rand::rngs::SmallRng;
    use rand_distr::{Distribution, StandardNormal};

    fn autoregressive(tau_s: f64, n: usize, seed: u64) -> Vec<f64> {
        let mut rng = SmallRng::seed_from_u64(seed);
        let phi = (-1.0 / tau_s).exp();
        let mut x = 0.0;
        (0..n)
            .map(|_| {
                let shock: f64 = StandardNormal.sample(&mut rng);
                x = phi * x + (1.0 - phi * phi).sqrt() * shock;
                x
            })
            .collect()
    }

    #[test]
    fn the_memory_of_a_known_process_is_found() {
        for tau in [2.0, 8.0] {
            let (integrated, _) = integrated_autocorrelation(&autoregressive(tau, 20_000, 1));
            // (1 + φ)/(1 − φ) is about 2τ.
            assert!(
                (integrated / 2.0 / tau - 1.0).abs() < 0.25,
                "{tau}: {integrated}"
            );
        }
        let (independent, last) = integrated_autocorrelation(&autoregressive(0.01, 20_000, 1));
        assert!(
            (independent - 1.0).abs() < 0.1 && last < 20,
            "{independent}"
        );
        assert_eq!(integrated_autocorrelation(&[3.0; 50]), (1.0, 0));
        assert_eq!(integrated_autocorrelation(&[]), (1.0, 0));
    }

    #[test]
    fn a_long_memory_is_seen_in_short_and_in_long_series() {
        for n in [600, 10_000] {
            let mut memory = Memory::default();
            autoregressive(15.0, n, 2)
                .into_iter()
                .for_each(|d| memory.push(Some(d)));
            assert!(memory.bins.len() < MOST);
            let tau = memory.tau_s();
            assert!((8.0..50.0).contains(&tau), "{n}: {tau}");
        }
    }

    #[test]
    fn infinite_and_unknown_seconds_are_no_number() {
        let mut memory = Memory::default();
        assert!(memory.tau_s().abs() < 1e-12);
        for i in 0..400 {
            memory.push(match i % 4 {
                0 => Some(f64::INFINITY),
                1 => None,
                2 => Some(f64::NAN),
                _ => Some(0.1),
            });
        }
        assert!(memory.tau_s().is_finite());
    }
}
