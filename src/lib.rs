//! **dragstrip**, a terminal live latency monitor: it drives load at a gateway through two transport configurations, A and
//! B, and shows both live, side by side. This page is the map of the house.
//!
//! ```text
//! cli ──► plan ──► session ──► load ──────► transport ──► the gateway under test
//!                     │          │ Sample
//!                     │          ▼
//!                     │        metrics ──► stats
//!                     │          │ Arc<Snapshot>, ten a second
//!                     ├──► tui ◄─┤
//!                     ├──► headless
//!                     └──► report
//! ```
//!
//! | module | what it is for |
//! |---|---|
//! | [`cli`] | the command line: raw arguments, nothing checked |
//! | [`plan`] | arguments and plan file to a validated plan; all input errors are born here |
//! | [`session`] | where everything comes together: servers, engine, screen, files, exit code |
//! | [`load`] | arrival schedules, pacing, users, phases, live control |
//! | [`transport`] | how requests reach a gateway; connection accounting |
//! | [`sse`] | streams of events, and what the chunks of an LLM's answer say |
//! | [`content`] | what requests carry: the same each time, or made anew from templates |
//! | [`metrics`] | from samples to windows, runs and the one [`metrics::snapshot::Snapshot`] |
//! | [`stats`] | pure statistics |
//! | [`gateway`] | the built-in endpoint and the built-in gateway |
//! | [`preflight`] | one request to each variant before the load, and proof that A and B differ |
//! | [`tui`], [`theme`] | the screen and its colours |
//! | [`config`] | the user's configuration file: theme, keys, mouse |
//! | [`glyphs`] | the signs that can be shown, and what stands for the others |
//! | [`headless`], [`report`] | progress lines, and snapshots as files and text |
//! | [`pacer`] | waking at an exact instant |
//! | [`cpu`], [`memory`] | the processor time of the threads that measure, and the memory of the process |
//! | [`outbox`] | writing to a terminal that may not take what it is given |
//! | [`clock`], [`outcome`], [`text`] | words that all share: instants, how a request can end, figures as people read them |
//!
//! Dependencies point one way (a test in `tests/it/house.rs` holds the list). What measures knows no screen: the engine runs
//! the same with and without one. Nothing is kept per request, anywhere.

pub mod cli;
pub mod clock;
pub mod config;
pub mod content;
pub mod cpu;
pub mod gateway;
pub mod glyphs;
pub mod headless;
pub mod load;
pub mod memory;
pub mod metrics;
pub mod outbox;
pub mod outcome;
pub mod pacer;
pub mod plan;
pub mod preflight;
pub mod report;
pub mod session;
pub mod sse;
pub mod stats;
pub mod text;
pub mod theme;
pub mod transport;
pub mod tui;
