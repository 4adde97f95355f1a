//! dragstrip
pub mod clock;
pub mod gateway;
pub mod load;
pub mod metrics;
pub mod outcome;
pub mod text;
pub mod transport;
