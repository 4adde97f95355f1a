//! Counts connections where they are made: a layer round the engine's connector.
//!
//! A connection is *fresh* from its opening until its first answer; it is known by its local address, which is unique among
//! the open connections of a machine. So an answer was served by a reused connection exactly when its address is not fresh.
//! The set holds connections that have not answered yet, never more than there are local ports.

use super::connections::ConnectionCounters;
use crate::clock::{Clock, Tick};
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer, Service};

/// The connection accounts of one client, or of the clients of one load thread.
#[derive(Debug)]
pub(crate) struct Tally {
    counters: Arc<ConnectionCounters>,
    fresh: Mutex<HashSet<SocketAddr>>,
    clock: Clock,
    connect_timeout: Option<Duration>,
}

impl Tally {
    pub(crate) fn new(
        counters: Arc<ConnectionCounters>,
        clock: Clock,
        connect_timeout: Option<Duration>,
    ) -> Arc<Tally> {
        Arc::new(Tally {
            counters,
            fresh: Mutex::default(),
            clock,
            connect_timeout,
        })
    }

    /// Whether the connection of an answer had already served another; counts it if so. `None` without an address.
    pub(crate) fn served(&self, info: Option<&HttpInfo>) -> Option<bool> {
        let local = info?.local_addr();
        let reused = !self.with_fresh(|fresh| fresh.remove(&local));
        if reused {
            self.counters.count_reused();
        }
        Some(reused)
    }

    fn opened(&self, connection: &impl Connection, started: Tick) {
        self.counters.count_opened(self.clock.now().since(started));
        let mut extras = http::Extensions::new();
        connection.connected().get_extras(&mut extras);
        if let Some(info) = extras.get::<HttpInfo>() {
            self.with_fresh(|fresh| fresh.insert(info.local_addr()));
        }
    }

    fn with_fresh<T>(&self, act: impl FnOnce(&mut HashSet<SocketAddr>) -> T) -> T {
        act(&mut self.fresh.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One attempt to connect. The engine enforces the connect timeout by dropping the attempt, so that is counted on drop.
struct Attempt {
    tally: Arc<Tally>,
    started: Tick,
    ended: bool,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let timed_out = |limit| self.tally.clock.now().since(self.started) >= limit;
        if !self.ended && self.tally.connect_timeout.is_some_and(timed_out) {
            self.tally.counters.count_failed();
        }
    }
}

/// Puts [`Counted`] round a connector.
#[derive(Clone, Debug)]
pub(crate) struct TallyLayer(pub(crate) Arc<Tally>);

impl<S> Layer<S> for TallyLayer {
    type Service = Counted<S>;

    fn layer(&self, connector: S) -> Counted<S> {
        Counted {
            connector,
            tally: Arc::clone(&self.0),
        }
    }
}

/// A connector whose every attempt is counted and timed.
#[derive(Clone, Debug)]
pub(crate) struct Counted<S> {
    connector: S,
    tally: Arc<Tally>,
}

impl<S, Target> Service<Target> for Counted<S>
where
    S: Service<Target>,
    S::Future: Send + 'static,
    S::Response: Connection,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, target: Target) -> Self::Future {
        let mut attempt = Attempt {
            started: self.tally.clock.now(),
            tally: Arc::clone(&self.tally),
            ended: false,
        };
        let connecting = self.connector.call(target);
        Box::pin(async move {
            let result = connecting.await;
            attempt.ended = true;
            match &result {
                Ok(connection) => attempt.tally.opened(connection, attempt.started),
                Err(_) => attempt.tally.counters.count_failed(),
            }
            result
        })
    }
}
