//! What the processes of a launched gateway use.

use super::super::snapshot::Processes;
use super::{Activity, Variant};
use crate::clock::Tick;

/// What the processes of a launched gateway use at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProcessReading {
    /// Processes that run.
    pub processes: u64,
    /// Processor time so far, in milliseconds: it never falls.
    pub cpu_ms: u64,
    /// Resident memory in bytes.
    pub memory_bytes: u64,
}

/// The readings of one variant, one a second.
#[derive(Debug, Default)]
pub(super) struct Watched {
    last: Option<(Tick, ProcessReading)>,
    /// Cores used between the last two readings.
    cores: Option<f64>,
    run: Use,
    /// How often its gateway has ended without being asked.
    exits: u64,
}

/// What was used in the measured time of a run.
#[derive(Debug, Default)]
struct Use {
    seconds: f64,
    cpu_ms: u64,
    most_bytes: u64,
}

impl Watched {
    /// Another reading, taken at `now` or a little before.
    pub(super) fn read(&mut self, now: Tick, reading: ProcessReading, activity: Activity) {
        if let Some((before, last)) = self.last {
            let seconds = now.since(before).as_secs_f64();
            let cpu_ms = reading.cpu_ms.saturating_sub(last.cpu_ms);
            if seconds > 0.05 {
                self.cores = Some(cpu_ms as f64 / 1e3 / seconds);
            }
            // A second that is measured in part is the run's: there is no finer reading.
            // What does not run uses nothing: that is no small use.
            let ran = last.processes > 0 && reading.processes > 0;
            if activity == Activity::Measured && ran {
                self.run.seconds += seconds;
                self.run.cpu_ms += cpu_ms;
                self.run.most_bytes = self.run.most_bytes.max(reading.memory_bytes);
            }
        }
        self.last = Some((now, reading));
    }

    /// The gateway has ended without being asked.
    pub(super) fn exited(&mut self) {
        self.exits += 1;
    }

    /// A new run begins.
    pub(super) fn restart(&mut self) {
        self.run = Use::default();
    }

    /// `None` where nothing is launched.
    pub(super) fn picture(&self) -> Option<Processes> {
        let (_, last) = self.last?;
        let measured = self.run.seconds > 0.0;
        Some(Processes {
            processes: last.processes,
            cpu_cores: self.cores,
            memory_bytes: last.memory_bytes,
            run_cpu_cores: measured.then(|| self.run.cpu_ms as f64 / 1e3 / self.run.seconds),
            run_memory_bytes: measured.then_some(self.run.most_bytes),
            exits: self.exits,
        })
    }
}

impl Variant {
    /// What the processes of its gateway use at `now`.
    pub(in crate::metrics) fn uses(
        &mut self,
        now: Tick,
        reading: ProcessReading,
        activity: Activity,
    ) {
        self.processes.read(now, reading, activity);
    }

    /// Its gateway has ended without being asked.
    pub(in crate::metrics) fn gateway_exited(&mut self) {
        self.processes.exited();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(cpu_ms: u64, mib: u64) -> ProcessReading {
        ProcessReading {
            processes: 1,
            cpu_ms,
            memory_bytes: mib << 20,
        }
    }

    #[test]
    fn measured_seconds_alone_are_the_runs() {
        let mut watched = Watched::default();
        assert!(watched.picture().is_none());
        let second = |n: u64| Tick(n * 1_000_000_000);
        watched.read(second(0), reading(5_000, 900), Activity::Loaded);
        watched.read(second(1), reading(6_000, 800), Activity::Loaded);
        let picture = watched.picture().unwrap();
        assert_eq!(
            (picture.cpu_cores, picture.run_cpu_cores),
            (Some(1.0), None)
        );
        watched.read(second(2), reading(6_500, 300), Activity::Measured);
        watched.read(second(3), reading(6_600, 100), Activity::Waiting);
        watched.read(second(4), reading(7_600, 200), Activity::Measured);
        let picture = watched.picture().unwrap();
        assert_eq!(picture.run_cpu_cores, Some(0.75));
        assert_eq!(picture.run_memory_bytes, Some(300 << 20));
        assert_eq!(picture.memory_bytes, 200 << 20);
        watched.exited();
        watched.restart();
        let picture = watched.picture().unwrap();
        assert_eq!((picture.run_memory_bytes, picture.exits), (None, 1));
    }
}
