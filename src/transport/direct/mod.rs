//! The direct engine: connections that are our own, so that everything about them is known and nothing costs more than it
//! must.
//!
//! ```text
//! exchange ──► pool ──► connection ──► head, body                 HTTP/1.1
//!          │    └─ none idle ──► connect (name, TCP or Unix socket, TLS)
//!          └─► lanes ──► session ──► stream                        HTTP/2, HTTP/3
//!               └─ none open ──► connect
//! ```
//!
//! What holds always: an exchange is one request, written once; there is no hidden retry. Only a request that an HTTP/2
//! or HTTP/3 server left out of its farewell, and so never looked at, is sent again; that is counted and shown, and its time runs on. Each
//! connection that was opened is counted as closed once, by whom. Over HTTP/1.1 nothing is allocated in steady state.
//!
//! Where the time goes: at 50 connections of HTTP/1.1 against nginx (`perf record`, one load thread, everything recorded) 70 % of
//! a load thread's CPU is the kernel's, for two calls a request: send and receive. Of the 25 % that are ours, reading the clock
//! takes 5, this engine 4, the runtime 4, reading heads 3, recording 2 and the pacer 1. Through reqwest the same thread spends
//! 40 % in the kernel and 60 % outside. What that profile has and this one has not is what paid:
//!
//! - no memory taken and given back for each request, nor bytes moved between buffers: 20 %. The request is written once, answers
//!   are read where they came, and bodies are only counted;
//! - no hand-over between a request, a pool and a task for each connection: most of 13 %. A connection is moved out of the pool and
//!   driven by whoever sends;
//! - no parsing of the URL, and no hash of it, for each request: 6 %;
//! - time limits in one heap of the thread: the pacer arms the system's timer about a hundred times a second, not for each request.
//!
//! One connection alone costs several times as much for each request as many do, here as with wrk: its thread falls asleep and is
//! woken for each answer, where with many the next answer is there when one has been dealt with.

mod body;
mod connect;
mod connection;
mod failure;
mod head;
mod http2;
#[cfg(feature = "http3")]
mod http3;
mod lanes;
mod pool;
mod progress;
mod request;
mod reserve;
mod session;
mod shared;
mod stream;

use super::config::{HttpVersion, Limits, Timeouts, TransportConfig};
use super::connections::{Closed, ConnectionCounters};
use super::error::TransportError;
use super::slots::{Slot, Slots};
use super::{Exchange, Place, RequestSpec, Share, Transport, notes, outcome_of};
use crate::clock::Tick;
use crate::outcome::Outcome;
use crate::pacer::Pacer;
#[cfg(any(test, fuzzing))]
pub use connection::played;
use connection::{Connection, Sending, Then};
use failure::Failure;
use lanes::{Held, Lanes};
use progress::{Progress, Waiting};
use request::Request;
use reserve::{Fresh, Reserve};
use session::Session;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How often idle connections are looked after.
const SWEEP: Duration = Duration::from_millis(200);
/// How often one request is sent again because a server left it out of its farewell.
const MAX_RESENDS: u32 = 10;

/// One load thread's connections to one target. To be used inside a `current_thread` runtime that runs local tasks.
pub struct DirectTransport {
    request: Request,
    reserve: Rc<Reserve>,
    /// Connections that requests share; `None` where only HTTP/1.1 is ever spoken, or no connection is kept.
    lanes: Option<Rc<Lanes>>,
    /// HTTP/1.1 is all that is ever spoken.
    only_http1: bool,
    /// One permit for each request that there may be at once; `None` without a limit.
    slots: Slots,
    keep_alive: bool,
    limits: Limits,
    timeouts: Timeouts,
    counters: Arc<ConnectionCounters>,
    pacer: Arc<Pacer>,
    sweeping: std::cell::Cell<bool>,
}

/// What carries one request.
enum Carrier {
    /// A connection for it alone.
    Own(Connection),
    /// A stream of one that others use too.
    Shared(Rc<Session>, Option<Held>),
}

