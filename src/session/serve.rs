//! The built-in servers alone, until a signal ends them.

use super::exit::{Exit, Failure};
use super::signals;
use crate::gateway::endpoint::{self, EndpointConfig};
use crate::gateway::proxy::{self, GatewayConfig};
use crate::gateway::{GatewayError, ServerHandle, ServiceSpec, listen};
use crate::plan::{EndpointPlan, GatewayPlan};
use std::io::Write;
use std::num::NonZeroU32;
use std::sync::mpsc;

/// Serves as the endpoint.
pub(super) fn endpoint(plan: &EndpointPlan) -> Result<Exit, Failure> {
    let config = EndpointConfig {
        service: plan.service.clone(),
        ..EndpointConfig::default()
    };
    let listener = listen(plan.listen).map_err(|error| Failure::Input(error.to_string()))?;
    let server =
        endpoint::spawn(config, listener).map_err(|error| Failure::System(error.to_string()))?;
    let serving = described(&plan.service);
    until_signal(&server, &format!("endpoint at {}, {serving}", server.url()))
}

/// `profile fixed:60ms, 4 servers, frozen 10s+5s, failing 503:1%`
fn described(service: &ServiceSpec) -> String {
    let mut text = format!("profile {}", service.profile);
    match service.servers.map(NonZeroU32::get) {
        None => {}
        Some(1) => text.push_str(", 1 server"),
        Some(servers) => text.push_str(&format!(", {servers} servers")),
    }
    for freeze in &service.freezes {
        text.push_str(&format!(", frozen {freeze}"));
    }
    for fault in service.faults.list() {
        text.push_str(&format!(", failing {fault}"));
    }
    text
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
    if !plan.transport.tls.verify {
        let warning = "warning: the upstream's certificate is not checked (tls_verify=false): whoever answers is believed";
        let _ = writeln!(std::io::stderr(), "{warning}");
    }
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
