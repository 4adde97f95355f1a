//! The rules for event streams, one by one.

use super::{cuts, reference};
use crate::sse::{Event, EventReader, MOST_EVENT};
use proptest::prelude::*;

/// What a reader tells of a stream in pieces, and whether it is left within an event.
fn told(reader: &mut EventReader, pieces: &[&[u8]]) -> (Vec<reference::Told>, bool) {
    let mut told = Vec::new();
    for mut piece in pieces.iter().copied() {
        while let Some(event) = reader.next(&mut piece) {
            told.push(match event {
                Event::Whole { name, data } => Some((name.to_vec(), data.to_vec())),
                Event::TooLong => None,
            });
        }
        assert!(piece.is_empty());
    }
    (told, reader.is_within_event())
}

/// Holds a stream to its events, as `name=data`, and to how it is left, by each cut; and the plain reader, too.
#[track_caller]
fn hold(stream: &str, events: &[&str], within: bool) {
    let wanted: Vec<reference::Told> = events
        .iter()
        .map(|event| {
            let (name, data) = event.split_once('=')?;
            Some((name.into(), data.into()))
        })
        .collect();
    let stream = stream.as_bytes();
    assert_eq!(reference::events(stream, 30), (wanted.clone(), within));
    for pieces in cuts(stream) {
        let mut reader = EventReader::new(30);
        for _ in 0..2 {
            assert_eq!(told(&mut reader, &pieces), (wanted.clone(), within));
            reader.reset();
        }
    }
}

#[test]
fn lines_end_with_lf_cr_or_crlf() {
    hold("data: 1\n\ndata: 2\n\n", &["=1", "=2"], false);
    hold("data: 1\r\rdata: 2\r\r", &["=1", "=2"], false);
    hold("data: 1\r\n\r\ndata: 2\r\n\r\n", &["=1", "=2"], false);
    hold(
        "data: 1\r\n\ndata: 2\n\r\ndata: 3\r\n\r",
        &["=1", "=2", "=3"],
        false,
    );
    hold("\n\r\n\rdata: 1\n\n\n\n", &["=1"], false);
}

#[test]
fn an_event_is_told_at_the_cr_of_its_end() {
    let mut reader = EventReader::default();
    assert_eq!(told(&mut reader, &[b"data: 1\r\n\r"]).0.len(), 1);
    assert_eq!(told(&mut reader, &[b"\n"]), (vec![], false));
}

#[test]
fn data_lines_are_joined_and_one_space_is_the_colons() {
    hold("data: a\ndata:b\ndata:  c\n\n", &["=a\nb\n c"], false);
    hold("data\n\n", &["="], false);
    hold("data\ndata\n\n", &["=\n"], false);
    hold("data:\n\ndata: \n\n", &["=", "="], false);
    hold("data: a:b: c\n\n", &["=a:b: c"], false);
    hold("data: ü€😀\n\n", &["=ü€😀"], false);
}

#[test]
fn the_last_name_counts_and_only_for_its_event() {
    hold(
        "event: a\nevent: b\ndata: 1\n\ndata: 2\n\n",
        &["b=1", "=2"],
        false,
    );
    hold("event: a\n\ndata: 1\n\n", &["=1"], false);
    hold("data: 1\nevent: a\nevent\n\n", &["=1"], false);
}

#[test]
fn comments_and_other_fields_are_skipped() {
    hold(
        ": keep-alive\n\n:\n\n::\n\ndata: 1\n: in the midst\n\n",
        &["=1"],
        false,
    );
    hold(
        "id: 7\nretry: 10\ndata: 1\nunknown: x\nno colon\n\n",
        &["=1"],
        false,
    );
    hold(
        "dat: 1\n\ndatas: 1\n\ndatabase: 1\n\nDATA: 1\n\n data: 1\n\nevents: 1\n\n",
        &[],
        false,
    );
}

