//! dragstrip
pub mod clock;
pub mod load;
pub mod metrics;
pub mod outcome;
pub mod report;
pub mod stats;
pub mod text;
pub mod transport;
