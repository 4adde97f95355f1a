//! Windows for variants that run *together*: how long a block is and how long the gap after it, (e) of the project's
//! statistics.
//!
//! The first window lasts W = max(10 s, 3 × (think + mean response), 5 expected requests beyond the judged quantile); each is
//! followed by a discarded gap G = max(4 s, think + mean response). From 60 s on, before each window, W ← max(W, 5τ̂) and
//! G ← max(G, 2τ̂), with τ̂ from the past alone; neither ever shrinks. Cycles alone ask for a minute at most: in a queue that
//! grows without end they would ask for ever more. Windows that few requests are expected in are 15 % longer, so that chance
//! does not leave them short. A gap buys more than length does. Noise that remembers a minute or longer is not caught, and τ̂
//! counts as a minute then: a verdict from windows is tagged as based on this model.

use super::geyer::Memory;
use super::slots::{EXCEEDANCES, HEADROOM, LONGEST_BLOCK_S};

/// Seconds of a window at least.
const LEAST_S: f64 = 10.0;
/// Cycles of think + mean response in a window at least.
const LEAST_CYCLES: f64 = 3.0;
/// Seconds of a gap at least.
const LEAST_GAP_S: f64 = 4.0;
/// Seconds of data before τ̂ is asked.
const LEAST_PAST_S: u64 = 60;
/// Noise that remembers longer is not caught, and longer windows would not help.
const LONGEST_TAU_S: f64 = 60.0;
/// τ̂ in a window and in a gap.
const WINDOW_TAUS: f64 = 5.0;
const GAP_TAUS: f64 = 2.0;

/// What is known of both variants before a window opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Think time + mean response, in seconds, of the slower variant.
    pub cycle_s: f64,
    /// Requests per second of the slower variant.
    pub per_second: f64,
}

/// A window that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedWindow {
    /// The first second that belongs to it, counted from 0.
    pub first_s: u64,
    /// How many seconds belong to it.
    pub seconds: u64,
}

/// Where the next second belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Window { first_s: u64, until_s: u64 },
    Gap { until_s: u64 },
}

/// The state between seconds.
#[derive(Clone, Debug)]
pub struct Windows {
    /// The highest quantile that is judged.
    quantile: f64,
    memories: Vec<Memory>,
    now_s: u64,
    window_s: f64,
    gap_s: f64,
    phase: Phase,
    /// The noise remembers longer than windows can be apart.
    too_slow: bool,
}

impl Windows {
    /// `quantile`: the highest that is judged. `metrics`: how many differences come with each second. `settled`: the pace
    /// while the load settled, before the first window.
    pub fn new(quantile: f64, metrics: usize, settled: Pace) -> Self {
        let mut windows = Windows {
            quantile,
            memories: vec![Memory::default(); metrics],
            now_s: 0,
            window_s: 0.0,
            gap_s: 0.0,
            phase: Phase::Gap { until_s: 0 },
            too_slow: false,
        };
        windows.open(settled);
        windows
    }

    /// Whether the noise remembers a minute or longer, by its past before the present window: windows do not protect from that.
    pub fn is_too_slow(&self) -> bool {
        self.too_slow
    }

    /// The second to come belongs to a window.
    pub fn is_inside(&self) -> bool {
        matches!(self.phase, Phase::Window { .. })
    }

    /// Seconds of the present window.
    pub fn window_s(&self) -> u64 {
        self.window_s.ceil() as u64
    }

    /// Seconds of the gap after it.
    pub fn gap_s(&self) -> u64 {
        self.gap_s.ceil() as u64
    }

    /// Seconds that a pair takes at present: window and gap.
    pub fn pair_s(&self) -> u64 {
        self.window_s() + self.gap_s()
    }

    /// Seconds until the present window ends, or the next one if it is a gap.
    pub fn left_s(&self) -> u64 {
        match self.phase {
            Phase::Window { until_s, .. } => until_s.saturating_sub(self.now_s),
            Phase::Gap { until_s } => until_s.saturating_sub(self.now_s) + self.window_s(),
        }
    }

    /// Takes the second that has just passed, in windows and gaps alike. `differences`: per metric B − A, in logarithms (for
    /// failures: in shares), `None` where one variant had no requests. `pace`: of all seconds so far. Returns the window that
    /// this second completes.
    pub fn second(&mut self, differences: &[Option<f64>], pace: Pace) -> Option<ClosedWindow> {
        for (i, memory) in self.memories.iter_mut().enumerate() {
            memory.push(differences.get(i).copied().flatten());
        }
        self.now_s += 1;
        match self.phase {
            Phase::Window { first_s, until_s } if self.now_s >= until_s => {
                self.phase = Phase::Gap {
                    until_s: self.now_s + self.gap_s(),
                };
                Some(ClosedWindow {
                    first_s,
                    seconds: self.now_s - first_s,
                })
            }
            Phase::Gap { until_s } if self.now_s >= until_s => {
                self.open(pace);
                None
            }
            _ => None,
        }
    }

