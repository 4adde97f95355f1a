//! Load.
mod spec;
pub use spec::{Arrivals, LoadModel, LoadSpec, Order, Overflow, ThinkTime, Warmup};
