//! One wait: an entry in the pacer's queue from the first poll that finds the deadline ahead until the last, or the drop.

use super::{Pacer, Sleeper};
use crate::clock::Tick;
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
    /// Its number among the sleepers and its place in the queue, from the first time that it has to wait.
    known: Option<(u64, usize)>,
}

impl Sleep {
    pub(super) fn new(pacer: Arc<Pacer>, deadline: Tick) -> Sleep {
        Sleep {
            pacer,
            deadline,
            sharp: false,
            known: None,
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
            let known = this.known.take();
            let left = known.and_then(|(id, at)| sleepers.waiting.remove(at, (this.deadline, id)));
            drop(sleepers);
            drop(left);
            return Poll::Ready(());
        }
        let waiting = &mut sleepers.waiting;
        if let Some((id, at)) = this.known
            && let Some(known) = waiting.get_mut(at, (this.deadline, id))
        {
            waker = std::mem::replace(&mut known.waker, waker);
        } else {
            let id = if let Some((id, _)) = this.known {
                id
            } else {
                sleepers.next_id += 1;
                sleepers.next_id
            };
            let sleeper = Sleeper {
                waker,
                sharp: this.sharp,
            };
            let at = sleepers.waiting.insert((this.deadline, id), sleeper);
            this.known = Some((id, at));
            this.pacer.arm(&mut sleepers, this.deadline, this.sharp);
            return Poll::Pending;
        }
        drop(sleepers);
        drop(waker);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some((id, at)) = self.known else { return };
        let mut sleepers = self.pacer.lock();
        let left = sleepers.waiting.remove(at, (self.deadline, id));
        drop(sleepers);
        drop(left);
    }
}
