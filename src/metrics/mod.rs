//! Measurement.
pub mod compact;
pub mod snapshot;
