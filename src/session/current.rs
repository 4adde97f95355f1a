//! What signals act on, which come at any time: whatever goes on before the load, and the run under way.

use super::exit::Failure;
use super::faults::Faults;
use super::saver::SaveHandle;
use super::signals::{self, Ending};
use crate::load::{Control, Engine};
use crate::metrics::snapshot::Snapshot;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What goes on.
#[derive(Clone, Debug, Default)]
pub(super) struct Current {
    /// Cancelled when a signal has asked to end.
    cancel: CancellationToken,
    /// How many signals have asked.
    signals: Arc<AtomicU32>,
    run: Arc<Mutex<Option<UnderWay>>>,
}

#[derive(Debug)]
struct UnderWay {
    control: Control,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    save: SaveHandle,
}

/// Dropped, nothing is under way any more.
pub(super) struct Turn<'a>(&'a Current);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}

impl Current {
    /// The run of `engine` is under way until the result is dropped.
    pub(super) fn set(&self, engine: &Engine, save: SaveHandle) -> Turn<'_> {
        *self.lock() = Some(UnderWay {
            control: engine.control(),
            snapshots: engine.snapshots(),
            save,
        });
        // A signal that came just before has found nothing to end.
        if self.cancel.is_cancelled() {
            engine.control().cancel();
        }
        Turn(self)
    }

    /// How many signals have asked to end.
    pub(super) fn signals(&self) -> u32 {
        self.signals.load(Ordering::Acquire)
    }

    /// Cancelled when a signal has asked to end.
    pub(super) fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Follows signals from now on: those that ask to end cancel the run under way, SIGUSR1 saves its picture.
    pub(super) fn follow_signals(&self, faults: &Faults) -> Result<Ending, Failure> {
        let (cancelling, saving, faults) = (self.clone(), self.clone(), faults.clone());
        signals::follow(
            move || {
                cancelling.signals.fetch_add(1, Ordering::AcqRel);
                cancelling.cancel.cancel();
                if let Some(run) = &*cancelling.lock() {
                    run.control.cancel();
                }
            },
            move || {
                if let Some(run) = &*saving.lock() {
                    faults.trigger(&run.control);
                    run.save.save(run.snapshots.borrow().clone());
                }
            },
        )
        .map_err(|error| Failure::System(format!("cannot follow signals: {error}")))
    }

    fn lock(&self) -> MutexGuard<'_, Option<UnderWay>> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
