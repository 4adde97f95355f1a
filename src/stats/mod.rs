//! Statistics: pure functions from figures to statements about them. No input, no output, no clock.
//!
//! So far: the difference between two measured figures, with its arithmetic (a description of what was measured, which says
//! of itself that it is not a judgement), and whether a measurement drifts.

mod difference;
mod halves;

pub use difference::{Difference, Direction, difference};
pub use halves::drift;
