//! The built-in OpenAI-style endpoint: answers every request with the same few words after a delay drawn from a
//! [`DelayProfile`].
//!
//! The delay counts from the arrival of the request's head, and nothing is done between it and the answer, so the endpoint
//! serves any number of requests at once without slowing down. Any key is accepted, and so are unknown fields.

mod completion;
mod routes;
mod stream;

use super::counters::ServerCounters;
use super::delay::DelayProfile;
use super::server::{Answer, Running, ServerHandle, run};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use stream::Events;
use tokio::time::Instant;

/// The endpoint's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointConfig {
    /// The time from a request's arrival to the first byte of its answer.
    pub profile: DelayProfile,
    /// The pause between two content chunks of a stream; the profile's delay is before the first.
    pub stream_gap: Duration,
    /// The seed of the delays.
    pub seed: u64,
    /// Threads to serve with, at least 1.
    pub threads: usize,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        EndpointConfig {
            profile: DelayProfile::Instant,
            stream_gap: Duration::ZERO,
            seed: 1,
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
    let endpoint = Endpoint {
        rng: Mutex::new(StdRng::seed_from_u64(config.seed)),
        answered: AtomicU64::new(0),
        config,
    };
    run(running, listener, Arc::new(endpoint))
}

/// Timers wake up late: the runtime rounds deadlines up to whole milliseconds and the system call waits in whole
/// milliseconds, 1 ms together on average. Aiming that much earlier makes the delays right on average.
const TIMER_LATENESS: Duration = Duration::from_millis(1);

struct Endpoint {
    config: EndpointConfig,
    rng: Mutex<StdRng>,
    answered: AtomicU64,
}

type EndpointBody = Either<Full<Bytes>, Events>;

impl Answer for Endpoint {
    type Body = EndpointBody;

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        _from: SocketAddr,
    ) -> Response<EndpointBody> {
        let arrival = Instant::now();
        routes::answer(&self, request, arrival).await
    }
}

impl Endpoint {
    /// Waits until the answer to a request that came at `arrival` is due.
    async fn delay(&self, arrival: Instant) {
        if self.config.profile == DelayProfile::Instant {
            return;
        }
        let delay = {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            self.config.profile.draw(&mut *rng)
        };
        tokio::time::sleep_until(arrival + delay.saturating_sub(TIMER_LATENESS)).await;
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
