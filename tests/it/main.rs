//! All integration tests in one binary, so that they are linked once.

// All of it is test code, helpers included.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod engine;
mod gateway;
mod house;
mod plan_files;
mod transport;
