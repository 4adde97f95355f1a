//! What this process itself costs: the processor time of the threads that measure.
//!
//! Each thread that drives load, collects figures or draws publishes the reading of its own clock now and then; so servers
//! that run in the same process (the demo's) are left out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// It drives load.
    Load,
    /// It collects figures or shows them.
    Watch,
}

/// The accounts of all threads that measure. Copies share them.
#[derive(Clone, Debug, Default)]
pub struct CpuMeter(Arc<Mutex<Vec<Arc<Account>>>>);

#[derive(Debug)]
struct Account {
    work: Work,
    ns: AtomicU64,
}

/// One thread's account. Only the thread itself can say what it has used.
#[derive(Debug)]
pub struct CpuProbe(Arc<Account>);

/// Processor time since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CpuReading {
    /// Of each load thread, ns.
    pub load_ns: Vec<u64>,
    /// Of all other threads that measure, ns.
    pub watch_ns: u64,
}

impl CpuMeter {
    /// An account for a thread.
    pub fn probe(&self, work: Work) -> CpuProbe {
        let account = Arc::new(Account {
            work,
            ns: AtomicU64::new(0),
        });
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&account));
        CpuProbe(account)
    }

    /// What was published last.
    pub fn read(&self) -> CpuReading {
        let mut reading = CpuReading::default();
        for account in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let ns = account.ns.load(Ordering::Relaxed);
            match account.work {
                Work::Load => reading.load_ns.push(ns),
                Work::Watch => reading.watch_ns += ns,
            }
        }
        reading
    }
}

impl CpuProbe {
    /// Publishes what the calling thread has used so far.
    pub fn publish(&self) {
        self.0.ns.store(thread_ns(), Ordering::Relaxed);
    }
}

#[cfg(unix)]
fn thread_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Not known here; the self-check says so.
#[cfg(not(unix))]
fn thread_ns() -> u64 {
    0
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_threads_time_is_its_own() {
        let meter = CpuMeter::default();
        let (load, watch) = (meter.probe(Work::Load), meter.probe(Work::Watch));
        let busy = std::thread::spawn(move || {
            while {
                load.publish();
                load.0.ns.load(Ordering::Relaxed) < 20_000_000
            } {}
        });
        busy.join().expect("no panic");
        watch.publish();
        let reading = meter.read();
        assert!(reading.load_ns[0] >= 20_000_000);
        assert!(reading.watch_ns < reading.load_ns[0]);
    }
}
