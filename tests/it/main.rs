//! All integration tests in one binary, so that they are linked once.

mod bad_input;
mod engine;
mod frames;
mod gateway;
mod headless;
mod house;
mod plan_files;
mod pty;
mod transport;
