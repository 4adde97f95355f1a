//! Signals: ending in good order, and saving on request.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// Which signal asked to end, if one has.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending(Arc<AtomicI32>);

impl Ending {
    /// The first signal that asked to end.
    pub(super) fn asked(&self) -> Option<i32> {
        Some(self.0.load(Ordering::Acquire)).filter(|signal| *signal != 0)
    }

    /// `signal` asks to end, unless another has.
    pub(super) fn ask(&self, signal: i32) {
        let _ = self
            .0
            .compare_exchange(0, signal, Ordering::AcqRel, Ordering::Acquire);
    }
}

/// Follows SIGINT, SIGTERM and SIGHUP (`on_end` is called once for each) and SIGUSR1 (`on_save`), on a thread of its own.
/// A SIGHUP that was ignored when the program was started (`nohup`) stays so.
#[cfg(unix)]
pub(super) fn follow(
    on_end: impl Fn() + Send + 'static,
    on_save: impl Fn() + Send + 'static,
) -> std::io::Result<Ending> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
    let ending = Ending::default();
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGUSR1])?;
    if !is_ignored(SIGHUP) {
        signals.add_signal(SIGHUP)?;
    }
    let told = ending.clone();
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                if signal == SIGUSR1 {
                    on_save();
                } else {
                    told.ask(signal);
                    on_end();
                }
            }
        })?;
    Ok(ending)
}

/// Whether `signal` is ignored. Only Linux says so without unsafe code; elsewhere none is.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores(&status, signal))
}

/// Reads the set of ignored signals, in which signal 1 is the lowest bit.
#[cfg(unix)]
fn ignores(status: &str, signal: i32) -> bool {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
    let bit = u32::try_from(signal - 1)
        .ok()
        .and_then(|bit| 1_u64.checked_shl(bit));
    matches!((line, bit), (Some(set), Some(bit)) if set & bit != 0)
}

/// Follows Ctrl-C and termination as far as the system has them.
#[cfg(not(unix))]
pub(super) fn follow(
    on_end: impl Fn() + Send + 'static,
    _on_save: impl Fn() + Send + 'static,
) -> std::io::Result<Ending> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use std::sync::atomic::AtomicUsize;
    let ending = Ending::default();
    let caught = Arc::new(AtomicUsize::new(0));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_usize(signal, Arc::clone(&caught), signal as usize)?;
    }
    let told = ending.clone();
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            loop {
                std::thread::sleep(std::time::Duration::from_millis(50));
                let signal = caught.swap(0, Ordering::AcqRel);
                if signal != 0 {
                    told.ask(signal as i32);
                    on_end();
                }
            }
        })?;
    Ok(ending)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_first_signal_that_asks_counts() {
        let ending = Ending::default();
        assert_eq!(ending.asked(), None);
        ending.ask(15);
        ending.ask(2);
        assert_eq!(ending.asked(), Some(15));
    }

    #[test]
    fn the_set_of_ignored_signals_is_read() {
        let status = "Name:\tdragstrip\nSigBlk:\tffffffffffffffff\nSigIgn:\t0000000000001001\n";
        assert!(ignores(status, 1) && ignores(status, 13));
        assert!(!ignores(status, 2) && !ignores(status, 0) && !ignores(status, 200));
        assert!(!ignores("", 1) && !ignores("SigIgn:\tx", 1));
    }
}
