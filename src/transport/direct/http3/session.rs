//! One HTTP/3 connection.
//!
//! What holds always: a task of its own drives it until it has ended; it is counted as closed exactly once, by the peer, by
//! us, or for having been idle.

use super::bounded::{Connection, Opener};
use super::dial::Link;
use super::failure;
use crate::pacer::Pacer;
use crate::transport::connections::{Closed, ConnectionCounters};
use crate::transport::direct::failure::Failure;
use crate::transport::direct::shared::{Books, Ending, Usage};
use bytes::Bytes;
use h3::ConnectionState;
use h3::client::SendRequest;
use h3::error::Code;
use quinn::{Endpoint, VarInt};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use tokio::task::AbortHandle;

/// The longest header block, in bytes; as over HTTP/2.
const MAX_HEADERS: u64 = 16 << 10;

/// One connection, as its requests see it. It ends when the last of them lets go of it.
pub(in crate::transport::direct) struct Session {
    driver: AbortHandle,
    pub(super) sender: SendRequest<Opener, Bytes>,
    pub(super) quic: quinn::Connection,
    ending: Rc<Ending>,
    pub(in crate::transport::direct) usage: Usage,
    /// Its socket.
    _endpoint: Endpoint,
}

impl Session {
    /// Begins to speak HTTP/3 over a connection that has just been opened and counted.
    pub(in crate::transport::direct) async fn start(
        link: Link,
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
        let begun = h3::client::builder()
            .max_field_section_size(MAX_HEADERS)
            .send_grease(false)
            .build(Connection::new(quic.clone()))
            .await;
        let Ok((connection, sender)) = begun else {
            let why = quic.closed().await;
            ending.by(failure::closed_by(&why));
            return Err(failure::over(&why));
        };
        let driver = drive(connection, quic.clone(), books);
        Ok(Session {
            driver: tokio::task::spawn_local(driver).abort_handle(),
            sender,
            quic,
            ending,
            usage: Usage::new(counters, pacer.clock().now()),
            _endpoint: link.endpoint,
        })
    }

    /// Whether it takes requests: it has not ended, and the server has not said farewell.
    pub(in crate::transport::direct) fn is_usable(&self) -> bool {
        !self.ending.is_over() && self.quic.close_reason().is_none() && !self.sender.is_closing()
    }

    /// Why it ended, if it has.
    pub(in crate::transport::direct) fn why_ended(&self) -> Option<Failure> {
        self.quic.close_reason().as_ref().map(failure::over)
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
    books: Books,
) {
    let ending = Rc::clone(&books.ending);
    tokio::select! {
        biased;
        _ = poll_fn(|cx| connection.poll_close(cx)) => {}
        () = ending.left.notified() => say_farewell(&quic),
    }
    let why = quic.closed().await;
    ending.by(failure::closed_by(&why));
    drop(books);
}
