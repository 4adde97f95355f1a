//! Gateways: those that are started for a run ([`launch`]), and the built-in servers, an OpenAI-style [`endpoint`] that answers
//! when and how its [`Service`] says, and a [`proxy`] gateway in front of it.
//!
//! What holds always: each server runs on threads of its own, listens on a socket that it was given, and is gone (with
//! every connection) when its [`ServerHandle`] is. Only the endpoint waits on purpose; whatever a gateway costs, it costs.

mod counters;
mod delay;
pub mod endpoint;
pub mod launch;
mod lens;
mod listen;
mod problem;
pub mod proxy;
mod seen;
mod server;
mod service;
mod serving;
mod tap;
mod words;

pub use counters::{ServerCounters, ServerTotals};
pub use delay::{Bimodal, DelayProfile, LogNormal, ProfileError, Quantiles, Tail};
pub use lens::{Closings, LensReading, VERSIONS};
pub use listen::{ListenError, listen};
pub use seen::{Seen, SeenConnection, SeenRequest};
pub use server::ServerHandle;
pub use service::{
    Fault, FaultError, FaultKind, Faults, Freeze, FreezeError, Origin, Served, Service, ServiceSpec,
};
pub use words::{Portion, PortionError};

/// A server that could not be started.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The settings for the upstream side cannot work.
    #[error(transparent)]
    Transport(#[from] crate::transport::TransportError),
    /// The operating system refused a thread or the socket.
    #[error("cannot start the built-in gateway: {0}")]
    Io(#[from] std::io::Error),
}
