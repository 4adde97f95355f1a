//! One wait: an entry in the pacer's map from the first poll that finds the deadline ahead until the last, or the drop.

use super::{Pacer, Sleeper};
use crate::clock::Tick;
use std::collections::btree_map::Entry;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A wait for a deadline; made by [`Pacer::sleep_until`].
#[derive(Debug)]
#[must_use = "a future waits only while it is polled"]
pub struct Sleep {
    pacer: Arc<Pacer>,
    deadline: Tick,
    sharp: bool,
    /// Its number among the sleepers, from the first time that it has to wait.
    id: Option<u64>,
}

impl Sleep {
    pub(super) fn new(pacer: Arc<Pacer>, deadline: Tick) -> Sleep {
        Sleep {
            pacer,
            deadline,
            sharp: false,
            id: None,
        }
    }

    /// Woken at the deadline as exactly as can be, at a little more cost: for instants that are measured from. To be said
    /// before it waits.
    pub fn sharp(mut self) -> Sleep {
        self.sharp = true;
        self
    }

    /// The instant that it waits for.
    pub fn deadline(&self) -> Tick {
        self.deadline
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        // Made before the lock is taken, and dropped after it is released if it is not needed: either may run foreign code.
        let mut waker = context.waker().clone();
        let mut sleepers = this.pacer.lock();
        // Read under the lock: whoever rings has moved the clock before, so either the ring finds the entry or this sees
        // the new time.
        if this.pacer.clock.now() >= this.deadline {
            let id = this.id.take();
            let left = id.and_then(|id| sleepers.waiting.remove(&(this.deadline, id)));
            drop(sleepers);
            drop(left);
            return Poll::Ready(());
        }
        let id = *this.id.get_or_insert_with(|| {
            sleepers.next_id += 1;
            sleepers.next_id
        });
        match sleepers.waiting.entry((this.deadline, id)) {
            Entry::Occupied(mut known) => {
                waker = std::mem::replace(&mut known.get_mut().waker, waker);
            }
            Entry::Vacant(place) => {
                place.insert(Sleeper {
                    waker,
                    sharp: this.sharp,
                });
                this.pacer.arm(&mut sleepers, this.deadline, this.sharp);
                return Poll::Pending;
            }
        }
        drop(sleepers);
        drop(waker);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let left = self.pacer.lock().waiting.remove(&(self.deadline, id));
        drop(left);
    }
}
