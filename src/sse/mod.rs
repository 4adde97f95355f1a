//! Streams of events as LLM gateways send them: `text/event-stream`, read as its bytes arrive, and what each event of an
//! OpenAI-style completion says.
//!
//! [`EventReader`] follows the WHATWG's rules for event streams; [`ChatReader`] above it is as tolerant as real gateways make
//! necessary. What holds always: nothing is read but the bytes that are given and no clock at all; any cut of a stream into
//! pieces gives the same events; memory is bounded whatever comes ([`MOST_EVENT`]); once its buffers have grown to the events of
//! a stream, nothing is allocated; no bytes make it panic.

mod chat;
mod chunk;
mod event;
mod json;
#[cfg(test)]
mod tests;

pub use chat::{ChatReader, Ending, Heard, Said};
pub use chunk::{Chunk, Usage};
pub use event::{Event, EventReader, MOST_EVENT};
