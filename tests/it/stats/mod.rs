//! The statistics against values computed a second way, against their promises in simulation, and their invariants.
//!
//! Simulations run short here; the long ones, which find the published figures again, take some minutes:
//! `cargo test --test it stats:: -- --ignored --nocapture`

#![allow(
    clippy::print_stdout,
    reason = "simulations tell the figures that they find"
)]

mod cost;
mod dependence;
mod noise;
mod power;
mod properties;
mod reference;
mod temptations;
mod together;
mod verdicts;
