//! The preflight: what refuses is named and nothing starts, what differs is proven, and what is not verified says so.

mod answers;
mod difference;
mod ends;
mod program;
mod refusals;
mod server;
mod upstream;

use program::{Served, run};
