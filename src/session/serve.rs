//! The built-in servers alone, until a signal ends them.

use super::exit::{Exit, Failure};
use super::signals;
use crate::gateway::endpoint::{self, EndpointConfig};
use crate::gateway::proxy::{self, GatewayConfig};
use crate::gateway::{DelayProfile, GatewayError, ServerHandle, listen};
use crate::plan::{EndpointPlan, GatewayPlan};
use std::io::Write;
use std::sync::mpsc;

/// Serves as the endpoint.
pub(super) fn endpoint(plan: &EndpointPlan) -> Result<Exit, Failure> {
    let name = plan.profile.as_deref().unwrap_or("instant");
    let profile: DelayProfile = name
        .parse()
        .map_err(|error: crate::gateway::ProfileError| {
            Failure::Input(format!("--profile: {error}"))
        })?;
    let config = EndpointConfig {
        profile,
        ..EndpointConfig::default()
    };
    let listener = listen(plan.listen).map_err(|error| Failure::Input(error.to_string()))?;
    let server =
        endpoint::spawn(config, listener).map_err(|error| Failure::System(error.to_string()))?;
    until_signal(
        &server,
        &format!("endpoint at {}, profile {name}", server.url()),
    )
}

/// Serves as the gateway.
pub(super) fn gateway(plan: &GatewayPlan) -> Result<Exit, Failure> {
    let config = GatewayConfig {
        upstream: plan.upstream.clone(),
        transport: plan.transport.clone(),
    };
    let listener = listen(plan.listen).map_err(|error| Failure::Input(error.to_string()))?;
    let server = proxy::spawn(&config, listener).map_err(|error| match error {
        GatewayError::Transport(error) => Failure::Input(error.to_string()),
        GatewayError::Io(error) => Failure::System(error.to_string()),
    })?;
    let transport = plan.transport.describe();
    until_signal(
        &server,
        &format!(
            "gateway at {} to {} ({transport})",
            server.url(),
            plan.shown_upstream
        ),
    )
}

fn until_signal(server: &ServerHandle, what: &str) -> Result<Exit, Failure> {
    let (end, ended) = mpsc::channel();
    let ending = signals::follow(
        move || {
            let _ = end.send(());
        },
        || {},
    )
    .map_err(|error| Failure::System(format!("cannot follow signals: {error}")))?;
    let _ = writeln!(std::io::stderr(), "dragstrip {what}; Ctrl-C ends it");
    let _ = ended.recv();
    let seen = server.totals();
    let _ = writeln!(
        std::io::stderr(),
        "{} requests over {} connections",
        seen.requests,
        seen.opened
    );
    Ok(ending.asked().map_or(Exit::Done, Exit::Signal))
}
