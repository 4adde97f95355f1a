//! What one variant's connections did: opened, failed, reused, and how long opening took. Written by every load thread of
//! the variant, read by whoever shows it.

use hdrhistogram::Histogram;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The longest connect time that can be told apart: one hour, in microseconds.
const MAX_US: u64 = 3_600_000_000;

/// Counters shared by all load threads of one variant. They only grow.
#[derive(Debug)]
pub struct ConnectionCounters {
    opened: AtomicU64,
    failed: AtomicU64,
    reused: AtomicU64,
    connect_us: Mutex<Histogram<u32>>,
}

/// A reading of [`ConnectionCounters`].
#[derive(Clone, Debug)]
pub struct ConnectionTotals {
    /// Connections opened, TLS handshake included.
    pub opened: u64,
    /// Attempts that ended without a connection; those given up because nobody waited any longer are not among them.
    pub failed: u64,
    /// Answers that came over a connection which had already served another.
    pub reused: u64,
    /// The time to open a connection (DNS, TCP and TLS together), in microseconds.
    pub connect_us: Histogram<u32>,
}

impl Default for ConnectionCounters {
    fn default() -> Self {
        let connect_us = Histogram::new_with_bounds(1, MAX_US, 3)
            .unwrap_or_else(|_| unreachable!("constant bounds that hdrhistogram accepts"));
        ConnectionCounters {
            opened: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            reused: AtomicU64::new(0),
            connect_us: Mutex::new(connect_us),
        }
    }
}

impl ConnectionCounters {
    /// All zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// One connection was opened, which took this long.
    pub fn count_opened(&self, took: Duration) {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let us = (took.as_micros() as u64).clamp(1, MAX_US);
        // Cannot be out of range after the clamp; a connect time is worth losing rather than the run.
        let _ = self.connect_us().record(us);
    }

    /// One attempt ended without a connection.
    pub fn count_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// One answer came over a connection that had served before.
    pub fn count_reused(&self) {
        self.reused.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything so far. The figures are read one after another: each is exact, together they may be a request apart.
    pub fn totals(&self) -> ConnectionTotals {
        ConnectionTotals {
            opened: self.opened.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            reused: self.reused.load(Ordering::Relaxed),
            connect_us: self.connect_us().clone(),
        }
    }

    fn connect_us(&self) -> MutexGuard<'_, Histogram<u32>> {
        self.connect_us
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_tell_what_was_counted() {
        let counters = ConnectionCounters::new();
        counters.count_opened(Duration::from_micros(250));
        counters.count_opened(Duration::from_secs(7_200));
        counters.count_opened(Duration::ZERO);
        counters.count_failed();
        counters.count_reused();
        let totals = counters.totals();
        assert_eq!((totals.opened, totals.failed, totals.reused), (3, 1, 1));
        assert_eq!(totals.connect_us.len(), 3);
        assert_eq!(totals.connect_us.min(), 1);
        assert_eq!(totals.connect_us.value_at_quantile(0.5), 250);
    }
}
