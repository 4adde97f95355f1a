//! What the fuzzer of the direct engine begins with: the answers of the table's servers, as files.

use super::row::{Act, Row, Wire};
use super::table;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The largest seed, in bytes: with larger ones the fuzzer would be slow.
const LARGEST: usize = 4_000;

/// What separates the answers in a seed, as in `played::script` of the direct engine.
const MARK: &[u8] = b"\0|\0|";

/// The form that is described there; `None` for a row whose answers are too large or are none of HTTP/1.1.
fn seed(row: &Row) -> Option<Vec<u8>> {
    let mut how = u8::from(row.method == http::Method::HEAD);
    let (mut end, mut unit) = (0, 0);
    let mut answers: Vec<Vec<u8>> = Vec::new();
    for act in row.scripts.first()? {
        match act {
            Act::ReadRequest | Act::ReadHead | Act::ReadSome => answers.push(Vec::new()),
            Act::Say(bytes) | Act::Drip(bytes, _) => answers.last_mut()?.extend(bytes),
            Act::Endless(bytes) => {
                (end, unit) = (0b1100_0110, bytes.len() as u8 - 1);
                answers.last_mut()?.extend(bytes);
            }
            Act::EndlessSlowly(bytes, _) => {
                end = 4;
                answers.last_mut()?.extend(bytes);
            }
            Act::Reset => end = 2,
            Act::Wait => end = 4,
            Act::ReadBytes(_) | Act::HalfClose | Act::SayBelowTls(_) => {}
        }
    }
    how |= end;
    let answers = answers.join(MARK);
    let fits = row.wire == Wire::Http && (1..=LARGEST).contains(&answers.len());
    fits.then(|| [&[how, 0, 0, 0, unit], &answers[..]].concat())
}

/// A row's name as a file's.
fn file_name(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

#[test]
fn the_fuzzer_begins_with_the_answers_of_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
    let seeds: BTreeMap<_, _> = table()
        .iter()
        .filter_map(|row| Some((file_name(row.name), seed(row)?)))
        .collect();
    assert!(seeds.len() >= 60, "{}", seeds.len());
    if std::env::var_os("WRITE_SEEDS").is_some() {
        fs::create_dir_all(&folder).unwrap();
        for (name, seed) in &seeds {
            fs::write(folder.join(name), seed).unwrap();
        }
    }
    let kept: BTreeMap<_, _> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap())
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, fs::read(file.path()).unwrap())
        })
        .collect();
    let differ: Vec<_> = seeds
        .iter()
        .filter(|(name, seed)| kept.get(*name) != Some(seed))
        .map(|(name, _)| name)
        .collect();
    assert!(differ.is_empty(), "WRITE_SEEDS=1 renews {differ:?}");
    let strange: Vec<_> = kept
        .keys()
        .filter(|name| !seeds.contains_key(*name))
        .collect();
    assert!(strange.is_empty(), "of no row: {strange:?}");
}
