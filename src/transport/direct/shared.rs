//! The accounts of a connection that many requests share: what it was used for, who ends it, and that it is counted as closed
//! exactly once.

use super::progress::Progress;
use crate::clock::Tick;
use crate::transport::connections::{Closed, ConnectionCounters};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Notify;

/// What it has been used for.
pub(super) struct Usage {
    counters: Arc<ConnectionCounters>,
    /// Requests that it was given.
    begun: Cell<u64>,
    /// Answers that it has given.
    served: Cell<u64>,
    used: Cell<Tick>,
}

impl Usage {
    pub(super) fn new(counters: Arc<ConnectionCounters>, now: Tick) -> Usage {
        Usage {
            counters,
            begun: Cell::new(0),
            served: Cell::new(0),
            used: Cell::new(now),
        }
    }

    /// When it was last used.
    pub(super) fn last(&self) -> Tick {
        self.used.get()
    }

    /// A request is about to be sent.
    pub(super) fn begins(&self, progress: &mut Progress) {
        progress.reused = self.begun.get() > 0;
        progress.answered = self.served.get() > 0;
        self.begun.set(self.begun.get() + 1);
    }

    /// A request has come to its end.
    pub(super) fn ends(&self, progress: &Progress, now: Tick) {
        self.used.set(now);
        if progress.answer.is_some() {
            self.served.set(self.served.get() + 1);
            self.counters.count_answered(self.served.get());
        }
    }
}

/// What a connection's task and its requests tell each other.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// Who ends it, once that is known.
    by: Cell<Option<Closed>>,
    /// It has ended.
    over: Cell<bool>,
    /// It ended because a ping was not answered in time.
    pub(super) mute: Cell<bool>,
    /// Nobody needs it any more.
    pub(super) left: Notify,
}

impl Ending {
    /// Says who ends it, unless that is known already.
    pub(super) fn by(&self, by: Closed) {
        if self.by.get().is_none() {
            self.by.set(Some(by));
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.get()
    }
}

/// Counts a connection's end when it is dropped.
pub(super) struct Books {
    pub(super) ending: Rc<Ending>,
    pub(super) counters: Arc<ConnectionCounters>,
}

impl Drop for Books {
    fn drop(&mut self) {
        self.ending.over.set(true);
        // Without any word it is the whole run that ends.
        let by = self.ending.by.get().unwrap_or(Closed::Us);
        self.counters.count_closed(by);
    }
}
