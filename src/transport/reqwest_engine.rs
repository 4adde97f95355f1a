//! The reqwest engine: what most Rust programs send their requests with.

use super::client::Connecting;
use super::config::TransportConfig;
use super::connections::ConnectionCounters;
use super::error::TransportError;
use super::failure;
use super::lanes::Lanes;
use super::login::take_login;
use super::tally::Tally;
use super::{Exchange, HELD_HEADER, RequestSpec, Share, Transport};
use crate::clock::Clock;
use crate::outcome::Outcome;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HeaderName};
use http::response::Parts;
use http::{HeaderValue, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::{Body, Request, Response};
use std::sync::Arc;
use std::time::Duration;
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
        if let Some(login) = take_login(&mut spec.url) {
            spec.headers.entry(AUTHORIZATION).or_insert(login);
        }
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
    async fn read(&self, response: Response) -> Exchange {
        let first_byte = self.clock.now();
        let reused = self.tally.served(response.extensions().get::<HttpInfo>());
        let (head, mut body) = http::Response::<Body>::from(response).into_parts();
        let mut bytes = 0;
        let broken = loop {
            match body.frame().await {
                Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, |data| data.len() as u64),
                Some(Err(error)) => break Some(failure::cause(&error)),
                None if is_cut_off(&head, &body, bytes) => {
                    break Some("the stream ended before the body did".to_owned());
                }
                None => break None,
            }
        };
        Exchange {
            done: self.clock.now(),
            outcome: match broken {
                Some(_) => Outcome::Body,
                None => outcome_of(head.status),
            },
            first_byte: Some(first_byte),
            bytes,
            reused,
            version: Some(head.version),
            held: held(&head),
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
            held: None,
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

/// How long the gateway says that it held the answer back.
fn held(head: &Parts) -> Option<Duration> {
    number(head, &HELD_HEADER).map(Duration::from_micros)
}

/// Whether a body that came to an end did so without the server's having said that this is its end. hyper takes HTTP/2's
/// `NO_ERROR` for an end, in a reset and in a farewell (GOAWAY) that leaves the request out. A server may say so once its
/// answer is whole and it wants no more of the request; then only the length tells.
fn is_cut_off(head: &Parts, body: &Body, bytes: u64) -> bool {
    head.version == Version::HTTP_2
        && !body.is_end_stream()
        && number(head, &CONTENT_LENGTH) != Some(bytes)
}

fn number(head: &Parts, name: &HeaderName) -> Option<u64> {
    head.headers.get(name)?.to_str().ok()?.parse().ok()
}

fn outcome_of(status: StatusCode) -> Outcome {
    if status.is_success() {
        Outcome::Ok
    } else {
        Outcome::Http(status.as_u16())
    }
}
