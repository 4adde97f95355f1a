//! Any bytes as a stream of events, in any pieces: the incremental reader must tell the same events as a plain one that has the
//! whole text, make of their data what serde finds in it, keep within its memory, and come to the same ending however the
//! stream is cut.
//!
//! ```sh
//! RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none sse \
//!     tests/fuzz/corpus/sse tests/fuzz/streams -- -max_total_time=600
//! ```
//!
//! 2.5 million runs have been done since the last finding. What it has found: a stream that ends within a byte order mark was
//! not said to end within anything.
#![no_main]

#[allow(dead_code, reason = "the crate's own tests use more of it")]
mod reference;

use dragstrip::sse::{ChatReader, Ending, Event, EventReader, Said};
use libfuzzer_sys::fuzz_target;

/// The longest event that is kept: short, so that longer ones come up.
const MOST: usize = 500;

fuzz_target!(|stream: &[u8]| {
    let (events, within) = reference::events(stream, MOST);
    let mut reader = EventReader::new(MOST);
    let mut left = events.iter();
    for mut piece in pieces(stream) {
        while let Some(event) = reader.next(&mut piece) {
            let wanted = left.next().expect("an event too many");
            match (event, wanted) {
                (Event::TooLong, None) => {}
                (Event::Whole { name, data }, Some(wanted)) => {
                    assert_eq!((name, data), (&wanted.0[..], &wanted.1[..]));
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(piece.is_empty());
    }
    assert_eq!(left.next(), None);
    assert_eq!(reader.is_within_event(), within);
    assert!(reader.room() <= 4 * MOST);

    let (said, ending) = chat(pieces(stream), true);
    let whole = chat([stream].into_iter(), true);
    assert_eq!((&said, ending), (&whole.0, whole.1));
    // With the limit that it has, nothing here is too long.
    let (all, _) = reference::events(stream, usize::MAX);
    for (said, event) in said.iter().zip(&all) {
        match event {
            Some((name, _)) if name == b"error" => assert_eq!(*said, Said::Error),
            Some((_, data)) => reference::agree(*said, data),
            None => panic!("too long"),
        }
    }
    // And perhaps one that lacks its blank line.
    assert!(said.len() == all.len() || within && said.len() == all.len() + 1);
    let (same, broken_off) = chat(pieces(stream), false);
    assert_eq!(same, said[..all.len()]);
    // A body's proper end only makes things better, except that it may bring to light an error.
    assert!(ending == broken_off || broken_off == Ending::Broken || ending == Ending::Error);
    assert_eq!(ending == Ending::Error, said.contains(&Said::Error));
});

/// What a stream says, the last event included where its body has come to its end, and how it has ended.
fn chat<'a>(pieces: impl Iterator<Item = &'a [u8]>, properly: bool) -> (Vec<Said>, Ending) {
    let mut reader = ChatReader::default();
    let mut said = Vec::new();
    for mut piece in pieces {
        while let Some(heard) = reader.next(&mut piece) {
            said.push(heard.said);
        }
    }
    if properly {
        said.extend(reader.last().map(|heard| heard.said));
    }
    (said, reader.end(properly))
}

/// The stream in pieces, whose sizes its last byte decides.
fn pieces(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let last = stream.last().map_or(0, |&byte| usize::from(byte));
    let mut state = last.wrapping_mul(0x9E37_79B9) ^ stream.len();
    let mut rest = stream;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let size = 1 + (state >> 33) % (1 + last % 32);
        let (piece, after) = rest.split_at(size.min(rest.len()));
        rest = after;
        Some(piece)
    })
}
