//! The program in a real pseudo-terminal, seen as a terminal shows it.

#![cfg(unix)]

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a screen may take to come: far more than it needs, since waiting ends when it is there.
const PATIENCE: Duration = Duration::from_secs(30);

struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Mutex<vt100::Parser>>,
}

impl Terminal {
    fn start(size: (u16, u16), args: &[&str], env: &[(&str, &str)]) -> Terminal {
        let (cols, rows) = size;
        let pty = native_pty_system()
            .openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 })
            .expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dragstrip"));
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).expect("the program");
        drop(pty.slave);
        let seen = Arc::new(Mutex::new(vt100::Parser::new(rows, cols, 0)));
        let mut output = pty.master.try_clone_reader().expect("its output");
        let screen = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                screen.lock().expect("the screen").process(&bytes[..n]);
            }
        });
        let keys = pty.master.take_writer().expect("its input");
        Terminal { master: pty.master, child, keys, seen }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("a key");
    }

    fn text(&self) -> String {
        self.seen.lock().expect("the screen").screen().contents()
    }

    /// Waits until the screen satisfies `wanted` and returns it.
    fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let text = self.text();
            if wanted(&text) {
                return text;
            }
            assert!(start.elapsed() < PATIENCE, "{what} did not come; the screen shows:\n{text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn alternate_screen(&self) -> bool {
        self.seen.lock().expect("the screen").screen().alternate_screen()
    }

    fn cursor_hidden(&self) -> bool {
        self.seen.lock().expect("the screen").screen().hide_cursor()
    }

    /// Whether the terminal echoes and reads whole lines, as a shell leaves it.
    fn is_cooked(&self) -> bool {
        let settings = self.master.get_termios().expect("terminal settings");
        settings.local_flags.contains(nix_flags::canonical()) && settings.local_flags.contains(nix_flags::echo())
    }

    fn wait_for_end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the program does not end; the screen shows:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

mod nix_flags {
    //! The two flags of a terminal that a raw mode takes away.
    use nix::sys::termios::LocalFlags;

    pub(super) fn canonical() -> LocalFlags {
        LocalFlags::ICANON
    }

    pub(super) fn echo() -> LocalFlags {
        LocalFlags::ECHO
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
