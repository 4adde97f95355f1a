//! Known-answer tests: runs whose figures are known beforehand, from queueing theory or by construction. Those named in the
//! table of the project's statistics carry its number.
//!
//! Whole runs go in simulated time, through the same engine, records and phases as real ones, against the same service model
//! that the built-in endpoint uses; so they are exact, quick and the same on every machine.

mod change_order;
mod closed;
mod delays;
mod hlog;
mod noticed;
mod orders;
mod queues;
mod real;
mod record;
pub(crate) mod simulated;
mod stalls;
mod typed;
