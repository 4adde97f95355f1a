//! This program's own condition: whether it had the processor time to measure what it claims to have measured.

use super::pulse::Pulse;
use super::snapshot::{Check, CheckLevel};
use crate::clock::Tick;
use crate::cpu::{CpuMeter, CpuReading};
use crate::text;
use std::collections::VecDeque;
use std::sync::Arc;

/// Shares of a core, or of all cores, that are worth knowing and too much.
const BUSY: (f64, f64) = (0.70, 0.85);

/// Lateness of a heartbeat that is worth knowing and too much, µs.
const LATE_US: (u64, u64) = (5_000, 20_000);

/// How often "repeatedly" is: seconds with such a beat, of the last [`RECENT`] or of all.
const REPEATEDLY: usize = 3;

/// Seconds that are looked back on.
const RECENT: usize = 20;

/// Share of a run's seconds that makes a rare event a habit.
const HABIT: f64 = 0.05;

/// Seconds that are left out after a standstill: the load threads still tell of it.
const AFTERMATH_S: f64 = 1.0;

/// Processor time and punctuality of the threads that measure.
#[derive(Debug, Default)]
pub struct Client {
    cpu: CpuMeter,
    pulses: Vec<Arc<Pulse>>,
    cores: usize,
    simulated: bool,
    last: CpuReading,
    run: Use,
    second: Use,
    /// Whole seconds, the latest last.
    recent: VecDeque<Use>,
    late_seconds: (usize, usize),
    aftermath_s: f64,
}

/// What was used in a stretch of time.
#[derive(Debug, Clone, Default)]
struct Use {
    seconds: f64,
    /// By each load thread.
    load_ns: Vec<u64>,
    /// By all other threads that measure.
    watch_ns: u64,
    beats: u64,
    latest_us: u64,
}

impl Use {
    fn add(&mut self, other: &Use) {
        self.seconds += other.seconds;
        self.load_ns
            .resize(self.load_ns.len().max(other.load_ns.len()), 0);
        for (sum, ns) in self.load_ns.iter_mut().zip(&other.load_ns) {
            *sum += ns;
        }
        self.watch_ns += other.watch_ns;
        self.beats += other.beats;
        self.latest_us = self.latest_us.max(other.latest_us);
    }

    /// The shares of all cores and, of the busiest load thread, of one; `None` before it says much.
    fn shares(&self, cores: usize) -> Option<(f64, f64)> {
        let ns = self.seconds * 1e9;
        let all = self.load_ns.iter().sum::<u64>() + self.watch_ns;
        let busiest = self.load_ns.iter().max().copied().unwrap_or(0);
        (self.seconds >= 0.5 && all > 0)
            .then(|| (all as f64 / ns / cores.max(1) as f64, busiest as f64 / ns))
    }
}

impl Client {
    /// The condition of the load threads with these pulses, and of all threads with an account.
    pub fn new(cpu: CpuMeter, pulses: Vec<Arc<Pulse>>) -> Self {
        Client {
            cpu,
            pulses,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            ..Client::default()
        }
    }

    /// In simulated time the client costs nothing and is never late.
    pub fn simulated() -> Self {
        Client {
            cores: 1,
            simulated: true,
            ..Client::default()
        }
    }

    /// Cores that this process may use.
    pub fn cores(&self) -> usize {
        self.cores
    }

    /// `seconds` have passed, measured or not.
    pub(super) fn collect(&mut self, now: Tick, seconds: f64, measured: bool) {
        let reading = self.cpu.read();
        let since = |now: &u64, i: usize| {
            now.saturating_sub(self.last.load_ns.get(i).copied().unwrap_or(*now))
        };
        let mut part = Use {
            seconds,
            load_ns: reading
                .load_ns
                .iter()
                .enumerate()
                .map(|(i, now)| since(now, i))
                .collect(),
            watch_ns: reading.watch_ns.saturating_sub(self.last.watch_ns),
            ..Use::default()
        };
        for pulse in &self.pulses {
            let (beats, latest_us) = pulse.take(now);
            part.beats += beats;
            part.latest_us = part.latest_us.max(latest_us);
        }
        self.last = reading;
        if self.aftermath_s > 0.0 {
            self.aftermath_s -= seconds;
            part.latest_us = 0;
        }
        self.second.add(&part);
        if measured {
            self.run.add(&part);
        }
    }

