//! The built-in endpoint and gateway, over real sockets.

mod client;
mod endpoint;
mod proxy;
