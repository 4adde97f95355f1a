//! HTTP/2: connections that many requests share.
//!
//! ```text
//! lanes ──► session (one connection, driven by a task of its own) ──► exchange (one stream)
//!                └─ written: when a request had been handed to the system
//! ```
//!
//! What holds always: each lane has at most one connection that takes requests; a connection on which the server has said
//! farewell takes none any more, and those that it has taken on are answered over it to their end.

mod exchange;
mod lanes;
mod session;
mod written;

pub(super) use lanes::{Held, Lanes, Opener};
pub(super) use session::Session;
