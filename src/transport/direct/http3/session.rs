//! One HTTP/3 connection.
//!
//! What holds always: a task of its own drives it until it has ended; it is counted as closed exactly once, by the peer, by
//! us, or for having been idle.

use super::bounded::{Connection, Opener};
use super::dial::Link;
use super::failure;
use super::watch::Watch;
use crate::clock::Tick;
use crate::outcome::Outcome;
use crate::pacer::Pacer;
use crate::transport::connections::{Closed, ConnectionCounters};
use crate::transport::direct::failure::Failure;
use crate::transport::direct::shared::{Books, Ending, Usage};
use bytes::Bytes;
use h3::ConnectionState;
use h3::client::SendRequest;
use h3::error::{Code, ConnectionError};
use quinn::{Endpoint, VarInt};
use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;

/// The longest header block, in bytes; as over HTTP/2.
const MAX_HEADERS: u64 = 16 << 10;

/// How long a server may say nothing at all, while requests are given up, until it is taken for gone.
const SILENCE: Duration = Duration::from_secs(1);

/// One connection, as its requests see it. It ends when the last of them lets go of it.
pub(in crate::transport::direct) struct Session {
    driver: AbortHandle,
    pub(super) sender: SendRequest<Opener, Bytes>,
    pub(super) quic: quinn::Connection,
    pub(super) watch: Arc<Watch>,
    ending: Rc<Ending>,
    pub(in crate::transport::direct) usage: Usage,
    /// How many packets had come, and since when there have been no more, as far as requests were given up.
    silent: Cell<Option<(u64, Tick)>>,
    /// Its socket.
    _endpoint: Endpoint,
}

impl Session {
    /// Begins to speak HTTP/3 over a connection that has just been opened and counted.
    pub(in crate::transport::direct) async fn start(
        link: Link,
        limit: Duration,
        counters: Arc<ConnectionCounters>,
        pacer: &Arc<Pacer>,
    ) -> Result<Session, Failure> {
        let quic = link.connection;
        let ending = Rc::<Ending>::default();
        // From now on it is in the books, whatever becomes of it.
        let books = Books {
            ending: Rc::clone(&ending),
            counters: Arc::clone(&counters),
        };
        let watch = Arc::<Watch>::default();
        let mut builder = h3::client::builder();
        builder
            .max_field_section_size(MAX_HEADERS)
            .send_grease(false);
        let begun = builder.build(Connection::new(quic.clone(), Arc::clone(&watch)));
        let until = pacer.clock().now() + limit;
        let Some(begun) = pacer.timeout_at(until, begun).await else {
            say_farewell(&quic);
            let limit = crate::text::setting(limit);
            let text = format!("the server let no HTTP/3 begin for {limit}");
            return Err(Failure::new(Outcome::Connect, &text));
        };
        let Ok((connection, sender)) = begun else {
            let why = quic.closed().await;
            ending.by(failure::closed_by(&why));
            return Err(failure::over(&why, watch.why()));
        };
        let driver = drive(connection, quic.clone(), Arc::clone(&watch), books);
        Ok(Session {
            driver: tokio::task::spawn_local(driver).abort_handle(),
            sender,
            quic,
            watch,
            ending,
            usage: Usage::new(counters, pacer.clock().now()),
            silent: Cell::new(None),
            _endpoint: link.endpoint,
        })
    }

    /// Whether it takes requests: it has not ended, and the server has not said farewell.
    pub(in crate::transport::direct) fn is_usable(&self) -> bool {
        !self.ending.is_over()
            && !self.ending.mute.get()
            && self.quic.close_reason().is_none()
            && !self.sender.is_closing()
    }

    /// How many packets have come.
    pub(super) fn heard(&self) -> u64 {
        self.quic.stats().udp_rx.datagrams
    }

    /// A request that began at `began`, when `heard` packets had come, was given up. A server that is there acknowledges what it
    /// gets: if nothing at all has come for long enough, it is not there any more, and QUIC has no reset that would say so.
    pub(super) fn given_up(&self, began: Tick, heard: u64, now: Tick) {
        if self.heard() != heard {
            self.silent.set(None);
            return;
        }
        let since = match self.silent.get() {
            Some((then, since)) if then == heard => since,
            _ => began,
        };
        self.silent.set(Some((heard, since)));
        if now.since(since) >= SILENCE {
            self.ending.by(Closed::Us);
            self.ending.mute.set(true);
        }
    }

    /// Why it ended, if it has.
    pub(in crate::transport::direct) fn why_ended(&self) -> Option<Failure> {
        let reason = self.quic.close_reason()?;
        Some(failure::over(&reason, self.watch.why()))
    }

    /// Ends it now, and tells the server.
    pub(in crate::transport::direct) fn cut(&self) {
        self.end(Closed::Us);
        say_farewell(&self.quic);
        self.driver.abort();
    }

    /// Says who ends it, for when its last request lets go of it.
    pub(in crate::transport::direct) fn end(&self, by: Closed) {
        if self.is_usable() {
            self.ending.by(by);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end(Closed::Us);
        // It was the server that said farewell.
        if self.sender.is_closing() {
            self.ending.by(Closed::Peer);
        }
        self.ending.left.notify_one();
    }
}

fn say_farewell(quic: &quinn::Connection) {
    let code = VarInt::from_u64(Code::H3_NO_ERROR.value()).unwrap_or_default();
    quic.close(code, b"");
}

/// Drives a connection to its end.
async fn drive(
    mut connection: h3::client::Connection<Connection, Bytes>,
    quic: quinn::Connection,
    watch: Arc<Watch>,
    books: Books,
) {
    let ending = Rc::clone(&books.ending);
    tokio::select! {
        biased;
        why = poll_fn(|cx| connection.poll_close(cx)) => {
            if matches!(why, ConnectionError::Local { .. }) {
                watch.fault(failure::reason(&why));
            }
        }
        () = ending.left.notified() => say_farewell(&quic),
    }
    let why = quic.closed().await;
    ending.by(failure::closed_by(&why));
    drop(books);
}
