//! Every key of the table, pressed in a real terminal: what it does is seen there, or in the files that it writes.

use super::keyboard::{bindings, key};
use super::reading::{changes, clock, cursor, first, page, panes, shows, theme, users, window};
use super::{Terminal, gauges, whole};
use std::collections::BTreeSet;
use std::path::Path;

/// A run that has been measured for some seconds, with a folder for what it saves.
struct Stage {
    terminal: Terminal,
    folder: tempfile::TempDir,
}

/// What an action is called, and what shows that its key does it.
type Trial = (&'static str, fn(&mut Stage));

/// Keys that change what is looked at.
const LOOKING: &[Trial] = &[
    ("help", |stage| {
        stage.press("help", "the help", |text| text.contains("╭─ help"));
        stage.press("back", "no help", |text| !text.contains("╭─ help"));
    }),
    ("back", |stage| {
        stage.press("zoom", "one panel", |text| panes(text) == 1);
        stage.press("checks", "the checks", |text| {
            text.contains("╭─ self-checks ─")
        });
        stage.press("back", "the panel", |text| {
            panes(text) == 1 && !text.contains("╭─ self-checks ─")
        });
        stage.press("back", "all panels", |text| panes(text) == 2);
    }),
    ("next-view", |stage| {
        stage.press("next-view", "the second view", |text| {
            shows(text, "Latency")
        });
        stage.press("race", "the first view", |text| shows(text, "Race"));
    }),
    ("previous-view", |stage| {
        stage.press("previous-view", "the last view", |text| shows(text, "Log"));
        stage.press("race", "the first view", |text| shows(text, "Race"));
    }),
    ("latency", |stage| {
        stage.press("latency", "it", |text| {
            shows(text, "Latency") && text.contains("Histogram")
        });
    }),
    ("heat", |stage| {
        stage.press("heat", "it", |text| {
            shows(text, "Heat") && text.contains(['▀', '▄'])
        });
    }),
    ("errors", |stage| {
        stage.press("errors", "it", |text| {
            shows(text, "Errors") && text.contains("agreed on")
        });
    }),
    ("details", |stage| {
        stage.press("details", "it", |text| {
            shows(text, "Details") && text.contains("╭─ Plan")
        });
    }),
    ("log", |stage| {
        stage.press("log", "it", |text| {
            shows(text, "Log") && text.contains("the load begins: 20 users")
        });
    }),
    ("race", |stage| {
        stage.press("race", "it", |text| {
            shows(text, "Race") && gauges(text, "p99") >= 2
        });
    }),
    ("zoom", |stage| {
        for panel in ["╭─ A", "╭─ B", "B against A", "elf-checks"] {
            stage.press("zoom", panel, |text| {
                text.contains(panel) && panes(text) < 2
            });
        }
        stage.press("zoom", "all panels", |text| panes(text) == 2);
    }),
    ("calculation", |stage| {
        let wanted = |text: &str| text.contains("  Calculation");
        stage.press("calculation", "the arithmetic", wanted);
        stage.press("calculation", "no arithmetic", |text| {
            !text.contains("  Calculation")
        });
    }),
    ("checks", |stage| {
        stage.press("checks", "the list", |text| {
            text.contains("╭─ self-checks ─")
        });
        stage.press("checks", "no list", |text| {
            !text.contains("╭─ self-checks ─")
        });
    }),
    ("theme", |stage| {
        let first = stage.press("theme", "a theme", |text| theme(text).is_some());
        let first = theme(&first);
        stage.press("theme", "another theme", |text| {
            theme(text).is_some_and(|now| Some(&now) != first.as_ref())
        });
    }),
    ("redraw", |stage| {
        let scribble = b"\x1b[1;1Hscribble\x1b[20;40Hscribble";
        stage.terminal.screen().process(scribble);
        assert!(stage.terminal.text().contains("scribble"));
        stage.press("redraw", "the picture alone", |text| {
            !text.contains("scribble")
        });
    }),
];

/// Keys that read a second of the run, or a page of its log.
const READING: &[Trial] = &[
    ("cursor-back", |stage| {
        stage.still(|stage| {
            let newest = stage.cursor("cursor-back", |at| at.is_some());
            stage.cursor("cursor-back", |at| {
                at.zip(newest).is_some_and(|(at, n)| at + 1 == n)
            });
        });
    }),
    ("cursor-on", |stage| {
        stage.still(|stage| {
            stage.cursor("cursor-first", |at| at == Some(1));
            stage.cursor("cursor-on", |at| at == Some(2));
        });
    }),
    ("cursor-far-back", |stage| {
        stage.still(|stage| {
            let newest = stage
                .cursor("cursor-back", |at| at > Some(11))
                .expect("a second");
            stage.cursor("cursor-far-back", |at| at == Some(newest - 10));
        });
    }),
    ("cursor-far-on", |stage| {
        stage.still(|stage| {
            stage.cursor("cursor-first", |at| at == Some(1));
            stage.cursor("cursor-far-on", |at| at == Some(11));
        });
    }),
    ("cursor-first", |stage| {
        stage.still(|stage| {
            stage.cursor("cursor-first", |at| at == Some(1));
        });
    }),
    ("cursor-newest", |stage| {
        stage.still(|stage| {
            stage.cursor("cursor-first", |at| at == Some(1));
            stage.cursor("cursor-newest", |at| at.is_none());
        });
    }),
    ("page-back", |stage| {
        stage.long_log();
        stage.press("page-back", "an earlier page", |text| page(text, -1));
        stage.press("page-on", "the newest page", |text| page(text, 0));
        stage.terminal.resize(160, 48);
        stage.press("race", "the first view", |text| panes(text) == 2);
    }),
    ("page-on", |stage| {
        stage.long_log();
        stage.press("page-back", "an earlier page", |text| page(text, -1));
        stage.press("page-on", "the newest page", |text| page(text, 0));
        // There is no later one: the next key is the one that counts.
        stage.terminal.press(&key("page-on"));
        stage.press("page-back", "an earlier page", |text| page(text, -1));
        stage.terminal.resize(160, 48);
        stage.press("race", "the first view", |text| panes(text) == 2);
    }),
];

/// Keys that change the run.
const STEERING: &[Trial] = &[
    ("freeze", |stage| {
        stage.press("freeze", "a picture that stands", |text| {
            text.contains("FROZEN")
        });
        stage.press("freeze", "one that does not", |text| {
            !text.contains("FROZEN")
        });
    }),
    ("pause", |stage| {
        stage.press("pause", "the pause", |text| text.contains("PAUSED"));
        stage.press("pause", "the load again", |text| !text.contains("PAUSED"));
    }),
    ("load-up", |stage| {
        stage.press("load-up", "more users", |text| text.contains("22 users"));
    }),
    ("load-down", |stage| {
        stage.press("load-down", "as many as before", |text| {
            text.contains("20 users")
        });
    }),
    ("load-far-up", |stage| {
        stage.press("load-far-up", "ten steps more", |text| {
            users(text) > Some(40)
        });
    }),
    ("load-far-down", |stage| {
        stage.press("load-far-down", "ten steps fewer", |text| {
            users(text) < Some(40)
        });
    }),
    ("set-load", |stage| {
        stage.ask_for_load("users 0\r", "must be a whole number from 1 to 10,000");
        stage.terminal.press("\x7f30");
        stage.see("the text mended", |text| text.contains("users 30█"));
        stage.terminal.press("\r");
        stage.see("thirty users", |text| {
            users(text) == Some(30) && !text.contains("load (now")
        });
        stage.ask_for_load("think 1s..2s\r", "think 1–2 s");
        stage.ask_for_load("rate 5\r", "rate belongs to an open loop");
        stage.press("back", "no question", |text| !text.contains("load (now"));
        stage.ask_for_load("20\r", "20 users, think 1–2 s");
        stage.ask_for_load("think 500ms..1s\r", "think 0.5–1 s");
        stage.see("no question", |text| !text.contains("load (now"));
    }),
    ("run-again", |stage| {
        let before = clock(&stage.terminal.text());
        stage.press("run-again", "the question", |text| {
            text.contains("run again from the start?  Enter yes  Esc no")
        });
        stage.press("back", "the same run", |text| {
            !text.contains("run again") && clock(text) >= before
        });
    }),
    ("window", |stage| {
        for seconds in ["30 s", "60 s", "1 s", "5 s"] {
            let full = |now: &str| now == seconds || now.ends_with(&format!("/{seconds}"));
            stage.press("window", seconds, |text| {
                window(text).is_some_and(|now| full(&now))
            });
        }
    }),
    ("reset", |stage| {
        stage.press("details", "the course", |text| text.contains("╭─ Course"));
        let before = changes(&stage.terminal.text());
        stage.press("reset", "one more beginning", |text| {
            changes(text) == before + 1
        });
        stage.press("race", "the first view", |text| panes(text) == 2);
    }),
    ("order", |stage| {
        stage.press("order", "turns", |text| first(text).contains(" alternate "));
        stage.press("order", "no turns", |text| {
            first(text).contains(" together ")
        });
    }),
];

/// Keys after which something is kept.
const KEEPING: &[Trial] = &[
    ("annotate", |stage| {
        stage.press("annotate", "the question", |text| {
            text.contains("marker at 00:")
        });
        stage.terminal.press("deploy 7q\x7f");
        stage.see("what was typed", |text| text.contains("deploy 7█"));
        stage.terminal.press(&key("zoom"));
        stage.see("the marker", |text| text.contains("▸deploy 7"));
        stage.press("annotate", "the question", |text| {
            text.contains("marker at 00:")
        });
        stage.terminal.press("nothing");
        stage.press("back", "no question", |text| !text.contains("marker at"));
        stage.press("log", "the log", |text| {
            shows(text, "Log") && text.contains("deploy 7")
        });
        assert!(!stage.terminal.text().contains("nothing"));
        stage.press("race", "the first view", |text| panes(text) == 2);
    }),
    ("snapshot", |stage| {
        stage.press("snapshot", "where it is", |text| text.contains("saved "));
        let files = stage.files("json");
        let snapshot = whole(&stage.folder.path().join(&files[0]));
        assert_eq!(snapshot["annotations"][0]["text"], "deploy 7");
        assert_eq!((files.len(), stage.files("md").len()), (1, 1));
    }),
    ("export", |stage| {
        stage.press("export", "where it is", |text| text.contains("exported "));
        for ending in ["md", "csv", "hlog"] {
            assert!(!stage.files(ending).is_empty(), "{ending}");
        }
    }),
    ("copy", |stage| {
        stage.press("copy", "what was done", |text| text.contains("clipboard"));
        assert!(stage.terminal.has_written("\x1b]52;c;"));
    }),
    ("quit", |stage| {
        stage.terminal.press(&key("quit"));
        assert_eq!(stage.terminal.wait_for_end().exit_code(), 0);
    }),
];

#[test]
fn every_key_of_the_table_has_a_trial() {
    let trials = [LOOKING, READING, STEERING, KEEPING];
    let tried: BTreeSet<&str> = trials.into_iter().flatten().map(|trial| trial.0).collect();
    let all: BTreeSet<&str> = bindings().map(|binding| binding.name).collect();
    assert_eq!(tried, all);
}

#[test]
fn keys_that_change_what_is_looked_at() {
    try_all(LOOKING);
}

#[test]
fn keys_that_read_a_second_or_a_page() {
    try_all(READING);
}

#[test]
fn keys_that_change_the_run() {
    try_all(STEERING);
}

#[test]
fn keys_after_which_something_is_kept() {
    try_all(KEEPING);
}

fn try_all(trials: &[Trial]) {
    let folder = tempfile::tempdir().expect("a folder");
    let snapshots = folder.path().to_str().expect("a path");
    let args = ["--users", "20", "--ramp", "0s", "--warmup", "0s"];
    let args = args.into_iter().chain(["--snapshot-dir", snapshots]);
    let utf8 = [("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8")];
    let terminal = Terminal::start((160, 48), &args.collect::<Vec<_>>(), &utf8);
    let mut stage = Stage { terminal, folder };
    stage.see("seconds that were measured", |text| {
        panes(text) == 2 && super::measures(text) && text.contains('┬')
    });
    for (_, act) in trials {
        act(&mut stage);
    }
    if trials.last().is_none_or(|trial| trial.0 != "quit") {
        stage.terminal.press(&key("quit"));
        assert_eq!(stage.terminal.wait_for_end().exit_code(), 0);
    }
    stage.terminal.assert_restored();
}

impl Stage {
    /// Presses the key of an action and waits for what comes of it.
    fn press(&mut self, name: &str, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.terminal.press(&key(name));
        self.terminal.wait(&format!("{what} after {name}"), wanted)
    }

    /// Types a value of the load and waits for what comes of it.
    fn ask_for_load(&mut self, typed: &str, wanted: &str) {
        self.press("set-load", "the question", |text| {
            text.contains("type users 300") && text.contains("load (now ")
        });
        self.terminal.press(typed);
        self.see(&format!("{wanted} after {typed:?}"), |text| {
            text.contains(wanted)
        });
    }

    fn see(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        self.terminal.wait(what, wanted);
    }

    /// Does something while the display stands still, with more than ten seconds to read and no cursor.
    fn still(&mut self, act: impl Fn(&mut Stage)) {
        self.see("some seconds", |text| clock(text) > Some(13));
        self.press("freeze", "a picture that stands", |text| {
            text.contains("FROZEN")
        });
        act(self);
        self.cursor("cursor-newest", |at| at.is_none());
        self.press("freeze", "one that does not", |text| {
            !text.contains("FROZEN")
        });
    }

    /// Presses a key that moves the cursor, and gives where it goes.
    fn cursor(&mut self, name: &str, wanted: impl Fn(Option<u32>) -> bool) -> Option<u32> {
        let text = self.press(name, "the cursor", |text| wanted(cursor(text)));
        cursor(&text)
    }

    /// The log with more lines than the screen has, at its newest page.
    fn long_log(&mut self) {
        self.press("log", "the log", |text| shows(text, "Log"));
        self.terminal.resize(100, 10);
        for number in 0..9 {
            self.press("annotate", "the question", |text| {
                text.contains("marker at")
            });
            self.terminal.press(&format!("mark {number}\r"));
            self.see("the mark", |text| {
                text.contains(&format!("mark {number}")) && !text.contains("marker at")
            });
        }
        self.see("the newest page", |text| page(text, 0));
    }

    /// The files with an ending that have been saved.
    fn files(&self, ending: &str) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).expect("the folder");
        names
            .map(|entry| {
                entry
                    .expect("a file")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|name| {
                Path::new(name)
                    .extension()
                    .is_some_and(|found| found == ending)
            })
            .collect()
    }
}
