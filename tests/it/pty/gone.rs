//! A terminal that disappears: the run ends soon, and what was asked for is saved.

use super::terminal::{dragstrip, shell, sized};
use super::{Saved, measures};
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, native_pty_system};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

/// How long it may take to end on a busy machine; a defect would take for ever.
const SOON: Duration = Duration::from_secs(10);

/// A terminal that is read only while a test waits for something: so it can be closed.
struct Closable {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Box<dyn Read + Send>,
    screen: vt100::Parser,
    child: Box<dyn Child + Send + Sync>,
}

impl Closable {
    fn start(command: CommandBuilder) -> Closable {
        let pty = native_pty_system()
            .openpty(sized(100, 30))
            .expect("a pseudo-terminal");
        let child = pty.slave.spawn_command(command).expect("the program");
        let size = |cells| std::num::NonZero::new(cells).expect("cells");
        Closable {
            keys: pty.master.take_writer().expect("its input"),
            output: pty.master.try_clone_reader().expect("its output"),
            master: pty.master,
            screen: vt100::Parser::new(size(30), size(100), 0),
            child,
        }
    }

    /// Reads until the screen satisfies `wanted`; there is always more to read.
    fn wait(&mut self, wanted: impl Fn(&str) -> bool) {
        let mut bytes = [0; 8192];
        while !wanted(&self.screen.screen().contents()) {
            let n = self.output.read(&mut bytes).expect("output");
            self.screen.process(&bytes[..n]);
        }
    }

    /// Closes the terminal.
    fn close(self) -> Box<dyn Child + Send + Sync> {
        drop((self.master, self.keys, self.output));
        self.child
    }
}

/// The end of the program, and how much processor time it has taken if the system says so.
fn end(mut child: Box<dyn Child + Send + Sync>, within: Duration) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("its state") {
            return status;
        }
        if start.elapsed() > within {
            let _ = child.kill();
            panic!("it did not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn with_the_signal_it_ends_by_the_signal() {
    let saved = Saved::new(&[]);
    let mut terminal = Closable::start(dragstrip(&saved.args()));
    terminal.wait(measures);
    assert_eq!(end(terminal.close(), SOON).exit_code(), 129);
    saved.snapshot();
}

#[test]
fn without_a_signal_it_finds_out_by_itself_even_if_it_has_nothing_to_draw() {
    for frozen in [false, true] {
        let saved = Saved::new(&[]);
        let mut command = dragstrip(&saved.args());
        // Nobody tells a program of the end of a terminal that does not control it.
        command.set_controlling_tty(false);
        let mut terminal = Closable::start(command);
        terminal.wait(measures);
        if frozen {
            terminal.keys.write_all(b" ").expect("a key");
            terminal.wait(|text| text.contains("FROZEN"));
        }
        assert_eq!(
            end(terminal.close(), SOON).exit_code(),
            1,
            "frozen: {frozen}"
        );
        saved.snapshot();
    }
}

#[test]
fn a_run_without_a_screen_that_is_to_outlive_its_terminal_does() {
    let saved = Saved::new(&["--headless", "--duration", "3s"]);
    let script = "trap '' HUP; exec \"$@\" > \"$MESSAGES\" 2>&1";
    let mut command = shell(script, &saved.args());
    let messages = saved.folder.path().join("messages");
    command.env("MESSAGES", &messages);
    let terminal = Closable::start(command);
    let start = Instant::now();
    while !std::fs::read_to_string(&messages).is_ok_and(|text| text.contains("measuring")) {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "it did not begin"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    let status = end(terminal.close(), Duration::from_secs(30));
    // Only Linux says without unsafe code that a signal is ignored.
    if cfg!(target_os = "linux") {
        assert_eq!(status.exit_code(), 0);
        let seconds = saved.snapshot()["variants"]["a"]["run"]["seconds"].as_f64();
        assert!(seconds.is_some_and(|seconds| seconds > 2.9), "{seconds:?}");
    }
}
