//! How many requests are worth one independent one: (c) of the project's statistics.
//!
//! Requests that come close together share the moods of the machine. Per quantile, `τ = max over batches of 1, 2, 4 … seconds
//! (at least 10 of them) of [n̄ · Var(share of a batch ≤ x̂_p) / (p(1−p))] · (1 + √(2/(B−1)))`, at least 1, with n̄ the mean
//! number of requests a batch and B batches; the last factor allows for the variance being itself an estimate. It is taken
//! at the estimate `x̂_p` alone: at a tested value it would grow with the distance.

use super::buckets::Buckets;

/// So many batches are kept at most; then neighbours are joined and the shortest batch is twice as long. Dependence shows in
/// long batches, so nothing is lost but the check for shorter ones.
const MOST: usize = 256;

/// A variance from fewer batches says too little.
const FEWEST: usize = 10;

/// Seconds before which nothing is shown.
const LEAST_S: f64 = 60.0;

/// The least number of independent requests.
const LEAST_INDEPENDENT: f64 = 30.0;

/// The least number of independent requests on the rarer side of a quantile.
const LEAST_BEYOND: f64 = 5.0;

/// The requests of a span of time: (upper edge, requests up to it), ascending.
#[derive(Clone, Debug, Default, PartialEq)]
struct Batch {
    upto: Vec<(f64, u64)>,
    n: u64,
}

impl Batch {
    fn of(buckets: &Buckets) -> Self {
        let cells = buckets.cells();
        let upto = cells[1..cells.len() - 1]
            .iter()
            .map(|cell| (cell.hi, cell.upto))
            .collect();
        Batch {
            upto,
            n: buckets.count(),
        }
    }

    /// For x = +∞, a quantile among failures: all that succeeded, so that failures in clusters are seen.
    fn at_or_below(&self, x: f64) -> u64 {
        let after = self.upto.partition_point(|&(edge, _)| edge <= x);
        after.checked_sub(1).map_or(0, |i| self.upto[i].1)
    }

    fn join(&self, later: &Batch) -> Batch {
        let mut upto = Vec::with_capacity(self.upto.len() + later.upto.len());
        let (mut i, mut j) = (0, 0);
        let edge = |batch: &Batch, at: usize| batch.upto.get(at).map_or(f64::INFINITY, |x| x.0);
        let count = |batch: &Batch, at: usize| at.checked_sub(1).map_or(0, |at| batch.upto[at].1);
        while i < self.upto.len() || j < later.upto.len() {
            let next = edge(self, i).min(edge(later, j));
            while i < self.upto.len() && edge(self, i) <= next {
                i += 1;
            }
            while j < later.upto.len() && edge(later, j) <= next {
                j += 1;
            }
            upto.push((next, count(self, i) + count(later, j)));
        }
        Batch {
            upto,
            n: self.n + later.n,
        }
    }
}

/// The requests of one variant, second by second. Memory is bounded, however long the run.
#[derive(Clone, Debug)]
pub struct Dependence {
    batches: Vec<Batch>,
    /// Seconds in each batch.
    length_s: u32,
    /// The batch in the making and how many seconds it has.
    open: Batch,
    open_s: u32,
}

impl Default for Dependence {
    fn default() -> Self {
        Dependence {
            batches: Vec::new(),
            length_s: 1,
            open: Batch::default(),
            open_s: 0,
        }
    }
}

impl Dependence {
    /// Adds the next second of requests.
    pub fn push(&mut self, second: &Buckets) {
        let second = Batch::of(second);
        self.open = if self.open_s == 0 {
            second
        } else {
            self.open.join(&second)
        };
        self.open_s += 1;
        if self.open_s < self.length_s {
            return;
        }
        self.open_s = 0;
        self.batches.push(std::mem::take(&mut self.open));
        if self.batches.len() >= MOST {
            self.batches = self
                .batches
                .chunks(2)
                .map(|pair| match pair {
                    [first, second] => first.join(second),
                    rest => rest[0].clone(),
                })
                .collect();
            self.length_s *= 2;
        }
    }

