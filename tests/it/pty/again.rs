//! `R`: the run again from the start, and what is kept of the one before.

use super::{SMALL, Terminal, measures, whole};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[test]
fn what_was_measured_is_saved_before_the_run_begins_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let snapshots = folder.path().to_str().expect("a path");
    let args: Vec<&str> = SMALL
        .into_iter()
        .chain(["--snapshot-dir", snapshots])
        .collect();
    let mut terminal = Terminal::start((120, 40), &args, &[]);
    terminal.wait("figures", measures);
    terminal.press("R");
    terminal.wait("the question", |text| {
        text.contains("run again from the start?")
    });
    let before = saved(snapshots).len();
    terminal.press("\r");
    // The screen goes, what was measured is saved, and another run begins.
    terminal.wait("what is kept", |_| saved(snapshots).len() == before + 2);
    terminal.wait("another run", measures);
    let files = saved(snapshots);
    assert_eq!(files.len(), before + 2, "{files:?}");
    let done = files
        .iter()
        .find(|path| json(path).is_some())
        .expect("a snapshot");
    assert_eq!(
        whole(done)["meta"]["phase"],
        "done",
        "it was brought to its end"
    );
    terminal.press("s");
    terminal.wait("another file", |_| saved(snapshots).len() > before + 2);
    let files = saved(snapshots);
    let snapshots: Vec<Value> = files.iter().filter_map(|path| json(path)).collect();
    let phases = |word: &str| {
        snapshots
            .iter()
            .filter(|it| it["meta"]["phase"] == word)
            .count()
    };
    assert_eq!((phases("done"), phases("measuring")), (1, 1));
    let (first, second) = (&snapshots[0], &snapshots[1]);
    assert_eq!(
        second["meta"]["seed"], first["meta"]["seed"],
        "of the same plan"
    );
    assert_eq!(second["plan"], first["plan"]);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

fn saved(folder: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).expect("the folder");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

/// What a snapshot says; the Markdown beside it is none.
fn json(path: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(path).expect("a file");
    serde_json::from_str(&text).ok()
}
