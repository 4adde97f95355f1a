//! The built-in endpoint and gateway, over real sockets.

#![allow(clippy::unwrap_used)]

mod client;
mod endpoint;
mod proxy;
