//! Percentiles of all intended requests while some have not ended: the product-limit estimate of Kaplan and Meier (1958).
//!
//! A request that is open, or was given up, is known to take longer than its age and nothing more. Leaving it out makes slow
//! gateways look fast; counting its age makes them look faster still. The estimate gives its weight in equal parts to all
//! requests known to take longer than that age, failures (slower than any finite time) among them. Without such requests
//! it is the plain rank ⌈p·n⌉.
//!
//! What lies beyond the last answer rests on ages alone: such a percentile is a lower bound ("≥").

/// A percentile, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Estimate {
    /// A value in µs.
    Value(u64),
    /// At least so many µs.
    AtLeast(u64),
    /// Slower than any finite time.
    Failure,
}

/// An estimator over fixed data; percentiles must be asked in ascending order.
pub(super) struct ProductLimit<'a> {
    events: &'a [(u64, u64)],
    ages: &'a [(u64, u64)],
    failures: u64,
    /// The share of requests that take longer than all that has been passed.
    beyond: f64,
    /// Requests not passed yet.
    at_risk: u64,
}

impl<'a> ProductLimit<'a> {
    /// `events`: ended requests as ascending buckets (µs, count); `ages`: the same of those that have not ended;
    /// `failures`: requests slower than any time.
    pub(super) fn new(events: &'a [(u64, u64)], ages: &'a [(u64, u64)], failures: u64) -> Self {
        ProductLimit {
            events,
            ages,
            failures,
            beyond: 1.0,
            at_risk: total(events) + total(ages) + failures,
        }
    }

    /// The value that the share `p` of all requests does not exceed; `None` without requests.
    pub(super) fn at(&mut self, p: f64) -> Option<Estimate> {
        if self.at_risk == 0 && self.failures == 0 && self.events.is_empty() && self.ages.is_empty()
        {
            return None;
        }
        // A request's end comes before the age of another that is equally old.
        while let Some((&(us, count), rest)) = self.events.split_first() {
            let younger = self.ages.partition_point(|&(age, _)| age < us);
            let (passed, older) = self.ages.split_at(younger);
            self.at_risk -= total(passed);
            self.ages = older;
            let after = self.beyond * (1.0 - count as f64 / self.at_risk as f64);
            if reaches(1.0 - after, p) {
                return Some(Estimate::Value(us));
            }
            (self.beyond, self.at_risk, self.events) = (after, self.at_risk - count, rest);
        }
        // Only ages and failures are left, all of the same weight.
        let weight = self.beyond / self.at_risk.max(1) as f64;
        let needed = (p - (1.0 - self.beyond)) / weight;
        let rank = (needed - 1e-9).ceil().max(1.0) as u64;
        let mut below = 0;
        let at_rank = self.ages.iter().find(|(_, count)| {
            below += count;
            below >= rank
        });
        Some(match at_rank {
            Some(&(age, _)) => Estimate::AtLeast(age),
            None if self.failures > 0 => Estimate::Failure,
            None => Estimate::AtLeast(self.ages.last()?.0),
        })
    }
}

fn total(buckets: &[(u64, u64)]) -> u64 {
    buckets.iter().map(|&(_, count)| count).sum()
}

/// Whether the share `below` has reached `p`. The allowance keeps exact ranks exact after many multiplications.
fn reaches(below: f64, p: f64) -> bool {
    below >= p - 1e-10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(events: &[(u64, u64)], ages: &[u64], failures: u64, p: f64) -> Option<Estimate> {
        let ages: Vec<(u64, u64)> = ages.iter().map(|&age| (age, 1)).collect();
        ProductLimit::new(events, &ages, failures).at(p)
    }

    #[test]
    fn without_open_requests_it_is_the_nearest_rank() {
        let events: Vec<(u64, u64)> = (1..=1_000).map(|us| (us, 1)).collect();
        let mut estimate = ProductLimit::new(&events, &[], 0);
        for (p, expected) in [
            (0.5, 500),
            (0.9, 900),
            (0.95, 950),
            (0.99, 990),
            (0.999, 999),
        ] {
            assert_eq!(estimate.at(p), Some(Estimate::Value(expected)));
        }
        assert_eq!(at(&[(7, 3)], &[], 1, 0.75), Some(Estimate::Value(7)));
        assert_eq!(at(&[(7, 3)], &[], 1, 0.76), Some(Estimate::Failure));
        assert_eq!(at(&[], &[], 0, 0.5), None);
        assert_eq!(at(&[], &[], 2, 0.5), Some(Estimate::Failure));
    }

    #[test]
    fn the_textbook_example_of_remissions() {
        // Freireich et al. 1963, the 6-MP group, as in most textbooks: weeks 6 6 6 7 10 13 16 22 23 ended; 6 9 10 11 17 19
        // 20 25 32 32 34 35 censored. S(22) = 0.538, S(23) = 0.448: the median is 23.
        let events = [(6, 3), (7, 1), (10, 1), (13, 1), (16, 1), (22, 1), (23, 1)];
        let ages = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
        assert_eq!(at(&events, &ages, 0, 0.46), Some(Estimate::Value(22)));
        assert_eq!(at(&events, &ages, 0, 0.47), Some(Estimate::Value(23)));
        assert_eq!(at(&events, &ages, 0, 0.50), Some(Estimate::Value(23)));
        assert_eq!(at(&events, &ages, 0, 0.57), Some(Estimate::AtLeast(25)));
        assert_eq!(at(&events, &ages, 0, 0.99), Some(Estimate::AtLeast(35)));
    }

    #[test]
    fn young_open_requests_say_nothing_and_old_ones_raise_the_tail() {
        assert_eq!(
            at(&[(100, 98)], &[1, 2], 0, 0.99),
            Some(Estimate::Value(100))
        );
        assert_eq!(
            at(&[(100, 98)], &[200, 300], 0, 0.99),
            Some(Estimate::AtLeast(200))
        );
        assert_eq!(
            at(&[(100, 98)], &[200, 300], 0, 0.995),
            Some(Estimate::AtLeast(300))
        );
        assert_eq!(at(&[], &[5, 9], 0, 0.5), Some(Estimate::AtLeast(5)));
    }
}
