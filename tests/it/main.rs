//! All integration tests in one binary, so that they are linked once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod bad_input;
mod behaviours;
mod engine;
mod frames;
mod gateway;
mod headless;
mod house;
mod known;
mod launch;
mod nginx;
mod plain;
mod plan_files;
mod preflight;
mod proofs;
mod pty;
mod stats;
mod support;
mod transport;
mod verdicts;
