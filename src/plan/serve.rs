//! The plans of `endpoint` and `gateway`: where to listen, and where to send requests on.

use super::given::Given;
use super::secrets::Lookup;
use super::settings::TransportSettings;
use super::{PlanError, target, transport};
use crate::cli::{EndpointArgs, GatewayArgs};
use crate::transport::TransportConfig;
use std::net::SocketAddr;
use url::Url;

/// What `endpoint` serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPlan {
    /// Where it listens; port 0 for any free one.
    pub listen: SocketAddr,
    /// The profile's name, not yet looked up; `None` for the usual one.
    pub profile: Option<String>,
}

/// What `gateway` passes on, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayPlan {
    /// Where it listens; port 0 for any free one.
    pub listen: SocketAddr,
    /// Where requests go.
    pub upstream: Url,
    /// The upstream as it may be shown, without a password.
    pub shown_upstream: String,
    /// How it reaches the upstream.
    pub transport: TransportConfig,
}

/// The plan of `endpoint`.
pub fn endpoint(args: &EndpointArgs) -> Result<EndpointPlan, PlanError> {
    Ok(EndpointPlan {
        listen: listen(&args.listen)?,
        profile: args.profile.clone(),
    })
}

/// The plan of `gateway`.
pub fn gateway(args: &GatewayArgs, env: Lookup<'_>) -> Result<GatewayPlan, PlanError> {
    let listen = listen(&args.listen)?;
    let upstream = target::target(&Given::option("--upstream", &args.upstream), env)?;
    let settings = args
        .transport
        .as_ref()
        .map(|spec| TransportSettings::from_spec(&Given::option("--transport", spec)))
        .transpose()?;
    Ok(GatewayPlan {
        listen,
        transport: transport::transport(settings.as_ref(), &upstream.base, env)?,
        upstream: upstream.base,
        shown_upstream: upstream.shown,
    })
}

/// An address and a port; `localhost` is the IPv4 loopback.
fn listen(text: &str) -> Result<SocketAddr, PlanError> {
    let numeric = text
        .strip_prefix("localhost:")
        .map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    numeric.parse().map_err(|_| {
        Given::option("--listen", text)
            .bad("must be an address and a port, such as 127.0.0.1:4000 or [::1]:4000")
    })
}
