//! A terminal that nobody reads, or reads slowly, delays no request, no signal, no key and no end of a run; what was asked
//! for is saved.

use super::{
    arguments, assert_all_ok, assert_sound, at_once, count, delaying, ms, quiet, read, until,
};
use dragstrip::gateway::ServerHandle;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long the program may take to end once it is to, on a busy machine. It waits 0.5 s for its screen, 0.5 s for its open
/// requests and 1 s for its last words; a defect would take for ever.
const END: Duration = Duration::from_secs(10);

/// A terminal so large that two or three frames fill what the system keeps for a reader who does not come.
const LARGE: PtySize = PtySize {
    rows: 100,
    cols: 300,
    pixel_width: 0,
    pixel_height: 0,
};

/// The program in a terminal that is read only where a test says so.
struct Unread {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    folder: tempfile::TempDir,
}

impl Unread {
    /// `full`: from the start the terminal takes nothing more.
    fn start(server: &ServerHandle, load: &str, full: bool) -> Unread {
        let pty = native_pty_system()
            .openpty(LARGE)
            .expect("a pseudo-terminal");
        if full {
            fill(&pty.master.tty_name().expect("its name"));
        }
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dragstrip"));
        command.args(arguments(server, load, &folder.path().join("out.json")));
        command.env("TERM", "xterm-256color");
        let child = pty.slave.spawn_command(command).expect("the program");
        Unread {
            master: pty.master,
            child,
            folder,
        }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out.json")
    }

    /// Waits until it ends; its exit code, and how long that took.
    fn end(&mut self) -> (u32, Duration) {
        let start = Instant::now();
        let mut code = None;
        until("the end", || {
            code = self
                .child
                .try_wait()
                .expect("its state")
                .map(|status| status.exit_code());
            code.is_some()
        });
        (code.expect("it has ended"), start.elapsed())
    }

