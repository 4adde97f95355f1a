//! The built-in endpoint and gateway, over real sockets.

pub(crate) mod client;
mod command_line;
mod delays;
mod endpoint;
mod faults;
mod keys;
mod lens;
pub(crate) mod proxy;
mod upstream;