#[test]
fn a_byte_order_mark_may_begin_a_stream_and_nothing_else() {
    hold("\u{feff}data: 1\n\n", &["=1"], false);
    hold("\u{feff}\u{feff}data: 1\n\n", &[], false);
    hold("data: 1\n\n\u{feff}data: 2\n\n", &["=1"], false);
    hold("\u{feff}", &[], false);
    let mut reader = EventReader::default();
    assert_eq!(told(&mut reader, &[b"\xef\xbb"]), (vec![], true));
    let one = Some((vec![], b"1".to_vec()));
    let rest: [&[u8]; 2] = [b"\xbf", b"data: 1\n\n"];
    assert_eq!(told(&mut reader, &rest), (vec![one], false));
    hold("\u{fec0}data: 1\n\n", &[], false);
    hold("\u{fec0}", &[], true);
}

#[test]
fn an_end_in_the_midst_of_an_event_is_seen() {
    hold("data: 1\n\ndata: 2", &["=1"], true);
    hold("data: 1\n\ndata: 2\n", &["=1"], true);
    hold("data: 1\n\nda", &["=1"], true);
    hold("event: error\n", &[], true);
    hold("data: 1\n\n: keep-al", &["=1"], false);
    hold("data: 1\n\n: keep-alive\n", &["=1"], false);
    hold("", &[], false);
}

#[test]
fn an_event_that_is_too_long_is_told_and_reading_goes_on() {
    let (fits, long) = ("x".repeat(30), "x".repeat(31));
    hold(
        &format!("data: {fits}\n\ndata: {long}\n\ndata: 1\n\n"),
        &[&format!("={fits}"), "long", "=1"],
        false,
    );
    let half = "y".repeat(15);
    hold(
        &format!("data: {half}\ndata: {half}\ndata\n\n"),
        &["long"],
        false,
    );
    hold(
        &format!("event: {long}\nevent: a\ndata: 1\n\ndata: 2\n\n"),
        &["long", "=2"],
        false,
    );
    hold(
        &format!("event: {long}\n\n: {long}\nid: {long}\n{long}: 1\ndata: 2\n\n"),
        &["=2"],
        false,
    );
}

#[test]
fn an_endless_event_needs_no_more_memory_than_the_longest_one() {
    let mut reader = EventReader::default();
    let piece = vec![b'x'; 64 << 10];
    let _ = told(&mut reader, &[b"event: "]);
    (0..40).for_each(|_| assert_eq!(told(&mut reader, &[&piece]), (vec![], true)));
    let _ = told(&mut reader, &[b"\n\ndata: "]);
    (0..400).for_each(|_| assert_eq!(told(&mut reader, &[&piece]), (vec![], true)));
    assert!(reader.room() <= 4 * MOST_EVENT, "{}", reader.room());
    let end: &[u8] = b"\n\ndata: 1\n\n";
    let one = Some((vec![], b"1".to_vec()));
    assert_eq!(told(&mut reader, &[end]), (vec![None, one], false));
    reader.reset();
    assert!(reader.room() <= 64 << 10, "{}", reader.room());
}

/// Streams in which everything that means something is common.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => "(data|event|id|retry|:|x|\u{feff})(:| |: )?",
        4 => "\r|\n|\r\n|\n\n",
        2 => "[a-z:ü ]{0,12}",
    ];
    let text = proptest::collection::vec(word, 0..40).prop_map(|words| words.concat().into_bytes());
    prop_oneof![4 => text, 1 => proptest::collection::vec(any::<u8>(), 0..100)]
}

proptest! {
    #[test]
    fn any_cut_gives_what_the_plain_reader_reads(stream in streams(), sizes in proptest::collection::vec(1_usize..9, 1..9)) {
        let mut pieces = Vec::new();
        let mut rest = &stream[..];
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        let plain = reference::events(&stream, 10);
        prop_assert_eq!(told(&mut EventReader::new(10), &pieces), plain.clone());
        prop_assert_eq!(told(&mut EventReader::new(10), &[&stream]), plain);
    }
}
