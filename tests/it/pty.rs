//! The program in a real pseudo-terminal, seen as a terminal shows it.

#![cfg(unix)]

mod background;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a screen may take to come: far more than it needs, since waiting ends when it is there.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Mutex<vt100::Parser>>,
    /// Everything that the program has written.
    output: Arc<Mutex<Vec<u8>>>,
    settings_before: String,
}

impl Terminal {
    pub(crate) fn start(size: (u16, u16), args: &[&str], env: &[(&str, &str)]) -> Terminal {
        let (cols, rows) = size;
        let pty = native_pty_system()
            .openpty(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dragstrip"));
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        for (name, value) in env {
            command.env(name, value);
        }
        let settings_before = format!("{:?}", pty.master.get_termios().expect("terminal settings"));
        let child = pty.slave.spawn_command(command).expect("the program");
        drop(pty.slave);
        let seen = Arc::new(Mutex::new(vt100::Parser::new(some(rows), some(cols), 0)));
        let mut reader = pty.master.try_clone_reader().expect("its output");
        let screen = Arc::clone(&seen);
        let output = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                written.lock().expect("the output").extend(&bytes[..n]);
                screen.lock().expect("the screen").process(&bytes[..n]);
            }
        });
        let keys = pty.master.take_writer().expect("its input");
        Terminal {
            master: pty.master,
            child,
            keys,
            seen,
            output,
            settings_before,
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys
            .write_all(keys.as_bytes())
            .and_then(|()| self.keys.flush())
            .expect("a key");
    }

    fn text(&self) -> String {
        self.seen.lock().expect("the screen").screen().contents()
    }

    /// Waits until the screen satisfies `wanted` and returns it.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let text = self.text();
            if wanted(&text) {
                return text;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{what} did not come; the screen shows:\n{text}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn alternate_screen(&self) -> bool {
        self.seen
            .lock()
            .expect("the screen")
            .screen()
            .alternate_screen()
    }

    fn cursor_hidden(&self) -> bool {
        self.seen.lock().expect("the screen").screen().hide_cursor()
    }

    /// The terminal's settings (echo, whole lines, …) as text.
    fn settings(&self) -> String {
        format!(
            "{:?}",
            self.master.get_termios().expect("terminal settings")
        )
    }

    fn assert_restored(&self) {
        assert!(!self.alternate_screen(), "the alternate screen is left");
        assert!(!self.cursor_hidden(), "the cursor is back");
        assert_eq!(
            self.settings(),
            self.settings_before,
            "echo and line mode are back"
        );
    }

    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return status;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "the program does not end; the screen shows:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn some(cells: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(cells).expect("a terminal has cells")
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
fn a_resize_is_followed_down_to_nothing_and_back() {
    let mut terminal = Terminal::start((160, 48), &["--users", "5"], &[]);
    terminal.wait("the gauges", |text| gauges(text, "p99") >= 2);
    for (cols, rows) in [(80, 24), (39, 9), (1, 1), (100, 30)] {
        terminal
            .master
            .resize(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .expect("resizes");
        terminal
            .seen
            .lock()
            .expect("the screen")
            .screen_mut()
            .set_size(some(rows), some(cols));
        if cols == 39 {
            terminal.wait("the sentence", |text| text.contains("40×10"));
        }
    }
    terminal.wait("the gauges again", |text| gauges(text, "p99") >= 2);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_signal_restores_the_terminal_and_saves_what_was_asked_for() {
    use rustix::process::{Pid, Signal, kill_process};
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out.json");
        let mut terminal = Terminal::start(
            (100, 30),
            &["--users", "5", "--out", out.to_str().expect("a path")],
            &[],
        );
        terminal.wait("the gauges", |text| {
            gauges(text, "p99") >= 1 && text.contains(" ms")
        });
        let id = terminal.child.process_id().expect("an id");
        kill_process(Pid::from_raw(id.cast_signed()).expect("a pid"), signal).expect("a signal");
        assert_eq!(terminal.wait_for_end().exit_code(), code);
        terminal.assert_restored();
        assert!(
            out.exists() && out.with_extension("md").exists(),
            "saved on signal {code}"
        );
    }
}

#[test]
fn no_color_means_no_colour() {
    let mut terminal = Terminal::start((120, 40), &["--users", "5"], &[("NO_COLOR", "1")]);
    terminal.wait("figures", |text| text.contains("HTTP/1.1"));
    let screen = terminal.seen.lock().expect("the screen");
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
