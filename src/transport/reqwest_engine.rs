//! The reqwest engine: what most Rust programs send their requests with.

use super::client::Connecting;
use super::config::TransportConfig;
use super::connections::ConnectionCounters;
use super::error::TransportError;
use super::failure;
use super::lanes::Lanes;
use super::tally::Tally;
use super::{Exchange, RequestSpec, Share, Transport};
use crate::clock::Clock;
use crate::outcome::Outcome;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::{AUTHORIZATION, CONNECTION};
use http::{HeaderMap, HeaderValue, StatusCode};
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::{Body, Request, Response};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One load thread's reqwest client. To be used inside a `current_thread` runtime: the limit on connections relies on its
/// order of tasks.
pub struct ReqwestTransport {
    spec: RequestSpec,
    lanes: Lanes,
    /// One permit per lane; `None` without a limit.
    slots: Option<Arc<Semaphore>>,
    tally: Arc<Tally>,
    clock: Clock,
}

/// The right to use one of the transport's connections.
#[derive(Debug)]
pub struct Slot(#[expect(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>);

impl ReqwestTransport {
    /// Sets up the share of one load thread. Nothing is connected yet.
    pub fn new(
        spec: &RequestSpec,
        config: &TransportConfig,
        share: Share,
        counters: Arc<ConnectionCounters>,
        clock: Clock,
    ) -> Result<Self, TransportError> {
        let tally = Tally::new(counters, clock.clone(), config.connect_timeout);
        let connecting = Connecting::new(&spec.url, config, Arc::clone(&tally))?;
        let lanes = Lanes::new(&connecting, config, share)?;
        let mut spec = spec.clone();
        login_to_header(&mut spec);
        if !config.keep_alive {
            spec.headers
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(ReqwestTransport {
            slots: lanes.limit().map(|limit| Arc::new(Semaphore::new(limit))),
            spec,
            lanes,
            tally,
            clock,
        })
    }

    fn request(&self) -> Request {
        let mut request = Request::new(self.spec.method.clone(), self.spec.url.clone());
        request.headers_mut().clone_from(&self.spec.headers);
        if !self.spec.body.is_empty() {
            *request.body_mut() = Some(Body::from(self.spec.body.clone()));
        }
        request
    }

    /// Reads the answer to its end, keeping nothing of it.
    async fn read(&self, mut response: Response) -> Exchange {
        let first_byte = self.clock.now();
        let reused = self.tally.served(response.extensions().get::<HttpInfo>());
        let mut bytes = 0;
        let broken = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => bytes += chunk.len() as u64,
                Ok(None) => break None,
                Err(error) => break Some(failure::cause(&error)),
            }
        };
        Exchange {
            done: self.clock.now(),
            outcome: match broken {
                Some(_) => Outcome::Body,
                None => outcome_of(response.status()),
            },
            first_byte: Some(first_byte),
            bytes,
            reused,
            version: Some(response.version()),
            error: broken,
        }
    }

    fn unanswered(&self, error: &reqwest::Error) -> Exchange {
        let done = self.clock.now();
        let (outcome, text) = failure::unanswered(error);
        Exchange {
            outcome,
            first_byte: None,
            done,
            bytes: 0,
            reused: None,
            version: None,
            error: Some(text),
        }
    }
}

impl Transport for ReqwestTransport {
    type Slot = Slot;

    fn try_slot(&self) -> Option<Slot> {
        match &self.slots {
            None => Some(Slot(None)),
            Some(slots) => Arc::clone(slots)
                .try_acquire_owned()
                .ok()
                .map(|permit| Slot(Some(permit))),
        }
    }

    async fn slot(&self) -> Slot {
        match &self.slots {
            None => Slot(None),
            // An error would mean a closed semaphore, and it is never closed.
            Some(slots) => Slot(Arc::clone(slots).acquire_owned().await.ok()),
        }
    }

    async fn exchange(&self) -> Exchange {
        let lease = self.lanes.lease().await;
        let exchange = match lease.client().execute(self.request()).await {
            Ok(response) => self.read(response).await,
            Err(error) => self.unanswered(&error),
        };
        lease.finish().await;
        exchange
    }
}

fn outcome_of(status: StatusCode) -> Outcome {
    if status.is_success() {
        Outcome::Ok
    } else {
        Outcome::Http(status.as_u16())
    }
}

/// Moves a user name and password from the URL to an `Authorization` header, unless the plan has one.
fn login_to_header(spec: &mut RequestSpec) {
    let user = decoded(spec.url.username());
    let password = spec.url.password().map(decoded);
    if user.is_empty() && password.is_none() {
        return;
    }
    // Both fail only for URLs without a host, which have no login.
    let _ = spec.url.set_username("");
    let _ = spec.url.set_password(None);
    insert_basic(&mut spec.headers, &user, password.as_deref().unwrap_or(""));
}

fn insert_basic(headers: &mut HeaderMap, user: &str, password: &str) {
    let login = BASE64.encode(format!("{user}:{password}"));
    if let Ok(mut value) = HeaderValue::from_str(&format!("Basic {login}")) {
        value.set_sensitive(true);
        headers.entry(AUTHORIZATION).or_insert(value);
    }
}

/// Percent-decoding as forms do it is not wanted here (`+` is a plus), so it is done by the URL parser's rules for paths.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escape = (first == b'%' && tail.len() >= 2)
            .then(|| std::str::from_utf8(&tail[..2]).ok())
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = escape {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::Method;

    #[test]
    fn a_login_in_the_url_becomes_a_header() {
        let mut spec = RequestSpec {
            url: "http://us%40er:p+w%20d@127.0.0.1:1/x".parse().unwrap(),
            method: Method::GET,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        login_to_header(&mut spec);
        assert_eq!(spec.url.as_str(), "http://127.0.0.1:1/x");
        let expected = format!("Basic {}", BASE64.encode("us@er:p+w d"));
        assert_eq!(spec.headers[AUTHORIZATION], expected.as_str());
        assert!(spec.headers[AUTHORIZATION].is_sensitive());
    }
}
