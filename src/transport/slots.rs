//! The right to send a request, where a transport limits how many there are at once.

use super::Place;
use super::config::TransportConfig;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One permit for each request that there may be at once; none are needed without a limit.
#[derive(Debug)]
pub(super) struct Slots {
    places: Option<Arc<Semaphore>>,
    /// What each of them is.
    pub(super) place: Place,
}

/// The right to use one of a transport's connections.
#[derive(Debug)]
pub struct Slot(#[expect(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>);

impl Slots {
    /// So many of what `config` limits; `None` for no limit.
    pub(super) fn new(config: &TransportConfig, places: Option<usize>) -> Slots {
        Slots {
            places: places.map(|places| Arc::new(Semaphore::new(places))),
            place: Place::of(config),
        }
    }

    /// A slot if one is free now.
    pub(super) fn try_slot(&self) -> Option<Slot> {
        let Some(slots) = &self.places else {
            return Some(Slot(None));
        };
        let permit = Arc::clone(slots).try_acquire_owned().ok()?;
        Some(Slot(Some(permit)))
    }

    /// Waits, first come first served, until a slot is free.
    pub(super) async fn slot(&self) -> Slot {
        match &self.places {
            None => Slot(None),
            // An error would mean a closed semaphore, and it is never closed.
            Some(slots) => Slot(Arc::clone(slots).acquire_owned().await.ok()),
        }
    }
}
