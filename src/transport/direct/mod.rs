//! The direct engine: connections that are our own, so that everything about them is known and nothing costs more than it
//! must.
//!
//! ```text
//! exchange ──► pool ──► connection ──► head, body
//!               └─ none idle ──► connect (name, TCP or Unix socket, TLS)
//! ```
//!
//! What holds always: an exchange is one request, written once; there is no hidden retry. Each connection that was opened is
//! counted as closed once, by whom. In steady state nothing is allocated.

mod body;
mod connect;
mod connection;
mod failure;
mod head;
mod pool;
mod request;
mod stream;

use super::config::{Limits, Timeouts, TransportConfig};
use super::connections::{Closed, ConnectionCounters};
use super::error::TransportError;
use super::{Exchange, RequestSpec, Share, Transport, outcome_of};
use crate::clock::Tick;
use crate::outcome::Outcome;
use crate::pacer::Pacer;
use connect::Connector;
#[cfg(any(test, fuzzing))]
pub use connection::played;
use connection::{Connection, Progress, Sending};
use failure::Failure;
use pool::Pool;
use request::Request;
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How often idle connections are looked after.
const SWEEP: Duration = Duration::from_millis(200);

/// One load thread's connections to one target. To be used inside a `current_thread` runtime that runs local tasks.
pub struct DirectTransport {
    request: Request,
    connector: Connector,
    pool: Rc<RefCell<Pool>>,
    /// One permit for each connection that there may be; `None` without a limit.
    slots: Option<Arc<Semaphore>>,
    keep_alive: bool,
    limits: Limits,
    timeouts: Timeouts,
    counters: Arc<ConnectionCounters>,
    pacer: Arc<Pacer>,
    sweeping: std::cell::Cell<bool>,
}

/// The right to use one of the transport's connections.
#[derive(Debug)]
pub struct Slot(#[expect(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>);

impl DirectTransport {
    /// Sets up the share of one load thread. Nothing is connected yet.
    pub fn new(
        spec: &RequestSpec,
        config: &TransportConfig,
        share: Share,
        counters: Arc<ConnectionCounters>,
        pacer: Arc<Pacer>,
    ) -> Result<Self, TransportError> {
        super::client::check_scheme(&spec.url, config.http)?;
        let limit = config.limits.connections.map(|total| share.part(total));
        if limit == Some(0) {
            return Err(TransportError::ShareIsEmpty {
                limit: config.limits.connections.unwrap_or_default(),
                threads: share.of,
            });
        }
        counters.tell_closes();
        if let Some(limit) = limit {
            counters.add_limit(limit);
        }
        let most_idle = config.pool.map_or(usize::MAX, |total| share.part(total));
        Ok(DirectTransport {
            request: Request::http1(spec, config),
            connector: Connector::new(
                &spec.url,
                config,
                Arc::clone(&counters),
                Arc::clone(&pacer),
            )?,
            pool: Rc::new(RefCell::new(Pool::new(most_idle, config.pool_idle))),
            slots: limit.map(|limit| Arc::new(Semaphore::new(limit))),
            keep_alive: config.keep_alive,
            limits: config.limits,
            timeouts: config.timeouts,
            counters,
            pacer,
            sweeping: std::cell::Cell::new(false),
        })
    }

    /// Looks after idle connections as long as the transport lives. Begun with the first connection: only then is there a
    /// runtime for sure.
    fn keep_sweeping(&self) {
        if self.sweeping.replace(true) {
            return;
        }
        let pool: Weak<RefCell<Pool>> = Rc::downgrade(&self.pool);
        let pacer = Arc::clone(&self.pacer);
        tokio::task::spawn_local(async move {
            loop {
                pacer.sleep_until(pacer.clock().now() + SWEEP).await;
                let Some(pool) = pool.upgrade() else { return };
                pool.borrow_mut().sweep(pacer.clock().now());
            }
        });
    }

    fn now(&self) -> Tick {
        self.pacer.clock().now()
    }

    async fn connection(&self, began: Tick) -> Result<Connection, Failure> {
        if let Some(connection) = self.pool.borrow_mut().take(began) {
            return Ok(connection);
        }
        let stream = self.connector.connect().await?;
        self.keep_sweeping();
        let counters = Arc::clone(&self.counters);
        Ok(Connection::new(stream, self.now(), counters))
    }

    async fn whole(&self, progress: &mut Progress) -> Result<bool, Failure> {
        let began = self.now();
        let mut connection = self.connection(began).await?;
        let reused = connection.served > 0;
        let sending = Sending {
            request: &self.request.bytes,
            bodiless: self.request.bodiless,
            read_timeout: self.timeouts.read,
            pacer: &self.pacer,
        };
        let ended = connection.exchange(&sending, progress).await;
        if progress.head.is_some() {
            connection.served += 1;
            self.counters.count_answered(connection.served);
        }
        match ended {
            Ok(true) if self.keep_alive => {
                self.pool.borrow_mut().give(connection, self.now());
                Ok(reused)
            }
            Ok(_) => {
                connection.close(Closed::Us);
                Ok(reused)
            }
            Err(failure) if reused && failure.is_early_end(progress) => {
                self.counters.count_stale();
                Err(failure.stale())
            }
            Err(failure) => Err(failure),
        }
    }

    /// The same within the transport's own limit.
    async fn limited(&self, progress: &mut Progress) -> Result<bool, Failure> {
        let Some(limit) = self.timeouts.total else {
            return self.whole(progress).await;
        };
        let deadline = self.now() + limit;
        let ended = self.pacer.timeout_at(deadline, self.whole(progress)).await;
        ended.unwrap_or_else(|| {
            let limit = crate::text::setting(limit);
            let text = format!("not ended within {limit} (timeout)");
            Err(Failure::new(Outcome::Timeout, &text))
        })
    }
}

impl Transport for DirectTransport {
    type Slot = Slot;

    fn try_slot(&self) -> Option<Slot> {
        match &self.slots {
            None => Some(Slot(None)),
            Some(slots) => Arc::clone(slots)
                .try_acquire_owned()
                .ok()
                .map(|permit| Slot(Some(permit))),
        }
    }

    async fn slot(&self) -> Slot {
        match &self.slots {
            None => Slot(None),
            // An error would mean a closed semaphore, and it is never closed.
            Some(slots) => Slot(Arc::clone(slots).acquire_owned().await.ok()),
        }
    }

    fn patience(&self) -> Option<Duration> {
        self.limits.at_limit.patience()
    }

    async fn exchange(&self) -> Exchange {
        let mut progress = Progress::default();
        let ended = self.limited(&mut progress).await;
        let done = self.now();
        let head = progress.head;
        let status = head.map_or(0, |head| head.status);
        let outcome = outcome_of(status);
        let (outcome, error, reused) = match ended {
            Ok(reused) => (outcome, None, Some(reused)),
            Err(failure) => (failure.outcome, Some(failure.text), None),
        };
        Exchange {
            outcome,
            first_byte: progress.first_byte.filter(|_| head.is_some()),
            done,
            bytes: progress.bytes,
            reused,
            version: head.map(|head| head.version),
            held: head.and_then(|head| head.held),
            error,
        }
    }
}
