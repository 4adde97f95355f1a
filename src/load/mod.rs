//! The load engine: when requests start, who sends them, and how a run goes from its first user to its last answer.
//!
//! ```text
//! Engine ── starts ──► Conductor (phases, 10 Hz) ── LoadState ──► load threads: Heart, Lane (A, B), Users or OpenLoop
//!                          ▲ commands (Control)                        │ Sample
//!                          └────────── Aggregator ◄──────── Shard ◄────┘
//! ```
//!
//! Who is under load when is said by the conductor alone, as a turn for each variant: both at once, or one after the other.
//! What holds always: deadlines are absolute and computed, never accumulated; a request that has begun is recorded exactly
//! once, whatever happens to it; a run that ends by itself waits for everything it has sent.

mod closed;
mod conductor;
mod control;
mod crew;
mod engine;
mod heart;
mod lane;
mod limits;
mod open;
mod schedule;
mod simulation;
mod spec;
mod standstill;
mod steering;
mod thread;

pub use engine::{Engine, EngineConfig, Making, StartError, VariantLoad};
pub use limits::raise_file_limit;
pub use simulation::Simulation;
pub use spec::{
    Arrivals, LoadChange, LoadModel, LoadSpec, MostUsers, Order, Overflow, ThinkTime, Warmup,
};
pub use steering::Control;
