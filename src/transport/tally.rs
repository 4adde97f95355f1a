//! Counts connections where they are made: a layer round the engine's connector.
//!
//! A connection is known by its local address, which is unique among the open connections of a machine. How many answers each
//! has given is kept until its address is used again, so never more entries than there are local ports. A Unix socket has no
//! address of that kind: there, a request that made its own connection is taken for the first on it, and the answers of one
//! connection are not counted.
//!
//! An attempt that is dropped with its request has failed too: else a host that swallows all packets looks like a server that
//! says nothing.

use super::config::{Timeouts, TransportConfig};
use super::connections::{Agreement, ConnectionCounters, Opening};
use super::dns::Known;
use super::notes::{self, Notes};
use super::{STALE, failure};
use crate::clock::{Clock, Tick};
use crate::outcome::Outcome;
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use std::collections::HashMap;
use std::error::Error;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer, Service};

/// The connection accounts of one client, or of the clients of one load thread.
#[derive(Debug)]
pub(crate) struct Tally {
    counters: Arc<ConnectionCounters>,
    /// How many answers each connection has given.
    answers: Mutex<HashMap<SocketAddr, u64>>,
    /// What is known of connections without an address.
    nameless: Mutex<Nameless>,
    /// Why the latest attempt to connect has failed.
    failure: Mutex<Option<(Outcome, String)>>,
    clock: Clock,
    connect_timeout: Option<Duration>,
    /// HTTP/2 is spoken without asking.
    prior_knowledge: bool,
    /// What is connected to in place of host and port.
    unix: Option<PathBuf>,
}

/// The latest of the connections that cannot be told apart.
#[derive(Debug, Default)]
struct Nameless {
    /// When it was opened, and whether requests share it; `None` before there was one.
    latest: Option<(Tick, bool)>,
    /// An answer has come since.
    answered: bool,
}

impl Tally {
    pub(crate) fn new(
        counters: Arc<ConnectionCounters>,
        clock: Clock,
        config: &TransportConfig,
    ) -> Arc<Tally> {
        Arc::new(Tally {
            counters,
            answers: Mutex::default(),
            nameless: Mutex::default(),
            failure: Mutex::default(),
            clock,
            connect_timeout: config.timeouts.connect,
            prior_knowledge: config.http.is_multiplexed(),
            unix: config.socket.unix.clone(),
        })
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What has been looked up once and for all.
    pub(super) fn known(&self) -> &Arc<Known> {
        self.counters.known()
    }

    /// An answer has come; `opened`: its request had made its own connection. Whether that connection had already served
    /// another.
    pub(crate) fn served(&self, info: Option<&HttpInfo>, opened: bool) -> bool {
        let Some(info) = info else {
            lock(&self.nameless).answered = true;
            self.counters.count_answered_somewhere(!opened);
            return !opened;
        };
        let by_now = {
            let mut answers = lock(&self.answers);
            let so_far = answers.entry(info.local_addr()).or_default();
            *so_far += 1;
            *so_far
        };
        self.counters.count_answered(by_now);
        by_now > 1
    }

    /// The outcome and the text of a request, begun at `began`, that got no answer; `opened`: it had made its own connection.
    /// Counts it if its kept connection had been closed by the server.
    pub(crate) fn unanswered(
        &self,
        error: &reqwest::Error,
        limits: &Timeouts,
        began: Tick,
        opened: bool,
    ) -> (Outcome, String) {
        let took = self.clock.now().since(began);
        let attempt = || lock(&self.failure).clone();
        let (outcome, text) = failure::unanswered(error, limits, took, attempt);
        if outcome == Outcome::Connect {
            return (outcome, failure::at_socket(self.unix.as_deref(), text));
        }
        let is_stale = outcome == Outcome::Protocol
            && failure::ended_early(error)
            && self.had_answered(error, began, opened);
        if !is_stale {
            return (outcome, text);
        }
        self.counters.count_stale();
        let text = crate::text::printable(&format!("{STALE}: {text}"), 200);
        (outcome, text)
    }

    /// Whether the connection that a request failed on had answered another. Who only shared a new one is not the first to
    /// use it, and yet it has served nobody.
    fn had_answered(&self, error: &reqwest::Error, began: Tick, opened: bool) -> bool {
        if let Some(info) = failure::connection(error) {
            let answers = lock(&self.answers);
            return answers.get(&info.local_addr()).is_some_and(|n| *n > 0);
        }
        let nameless = lock(&self.nameless);
        !opened
            && match nameless.latest {
                Some((at, true)) => nameless.answered && at < began,
                Some((_, false)) => true,
                None => false,
            }
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
            lock(&self.answers).insert(info.local_addr(), 0);
        } else {
            *lock(&self.nameless) = Nameless {
                latest: Some((now, http2)),
                answered: false,
            };
        }
        notes::opened();
    }

    fn failed(&self, why: (Outcome, String)) {
        self.counters.count_failed();
        *lock(&self.failure) = Some(why);
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One attempt to connect. The engine drops it when the connect timeout is over, and with a request that is given up.
struct Attempt {
    tally: Arc<Tally>,
    started: Tick,
    ended: bool,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let timed_out = |limit| self.tally.clock.now().since(self.started) >= limit;
        let text = if self.tally.connect_timeout.is_some_and(timed_out) {
            failure::NO_CONNECTION_IN_TIME
        } else {
            "the request that was about to connect was given up"
        };
        self.tally.failed((Outcome::Connect, text.to_owned()));
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
    S::Error: AsRef<dyn Error + Send + Sync> + Send,
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
            let attempted = pin!(notes::noted(clock, connecting));
            let (result, notes) = notes::connecting(attempted).await;
            attempt.ended = true;
            match &result {
                Ok(connection) => attempt.tally.opened(connection, attempt.started, &notes),
                Err(error) => attempt.tally.failed(failure::unconnected(error.as_ref())),
            }
            result
        })
    }
}
