//! Counts connections where they are made: a layer round the engine's connector.
//!
//! A connection is known by its local address, which is unique among the open connections of a machine. How many answers each
//! has given is kept until its address is used again, so never more entries than there are local ports. A Unix socket has no
//! address of that kind: there, a request that made its own connection is taken for the first on it, and the answers of one
//! connection are not counted.

use super::connections::{Agreement, ConnectionCounters, Opening};
use super::notes::{self, Notes};
use crate::clock::{Clock, Tick};
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use std::collections::HashMap;
use std::future::poll_fn;
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
    /// How many answers each connection has given.
    answers: Mutex<HashMap<SocketAddr, u64>>,
    clock: Clock,
    connect_timeout: Option<Duration>,
    /// HTTP/2 is spoken without asking.
    prior_knowledge: bool,
}

impl Tally {
    pub(crate) fn new(
        counters: Arc<ConnectionCounters>,
        clock: Clock,
        connect_timeout: Option<Duration>,
        prior_knowledge: bool,
    ) -> Arc<Tally> {
        Arc::new(Tally {
            counters,
            answers: Mutex::default(),
            clock,
            connect_timeout,
            prior_knowledge,
        })
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// An answer has come; `opened`: its request had made its own connection. Whether that connection had already served
    /// another.
    pub(crate) fn served(&self, info: Option<&HttpInfo>, opened: bool) -> bool {
        let by_now = match info {
            None if opened => 1,
            None => 2,
            Some(info) => self.with_answers(|answers| {
                let so_far = answers.entry(info.local_addr()).or_default();
                *so_far += 1;
                *so_far
            }),
        };
        self.counters.count_answered(by_now);
        by_now > 1
    }

    /// A request failed because its kept connection had been closed by the server.
    pub(crate) fn stale(&self) {
        self.counters.count_stale();
    }

    /// The connections of this thread let so many requests go on at once.
    pub(crate) fn limited_to(&self, places: Option<usize>) {
        if let Some(places) = places {
            self.counters.add_limit(places);
        }
    }

    fn opened(&self, connection: &impl Connection, started: Tick, notes: &Notes) {
        let now = self.clock.now();
        let connected = connection.connected();
        let http2 = self.prior_knowledge || connected.is_negotiated_h2();
        self.counters.count_opened(&Opening {
            took: now.since(started),
            dns: notes.dns,
            tls: notes
                .handshake
                .map(|began| (now.since(began), !notes.certificate)),
            agreement: Agreement {
                http: if http2 { "HTTP/2" } else { "HTTP/1.1" },
                tls: notes
                    .suite
                    .map(|(version, suite)| (version, suite.as_str().unwrap_or("unknown cipher"))),
            },
        });
        let mut extras = http::Extensions::new();
        connected.get_extras(&mut extras);
        if let Some(info) = extras.get::<HttpInfo>() {
            self.with_answers(|answers| answers.insert(info.local_addr(), 0));
        }
        notes::opened();
    }

    fn with_answers<T>(&self, act: impl FnOnce(&mut HashMap<SocketAddr, u64>) -> T) -> T {
        act(&mut self.answers.lock().unwrap_or_else(PoisonError::into_inner))
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
            connector: Arc::new(connector),
            tally: Arc::clone(&self.0),
        }
    }
}

/// A connector whose every attempt is counted and timed.
#[derive(Debug)]
pub(crate) struct Counted<S> {
    /// Shared, and copied for an attempt alone: the engine copies its connector several times for each request, also for
    /// those that need no connection, and what is inside takes much longer to copy.
    connector: Arc<S>,
    tally: Arc<Tally>,
}

impl<S> Clone for Counted<S> {
    fn clone(&self) -> Self {
        Counted {
            connector: Arc::clone(&self.connector),
            tally: Arc::clone(&self.tally),
        }
    }
}

impl<S, Target> Service<Target> for Counted<S>
where
    S: Service<Target> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
    S::Response: Connection + Send,
    S::Error: Send,
    Target: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    /// An attempt waits for its own copy of the connector.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Target) -> Self::Future {
        let mut attempt = Attempt {
            started: self.tally.clock.now(),
            tally: Arc::clone(&self.tally),
            ended: false,
        };
        let mut connector = S::clone(&self.connector);
        let clock = self.tally.clock.clone();
        Box::pin(async move {
            let connecting = async {
                poll_fn(|cx| connector.poll_ready(cx)).await?;
                connector.call(target).await
            };
            let (result, notes) = notes::noted(clock, connecting).await;
            attempt.ended = true;
            match &result {
                Ok(connection) => attempt.tally.opened(connection, attempt.started, &notes),
                Err(_) => attempt.tally.counters.count_failed(),
            }
            result
        })
    }
}