    /// A second is over.
    pub(super) fn roll(&mut self, measured: bool) {
        let second = std::mem::take(&mut self.second);
        if measured {
            self.late_seconds.0 += usize::from(second.latest_us > LATE_US.0);
            self.late_seconds.1 += usize::from(second.latest_us > LATE_US.1);
        }
        self.recent.push_back(second);
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    /// A new run begins.
    pub(super) fn restart(&mut self) {
        self.run = Use::default();
        self.late_seconds = (0, 0);
    }

    /// The process did not run for a while, and that is known: it is no lateness.
    pub(super) fn stood_still(&mut self, now: Tick) {
        self.pulses.iter().for_each(|pulse| {
            pulse.take(now);
        });
        self.last = self.cpu.read();
        self.second = Use::default();
        self.aftermath_s = AFTERMATH_S;
    }

    /// Processor time against what there is: all threads against all cores, and the busiest load thread against the one core
    /// that it can use.
    pub(super) fn cpu_check(&self) -> Check {
        let name = "own CPU".to_owned();
        // A busy minute must not drown in a quiet hour, nor the beginning of a run in its warm-up: the worse of both.
        let mut lately = Use::default();
        self.recent.iter().for_each(|second| lately.add(second));
        let long = self
            .run
            .shares(self.cores)
            .filter(|_| self.run.seconds >= 5.0);
        let known = [long, lately.shares(self.cores)];
        let worst = known
            .into_iter()
            .flatten()
            .max_by(|x, y| x.0.max(x.1).total_cmp(&y.0.max(y.1)));
        let Some((all, busiest)) = worst.filter(|_| !self.simulated) else {
            return Check {
                name,
                level: CheckLevel::Ok,
                detail: "not known yet".to_owned(),
            };
        };
        let share = all.max(busiest);
        let level = match share {
            share if share > BUSY.1 => CheckLevel::Red,
            share if share > BUSY.0 => CheckLevel::Amber,
            _ => CheckLevel::Ok,
        };
        let figures = format!(
            "{:.0} % of {} cores, thread {:.0} %",
            all * 100.0,
            self.cores,
            busiest * 100.0
        );
        let detail = if level == CheckLevel::Red {
            format!("CLIENT IS THE BOTTLENECK: it uses {figures}")
        } else {
            figures
        };
        Check {
            name,
            level,
            detail,
        }
    }

    /// The punctuality of the load threads.
    pub(super) fn heartbeat_check(&self) -> Check {
        let name = "heartbeat".to_owned();
        let recent = |limit: u64| self.recent.iter().filter(|s| s.latest_us > limit).count();
        let habit =
            |late: usize| late >= REPEATEDLY && late as f64 > HABIT * self.run.seconds.max(1.0);
        let beats = self.run.beats.max(self.second.beats);
        if beats == 0 && self.recent.iter().all(|s| s.beats == 0) {
            let detail = "not known yet".to_owned();
            return Check {
                name,
                level: CheckLevel::Ok,
                detail,
            };
        }
        let latest = self
            .recent
            .iter()
            .map(|second| second.latest_us)
            .max()
            .unwrap_or(0)
            .max(self.second.latest_us);
        let level = if recent(LATE_US.1) >= REPEATEDLY || habit(self.late_seconds.1) {
            CheckLevel::Red
        } else if recent(LATE_US.0) > 0 || habit(self.late_seconds.0) {
            CheckLevel::Amber
        } else {
            CheckLevel::Ok
        };
        let late = text::latency(latest as f64);
        let detail = match level {
            CheckLevel::Red => format!(
                "CLIENT IS THE BOTTLENECK: its load threads were kept waiting again and again, up to {late} lately"
            ),
            _ => format!("at most {late} late lately"),
        };
        Check {
            name,
            level,
            detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_with(lates_us: &[u64]) -> Client {
        let pulse = Arc::new(Pulse::default());
        let mut client = Client::new(CpuMeter::default(), vec![Arc::clone(&pulse)]);
        for (i, late) in lates_us.iter().enumerate() {
            let now = Tick(i as u64 * 1_000_000_000);
            pulse.beat(now, *late);
            client.collect(now, 1.0, true);
            client.roll(true);
        }
        client
    }

    #[test]
    fn one_busy_thread_is_seen_and_four_half_busy_ones_are_not_taken_for_one() {
        let mut client = Client {
            cores: 8,
            ..Client::default()
        };
        let mut second = |load_ns: Vec<u64>| {
            client.recent.clear();
            client.recent.push_back(Use {
                seconds: 1.0,
                load_ns,
                ..Use::default()
            });
            client.cpu_check().level
        };
        assert_eq!(second(vec![450_000_000; 4]), CheckLevel::Ok);
        assert_eq!(second(vec![10_000_000, 960_000_000]), CheckLevel::Red);
        assert_eq!(second(vec![750_000_000; 2]), CheckLevel::Amber);
    }

    #[test]
    fn lateness_is_amber_once_and_red_repeatedly() {
        let level = |lates: &[u64]| client_with(lates).heartbeat_check().level;
        assert_eq!(level(&[100, 4_000]), CheckLevel::Ok);
        assert_eq!(level(&[100, 6_000]), CheckLevel::Amber);
        assert_eq!(level(&[30_000, 30_000, 100]), CheckLevel::Amber);
        assert_eq!(level(&[30_000, 30_000, 100, 30_000]), CheckLevel::Red);
        // Long ago, and not a habit: forgotten.
        let mut long = vec![30_000; 3];
        long.extend([100; 200]);
        assert_eq!(level(&long), CheckLevel::Ok);
        // Every tenth second is a habit, even if the last ones were good.
        let mut habit: Vec<u64> = (0..100)
            .map(|i| if i % 10 == 0 { 30_000 } else { 100 })
            .collect();
        habit.extend([100; 25]);
        assert_eq!(level(&habit), CheckLevel::Red);
    }

    #[test]
    fn what_is_not_known_is_said() {
        assert_eq!(Client::simulated().cpu_check().detail, "not known yet");
        assert_eq!(client_with(&[]).heartbeat_check().detail, "not known yet");
    }
}
