//! `R`: the run again from the start, and what is kept of the one before.

use super::{SMALL, Terminal, measures, whole};

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
    terminal.press("\r");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
    let files = std::fs::read_dir(snapshots).expect("the folder");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert_eq!(files.len(), 2, "{files:?}");
    whole(&files[0]);
}
