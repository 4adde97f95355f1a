//! All integration tests in one binary, so that they are linked once.

mod bad_input;
mod engine;
mod gateway;
mod house;
mod plan_files;
mod transport;
