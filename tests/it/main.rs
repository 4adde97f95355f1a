//! All integration tests in one binary, so that they are linked once.

mod engine;
mod gateway;
mod house;
mod transport;
