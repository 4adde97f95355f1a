//! The reqwest engine: what most Rust programs send their requests with.

use super::body::{BodyError, Decoding, number};
use super::client::{Aim, Connecting};
use super::config::{Limits, Timeouts, TransportConfig};
use super::connections::ConnectionCounters;
use super::error::TransportError;
use super::failure;
use super::lanes::Lanes;
use super::login::take_login;
use super::notes::watched;
use super::slots::{Slot, Slots};
use super::tally::Tally;
use super::{Exchange, HELD_HEADER, Place, RequestSpec, Share, Transport, outcome_of};
use crate::clock::{Clock, Tick};
use crate::content::{Content, Maker};
use crate::outcome::Outcome;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH};
use http::response::Parts;
use http::{HeaderValue, Method};
use http_body_util::BodyExt;
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::{Body, Request, Response};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// One load thread's reqwest client. To be used inside a `current_thread` runtime: the limit on connections relies on its
/// order of tasks.
pub struct ReqwestTransport {
    spec: RequestSpec,
    bodies: Bodies,
    lanes: Lanes,
    aim: Aim,
    limits: Limits,
    timeouts: Timeouts,
    decoding: Decoding,
    /// One permit per lane; `None` without a limit.
    slots: Slots,
    tally: Arc<Tally>,
    clock: Clock,
}

/// What requests carry.
enum Bodies {
    None,
    Fixed(Bytes),
    Made(Maker),
}

impl Bodies {
    fn of(content: &Content, share: Share) -> Bodies {
        match content {
            Content::Fixed(bytes) if bytes.is_empty() => Bodies::None,
            Content::Fixed(bytes) => Bodies::Fixed(bytes.clone()),
            Content::Varied(varied) => {
                Bodies::Made(Maker::new(Arc::clone(varied), share.index, share.of))
            }
        }
    }
}

impl ReqwestTransport {
    /// Sets up the share of one load thread. Nothing is connected yet.
    pub fn new(
        spec: &RequestSpec,
        config: &TransportConfig,
        share: Share,
        counters: Arc<ConnectionCounters>,
        clock: Clock,
    ) -> Result<Self, TransportError> {
        let tally = Tally::new(counters, clock.clone(), config);
        let connecting = Connecting::new(&spec.url, config, Arc::clone(&tally))?;
        let aim = connecting.aim();
        let lanes = Lanes::new(connecting, config, share)?;
        tally.limited_to(lanes.limit());
        let mut spec = spec.clone();
        if let Some(login) = take_login(&mut spec.url) {
            spec.headers.entry(AUTHORIZATION).or_insert(login);
        }
        if !config.keep_alive {
            spec.headers
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // The engine says nothing of a body that is empty, where servers wait to be told that there is none.
        let expected = matches!(spec.method, Method::POST | Method::PUT | Method::PATCH);
        if expected && spec.body.is_empty() {
            spec.headers
                .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let decoding = Decoding::new(config.compression);
        decoding.ask(&mut spec.headers);
        Ok(ReqwestTransport {
            aim,
            limits: config.limits,
            timeouts: config.timeouts,
            decoding,
            slots: Slots::new(config, lanes.limit()),
            bodies: Bodies::of(&spec.body, share),
            spec,
            lanes,
            tally,
            clock,
        })
    }

    fn request(&self) -> Request {
        let mut request = Request::new(self.spec.method.clone(), self.spec.url.clone());
        request.headers_mut().clone_from(&self.spec.headers);
        match &self.bodies {
            Bodies::None => {}
            Bodies::Fixed(bytes) => *request.body_mut() = Some(Body::from(bytes.clone())),
            Bodies::Made(maker) => {
                let mut bytes = Vec::new();
                maker.write(&mut bytes);
                *request.body_mut() = Some(Body::from(bytes));
            }
        }
        self.aim.at(&mut request);
        request
    }

    /// Reads the answer to its end, keeping nothing of it. `opened`: its request had made its own connection.
    async fn read(&self, response: Response, began: Tick, opened: bool) -> Exchange {
        let first_byte = self.clock.now();
        let reused = self
            .tally
            .served(response.extensions().get::<HttpInfo>(), opened);
        let (head, mut body) = self.decoding.open(response).await;
        let mut bytes = 0;
        let broken = loop {
            match body.frame().await {
                Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, |data| data.len() as u64),
                Some(Err(error)) => break Some(self.broken(&error, began)),
                None => break None,
            }
        };
        let (outcome, error) = match broken {
            None => (outcome_of(head.status.as_u16()), None),
            Some((outcome, text)) => (outcome, Some(text)),
        };
        Exchange {
            done: self.clock.now(),
            outcome,
            ready: None,
            written: None,
            first_byte: Some(first_byte),
            bytes,
            reused: Some(reused),
            opening: None,
            version: Some(head.version),
            held: held(&head),
            error,
        }
    }

    /// Judges the time of an answer that is whole: the engine's own clock lets pass what ends before it ticks again.
    fn in_time(&self, exchange: Exchange, began: Tick) -> Exchange {
        let took = exchange.done.since(began);
        match self.timeouts.total.filter(|limit| took > *limit) {
            Some(limit) if exchange.error.is_none() => Exchange {
                outcome: Outcome::Timeout,
                error: Some(failure::not_ended(limit)),
                ..exchange
            },
            _ => exchange,
        }
    }

    /// Why a body did not arrive whole.
    fn broken(&self, error: &BodyError, began: Tick) -> (Outcome, String) {
        let took = self.clock.now().since(began);
        let engines = error.downcast_ref::<reqwest::Error>();
        match engines.and_then(|error| failure::too_slow(error, &self.timeouts, took)) {
            Some(text) => (Outcome::Timeout, text),
            None => (Outcome::Body, failure::cause(&**error)),
        }
    }

    fn unanswered(&self, error: &reqwest::Error, began: Tick, opened: bool) -> Exchange {
        let (outcome, text) = self.tally.unanswered(error, &self.timeouts, began, opened);
        Exchange {
            outcome,
            ready: None,
            written: None,
            first_byte: None,
            done: self.clock.now(),
            bytes: 0,
            reused: None,
            opening: None,
            version: None,
            held: None,
            error: Some(text),
        }
    }
}

impl Transport for ReqwestTransport {
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

    async fn exchange(&self) -> Exchange {
        let lease = self.lanes.lease().await;
        let began = self.clock.now();
        let (answer, opened) = watched(pin!(lease.client().execute(self.request()))).await;
        let exchange = match answer {
            Ok(response) => self.in_time(self.read(response, began, opened).await, began),
            Err(error) => self.unanswered(&error, began, opened),
        };
        lease.finish().await;
        exchange
    }
}

/// How long the gateway says that it held the answer back.
fn held(head: &Parts) -> Option<Duration> {
    number(&head.headers, &HELD_HEADER).map(Duration::from_micros)
}
