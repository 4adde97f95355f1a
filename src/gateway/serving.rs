//! One connection of a server, and the requests on it, from their heads to the last bytes of their answers.

use super::counters::ServerCounters;
use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, Request, Version};
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client closed it while no request was on it.
    Idle = 0,
    /// The client closed it before the answer to a request was over.
    MidRequest = 1,
    /// It was closed after an answer, as the request had asked for.
    Asked = 2,
    /// The server closed it, unasked.
    Server = 3,
}

/// What is known of a connection while it is open. Its fields are written by one task after the other.
#[derive(Debug)]
pub(super) struct Connection {
    counters: Arc<ServerCounters>,
    /// Which of the server's connections it is, counted from 1.
    number: u64,
    /// The look at which its requests were counted last, and how many they are.
    look: AtomicU64,
    requests: AtomicU64,
    in_service: AtomicU64,
    /// Since when no request has been on it, in µs since the server's start.
    idle_since_us: AtomicU64,
    /// Its latest request has asked that it be closed after the answer.
    asked: AtomicBool,
    /// How the client has left: [`STAYS`], or an [`Ending`] and 1.
    left: AtomicU8,
}

/// The client has not left.
const STAYS: u8 = 0;

/// An open connection. Dropped, it is closed.
pub(super) struct OpenConnection(Arc<Connection>);

/// A request on it. Dropped, its answer is over.
pub(super) struct Serving(Arc<Connection>);

/// The body of an answer, which is over when this is dropped.
pub(super) struct Answering<B> {
    body: B,
    _serving: Serving,
}

impl OpenConnection {
    /// Counts a connection as open until the result is dropped.
    pub(super) fn new(counters: &Arc<ServerCounters>) -> OpenConnection {
        let lens = counters.lens();
        OpenConnection(Arc::new(Connection {
            counters: Arc::clone(counters),
            number: lens.opens(),
            look: AtomicU64::new(lens.look()),
            requests: AtomicU64::new(0),
            in_service: AtomicU64::new(0),
            idle_since_us: AtomicU64::new(lens.now_us()),
            asked: AtomicBool::new(false),
            left: AtomicU8::new(STAYS),
        }))
    }

    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.0
    }

    /// The head of a request has come on it.
    pub(super) fn serve<B>(&self, request: &Request<B>) -> Serving {
        let this = &*self.0;
        let lens = this.counters.lens();
        let look = lens.look();
        if this.look.swap(look, Ordering::Relaxed) != look {
            this.requests.store(0, Ordering::Relaxed);
        }
        let nth = this.requests.fetch_add(1, Ordering::Relaxed) + 1;
        this.in_service.fetch_add(1, Ordering::Relaxed);
        let asked = asks_to_close(request.version(), request.headers());
        this.asked.store(asked, Ordering::Relaxed);
        lens.request(request.version(), nth);
        this.counters.seen().request(this.number, request);
        Serving(Arc::clone(&self.0))
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let ending = self.0.ending();
        self.0.counters.lens().closes(ending);
    }
}

impl Connection {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn counters(&self) -> &ServerCounters {
        &self.counters
    }

    /// The client has closed the connection, or it broke.
    pub(super) fn client_left(&self) {
        if self.left.load(Ordering::Relaxed) != STAYS {
            return;
        }
        let idle = self.in_service.load(Ordering::Relaxed) == 0;
        let ending = if idle {
            Ending::Idle
        } else {
            Ending::MidRequest
        };
        self.left.store(ending as u8 + 1, Ordering::Relaxed);
        if idle && !self.asked.load(Ordering::Relaxed) {
            let lens = self.counters.lens();
            let since = self.idle_since_us.load(Ordering::Relaxed);
            lens.was_idle(lens.now_us().saturating_sub(since));
        }
    }

    fn ending(&self) -> Ending {
        let left = self.left.load(Ordering::Relaxed);
        if left == Ending::MidRequest as u8 + 1 {
            Ending::MidRequest
        } else if self.asked.load(Ordering::Relaxed) {
            // Whoever was faster.
            Ending::Asked
        } else if left == STAYS {
            Ending::Server
        } else {
            Ending::Idle
        }
    }
}

impl Serving {
    /// The answer is over when `body` is.
    pub(super) fn until_end_of<B>(self, body: B) -> Answering<B> {
        Answering {
            body,
            _serving: self,
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let lens = self.0.counters.lens();
        lens.served();
        if self.0.in_service.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.idle_since_us.store(lens.now_us(), Ordering::Relaxed);
        }
    }
}

