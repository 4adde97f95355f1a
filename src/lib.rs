//! dragstrip
pub mod cli;
pub mod clock;
pub mod load;
pub mod metrics;
pub mod outcome;
pub mod plan;
pub mod text;
pub mod transport;
