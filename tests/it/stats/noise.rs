//! Random processes of known behaviour.

use crate::support::give_way;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, StandardNormal};

/// A standard normal number.
pub(super) fn normal(rng: &mut SmallRng) -> f64 {
    StandardNormal.sample(rng)
}

/// A stationary autoregressive process with mean 0 and deviation 1: each value is φ times the one before and fresh noise.
pub(super) struct Autoregressive {
    phi: f64,
    value: f64,
}

impl Autoregressive {
    pub(super) fn new(phi: f64, rng: &mut SmallRng) -> Self {
        Autoregressive {
            phi,
            value: normal(rng),
        }
    }

    /// One that forgets with time constant `tau`, in steps.
    pub(super) fn with_memory(tau: f64, rng: &mut SmallRng) -> Self {
        Autoregressive::new((-1.0 / tau).exp(), rng)
    }

    pub(super) fn next(&mut self, rng: &mut SmallRng) -> f64 {
        self.value = self.phi * self.value + (1.0 - self.phi * self.phi).sqrt() * normal(rng);
        self.value
    }
}

/// The share of `runs` runs in which `happens`, each with a generator of its own.
pub(super) fn share(runs: u64, mut happens: impl FnMut(u64) -> bool) -> f64 {
    give_way();
    (0..runs).filter(|&run| happens(run)).count() as f64 / runs as f64
}
