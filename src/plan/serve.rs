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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_takes_an_address_and_a_port() {
        assert_eq!(listen("localhost:0").unwrap().to_string(), "127.0.0.1:0");
        assert_eq!(listen("[::1]:80").unwrap().to_string(), "[::1]:80");
        for bad in ["", "4000", "localhost", ":80", "h:80", "1.2.3.4:99999"] {
            let error = listen(bad).unwrap_err().to_string();
            assert!(error.contains("such as 127.0.0.1:4000"), "{bad}: {error}");
        }
    }

    #[test]
    fn a_gateway_has_an_upstream_and_a_transport() {
        let args = GatewayArgs {
            listen: "127.0.0.1:0".to_owned(),
            upstream: "http://u:p@h:1".to_owned(),
            transport: Some("max_connections=7".to_owned()),
        };
        let plan = gateway(&args, &|_| None).unwrap();
        assert_eq!(plan.transport.max_connections, Some(7));
        assert_eq!(plan.shown_upstream, "http://h:1/");
        let args = GatewayArgs {
            upstream: "h:1".to_owned(),
            ..args
        };
        let error = gateway(&args, &|_| None).unwrap_err().to_string();
        assert!(error.starts_with("--upstream h:1: "), "{error}");
    }
}