    /// τ at quantile `p` with the estimate `x` (see `estimate`), in requests, at least 1; 1 while there are too few batches.
    pub fn tau(&self, p: f64, x: f64) -> f64 {
        let mut counts: Vec<(u64, u64)> = self
            .batches
            .iter()
            .map(|batch| (batch.at_or_below(x), batch.n))
            .collect();
        let mut tau = 1.0_f64;
        while counts.len() >= FEWEST {
            tau = tau.max(inflation(&counts, p));
            counts = counts
                .chunks_exact(2)
                .map(|pair| (pair[0].0 + pair[1].0, pair[0].1 + pair[1].1))
                .collect();
        }
        tau
    }
}

/// By how much the shares of batches scatter more than those of independent requests would; 0 if it cannot be told.
fn inflation(counts: &[(u64, u64)], p: f64) -> f64 {
    let shares: Vec<f64> = counts
        .iter()
        .filter(|&&(_, n)| n > 0)
        .map(|&(below, n)| below as f64 / n as f64)
        .collect();
    if shares.len() < FEWEST {
        return 0.0;
    }
    let batches = shares.len() as f64;
    let requests: u64 = counts.iter().map(|&(_, n)| n).sum();
    let mean = shares.iter().sum::<f64>() / batches;
    let squares: f64 = shares.iter().map(|share| (share - mean).powi(2)).sum();
    let variance = squares / (batches - 1.0);
    let per_batch = requests as f64 / batches;
    per_batch * variance / (p * (1.0 - p)) * (1.0 + (2.0 / (batches - 1.0)).sqrt())
}

/// How many independent requests `n` are worth.
pub fn independent(n: u64, tau: f64) -> f64 {
    n as f64 / tau.max(1.0)
}

/// Whether intervals from (a) and (b) may be shown: after 60 s, with 30 independent requests and 5 of them on the rarer side
/// of the quantile.
pub fn may_be_shown(measured_s: f64, n: u64, tau: f64, p: f64) -> bool {
    let worth = independent(n, tau);
    measured_s >= LEAST_S && worth >= LEAST_INDEPENDENT && worth * p.min(1.0 - p) >= LEAST_BEYOND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(low: u64, high: u64) -> Buckets {
        Buckets::from_hdr(&[(10, low), (20, high)], 0)
    }

    #[test]
    fn seconds_in_a_common_mood_are_worth_few_requests() {
        let mut moody = Dependence::default();
        let mut even = Dependence::default();
        for i in 0..120 {
            // Eight good seconds, eight bad ones.
            let good = (i / 8) % 2 == 0;
            moody.push(&if good { second(90, 10) } else { second(10, 90) });
            even.push(&second(50, 50));
        }
        assert!((even.tau(0.5, 11.0) - 1.0).abs() < 1e-12);
        let tau = moody.tau(0.5, 11.0);
        assert!(tau > 400.0, "{tau}");
        assert!(!may_be_shown(120.0, 12_000, tau, 0.5));
        assert!(may_be_shown(120.0, 12_000, 1.0, 0.5));
        assert!(!may_be_shown(59.0, 12_000, 1.0, 0.5));
        assert!(!may_be_shown(120.0, 400, 1.0, 0.99));
    }

    #[test]
    fn joining_batches_keeps_counts_and_bounds_memory() {
        let mut dependence = Dependence::default();
        for i in 0..1_000 {
            dependence.push(&Buckets::from_hdr(&[(10 + i % 7, 3), (40, 1)], i % 2));
        }
        assert!(dependence.batches.len() < MOST);
        assert_eq!(dependence.length_s, 4);
        let (all, low): (u64, u64) = dependence
            .batches
            .iter()
            .map(|batch| (batch.n, batch.at_or_below(41.0)))
            .fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
        assert_eq!((all, low), (4_500, 4_000));
        assert_eq!(
            dependence.batches[0].at_or_below(f64::INFINITY),
            dependence.batches[0].n - 2
        );
    }

    #[test]
    fn failures_in_clusters_are_seen_where_the_quantile_is_among_them() {
        let mut dependence = Dependence::default();
        for i in 0..120 {
            let failed = if (i / 8) % 2 == 0 { 0 } else { 40 };
            dependence.push(&Buckets::from_hdr(&[(10, 100 - failed)], failed));
        }
        assert!(dependence.tau(0.95, f64::INFINITY) > 100.0);
    }

    #[test]
    fn seconds_without_requests_are_no_number() {
        let mut dependence = Dependence::default();
        for _ in 0..30 {
            dependence.push(&Buckets::from_hdr(&[], 0));
        }
        assert!((dependence.tau(0.5, f64::INFINITY) - 1.0).abs() < 1e-12);
    }
}
