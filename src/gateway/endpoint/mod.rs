//! The built-in OpenAI-style endpoint: answers every request with the same few words, when and how its [`ServiceSpec`] says.
//!
//! Delays count from the arrival of a request's head; answers are never early, and late by what the machine needs to wake up
//! (on Linux some 0.1 ms). Every answer carries the time that it was truly held ([`HELD_HEADER`]), so whoever measures the
//! endpoint can be checked request by request. Any key is accepted, and so are unknown fields. The requests that generate
//! something go through the service; health, models and errors are answered at once.

mod body;
mod completion;
mod routes;
mod stream;

use super::counters::ServerCounters;
use super::server::{Answer, HangUp, Running, ServerHandle, run};
use super::service::{Origin, Served, Service, ServiceSpec};
use crate::clock::{Clock, Tick};
use crate::pacer::Pacer;
use crate::transport::HELD_HEADER;
use body::EndpointBody;
use http::header::HeaderValue;
use http::{Request, Response};
use hyper::body::Incoming;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The endpoint's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointConfig {
    /// When and how requests are answered.
    pub service: ServiceSpec,
    /// Whether the timetable of freezes begins with the first request that is served, not with the endpoint.
    pub freeze_from_first_request: bool,
    /// The pause between two content chunks of a stream; the service's delay is before the first.
    pub stream_gap: Duration,
    /// Threads to serve with, at least 1.
    pub threads: usize,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        EndpointConfig {
            service: ServiceSpec::default(),
            freeze_from_first_request: false,
            stream_gap: Duration::ZERO,
            threads: 1,
        }
    }
}

/// Starts an endpoint on `listener`.
pub fn spawn(config: EndpointConfig, listener: TcpListener) -> io::Result<ServerHandle> {
    let running = Running {
        name: "endpoint",
        threads: config.threads,
        counters: Arc::<ServerCounters>::default(),
        upstream: None,
    };
    run(running, listener, || {
        let clock = Clock::monotonic();
        let origin = if config.freeze_from_first_request {
            Origin::FirstArrival
        } else {
            Origin::At(clock.now())
        };
        Ok(Endpoint {
            service: Mutex::new(Service::new(config.service, origin)),
            pacer: Pacer::new(clock)?,
            answered: AtomicU64::new(0),
            stream_gap: config.stream_gap,
        })
    })
}

struct Endpoint {
    service: Mutex<Service>,
    pacer: Arc<Pacer>,
    answered: AtomicU64,
    stream_gap: Duration,
}

impl Answer for Endpoint {
    type Body = EndpointBody;

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        _from: SocketAddr,
    ) -> Result<Response<EndpointBody>, HangUp> {
        let arrival = self.pacer.clock().now();
        let mut response = routes::answer(&self, request, arrival).await?;
        let held = self.pacer.clock().now().us_since(arrival);
        let headers = response.headers_mut();
        headers.insert(HELD_HEADER, HeaderValue::from(held));
        Ok(response)
    }
}

impl Endpoint {
    /// Takes in a request that came at `arrival`.
    fn admit(&self, arrival: Tick) -> Served {
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        service.admit(arrival)
    }

    /// A number for the next answer, different for each.
    fn number(&self) -> u64 {
        self.answered.fetch_add(1, Ordering::Relaxed)
    }
}

/// The present time in seconds since 1970, for `created`.
fn created() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
