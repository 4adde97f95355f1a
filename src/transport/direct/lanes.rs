//! Which connection a request takes, where many share one. A *lane* is a place for one connection.
//!
//! What holds always: a lane's connection is opened once, however many requests wait for it, and they all learn what became
//! of it.

use super::failure::Failure;
use super::session::Session;
use crate::clock::Tick;
use crate::transport::connections::{Closed, Opening};
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// The lanes of one transport on one load thread.
pub(super) struct Lanes {
    all: Vec<Rc<Lane>>,
    /// Requests at once on each.
    streams: usize,
    /// How many of the first keep an idle connection.
    keepers: usize,
    /// An idle connection is kept for so long.
    time: Option<Duration>,
    next: Cell<usize>,
}

#[derive(Default)]
struct Lane {
    session: RefCell<Option<Rc<Session>>>,
    /// The connection that is being opened.
    attempt: RefCell<Option<Rc<Attempt>>>,
    /// Requests that hold the lane.
    holders: Cell<usize>,
}

#[derive(Default)]
struct Attempt {
    ended: OnceCell<Result<Opening, Failure>>,
    news: Notify,
    task: RefCell<Option<AbortHandle>>,
}

/// What opens connections: a session, or `None` where the server chose HTTP/1.1 and the connection went elsewhere.
pub(super) trait Opener: 'static {
    /// Opens one.
    fn open(&self) -> impl Future<Output = Result<(Option<Session>, Opening), Failure>>;
}

/// One request's place in a lane.
pub(super) struct Held {
    lane: Rc<Lane>,
    keeps: bool,
}

impl Lanes {
    /// So many lanes with so many requests at once on each; see [`Lanes`].
    pub(super) fn new(
        lanes: usize,
        streams: usize,
        keepers: usize,
        time: Option<Duration>,
    ) -> Lanes {
        Lanes {
            all: (0..lanes).map(|_| Rc::default()).collect(),
            streams,
            keepers,
            time,
            next: Cell::new(0),
        }
    }

    /// A place, in turns; in the emptiest lane where all are full.
    pub(super) fn hold(&self) -> Held {
        let first = self.next.get();
        let turns = (first..self.all.len()).chain(0..first);
        let free = turns
            .clone()
            .find(|lane| self.all[*lane].holders.get() < self.streams);
        let emptiest = || turns.min_by_key(|lane| self.all[*lane].holders.get());
        let number = free.or_else(emptiest).unwrap_or(0);
        self.next.set((number + 1) % self.all.len());
        let lane = Rc::clone(&self.all[number]);
        lane.holders.set(lane.holders.get() + 1);
        Held {
            lane,
            keeps: number < self.keepers,
        }
    }

    /// Ends all connections.
    pub(super) async fn close(&self) {
        for lane in &self.all {
            let session = lane.session.take();
            if let Some(session) = session {
                session.cut().await;
            }
        }
    }

    /// Lets go of connections that have ended, and of those that have been idle for too long.
    pub(super) fn sweep(&self, now: Tick) {
        for lane in &self.all {
            let mut place = lane.session.borrow_mut();
            let Some(session) = &*place else { continue };
            let idle = lane.holders.get() == 0
                && self
                    .time
                    .is_some_and(|time| now.since(session.used()) >= time);
            if idle {
                session.end(Closed::Idle);
            }
            if idle || !session.is_usable() {
                *place = None;
            }
        }
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        for lane in &self.all {
            if let Some(attempt) = lane.attempt.take()
                && let Some(task) = attempt.task.take()
            {
                task.abort();
            }
        }
    }
}

impl Held {
    /// The lane's connection, if it has one that takes requests; else why the last one ended, as far as that is known.
    pub(super) fn session(&self) -> Result<Rc<Session>, Option<Failure>> {
        let mut place = self.lane.session.borrow_mut();
        match place.take() {
            Some(session) if session.is_usable() => {
                *place = Some(Rc::clone(&session));
                Ok(session)
            }
            ended => Err(ended.and_then(|session| session.why_ended())),
        }
    }

    /// Waits for the lane's next connection, which is opened unless it is being opened already. Whoever caused that is told
    /// how it was done.
    pub(super) async fn open(&self, opener: &Rc<impl Opener>) -> Result<Option<Opening>, Failure> {
        let under_way = self.lane.attempt.borrow().clone();
        let first = under_way.is_none();
        let attempt = under_way.unwrap_or_else(|| self.lane.begin(opener));
        loop {
            let news = attempt.news.notified();
            if let Some(ended) = attempt.ended.get() {
                let opening = ended.clone()?;
                return Ok(first.then_some(opening));
            }
            news.await;
        }
    }
}

impl Lane {
    /// A task opens the connection: it goes on if the request that caused it is given up.
    fn begin(self: &Rc<Self>, opener: &Rc<impl Opener>) -> Rc<Attempt> {
        let attempt = Rc::<Attempt>::default();
        *self.attempt.borrow_mut() = Some(Rc::clone(&attempt));
        let (lane, opener) = (Rc::clone(self), Rc::clone(opener));
        let task = tokio::task::spawn_local(async move {
            let came = opener.open().await;
            let Some(attempt) = lane.attempt.take() else {
                return;
            };
            let ended = came.map(|(session, opening)| {
                *lane.session.borrow_mut() = session.map(Rc::new);
                opening
            });
            // Set once: the attempt has just been taken from its lane.
            let _ = attempt.ended.set(ended);
            attempt.news.notify_waiters();
        });
        *attempt.task.borrow_mut() = Some(task.abort_handle());
        attempt
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let left = self.lane.holders.get() - 1;
        self.lane.holders.set(left);
        if left == 0 && !self.keeps {
            *self.lane.session.borrow_mut() = None;
        }
    }
}
