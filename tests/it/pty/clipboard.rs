//! What the terminal is given for its clipboard.

use super::keyboard::key;
use super::{Saved, Terminal, measures, whole};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dragstrip::metrics::snapshot::Snapshot;

const BEGIN: &str = "\x1b]52;c;";

#[test]
fn it_gets_the_table_that_is_on_the_screen_as_markdown() {
    let folder = tempfile::tempdir().expect("a folder");
    let saved = Saved::new(&["--snapshot-dir", folder.path().to_str().expect("a path")]);
    let mut terminal = Terminal::start((120, 40), &saved.args(), &[]);
    terminal.wait("figures", measures);
    assert!(!terminal.has_written(BEGIN));
    // What is saved and what is copied are the same picture.
    terminal.press(&key("freeze"));
    terminal.wait("a picture that stands", |text| text.contains("FROZEN"));
    terminal.press(&key("snapshot"));
    terminal.wait("where it is", |text| text.contains("saved "));
    terminal.press(&key("copy"));
    terminal.wait_for(BEGIN);
    terminal.wait("what was done", |text| text.contains("clipboard"));
    let written = terminal.written();
    let (_, rest) = written.split_once(BEGIN).expect("it is there");
    let end = rest.find(['\x07', '\x1b']).expect("its end");
    let copied = BASE64_STANDARD.decode(&rest[..end]).expect("base64");
    let copied = String::from_utf8(copied).expect("text");

    let mut files = std::fs::read_dir(folder.path()).expect("the folder");
    let json = files
        .find_map(|entry| {
            let path = entry.expect("a file").path();
            path.extension()
                .is_some_and(|e| e == "json")
                .then_some(path)
        })
        .expect("the snapshot");
    let snapshot: Snapshot = serde_json::from_value(whole(&json)).expect("a snapshot");
    assert_eq!(copied, dragstrip::report::markdown(&snapshot));
    assert!(copied.contains("| Metric | A | B |"), "{copied}");

    terminal.press(&key("quit"));
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}
