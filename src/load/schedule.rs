//! When open-loop requests should start: computed in closed form from the start of the schedule, so that nothing ever drifts
//! and lateness is never forgiven.
//!
//! A schedule walks through a unit-rate process (the whole numbers, or a Poisson process) and maps it to time through the
//! inverse of the cumulative rate, which rises linearly during the ramp: Λ(t) = r·t²/(2T) for t < T, r·(t − T/2) after.

use super::spec::Arrivals;
use crate::clock::Tick;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, Exp1};
use std::time::Duration;

/// One load thread's part of one variant's arrivals.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    origin: Tick,
    /// Arrivals per second of this part.
    rate_hz: f64,
    ramp_s: f64,
    /// Which part it is, and the seed of the run.
    part: Part,
    seed: u64,
    process: Process,
}

#[derive(Debug, Clone)]
enum Process {
    /// The next whole number, shifted by a fraction so that parts and variants are out of step with each other.
    Constant { next: u64, shift: f64 },
    /// The sum of exponential gaps so far.
    Poisson { position: f64, rng: Box<SmallRng> },
}

/// Which part of a variant's arrivals a schedule makes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// 0 for A, 1 for B.
    pub variant: usize,
    /// The load thread.
    pub thread: usize,
    /// How many load threads there are.
    pub threads: usize,
}

impl Part {
    /// B's arrivals fall half-way between A's, a thread's between those of the thread before.
    fn shift(self) -> f64 {
        (self.thread as f64 + 0.5 * self.variant as f64) / self.threads.max(1) as f64
    }

