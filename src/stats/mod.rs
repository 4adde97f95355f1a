//! Statistics: pure functions from figures to statements about them. No input, no output, no clock.
//!
//! So far: the difference between two measured figures, with its arithmetic. It is a description of what was measured, and
//! says of itself that it is not a judgement.

mod difference;

pub use difference::{Difference, Direction, difference};
