//! The program in a real pseudo-terminal, seen as a terminal shows it.

#![cfg(unix)]

mod again;
mod background;
mod clipboard;
mod configured;
mod ends;
mod gone;
mod inline;
mod keyboard;
mod keys;
mod mouse;
#[cfg(debug_assertions)]
mod panics;
mod reading;
mod sizes;
mod stops;
mod terminal;

pub(crate) use terminal::Terminal;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A small demo that measures at once.
const SMALL: [&str; 6] = ["--users", "5", "--ramp", "0s", "--warmup", "0s"];

/// [`SMALL`], saved to a file, with more arguments.
struct Saved {
    folder: tempfile::TempDir,
    args: Vec<String>,
}

impl Saved {
    fn new(more: &[&str]) -> Saved {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out.json");
        let args = SMALL
            .iter()
            .chain(&["--out", out.to_str().expect("a path")])
            .chain(more)
            .map(|arg| (*arg).to_owned())
            .collect();
        Saved { folder, args }
    }

    fn args(&self) -> Vec<&str> {
        self.args.iter().map(String::as_str).collect()
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out.json")
    }

    /// What was saved: a whole snapshot in which every request is accounted for, and the Markdown beside it.
    fn snapshot(&self) -> Value {
        let out = self.out();
        assert!(out.with_extension("md").exists(), "the Markdown beside it");
        let snapshot = whole(&out);
        let requests = snapshot["variants"]["a"]["run"]["requests"].as_u64();
        assert!(requests > Some(0), "{requests:?}");
        snapshot
    }
}

/// Reads a snapshot in which every request is accounted for.
fn whole(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("it was saved");
    let snapshot: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(snapshot["schema"], "dragstrip.snapshot/1");
    for variant in ["a", "b"] {
        let run = &snapshot["variants"][variant]["run"];
        let count = |name: &str| run[name].as_u64().expect("a count");
        assert_eq!(
            count("requests"),
            count("ok") + count("failed") + count("cancelled") + count("in_flight"),
            "{run}"
        );
    }
    snapshot
}

/// Whether figures of a run are on the screen.
fn measures(text: &str) -> bool {
    gauges(text, "p99") >= 1 && text.contains(" ms") && text.contains("measuring")
}

/// The lines that begin with a gauge's name, in either pane.
fn gauges(text: &str, name: &str) -> usize {
    text.split_whitespace().filter(|word| *word == name).count()
}

#[test]
fn the_demo_draws_its_gauges_answers_keys_and_leaves_the_terminal_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let snapshots = folder.path().to_str().expect("a path");
    let mut terminal = Terminal::start(
        (160, 48),
        &["--snapshot-dir", snapshots, "--ramp", "1s"],
        &[],
    );
    let four_twice = |text: &str| {
        ["RPS", "p50", "p95", "p99"]
            .iter()
            .all(|name| gauges(text, name) >= 2)
    };
    terminal.wait("two panes of four gauges", four_twice);
    assert!(terminal.alternate_screen() && terminal.cursor_hidden());
    terminal.wait("figures", |text| {
        text.contains("HTTP/1.1") && text.contains(" ms")
    });

    terminal.press("?");
    terminal.wait("the help", |text| {
        text.contains("more or less load") && text.contains("freeze the display")
    });
    terminal.press("?");
    terminal.wait("the gauges again", four_twice);

    terminal.press("s");
    terminal.wait("the answer to s", |text| text.contains("saved"));
    let mut names: Vec<String> = std::fs::read_dir(snapshots)
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    assert_eq!(names.len(), 2, "{names:?}");
    let json = std::fs::read_to_string(folder.path().join(&names[0])).expect("a snapshot");
    let snapshot: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(snapshot["schema"], "dragstrip.snapshot/1");
    assert!(snapshot["variants"]["b"]["series"].is_array());

    let asked = Instant::now();
    terminal.press("q");
    let status = terminal.wait_for_end();
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "q took {:?}",
        asked.elapsed()
    );
    assert_eq!(status.exit_code(), 0);
    terminal.wait("the final table on the normal screen", |text| {
        text.contains("Improvement") && text.contains("cancelled")
    });
    terminal.assert_restored();
}

#[test]
fn pause_freeze_and_load_are_shown() {
    let mut terminal = Terminal::start(
        (120, 40),
        &["--users", "20", "--ramp", "0s", "--warmup", "0s"],
        &[],
    );
    terminal.wait("measuring", |text| text.contains("measuring"));
    terminal.press("p");
    terminal.wait("the pause", |text| text.contains("PAUSED"));
    terminal.press("p");
    terminal.wait("the load again", |text| text.contains("measuring"));
    terminal.press(" ");
    terminal.wait("the frozen display", |text| text.contains("FROZEN"));
    terminal.press(" ");
    terminal.wait("the live display", |text| !text.contains("FROZEN"));
    terminal.press("\x1b[A");
    terminal.wait("more users", |text| text.contains("22 users"));
    terminal.press("\x1b[B");
    terminal.wait("fewer users", |text| text.contains("20 users"));
    terminal.press("\x03");
    assert_eq!(terminal.wait_for_end().exit_code(), 130, "Ctrl-C is SIGINT");
    terminal.assert_restored();
}

#[test]
fn no_color_means_no_colour() {
    let mut terminal = Terminal::start((120, 40), &["--users", "5"], &[("NO_COLOR", "1")]);
    terminal.wait("figures", |text| text.contains("HTTP/1.1"));
    let screen = terminal.screen();
    for row in 0..40 {
        for col in 0..120 {
            let cell = screen.screen().cell(row, col).expect("a cell");
            assert_eq!(
                (cell.fgcolor(), cell.bgcolor()),
                (vt100::Color::Default, vt100::Color::Default),
                "{row},{col}"
            );
        }
    }
    drop(screen);
    terminal.press("q");
    terminal.wait_for_end();
}

#[test]
fn a_snapshot_that_cannot_be_saved_is_said_and_ends_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let snapshots = folder.path().join("snapshots");
    let mut terminal = Terminal::start(
        (120, 40),
        &[
            "--users",
            "5",
            "--snapshot-dir",
            snapshots.to_str().expect("a path"),
        ],
        &[],
    );
    terminal.wait("the gauges", |text| gauges(text, "p99") >= 2);
    // The run has begun: where the folder would be made there is a file now.
    std::fs::write(&snapshots, "").expect("writes");
    terminal.press("s");
    terminal.wait("the failure", |text| text.contains("not saved"));
    terminal.press("t");
    terminal.wait("figures that go on", |text| text.contains(" ms"));
    terminal.press("q");
    assert_eq!(
        terminal.wait_for_end().exit_code(),
        1,
        "the exit code tells it, too"
    );
    terminal.assert_restored();
}
