//! What signals act on, from the moment at which the run's input has been checked.

use super::exit::Failure;
use super::faults::Faults;
use super::saver::{SaveHandle, Saver};
use super::signals::{self, Ending};
use crate::load::{Control, Engine};
use crate::metrics::snapshot::Snapshot;
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What signals act on: whatever goes on before the load, and the load once it has begun.
#[derive(Default)]
pub(super) struct Running {
    /// Cancelled when the run is to end.
    pub(super) cancel: CancellationToken,
    begun: OnceLock<Begun>,
}

struct Begun {
    control: Control,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    save: SaveHandle,
    faults: Faults,
}

impl Running {
    /// The load has begun.
    pub(super) fn begin(&self, engine: &Engine, saver: &Saver, faults: &Faults) {
        let begun = self.begun.get_or_init(|| Begun {
            control: engine.control(),
            snapshots: engine.snapshots(),
            save: saver.handle(),
            faults: faults.clone(),
        });
        // A signal that came just before has found nothing to end.
        if self.cancel.is_cancelled() {
            begun.control.cancel();
        }
    }

    fn end(&self) {
        self.cancel.cancel();
        if let Some(begun) = self.begun.get() {
            begun.control.cancel();
        }
    }

    fn save(&self) {
        if let Some(begun) = self.begun.get() {
            begun.faults.trigger(&begun.control);
            begun.save.save(begun.snapshots.borrow().clone());
        }
    }
}

/// Lets signals end and save the run, from now on.
pub(super) fn follow_signals(running: &Arc<Running>) -> Result<Ending, Failure> {
    let (ended, saved) = (Arc::clone(running), Arc::clone(running));
    signals::follow(move || ended.end(), move || saved.save())
        .map_err(|error| Failure::System(format!("cannot follow signals: {error}")))
}
