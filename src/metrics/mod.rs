//! Measurement: from single requests to the one picture that everything shows.
//!
//! ```text
//! Sample ──► Shard (one per load thread and variant) ──10 Hz──► Variant: Window, run, History ──► Snapshot
//! ```
//!
//! What holds always: nothing is kept per request, every structure has a fixed bound, failures rank above every finite
//! latency, and the counts of a run add up exactly.

mod aggregator;
mod block;
mod censored;
mod checks;
mod client;
mod compact;
mod comparison;
mod counts;
mod history;
mod incidents;
mod journal;
mod judge;
mod laws;
mod notes;
mod notices;
mod occupancy;
mod order;
mod packed;
mod picture;
mod pulse;
mod record;
mod recorder;
mod sample;
mod shard;
mod signatures;
pub mod snapshot;
mod summary;
mod tally;
mod trend;
mod turns;
mod two_speeds;
mod variant;
mod window;

pub use aggregator::{Aggregator, Moment, RunFacts};
pub use client::Client;
pub use compact::CompactHistogram;
pub use counts::OutcomeCounts;
pub use incidents::Incident;
pub use occupancy::OccupancyReading;
pub use packed::PackedHistogram;
pub use pulse::Pulse;
pub use recorder::Distribution;
pub use sample::Sample;
pub use shard::{OpenRequest, Shard};
pub use turns::SlotReading;
pub use variant::{
    Activity, ConnectionReading, ProcessReading, UpstreamLens, UpstreamReading, Variant,
    VariantNames,
};
pub use window::LENGTHS as WINDOW_LENGTHS;
