//! The built-in endpoint and gateway, over real sockets.

mod client;
mod command_line;
mod delays;
mod endpoint;
mod faults;
mod proxy;
mod upstream;
