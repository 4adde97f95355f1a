//! The program in a pseudo-terminal, and what a terminal would show.

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
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
    reading: JoinHandle<()>,
    settings_before: String,
}

/// The program with these arguments, for a terminal with colours.
pub(crate) fn dragstrip(args: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dragstrip"));
    command.args(args);
    ready(&mut command);
    command
}

/// A shell that runs `script`, in which `"$@"` is the program with these arguments.
pub(crate) fn shell(script: &str, args: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_dragstrip")]);
    command.args(args);
    ready(&mut command);
    command
}

fn ready(command: &mut CommandBuilder) {
    command.env("TERM", "xterm-256color");
    command.env_remove("NO_COLOR");
    command.env_remove("RUST_BACKTRACE");
}

pub(crate) fn sized(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Terminal {
    pub(crate) fn start(size: (u16, u16), args: &[&str], env: &[(&str, &str)]) -> Terminal {
        let mut command = dragstrip(args);
        for (name, value) in env {
            command.env(name, value);
        }
        Terminal::run(size, command)
    }

    pub(crate) fn run((cols, rows): (u16, u16), command: CommandBuilder) -> Terminal {
        let pty = native_pty_system()
            .openpty(sized(cols, rows))
            .expect("a pseudo-terminal");
        let settings_before = format!("{:?}", pty.master.get_termios().expect("terminal settings"));
        let child = pty.slave.spawn_command(command).expect("the program");
        drop(pty.slave);
        let seen = Arc::new(Mutex::new(vt100::Parser::new(some(rows), some(cols), 500)));
        let mut reader = pty.master.try_clone_reader().expect("its output");
        let output = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&output);
        let screen = Arc::clone(&seen);
        let reading = std::thread::spawn(move || {
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
            reading,
            settings_before,
        }
    }

    /// True when the program has written this, wherever it stands in its output.
    pub(crate) fn has_written(&self, text: &str) -> bool {
        self.written().contains(text)
    }

    /// Everything that the program has written.
    pub(crate) fn written(&self) -> String {
        let output = self.output.lock().expect("the output");
        String::from_utf8_lossy(&output).into_owned()
    }

    /// Waits until the program has written this.
    pub(crate) fn wait_for(&self, text: &str) {
        let start = Instant::now();
        while !self.has_written(text) {
            assert!(start.elapsed() < PATIENCE, "{text:?} is not written");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys
            .write_all(keys.as_bytes())
            .and_then(|()| self.keys.flush())
            .expect("a key");
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.child.process_id().expect("an id");
        kill_process(Pid::from_raw(id.cast_signed()).expect("a pid"), signal).expect("a signal");
    }

    /// Gives the terminal another size. Where it is none for a terminal to have, what is seen stays as it is.
    pub(crate) fn resize(&self, cols: u16, rows: u16) {
        self.master.resize(sized(cols, rows)).expect("resizes");
        if (1..1_000).contains(&cols) && (1..1_000).contains(&rows) {
            self.show_as(cols, rows);
        }
    }

    /// What the terminal shows is seen at this size.
    pub(crate) fn show_as(&self, cols: u16, rows: u16) {
        self.screen().screen_mut().set_size(some(rows), some(cols));
    }

    pub(crate) fn master(&self) -> &dyn MasterPty {
        &*self.master
    }

    pub(crate) fn screen(&self) -> MutexGuard<'_, vt100::Parser> {
        self.seen.lock().expect("the screen")
    }

    pub(crate) fn text(&self) -> String {
        self.screen().screen().contents()
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

    pub(crate) fn alternate_screen(&self) -> bool {
        self.screen().screen().alternate_screen()
    }

    pub(crate) fn cursor_hidden(&self) -> bool {
        self.screen().screen().hide_cursor()
    }

    /// The terminal's settings (echo, whole lines, …) as text.
    pub(crate) fn settings(&self) -> String {
        format!(
            "{:?}",
            self.master.get_termios().expect("terminal settings")
        )
    }

    /// Asserts that nothing is left of what the program asked of the terminal.
    pub(crate) fn assert_restored(&self) {
        assert!(!self.alternate_screen(), "the alternate screen is left");
        assert!(!self.cursor_hidden(), "the cursor is back");
        let screen = self.screen();
        assert!(!screen.screen().bracketed_paste(), "pasting is as before");
        assert_eq!(
            screen.screen().mouse_protocol_mode(),
            vt100::MouseProtocolMode::None,
            "the mouse is free"
        );
        assert_eq!(
            self.settings(),
            self.settings_before,
            "echo and line mode are back"
        );
    }

    /// Waits until the program has ended and all that it has written has been seen.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let start = Instant::now();
        let mut ended = None;
        loop {
            if ended.is_none() {
                ended = self.child.try_wait().expect("its state");
            }
            if let Some(status) = ended.as_ref().filter(|_| self.reading.is_finished()) {
                return status.clone();
            }
            assert!(
                start.elapsed() < PATIENCE,
                "the program does not end ({ended:?}); the screen shows:\n{}",
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

pub(crate) fn some(cells: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(cells).expect("a terminal has cells")
}