    /// Everything that has been written and not read, once the program has ended.
    fn rest(&self) -> String {
        let mut output = self.master.try_clone_reader().expect("its output");
        let mut text = Vec::new();
        // Linux tells the end of a pseudo-terminal as an error.
        let _ = output.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// Writes to a terminal until it takes nothing more.
fn fill(name: &std::path::Path) {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
    let terminal = rustix::fs::open(name, flags, Mode::empty()).expect("the terminal");
    let mut size = 1_024;
    while size > 0 {
        if rustix::io::write(&terminal, &vec![b'.'; size]).is_err() {
            size /= 2;
        }
    }
}

/// Asserts that a run at 200 requests a second went as planned.
fn assert_undisturbed(snapshot: &Value, requests: u64) {
    assert_sound(snapshot);
    assert_eq!(snapshot["meta"]["phase"], "done");
    assert_eq!(count(snapshot, "requests"), requests, "rate × time");
    assert_all_ok(snapshot);
    // A frame that were waited for would cost seconds.
    assert!(ms(snapshot, "response_us", "p99") < 1_000.0, "{snapshot}");
}

#[test]
fn a_terminal_that_takes_nothing_or_little_holds_nothing_up() {
    at_once(&[
        (
            "a terminal that nobody reads delays no request and not the end",
            a_terminal_that_nobody_reads_delays_no_request_and_not_the_end,
        ),
        (
            "a slow terminal delays no request and not the end",
            a_slow_terminal_delays_no_request_and_not_the_end,
        ),
        (
            "signals and keys end it although nobody reads",
            signals_and_keys_end_it_although_nobody_reads,
        ),
        (
            "without a screen a terminal that takes nothing holds nothing up either",
            without_a_screen_a_terminal_that_takes_nothing_holds_nothing_up_either,
        ),
        (
            "a terminal that is read again shows the present",
            a_terminal_that_is_read_again_shows_the_present,
        ),
    ]);
}

fn a_terminal_that_nobody_reads_delays_no_request_and_not_the_end() {
    let server = delaying("fixed:20ms");
    let run = || {
        let mut unread = Unread::start(
            &server,
            "--rate 200 --warmup 0s --duration 2s --exit",
            false,
        );
        let start = Instant::now();
        let (code, _) = unread.end();
        assert_eq!(code, 0);
        assert!(
            start.elapsed() < Duration::from_secs(2) + END,
            "{:?}",
            start.elapsed()
        );
        (read(&unread.out()), unread.rest())
    };
    quiet(run, |snapshot, rest| {
        assert!(rest.contains("\x1b[?1049h"), "the screen had begun");
        assert!(
            !rest.contains("\x1b[?1049l"),
            "it took the whole output: {} bytes",
            rest.len()
        );
        assert_undisturbed(snapshot, 400);
    });
}

fn a_slow_terminal_delays_no_request_and_not_the_end() {
    let server = delaying("fixed:20ms");
    let run = || {
        let mut slow = Unread::start(
            &server,
            "--rate 200 --warmup 0s --duration 1s --exit",
            false,
        );
        let mut output = slow.master.try_clone_reader().expect("its output");
        // A thousand bytes a second, until the program is gone.
        std::thread::spawn(move || {
            let mut bytes = [0; 50];
            while let Ok(1..) = output.read(&mut bytes) {
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let start = Instant::now();
        let (code, _) = slow.end();
        assert_eq!(code, 0);
        // Its last words are waited for as long as it takes any of them, 5 s at most.
        let most = Duration::from_secs(1 + 5) + END;
        assert!(start.elapsed() < most, "{:?}", start.elapsed());
        (read(&slow.out()), ())
    };
    quiet(run, |snapshot, ()| assert_undisturbed(snapshot, 200));
}

fn signals_and_keys_end_it_although_nobody_reads() {
    let server = delaying("fixed:20ms");
    let ends: [(&str, Option<Signal>, u32); 3] = [
        ("SIGTERM", Some(Signal::TERM), 143),
        ("SIGINT", Some(Signal::INT), 130),
        ("q", None, 0),
    ];
    let running = ends.map(|(name, signal, code)| {
        let before = server.totals().requests;
        let unread = Unread::start(&server, "--rate 200 --warmup 0s", true);
        until("requests", || server.totals().requests >= before + 100);
        (name, signal, code, unread)
    });
    for (name, signal, expected, mut unread) in running {
        let mut keys = unread.master.take_writer().expect("its input");
        if let Some(signal) = signal {
            let id = unread.child.process_id().expect("an id");
            kill_process(Pid::from_raw(id.cast_signed()).expect("a pid"), signal)
                .expect("a signal");
        } else {
            keys.write_all(b"q")
                .and_then(|()| keys.flush())
                .expect("a key");
        }
        let (code, took) = unread.end();
        assert_eq!(code, expected, "{name}");
        assert!(took < END, "{name} took {took:?}");
        let snapshot = read(&unread.out());
        assert!(count(&snapshot, "ok") >= 90, "{name}: {snapshot}");
        assert!(unread.out().with_extension("md").exists(), "{name}");
    }
}

fn without_a_screen_a_terminal_that_takes_nothing_holds_nothing_up_either() {
    let server = delaying("fixed:20ms");
    let run = || {
        let load = "--rate 200 --warmup 0s --duration 1s --headless";
        let mut unread = Unread::start(&server, load, true);
        let start = Instant::now();
        assert_eq!(unread.end().0, 0);
        assert!(
            start.elapsed() < Duration::from_secs(1) + END,
            "{:?}",
            start.elapsed()
        );
        (read(&unread.out()), ())
    };
    quiet(run, |snapshot, ()| assert_undisturbed(snapshot, 200));
}

fn a_terminal_that_is_read_again_shows_the_present() {
    let server = delaying("fixed:20ms");
    let mut unread = Unread::start(&server, "--rate 200 --warmup 0s", true);
    let before = server.totals().requests;
    until("requests", || server.totals().requests >= before + 200);
    let mut output = unread.master.try_clone_reader().expect("its output");
    let (rows, cols) = (LARGE.rows.try_into(), LARGE.cols.try_into());
    let mut screen = vt100::Parser::new(rows.expect("rows"), cols.expect("columns"), 0);
    let mut bytes = [0; 8_192];
    until("figures", || {
        let n = output.read(&mut bytes).expect("output");
        screen.process(&bytes[..n]);
        let text = screen.screen().contents();
        text.contains("measuring") && text.contains("p99") && text.contains(" ms")
    });
    let mut keys = unread.master.take_writer().expect("its input");
    keys.write_all(b"q")
        .and_then(|()| keys.flush())
        .expect("a key");
    // From now on it is read, so that it can say its last words, and gives the terminal back before them.
    until("the final table", || {
        let n = output.read(&mut bytes).unwrap_or(0);
        screen.process(&bytes[..n]);
        let (text, left) = (
            screen.screen().contents(),
            !screen.screen().alternate_screen(),
        );
        text.contains("slot wait") && left && !screen.screen().hide_cursor()
    });
    assert_eq!(unread.end().0, 0);
}
