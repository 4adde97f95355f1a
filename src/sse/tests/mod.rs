//! Streams with known answers, however they are cut, and streams of any kind beside the plain reader.

mod chats;
mod events;
#[path = "../../../tests/fuzz/reference.rs"]
mod reference;

use super::Said;

/// The ways to cut a stream that are tried: not at all, once at each place, and after every byte.
fn cuts(stream: &[u8]) -> Vec<Vec<&[u8]>> {
    let mut cuts: Vec<Vec<&[u8]>> = (0..=stream.len())
        .map(|at| vec![&stream[..at], &stream[at..]])
        .collect();
    cuts.push(stream.chunks(1).collect());
    cuts
}
