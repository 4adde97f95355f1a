//! The demo: two built-in gateways, each before a built-in endpoint, on threads of their own, and the published comparison's
//! load.
//!
//! The gateways are the real reverse proxy, and their endpoints draw the same delays. They differ in one setting of their upstream
//! transport, the number of connections; the picture comes from that alone.

use super::exit::{Exit, Failure};
use super::lens::Lenses;
use super::live::{self, Env};
use crate::gateway::endpoint::{self, EndpointConfig};
use crate::gateway::proxy::{self, GatewayConfig};
use crate::gateway::{DelayProfile, ServerHandle, ServiceSpec, listen};
use crate::plan::Demo;
use crate::transport::{Limits, TransportConfig};
use std::net::{Ipv4Addr, SocketAddr};
use url::Url;

/// Upstream connections of gateway A: with a mean delay of 139 ms they carry about 50 requests a second.
const CONNECTIONS_OF_A: usize = 7;

/// Runs the demo to its end.
pub(super) fn run(demo: Demo, env: Env<'_>) -> Result<Exit, Failure> {
    let config = EndpointConfig {
        service: ServiceSpec {
            profile: DelayProfile::seed(),
            seed: demo.load.seed,
            ..ServiceSpec::default()
        },
        ..EndpointConfig::default()
    };
    let behind = [endpoint(config.clone())?, endpoint(config)?];
    let a = gateway(&behind[0], Some(CONNECTIONS_OF_A))?;
    let b = gateway(&behind[1], None)?;
    let seen = behind.iter().map(|it| Some(it.counters())).collect();
    live::run(&demo.plan(url(&a)?, url(&b)?), &Lenses::new(seen), env)
}

fn endpoint(config: EndpointConfig) -> Result<ServerHandle, Failure> {
    endpoint::spawn(config, any_port()?).map_err(|error| Failure::System(error.to_string()))
}

fn gateway(
    endpoint: &ServerHandle,
    max_connections: Option<usize>,
) -> Result<ServerHandle, Failure> {
    let config = GatewayConfig {
        upstream: url(endpoint)?,
        transport: TransportConfig {
            limits: Limits {
                connections: max_connections,
                ..Limits::default()
            },
            ..TransportConfig::default()
        },
    };
    proxy::spawn(&config, any_port()?).map_err(|error| Failure::System(error.to_string()))
}

fn any_port() -> Result<std::net::TcpListener, Failure> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    listen(any).map_err(|error| Failure::System(error.to_string()))
}

fn url(server: &ServerHandle) -> Result<Url, Failure> {
    Url::parse(&server.url()).map_err(|error| Failure::System(error.to_string()))
}
