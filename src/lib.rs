//! dragstrip
pub mod clock;
pub mod load;
pub mod metrics;
pub mod outcome;
pub mod text;
pub mod theme;
pub mod transport;
pub mod tui;
