//! The built-in gateway: a real reverse proxy, whose upstream side is the same client with the same settings as on the load
//! side, so that a transport means the same thing in both places.
//!
//! Bodies are streamed both ways, never held whole. A limit on connections is a first-in-first-out queue; a request has its
//! place until its answer has been relayed to the last byte, or its client has gone. Nothing here sleeps.

mod forward;
mod headers;
mod relay;

use super::GatewayError;
use super::counters::ServerCounters;
use super::server::{Running, ServerHandle, run};
use crate::clock::Clock;
use crate::transport::{Connecting, ConnectionCounters, Lanes, Share, Tally, TransportConfig};
use forward::Forward;
use std::net::TcpListener;
use std::sync::Arc;
use url::Url;

/// The gateway's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayConfig {
    /// The base URL of the upstream; a request's path is appended to its path.
    pub upstream: Url,
    /// How connections to the upstream are made and used.
    pub transport: TransportConfig,
}

/// Starts a gateway on `listener`, on one thread.
pub fn spawn(config: &GatewayConfig, listener: TcpListener) -> Result<ServerHandle, GatewayError> {
    let upstream = Arc::<ConnectionCounters>::default();
    let counters = Arc::clone(&upstream);
    let tally = Tally::new(counters, Clock::monotonic(), &config.transport);
    let connecting = Connecting::new(&config.upstream, &config.transport, Arc::clone(&tally))?;
    let aim = connecting.aim();
    let lanes = Lanes::new(connecting, &config.transport, Share::WHOLE)?;
    tally.limited_to(lanes.limit());
    let running = Running {
        name: "gateway",
        // The limit relies on the order in which one thread runs its tasks.
        threads: 1,
        counters: Arc::<ServerCounters>::default(),
        upstream: Some(upstream),
    };
    let forward = Forward::new(config, aim, lanes, tally);
    Ok(run(running, listener, || Ok(forward))?)
}
