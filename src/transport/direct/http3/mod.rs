//! HTTP/3: one QUIC connection, driven by tasks of its own, and its streams.
//!
//! ```text
//! dial ──► session (one connection) ──► exchange (one stream)
//!  └─ handshake: what TLS agreed on       └─ bounded, frames, watch: what is seen of its bytes on their way
//! ```
//!
//! What holds always: each connection has a socket of its own, as over TCP, so that a server that spreads its connections by
//! address spreads them alike; nothing is sent before the handshake is done (no early data).

mod bounded;
mod dial;
mod exchange;
mod failure;
mod frames;
mod handshake;
mod session;
mod watch;

pub(super) use dial::{Dialer, Link};
pub(super) use session::Session;
