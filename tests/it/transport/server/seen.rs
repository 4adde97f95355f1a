//! What a server has seen: counts, and a record of each connection and of what was asked on it.

use super::frames::{Frame, Setting};
use crate::support::PATIENCE;
use http::{HeaderMap, Method, Uri, Version};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio_rustls::rustls::{CipherSuite, ProtocolVersion};

/// Requests and frames of one connection that are kept, so that a record of a whole load test stays small.
const KEPT: usize = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) opened: AtomicUsize,
    pub(crate) open: AtomicUsize,
    pub(crate) most_open: AtomicUsize,
    pub(crate) requests: AtomicUsize,
    connections: Mutex<Vec<Connection>>,
}

/// One connection, from its acceptance on.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// The client's address; `None` on a Unix socket.
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) opened: Instant,
    /// When the server was through with it, whoever closed it.
    pub(crate) closed: Option<Instant>,
    /// What the client said first; `None` in clear text, or if it said nothing.
    pub(crate) hello: Option<Hello>,
    /// How the handshake ended; `None` in clear text and until it has ended.
    pub(crate) handshake: Option<Result<Handshake, String>>,
    /// How many requests came, and the first thousand of them.
    pub(crate) served: usize,
    pub(crate) requests: Vec<Asked>,
    /// Requests whose answer was not yet complete, now and at most.
    pub(crate) streams: usize,
    pub(crate) most_streams: usize,
    /// The client's first thousand HTTP/2 frames; empty on HTTP/1.1.
    pub(crate) frames: Vec<Frame>,
}

/// What a TLS client offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    pub(crate) sni: Option<String>,
    pub(crate) alpn: Vec<String>,
}

/// What was agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    pub(crate) alpn: Option<String>,
    pub(crate) version: ProtocolVersion,
    pub(crate) cipher: CipherSuite,
    pub(crate) resumed: bool,
    /// The client's certificate (DER).
    pub(crate) client: Option<Vec<u8>>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(crate) version: Version,
    pub(crate) method: Method,
    /// As sent: HTTP/2 names scheme and authority, HTTP/1.1 only the path, except to a proxy.
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
}

impl Asked {
    /// A header that is there once or never.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next();
        assert_eq!(values.next(), None, "{name} is there twice");
        value.map(|value| value.to_str().unwrap())
    }

    /// The host, and the port if it was named, wherever the version puts them.
    pub(crate) fn host(&self) -> Option<&str> {
        let authority = self.uri.authority().map(http::uri::Authority::as_str);
        authority.or_else(|| self.header("host"))
    }
}

impl Connection {
    pub(crate) fn agreed(&self) -> &Handshake {
        let handshake = self.handshake.as_ref().expect("a handshake that has ended");
        handshake.as_ref().expect("a handshake that went well")
    }

    /// What the client's first SETTINGS frame says of `name`; `None` leaves the protocol's default.
    pub(crate) fn setting(&self, name: Setting) -> Option<u32> {
        let settings = self.frames.iter().find_map(|frame| match frame {
            Frame::Settings(settings) => Some(settings),
            _ => None,
        });
        let found = settings?.iter().find(|(found, _)| *found == name);
        found.map(|&(_, value)| value)
    }

    /// How far the client has opened the window of the whole connection beyond the protocol's 65,535 bytes.
    pub(crate) fn connection_window_opened(&self) -> u64 {
        let updates = self.frames.iter().map(|frame| match frame {
            Frame::WindowUpdate { stream: 0, by } => u64::from(*by),
            _ => 0,
        });
        updates.sum()
    }

    pub(crate) fn pings(&self) -> usize {
        let pings = self.frames.iter().filter(|frame| **frame == Frame::Ping);
        pings.count()
    }
}

impl Seen {
    pub(crate) fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    pub(crate) fn most_open(&self) -> usize {
        self.most_open.load(Ordering::SeqCst)
    }

    /// All connections so far, in the order in which they were accepted.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        self.lock().clone()
    }

    /// The one connection that there has been.
    pub(crate) fn only(&self) -> Connection {
        let mut all = self.connections();
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }

    /// All requests so far, connection by connection.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let all = self.lock();
        all.iter().flat_map(|one| one.requests.clone()).collect()
    }

    /// Waits until the connections are as `wanted`.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&[Connection]) -> bool) {
        let start = Instant::now();
        while !wanted(&self.lock()) {
            assert!(
                start.elapsed() < PATIENCE,
                "{what} did not come: {:#?}",
                self.lock()
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until every connection has been closed.
    pub(crate) async fn until_closed(&self) {
        let closed = |all: &[Connection]| all.iter().all(|one| one.closed.is_some());
        self.until("the end of all connections", closed).await;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.connections.lock().unwrap()
    }

    pub(super) fn enter(self: &Arc<Self>, peer: Option<SocketAddr>) -> Open {
        self.opened.fetch_add(1, Ordering::SeqCst);
        let now = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(now, Ordering::SeqCst);
        let mut connections = self.lock();
        connections.push(Connection {
            peer,
            opened: Instant::now(),
            closed: None,
            hello: None,
            handshake: None,
            served: 0,
            requests: Vec::new(),
            streams: 0,
            most_streams: 0,
            frames: Vec::new(),
        });
        Open {
            index: connections.len() - 1,
            seen: Arc::clone(self),
        }
    }
}

/// A connection that is open: the right to add to its record, which ends with it.
pub(super) struct Open {
    seen: Arc<Seen>,
    index: usize,
}

impl Open {
    fn change(&self, change: impl FnOnce(&mut Connection)) {
        change(&mut self.seen.lock()[self.index]);
    }

    pub(super) fn hello(&self, hello: Hello) {
        self.change(|one| one.hello = Some(hello));
    }

    pub(super) fn handshake(&self, handshake: Result<Handshake, String>) {
        self.change(|one| one.handshake = Some(handshake));
    }

    pub(super) fn frames(&self, frames: Vec<Frame>) {
        if !frames.is_empty() {
            self.change(|one| {
                let room = KEPT.saturating_sub(one.frames.len());
                one.frames.extend(frames.into_iter().take(room));
            });
        }
    }

    /// A request has come; it lasts until the result is dropped.
    pub(super) fn asked(self: &Arc<Self>, asked: Asked) -> Stream {
        self.seen.requests.fetch_add(1, Ordering::SeqCst);
        self.change(|one| {
            one.served += 1;
            one.streams += 1;
            one.most_streams = one.most_streams.max(one.streams);
            if one.requests.len() < KEPT {
                one.requests.push(asked);
            }
        });
        Stream(Arc::clone(self))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.change(|one| one.closed = Some(Instant::now()));
        self.seen.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A request that is being answered.
pub(super) struct Stream(Arc<Open>);

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.change(|one| one.streams -= 1);
    }
}
