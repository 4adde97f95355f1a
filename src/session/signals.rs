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

    fn ask(&self, signal: i32) {
        let _ = self
            .0
            .compare_exchange(0, signal, Ordering::AcqRel, Ordering::Acquire);
    }
}

/// Follows SIGINT, SIGTERM and SIGHUP (`on_end` is called once for each) and SIGUSR1 (`on_save`), on a thread of its own.
#[cfg(unix)]
pub(super) fn follow(
    on_end: impl Fn() + Send + 'static,
    on_save: impl Fn() + Send + 'static,
) -> std::io::Result<Ending> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
    let ending = Ending::default();
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP, SIGUSR1])?;
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