impl From<Fresh> for Carrier {
    fn from(fresh: Fresh) -> Carrier {
        match fresh {
            Fresh::Http1(connection) => Carrier::Own(connection),
            Fresh::Shared(session) => Carrier::Shared(Rc::new(session), None),
        }
    }
}

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
        let connections = config.limits.connections.map(|total| share.part(total));
        if connections == Some(0) {
            return Err(TransportError::ShareIsEmpty {
                limit: config.limits.connections.unwrap_or_default(),
                threads: share.of,
            });
        }
        let places = places(config, connections);
        counters.tell_closes();
        if let Some(places) = places {
            counters.add_limit(places);
        }
        let clear = spec.url.scheme() == "http";
        let only_http1 = match config.http {
            HttpVersion::Http11 => true,
            HttpVersion::Auto => clear,
            HttpVersion::Http2 | HttpVersion::H2c | HttpVersion::Http3 => false,
        };
        let most_idle = config.pool.map_or(usize::MAX, |total| share.part(total));
        let lanes = (config.keep_alive && !only_http1).then(|| {
            let lanes = connections.unwrap_or(1);
            let streams = places.map_or(usize::MAX, |places| places.div_ceil(lanes));
            Rc::new(Lanes::new(lanes, streams, most_idle, config.pool_idle))
        });
        Ok(DirectTransport {
            request: Request::new(spec, config, share)?,
            reserve: Rc::new(Reserve::new(
                &spec.url,
                config,
                most_idle,
                Arc::clone(&counters),
                Arc::clone(&pacer),
            )?),
            lanes,
            only_http1,
            slots: Slots::new(config, places),
            keep_alive: config.keep_alive,
            limits: config.limits,
            timeouts: config.timeouts,
            counters,
            pacer,
            sweeping: std::cell::Cell::new(false),
        })
    }

    /// Looks after idle connections as long as the transport lives. Begun with the first request: only then is there a
    /// runtime for sure.
    fn keep_sweeping(&self) {
        if self.sweeping.replace(true) {
            return;
        }
        let reserve = Rc::downgrade(&self.reserve);
        let lanes = self.lanes.as_ref().map(Rc::downgrade);
        let pacer = Arc::clone(&self.pacer);
        tokio::task::spawn_local(async move {
            loop {
                pacer.sleep_until(pacer.clock().now() + SWEEP).await;
                let Some(reserve) = reserve.upgrade() else {
                    return;
                };
                let now = pacer.clock().now();
                reserve.pool.borrow_mut().sweep(now);
                if let Some(lanes) = lanes.as_ref().and_then(std::rc::Weak::upgrade) {
                    lanes.sweep(now);
                }
            }
        });
    }

    fn now(&self) -> Tick {
        self.pacer.clock().now()
    }

    fn waiting(&self) -> Waiting<'_> {
        Waiting {
            read_timeout: self.timeouts.read,
            pacer: &self.pacer,
        }
    }

    async fn whole(&self, progress: &mut Progress) -> Result<(), Failure> {
        self.keep_sweeping();
        if !self.only_http1 {
            // On the heap, so that what each user holds while thinking stays small.
            return Box::pin(self.over_either(progress)).await;
        }
        let idle = self.reserve.pool.borrow_mut().take(self.now());
        let connection = if let Some(connection) = idle {
            connection
        } else {
            let attempt = pin!(self.reserve.connect(progress));
            match notes::connecting(attempt).await? {
                Fresh::Http1(connection) => connection,
                Fresh::Shared(_) => unreachable!("nothing but HTTP/1.1 is offered"),
            }
        };
        self.over_http1(connection, progress).await
    }

    async fn over_http1(
        &self,
        mut connection: Connection,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        progress.reused = connection.served > 0;
        progress.answered = progress.reused;
        progress.ready = Some(self.now());
        let written = self.request.written();
        let (bytes, bodiless) = (written.bytes(), self.request.bodiless);
        let sending = Sending::new(bytes, bodiless, self.waiting());
        let ended = connection.exchange(&sending, progress).await;
        progress.done = Some(self.now());
        if progress.answer.is_some() {
            connection.served += 1;
            self.counters.count_answered(connection.served);
        }
        match ended? {
            Then::Kept if self.keep_alive => {
                let mut pool = self.reserve.pool.borrow_mut();
                pool.give(connection, self.now());
            }
            Then::Ends(by) if self.keep_alive => connection.close(by),
            // The server was asked to.
            Then::Kept | Then::Ends(_) => connection.close(Closed::Us),
        }
        Ok(())
    }

    /// Over whatever is open, or what the server chooses.
    async fn over_either(&self, progress: &mut Progress) -> Result<(), Failure> {
        let mut resends = 0;
        // The same one is sent again.
        let mut message = None;
        loop {
            let carrier = {
                let found = pin!(self.carrier(progress));
                notes::connecting(found).await?
            };
            match carrier {
                Carrier::Own(connection) => return self.over_http1(connection, progress).await,
                Carrier::Shared(session, held) => {
                    progress.ready = Some(self.now());
                    let message = message.get_or_insert_with(|| self.request.message());
                    let ended = session.exchange(message, &self.waiting(), progress).await;
                    progress.done = Some(self.now());
                    if held.is_none() {
                        // Whoever has this one's place next finds no more connections than there may be.
                        session.cut().await;
                    }
                    match ended {
                        Err(failure)
                            if failure.unprocessed
                                && progress.answer.is_none()
                                && resends < MAX_RESENDS =>
                        {
                            resends += 1;
                            self.counters.count_resent();
                        }
                        ended => return ended,
                    }
                }
            }
        }
    }

    async fn carrier(&self, progress: &mut Progress) -> Result<Carrier, Failure> {
        let Some(lanes) = &self.lanes else {
            return self.reserve.connect(progress).await.map(Carrier::from);
        };
        let held = lanes.hold();
        let mut opened = false;
        loop {
            if let Some(connection) = self.reserve.pool.borrow_mut().take(self.now()) {
                return Ok(Carrier::Own(connection));
            }
            let why = match held.session() {
                Ok(session) => return Ok(Carrier::Shared(session, Some(held))),
                Err(why) => why,
            };
            if self.reserve.speaks_http1() {
                // Each request needs a connection of its own, so they are opened at once.
                return self.reserve.connect(progress).await.map(Carrier::from);
            }
            if opened {
                return Err(why.unwrap_or_else(|| {
                    let text = "the connection ended before the request was sent";
                    Failure::end(Outcome::Protocol, text)
                }));
            }
            if let Some(opening) = held.open(&self.reserve).await? {
                progress.opening = Some(opening);
            }
            opened = true;
        }
    }

    /// The same within the transport's own limit.
    async fn limited(&self, progress: &mut Progress) -> Result<(), Failure> {
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

/// How many requests there may be at once on so many connections; `None` without a limit.
fn places(config: &TransportConfig, connections: Option<usize>) -> Option<usize> {
    if !config.http.is_multiplexed() || !config.keep_alive {
        return connections;
    }
    let streams = config.limits.streams?;
    let places = connections.unwrap_or(1).saturating_mul(streams);
    Some(places.min(Semaphore::MAX_PERMITS))
}

impl Transport for DirectTransport {
    type Slot = Slot;

    fn try_slot(&self) -> Option<Slot> {
        self.slots.try_slot()
    }

    async fn slot(&self) -> Slot {
        self.slots.slot().await
    }

    fn place(&self) -> Place {
        self.slots.place
    }

    fn patience(&self) -> Option<Duration> {
        self.limits.at_limit.patience()
    }

    async fn close(&self) {
        // Of a QUIC connection that is only dropped the server learns nothing.
        if let Some(lanes) = &self.lanes {
            lanes.close().await;
        }
    }

    async fn exchange(&self) -> Exchange {
        let mut progress = Progress::default();
        let mut ended = self.limited(&mut progress).await;
        let done = progress.done.unwrap_or_else(|| self.now());
        if let Err(failure) = &mut ended
            && progress.answered
            && failure.is_early_end(&progress)
        {
            self.counters.count_stale();
            failure.make_stale();
        }
        let answer = progress.answer;
        let (outcome, error) = match ended {
            Ok(()) => (outcome_of(answer.map_or(0, |answer| answer.status)), None),
            Err(failure) => (failure.outcome, Some(failure.text)),
        };
        Exchange {
            outcome,
            ready: progress.ready,
            written: progress.written,
            first_byte: progress.first_byte.filter(|_| answer.is_some()),
            done,
            bytes: progress.bytes,
            reused: answer.map(|_| progress.reused),
            opening: progress.opening,
            version: answer.map(|answer| answer.version),
            held: answer.and_then(|answer| answer.held),
            error,
        }
    }
}
