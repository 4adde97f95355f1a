//! What a server writes down of its clients' ways, while somebody wants to know: who keeps connections, which headers come in
//! which order, and how their names are spelt.
//!
//! Two clients that send the same request may differ in nothing but these. What holds always: no value is kept but those of
//! three headers that hold no secret; at most [`MOST_CONNECTIONS`] connections are written down; and while nobody asks, a
//! request costs one look at a flag.

use http::header::{ACCEPT_ENCODING, CONNECTION, USER_AGENT};
use http::{HeaderMap, HeaderName, Request, Version};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Connections written down at most; of those after them nothing is known.
const MOST_CONNECTIONS: usize = 64;
/// Header names of one request that are kept at most.
const MOST_NAMES: usize = 64;
/// The longest name or value that is kept, in bytes.
const LONGEST: usize = 200;

/// The record of one server, written by its threads.
#[derive(Debug, Default)]
pub struct Seen {
    asked: AtomicBool,
    connections: Mutex<Vec<SeenConnection>>,
}

/// One connection, as far as it was watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenConnection {
    /// Which of the server's connections it is, counted from 1.
    pub number: u64,
    /// Requests on it since somebody wants to know.
    pub requests: u64,
    /// The first of them.
    pub first: SeenRequest,
    /// All of them have said the same in [`SeenRequest`]'s terms.
    pub steady: bool,
    /// The header names of its very first request as they were spelt; `None` over HTTP/2, which has no capitals, and if nobody
    /// wanted to know when the connection was opened.
    pub spelt: Option<Vec<String>>,
}

/// How one request was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenRequest {
    /// `HTTP/1.1`, `HTTP/2` and so on.
    pub version: &'static str,
    /// The names of its headers in lower case, in the order in which they came.
    pub names: Vec<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
    /// `Accept-Encoding`.
    pub accept_encoding: Option<String>,
    /// `Connection`.
    pub connection: Option<String>,
}

impl Seen {
    /// From now on everything is written down, beginning with an empty page.
    pub fn begin(&self) {
        self.page().clear();
        self.asked.store(true, Ordering::Release);
    }

    /// Nobody wants to know any more; what was written down stays.
    pub fn end(&self) {
        self.asked.store(false, Ordering::Release);
    }

    /// What was written down, in the order in which the connections were first seen.
    pub fn connections(&self) -> Vec<SeenConnection> {
        self.page().clone()
    }

    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// A request has come on the connection of that number.
    pub(super) fn request<B>(&self, number: u64, request: &Request<B>) {
        if !self.is_asked() {
            return;
        }
        let request = SeenRequest::of(request.version(), request.headers());
        self.on(number, |connection| {
            connection.requests += 1;
            if connection.requests == 1 {
                connection.first = request;
                connection.steady = true;
            } else {
                connection.steady &= connection.first == request;
            }
        });
    }

    /// The connection of that number began with this head.
    pub(super) fn head(&self, number: u64, head: &[u8]) {
        let mut headers = [httparse::EMPTY_HEADER; MOST_NAMES];
        let mut request = httparse::Request::new(&mut headers);
        // With more headers than there is room for, the first ones are known.
        let parsed = request.parse(head);
        if !matches!(
            parsed,
            Ok(httparse::Status::Complete(_)) | Err(httparse::Error::TooManyHeaders)
        ) {
            return;
        }
        let names = request.headers.iter().map(|header| kept(header.name));
        let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
        self.on(number, |connection| connection.spelt = Some(names));
    }

    fn on(&self, number: u64, write: impl FnOnce(&mut SeenConnection)) {
        let mut page = self.page();
        // The latest are the ones that are busy.
        let known = page.iter().rposition(|seen| seen.number == number);
        let place = match known {
            Some(place) => place,
            None if page.len() < MOST_CONNECTIONS => {
                page.push(SeenConnection {
                    number,
                    ..SeenConnection::default()
                });
                page.len() - 1
            }
            None => return,
        };
        write(&mut page[place]);
    }

    fn page(&self) -> MutexGuard<'_, Vec<SeenConnection>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl SeenRequest {
    fn of(version: Version, headers: &HeaderMap) -> SeenRequest {
        let value = |name: HeaderName| {
            let value = headers.get(name)?;
            Some(kept(&String::from_utf8_lossy(value.as_bytes())))
        };
        let names = headers.iter().map(|(name, _)| kept(name.as_str()));
        SeenRequest {
            version: match version {
                Version::HTTP_10 => "HTTP/1.0",
                Version::HTTP_2 => "HTTP/2",
                _ => "HTTP/1.1",
            },
            names: names.take(MOST_NAMES).collect(),
            user_agent: value(USER_AGENT),
            accept_encoding: value(ACCEPT_ENCODING),
            connection: value(CONNECTION),
        }
    }
}

fn kept(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(user_agent: &str) -> Request<()> {
        Request::builder()
            .header("host", "h")
            .header("user-agent", user_agent)
            .header("authorization", "Bearer sesame")
            .body(())
            .unwrap()
    }

    #[test]
    fn nothing_is_written_down_unasked_and_no_more_than_there_is_room_for() {
        let seen = Seen::default();
        seen.request(1, &request("a"));
        assert_eq!(seen.connections(), []);
        seen.begin();
        for number in 0..1_000 {
            seen.request(number, &request("a"));
        }
        assert_eq!(seen.connections().len(), MOST_CONNECTIONS);
        seen.begin();
        assert_eq!(seen.connections(), []);
        seen.end();
        seen.request(1, &request("a"));
        assert_eq!(seen.connections(), []);
    }

    #[test]
    fn names_and_three_values_are_kept_and_no_other() {
        let seen = Seen::default();
        seen.begin();
        seen.head(
            7,
            b"POST / HTTP/1.1\r\nHost: h\r\nX-Key: sesame\r\nuser-agent: a\r\n\r\n",
        );
        seen.request(7, &request("a"));
        seen.request(7, &request("a"));
        let [connection] = &seen.connections()[..] else {
            panic!("one connection");
        };
        assert_eq!((connection.number, connection.requests), (7, 2));
        assert_eq!(
            connection.spelt.as_deref().unwrap(),
            ["Host", "X-Key", "user-agent"]
        );
        let names = ["host", "user-agent", "authorization"];
        assert_eq!(connection.first.names, names);
        assert_eq!(connection.first.user_agent.as_deref(), Some("a"));
        assert!(connection.steady);
        assert!(!format!("{connection:?}").contains("sesame"));
        seen.request(7, &request("b"));
        assert!(!seen.connections()[0].steady);
    }

    #[test]
    fn what_is_no_head_leaves_no_names() {
        let seen = Seen::default();
        seen.begin();
        seen.head(1, b"\x16\x03\x01");
        seen.head(2, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        assert!(seen.connections().iter().all(|seen| seen.spelt.is_none()));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: 1\r\n".repeat(100));
        seen.head(3, many.as_bytes());
        let spelt = seen.connections().pop().and_then(|seen| seen.spelt);
        assert_eq!(spelt.map(|names| names.len()), Some(MOST_NAMES));
    }
}
