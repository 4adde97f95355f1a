//! HTTP/2: one connection, driven by a task of its own, and its streams.
//!
//! ```text
//! session (one connection) ──► exchange (one stream)
//!     └─ written: when a request had been handed to the system
//! ```
//!
//! What holds always: a connection on which the server has said farewell takes no request any more, and those that it has taken
//! on are answered over it to their end.

mod exchange;
mod session;
mod written;

pub(super) use session::Session;