    /// A seed of its own for each part.
    pub(super) fn seed(self, seed: u64) -> u64 {
        seed ^ (1 + self.variant as u64 + 2 * self.thread as u64)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl Schedule {
    /// `part`'s share of arrivals at `rate_hz` in all, from `origin` on, brought up over `ramp`.
    pub(super) fn new(
        arrivals: Arrivals,
        rate_hz: f64,
        ramp: Duration,
        origin: Tick,
        part: Part,
        seed: u64,
    ) -> Self {
        let threads = part.threads.max(1) as f64;
        let process = match arrivals {
            Arrivals::Constant => Process::Constant {
                next: 0,
                shift: part.shift(),
            },
            Arrivals::Poisson => {
                let mut rng = Box::new(SmallRng::seed_from_u64(part.seed(seed)));
                Process::Poisson {
                    position: Exp1.sample(&mut *rng),
                    rng,
                }
            }
        };
        Schedule {
            origin,
            rate_hz: rate_hz / threads,
            ramp_s: ramp.as_secs_f64(),
            part,
            seed,
            process,
        }
    }

    /// The intended start of the next arrival; the arrival stays the next one until [`Schedule::advance`].
    pub(super) fn next(&self) -> Tick {
        let position = match &self.process {
            Process::Constant { next, shift } => *next as f64 + shift,
            Process::Poisson { position, .. } => *position,
        };
        let in_ramp = self.rate_hz * self.ramp_s / 2.0;
        let seconds = if position < in_ramp {
            (2.0 * position * self.ramp_s / self.rate_hz).sqrt()
        } else {
            position / self.rate_hz + self.ramp_s / 2.0
        };
        // Split, so that nanoseconds stay exact over days.
        Tick(self.origin.0.saturating_add((seconds * 1e9) as u64))
    }

    /// Goes on to the arrival after the next.
    pub(super) fn advance(&mut self) {
        match &mut self.process {
            Process::Constant { next, .. } => *next += 1,
            Process::Poisson { position, rng } => {
                let gap: f64 = Exp1.sample(&mut **rng);
                *position += gap;
            }
        }
    }

    /// All arrivals from here on come `by` later: time has stood still for so long.
    pub(super) fn shift(&mut self, by: Duration) {
        self.origin = self.origin + by;
    }

    /// Arrivals at another rate (`rate_hz` in all), beginning anew at `origin` without a ramp.
    pub(super) fn restart(&mut self, origin: Tick, rate_hz: f64) {
        self.origin = origin;
        self.rate_hz = rate_hz / self.part.threads.max(1) as f64;
        self.ramp_s = 0.0;
        match &mut self.process {
            Process::Constant { next, .. } => *next = 0,
            Process::Poisson { position, rng } => *position = Exp1.sample(&mut **rng),
        }
    }

    /// From the next restart on the arrivals are those of `variant`.
    pub(super) fn stand_for(&mut self, variant: usize) {
        if self.part.variant == variant {
            return;
        }
        self.part.variant = variant;
        match &mut self.process {
            Process::Constant { shift, .. } => *shift = self.part.shift(),
            Process::Poisson { rng, .. } => {
                **rng = SmallRng::seed_from_u64(self.part.seed(self.seed));
            }
        }
    }

    /// The same as [`Schedule::restart`], with arrivals that follow from the seed, the thread, and `draw` alone.
    pub(super) fn restart_with(&mut self, origin: Tick, rate_hz: f64, draw: u64) {
        if let Process::Poisson { rng, .. } = &mut self.process {
            let seed = self.part.seed(self.seed).rotate_left(17) ^ draw;
            **rng = SmallRng::seed_from_u64(seed);
        }
        self.restart(origin, rate_hz);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Part = Part {
        variant: 0,
        thread: 0,
        threads: 1,
    };

    fn starts(mut schedule: Schedule, until: Duration) -> Vec<u64> {
        let mut starts = Vec::new();
        while schedule.next() < Tick(0) + until {
            starts.push(schedule.next().0);
            schedule.advance();
        }
        starts
    }

    #[test]
    fn constant_arrivals_are_exact_after_a_day() {
        let mut schedule = Schedule::new(
            Arrivals::Constant,
            1_000.0,
            Duration::ZERO,
            Tick(0),
            ALONE,
            1,
        );
        for _ in 0..86_400_000 {
            schedule.advance();
        }
        assert!(schedule.next().0.abs_diff(86_400_000_000_000) < 100);
    }

    #[test]
    fn threads_and_variants_are_out_of_step() {
        let part = |variant, thread| Part {
            variant,
            thread,
            threads: 2,
        };
        let first = |part| {
            Schedule::new(Arrivals::Constant, 100.0, Duration::ZERO, Tick(0), part, 1)
                .next()
                .0
        };
        assert_eq!(
            [
                first(part(0, 0)),
                first(part(1, 0)),
                first(part(0, 1)),
                first(part(1, 1))
            ],
            [0, 5_000_000, 10_000_000, 15_000_000]
        );
    }

    #[test]
    fn counts_are_rate_times_time_and_half_of_it_in_the_ramp() {
        let schedule = Schedule::new(
            Arrivals::Constant,
            50.0,
            Duration::from_secs(10),
            Tick(0),
            ALONE,
            1,
        );
        let starts = starts(schedule, Duration::from_secs(20));
        assert_eq!(starts.iter().filter(|&&t| t < 10_000_000_000).count(), 250);
        assert_eq!(starts.len(), 250 + 500);
        assert!(starts.is_sorted());
    }

    #[test]
    fn poisson_gaps_are_exponential() {
        let schedule = Schedule::new(
            Arrivals::Poisson,
            1_000.0,
            Duration::ZERO,
            Tick(0),
            ALONE,
            7,
        );
        let starts = starts(schedule, Duration::from_secs(100));
        let n = starts.len() as f64;
        // The count is Poisson(100,000): six standard deviations.
        assert!((n - 100_000.0).abs() < 6.0 * 100_000f64.sqrt(), "{n}");
        let mut gaps: Vec<f64> = starts
            .windows(2)
            .map(|w| (w[1] - w[0]) as f64 / 1e6)
            .collect();
        gaps.sort_by(f64::total_cmp);
        // Kolmogorov–Smirnov against 1 − e^(−x/1 ms); 2.6/√n is p ≈ 3·10⁻⁶.
        let distance = gaps
            .iter()
            .enumerate()
            .map(|(i, gap)| ((i as f64 + 0.5) / gaps.len() as f64 - (1.0 - (-gap).exp())).abs())
            .fold(0.0, f64::max);
        assert!(distance < 2.6 / n.sqrt(), "{distance}");
    }

    #[test]
    fn a_new_rate_starts_where_it_is_set() {
        let mut schedule =
            Schedule::new(Arrivals::Constant, 10.0, Duration::ZERO, Tick(0), ALONE, 1);
        schedule.advance();
        schedule.restart(Tick(5_000_000_000), 20.0);
        schedule.advance();
        assert_eq!(schedule.next(), Tick(5_050_000_000));
    }

    #[test]
    fn the_same_draw_gives_the_same_arrivals() {
        let mut schedule =
            Schedule::new(Arrivals::Poisson, 10.0, Duration::ZERO, Tick(0), ALONE, 1);
        let mut drawn = |draw, advance: u32| {
            (0..advance).for_each(|_| schedule.advance());
            schedule.restart_with(Tick(7), 20.0, draw);
            let first = schedule.next();
            schedule.advance();
            (first, schedule.next())
        };
        let one = drawn(1, 3);
        assert_ne!(one, drawn(2, 0));
        assert_eq!(one, drawn(1, 5));
    }
}