/// Whether a request says that its connection is to be closed after the answer. Over HTTP/2 none does.
fn asks_to_close(version: Version, headers: &HeaderMap) -> bool {
    let says = |word: &[u8]| {
        let values = headers.get_all(CONNECTION).into_iter();
        let mut words = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        words.any(|said| said.trim_ascii().eq_ignore_ascii_case(word))
    };
    match version {
        Version::HTTP_11 => says(b"close"),
        Version::HTTP_09 | Version::HTTP_10 => !says(b"keep-alive"),
        _ => false,
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answering<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::LensReading;
    use std::time::Duration;

    fn open() -> (Arc<ServerCounters>, OpenConnection) {
        let counters = Arc::<ServerCounters>::default();
        let connection = OpenConnection::new(&counters);
        (counters, connection)
    }

    fn request(version: Version, connection: Option<&str>) -> Request<()> {
        let mut request = Request::new(());
        *request.version_mut() = version;
        if let Some(value) = connection {
            request
                .headers_mut()
                .insert(CONNECTION, value.parse().unwrap());
        }
        request
    }

    fn kept() -> Request<()> {
        request(Version::HTTP_11, None)
    }

    #[test]
    fn requests_are_counted_by_connection_and_by_version_and_while_they_are_served() {
        let (counters, first) = open();
        let second = OpenConnection::new(&counters);
        drop(first.serve(&kept()));
        let served = [first.serve(&kept()), second.serve(&kept())];
        drop(second.serve(&request(Version::HTTP_2, None)));
        let seen = counters.lens_reading();
        assert_eq!((seen.opened, seen.open, seen.most_open), (2, 2, 2));
        assert_eq!((seen.used, seen.most_requests), (2, 2));
        assert_eq!(seen.requests, [0, 3, 1]);
        assert_eq!((seen.in_service, seen.most_in_service), (2, 3));
        drop(served);
        let seen = counters.lens_reading();
        assert_eq!((seen.in_service, seen.most_in_service), (0, 3));
        let totals = counters.totals();
        assert_eq!((totals.requests, totals.opened), (4, 2));
    }

    #[test]
    fn a_look_begins_with_what_is_open_and_nothing_else() {
        let (counters, first) = open();
        let second = OpenConnection::new(&counters);
        drop([(); 5].map(|()| first.serve(&kept())));
        first.connection().client_left();
        drop(first);
        counters.begin();
        let seen = counters.lens_reading();
        let nothing = LensReading {
            open: 1,
            most_open: 1,
            ..LensReading::default()
        };
        assert_eq!(seen, nothing);
        // A connection from before is used: by one request, not by those before.
        drop(second.serve(&kept()));
        let seen = counters.lens_reading();
        assert_eq!((seen.opened, seen.used, seen.most_requests), (0, 1, 1));
        assert_eq!(seen.requests, [0, 1, 0]);
        assert_eq!(
            counters.totals().requests,
            6,
            "the totals are what they were"
        );
    }

    #[test]
    fn whoever_closes_a_connection_is_told_and_how_long_it_was_idle() {
        let (counters, idle) = open();
        drop(idle.serve(&kept()));
        std::thread::sleep(Duration::from_millis(2));
        idle.connection().client_left();
        idle.connection().client_left();
        drop(idle);
        let longest = counters.lens_reading().longest_idle;
        assert!(longest >= Some(Duration::from_millis(2)), "{longest:?}");

        let torn = OpenConnection::new(&counters);
        let serving = torn.serve(&kept());
        torn.connection().client_left();
        drop(serving);
        drop(torn);
        for left_first in [true, false] {
            let asked = OpenConnection::new(&counters);
            drop(asked.serve(&request(Version::HTTP_11, Some("x, Close"))));
            if left_first {
                asked.connection().client_left();
            }
        }
        drop(OpenConnection::new(&counters));
        let closed = counters.lens_reading().closed;
        let told = [closed.idle, closed.mid_request, closed.asked, closed.server];
        assert_eq!(told, [1, 1, 2, 1]);
        assert_eq!(counters.lens_reading().longest_idle, longest);
    }

    #[test]
    fn what_a_request_says_of_its_connection_depends_on_the_version() {
        let asks = |version, connection| {
            let request = request(version, connection);
            asks_to_close(request.version(), request.headers())
        };
        assert!(!asks(Version::HTTP_11, None));
        assert!(!asks(Version::HTTP_11, Some("closed")));
        assert!(asks(Version::HTTP_11, Some("close")));
        assert!(asks(Version::HTTP_10, None));
        assert!(!asks(Version::HTTP_10, Some("Keep-Alive")));
        assert!(!asks(Version::HTTP_2, None));
    }
}