    /// The load has been held, and the window with it: another one opens with the second to come.
    pub fn restart(&mut self, pace: Pace) {
        self.open(pace);
    }

    /// Opens a window whose length and gap are fixed here, from the past alone.
    fn open(&mut self, pace: Pace) {
        let tau_s = if self.now_s >= LEAST_PAST_S {
            let tau_s = self.memories.iter().map(Memory::tau_s).fold(0.0, f64::max);
            self.too_slow = tau_s > LONGEST_TAU_S;
            tau_s.min(LONGEST_TAU_S)
        } else {
            0.0
        };
        let first = if self.window_s > 0.0 {
            self.window_s
        } else {
            LEAST_S.max(beyond_s(pace.per_second, self.quantile))
        };
        self.window_s = first
            .max((LEAST_CYCLES * finite(pace.cycle_s)).min(LONGEST_BLOCK_S))
            .max(WINDOW_TAUS * tau_s);
        self.gap_s = self
            .gap_s
            .max(LEAST_GAP_S)
            .max(finite(pace.cycle_s).min(LONGEST_BLOCK_S))
            .max(GAP_TAUS * tau_s);
        self.phase = Phase::Window {
            first_s: self.now_s,
            until_s: self.now_s + self.window_s(),
        };
    }
}

/// Seconds in which 5 requests beyond the quantile are expected, at most a minute: then it goes without that quantile.
fn beyond_s(per_second: f64, quantile: f64) -> f64 {
    let per_second = per_second * (1.0 - quantile);
    if per_second > 0.0 {
        (HEADROOM * EXCEEDANCES / per_second).min(LONGEST_BLOCK_S)
    } else {
        0.0
    }
}

/// Unknown paces ask for nothing.
fn finite(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Pace = Pace {
        cycle_s: 0.1,
        per_second: 1_000.0,
    };

    /// (first second, seconds) of the windows of `seconds` seconds.
    fn run(
        windows: &mut Windows,
        seconds: u64,
        pace: Pace,
        difference: impl Fn(u64) -> f64,
    ) -> Vec<(u64, u64)> {
        (0..seconds)
            .filter_map(|i| windows.second(&[Some(difference(i))], pace))
            .map(|closed| (closed.first_s, closed.seconds))
            .collect()
    }

    #[test]
    fn quick_independent_seconds_give_ten_and_four() {
        let mut windows = Windows::new(0.99, 1, QUICK);
        assert!(windows.is_inside());
        let closed = run(&mut windows, 45, QUICK, |i| (i % 2) as f64);
        assert_eq!(closed, [(0, 10), (14, 10), (28, 10)]);
        assert_eq!((windows.pair_s(), windows.left_s()), (14, 7));
    }

    #[test]
    fn slow_cycles_and_rare_requests_ask_for_longer_windows() {
        let slow = Pace {
            cycle_s: 6.2,
            per_second: 1_000.0,
        };
        let windows = Windows::new(0.99, 1, slow);
        assert_eq!((windows.window_s(), windows.gap_s()), (19, 7));
        let rare = Pace {
            cycle_s: 0.1,
            per_second: 20.0,
        };
        assert_eq!(Windows::new(0.99, 1, rare).window_s(), 29);
        assert_eq!(Windows::new(0.95, 1, rare).window_s(), 10);
        let hardly = Pace {
            cycle_s: f64::NAN,
            per_second: 0.01,
        };
        assert_eq!(Windows::new(0.99, 1, hardly).window_s(), 60);
    }

    #[test]
    fn slow_noise_lengthens_and_nothing_shrinks() {
        let mut windows = Windows::new(0.99, 1, QUICK);
        let closed = run(&mut windows, 600, QUICK, |i| (i as f64 / 20.0).sin());
        let (early, late) = (closed[0].1, closed[closed.len() - 1].1);
        assert!(early == 10 && late > 20, "{closed:?}");
        assert!(closed.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        let (window, gap) = (windows.window_s(), windows.gap_s());
        run(&mut windows, 600, QUICK, |i| (i % 2) as f64);
        assert!(windows.window_s() >= window && windows.gap_s() >= gap);
    }
}
