//! One HTTP/2 connection.
//!
//! What holds always: a task of its own drives it until it has ended; it is counted as closed exactly once, by the peer, by
//! us, or for having been idle.

use super::written::{Body, Watched, Writes};
use crate::pacer::Pacer;
use crate::transport::config::Http2;
use crate::transport::connections::{Closed, ConnectionCounters};
use crate::transport::direct::failure::Failure;
use crate::transport::direct::shared::{Books, Ending, Usage};
use crate::transport::direct::stream::Stream;
use h2::client::{Builder, Connection, SendRequest};
use h2::{Ping, PingPong};
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::task::AbortHandle;

/// Windows where the configuration says nothing, and the other limits: what hyper sets, so that both engines offer a server
/// the same.
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 5 << 20;
const MAX_FRAME: u32 = 16 << 10;
const MAX_HEADERS: u32 = 16 << 10;
const MAX_SEND_BUFFER: usize = 1 << 20;
/// Requests at once before the server has said how many it takes.
const FIRST_STREAMS: usize = 100;
/// How long a ping may stay unanswered where nothing is said about that.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection that nobody needs any more may take to say farewell.
const GRACE: Duration = Duration::from_secs(1);

/// One connection, as its requests see it. It ends when the last of them lets go of it.
pub(in crate::transport::direct) struct Session {
    driver: AbortHandle,
    pub(super) sender: RefCell<SendRequest<Body>>,
    pub(super) ending: Rc<Ending>,
    pub(super) writes: Rc<Writes>,
    pub(in crate::transport::direct) usage: Usage,
}

impl Session {
    /// Begins to speak HTTP/2 over a stream that has just been opened and counted.
    pub(in crate::transport::direct) async fn start(
        stream: Stream,
        config: Http2,
        counters: Arc<ConnectionCounters>,
        pacer: &Arc<Pacer>,
    ) -> Result<Session, Failure> {
        let writes = Writes::new(pacer.clock().clone());
        let watched = Watched {
            stream,
            writes: Rc::clone(&writes),
        };
        let ending = Rc::<Ending>::default();
        // From now on it is in the books, whatever becomes of it.
        let books = Books {
            ending: Rc::clone(&ending),
            counters: Arc::clone(&counters),
        };
        let (sender, connection) = match builder(config).handshake(watched).await {
            Ok(both) => both,
            Err(error) => {
                ending.by(closed_by(&error));
                return Err(Failure::over_http2(&error));
            }
        };
        let driver = drive(connection, config, books, Arc::clone(pacer));
        Ok(Session {
            driver: tokio::task::spawn_local(driver).abort_handle(),
            sender: RefCell::new(sender),
            ending,
            writes,
            usage: Usage::new(counters, pacer.clock().now()),
        })
    }

    /// Whether it takes requests: it has not ended, and the server has not said farewell.
    pub(in crate::transport::direct) fn is_usable(&self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        let mut ready = || self.sender.borrow_mut().poll_ready(&mut cx);
        !self.ending.is_over() && matches!(ready(), Poll::Ready(Ok(())))
    }

    /// Ends it now, without a farewell.
    pub(in crate::transport::direct) fn cut(&self) {
        self.end(Closed::Us);
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
        self.ending.left.notify_one();
    }
}

fn builder(config: Http2) -> Builder {
    let mut builder = Builder::new();
    builder
        .initial_window_size(config.stream_window.unwrap_or(STREAM_WINDOW))
        .initial_connection_window_size(config.connection_window.unwrap_or(CONNECTION_WINDOW))
        .max_frame_size(MAX_FRAME)
        .max_header_list_size(MAX_HEADERS)
        .max_send_buffer_size(MAX_SEND_BUFFER)
        .initial_max_send_streams(FIRST_STREAMS)
        .enable_push(false);
    builder
}

/// Drives a connection to its end.
async fn drive(
    mut connection: Connection<Watched, Body>,
    config: Http2,
    books: Books,
    pacer: Arc<Pacer>,
) {
    let ending = Rc::clone(&books.ending);
    let pings = connection.ping_pong();
    let mut connection = pin!(connection);
    let by = tokio::select! {
        biased;
        ended = &mut connection => match ended {
            Ok(()) => Closed::Peer,
            Err(error) => closed_by(&error),
        },
        () = unanswered(pings, config, &pacer) => {
            ending.mute.set(true);
            Closed::Us
        }
        () = ending.left.notified() => {
            let until = pacer.clock().now() + GRACE;
            let ended = pacer.timeout_at(until, connection).await;
            if matches!(ended, Some(Ok(()))) { Closed::Peer } else { Closed::Us }
        }
    };
    ending.by(by);
    drop(books);
}

/// Asks again and again whether the server is still there; ends when it does not answer in time.
async fn unanswered(pings: Option<PingPong>, config: Http2, pacer: &Arc<Pacer>) {
    let (Some(mut pings), Some(interval)) = (pings, config.ping) else {
        return std::future::pending().await;
    };
    let limit = config.ping_timeout.unwrap_or(PING_TIMEOUT);
    loop {
        let now = pacer.clock().now();
        pacer.sleep_until(now + interval).await;
        let until = pacer.clock().now() + limit;
        let answer = pacer.timeout_at(until, pings.ping(Ping::opaque())).await;
        match answer {
            Some(Ok(_)) => {}
            // The connection itself says how it ended.
            Some(Err(_)) => return std::future::pending().await,
            None => return,
        }
    }
}

/// Who ends a connection with such an error: what we find fault with, we end.
fn closed_by(error: &h2::Error) -> Closed {
    if error.is_library() {
        Closed::Us
    } else {
        Closed::Peer
    }
}
