//! The program is stopped and continued: by its user, by others, in a shell that knows jobs and without one.

use super::terminal::shell;
use super::{Saved, Terminal, measures};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde_json::Value;
use std::time::Duration;

/// Long enough to be a standstill and not a delay.
const STOP: Duration = Duration::from_millis(600);

/// What of that must be seen, in seconds: signals take a moment to come.
const SEEN_S: f64 = 0.4;

/// How long each gap is, in seconds; all of them must be stops.
fn stops(snapshot: &Value) -> Vec<f64> {
    let gaps = snapshot["gaps"].as_array().expect("gaps");
    gaps.iter()
        .map(|gap| {
            assert_eq!(gap["reason"], "suspended");
            gap["seconds"].as_f64().expect("a length")
        })
        .collect()
}

#[test]
fn a_stop_gives_the_terminal_to_the_shell_and_what_follows_takes_it_again() {
    let saved = Saved::new(&[]);
    let pid = saved.folder.path().join("pid");
    let script = format!(
        "set -m; \"$@\" & echo $! > {}; fg > /dev/null; echo stopped once; read -r _; \
         fg > /dev/null; echo stopped twice; read -r _; fg > /dev/null; echo ended with $?",
        pid.display()
    );
    let mut terminal = Terminal::run((100, 30), shell(&script, &saved.args()));
    terminal.wait("figures", measures);
    let raw = terminal.settings();

    terminal.press("\x1a");
    terminal.wait("the shell", |text| text.contains("stopped once"));
    terminal.assert_restored();
    std::thread::sleep(STOP);
    // The size changes meanwhile, and nobody is told.
    terminal.resize(120, 40);
    terminal.press("\n");
    terminal.wait("figures at the new size", |text| {
        measures(text) && text.lines().count() == 40
    });
    assert!(terminal.alternate_screen() && terminal.cursor_hidden());
    assert_eq!(terminal.settings(), raw);

    let pid = std::fs::read_to_string(&pid).expect("a number");
    let pid = Pid::from_raw(pid.trim().parse().expect("a number")).expect("a pid");
    kill_process(pid, Signal::TSTP).expect("a signal");
    terminal.wait("the shell", |text| text.contains("stopped twice"));
    terminal.assert_restored();
    std::thread::sleep(STOP);
    terminal.press("\n");
    terminal.wait("figures again", measures);
    assert_eq!(terminal.settings(), raw);
    terminal.press("q");
    terminal.wait_for_end();
    terminal.wait("the exit code", |text| text.contains("ended with 0"));
    terminal.assert_restored();

    let stops = stops(&saved.snapshot());
    assert!(stops.len() >= 2, "{stops:?}");
    let long = stops.iter().filter(|gap| **gap >= SEEN_S);
    assert!(long.count() >= 2, "{stops:?}");
}

#[test]
fn in_the_background_the_run_goes_on_to_its_end_without_the_terminal() {
    let saved = Saved::new(&["--duration", "3s", "--exit"]);
    let script = "set -m; \"$@\" & pid=$!; fg > /dev/null; echo stopped; bg > /dev/null; \
                  wait $pid; echo ended with $?";
    let mut terminal = Terminal::run((100, 30), shell(script, &saved.args()));
    terminal.wait("figures", measures);
    terminal.press("\x1a");
    terminal.wait("the shell", |text| text.contains("stopped"));
    terminal.wait_for_end();
    terminal.wait("the end", |text| text.contains("ended with 0"));
    terminal.assert_restored();
    assert_eq!(saved.snapshot()["meta"]["phase"], "done");
}

#[test]
fn a_stop_that_cannot_be_caught_is_made_good_afterwards() {
    let saved = Saved::new(&[]);
    let mut terminal = Terminal::start((100, 30), &saved.args(), &[]);
    terminal.wait("figures", measures);
    let raw = terminal.settings();
    terminal.signal(Signal::STOP);
    std::thread::sleep(STOP);
    // Meanwhile somebody else has used the terminal, and left it as he likes it.
    let name = terminal.master().tty_name().expect("its name");
    let flags = OFlags::RDWR | OFlags::NOCTTY;
    let tty = rustix::fs::open(name, flags, Mode::empty()).expect("the terminal");
    let mut settings = tcgetattr(&tty).expect("its settings");
    settings.local_modes |= LocalModes::ECHO | LocalModes::ICANON;
    tcsetattr(&tty, OptionalActions::Now, &settings).expect("sets");
    drop(tty);
    terminal
        .screen()
        .process(b"\x1b[?1049l\x1b[?25h\x1b[2J\x1b[Hsomething else");
    assert_ne!(terminal.settings(), raw);
    terminal.signal(Signal::CONT);
    terminal.wait("figures again", |text| {
        measures(text) && !text.contains("something else") && text.lines().count() == 30
    });
    assert!(terminal.alternate_screen() && terminal.cursor_hidden());
    assert_eq!(terminal.settings(), raw);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
    let stops = stops(&saved.snapshot());
    assert!(stops.iter().any(|gap| *gap >= SEEN_S), "{stops:?}");
}

#[test]
fn where_no_shell_could_continue_it_nothing_stops() {
    let saved = Saved::new(&[]);
    let mut terminal = Terminal::start((100, 30), &saved.args(), &[]);
    terminal.wait("figures", measures);
    terminal.press("\x1a");
    terminal.signal(Signal::TSTP);
    terminal.press("?");
    terminal.wait("the help", |text| text.contains("freeze the display"));
    assert!(terminal.alternate_screen());
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn without_a_screen_a_stop_is_a_stop() {
    let saved = Saved::new(&["--headless", "--duration", "3s"]);
    let script = "set -m; \"$@\" 2> \"$MESSAGES\" > /dev/null & pid=$!; \
                  until grep -q measuring \"$MESSAGES\"; do sleep 0.02; done; \
                  kill -TSTP $pid; sleep 0.6; fg > /dev/null; echo ended with $?";
    let mut command = shell(script, &saved.args());
    command.env("MESSAGES", saved.folder.path().join("messages"));
    let mut terminal = Terminal::run((100, 30), command);
    terminal.wait_for_end();
    terminal.wait("the end", |text| text.contains("ended with 0"));
    let stops = stops(&saved.snapshot());
    assert!(stops.iter().any(|gap| *gap >= SEEN_S), "{stops:?}");
}
