//! The guard: a process between this program and a gateway, which ends the gateway's whole process group when this program is
//! gone, however hard it was ended.
//!
//! It leads the group. Its standard input is a socket to the program: what is written to it says what became of the gateway, and
//! its end means that there is nobody any more, or that the gateway is not needed. On Linux whatever the gateway starts stays
//! the guard's, even in a group of its own; elsewhere only the group is ended.

use super::tree;
use rustix::process::{Pid, Signal, WaitOptions};
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// The signal by which the guard learns that there is no time for grace.
pub(super) const HURRY: i32 = signal_hook::consts::SIGINT;

/// How often the guard looks whether there is time, while it ends its group.
const LOOK: Duration = Duration::from_millis(50);

/// What the guard tells about the gateway, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// It runs under this number.
    Started(u32),
    /// It could not be started.
    Failed(String),
    /// It has ended: `exited with code 1`.
    Ended(String),
}

impl Word {
    pub(super) fn parse(line: &str) -> Option<Word> {
        let (kind, rest) = line.trim_end().split_once(' ')?;
        match kind {
            "started" => rest.parse().ok().map(Word::Started),
            "failed" => Some(Word::Failed(rest.to_owned())),
            "ended" => Some(Word::Ended(rest.to_owned())),
            _ => None,
        }
    }

    fn line(&self) -> String {
        match self {
            Word::Started(pid) => format!("started {pid}\n"),
            Word::Failed(why) => format!("failed {}\n", why.replace('\n', " ")),
            Word::Ended(how) => format!("ended {how}\n"),
        }
    }

    /// Tells it; a program that is gone does not hear it.
    fn tell(&self) {
        // Standard input is a socket, which can be written to as well.
        let _ = rustix::io::write(io::stdin().as_fd(), self.line().as_bytes());
    }
}

/// What the guard waits for.
enum Change {
    /// The program is gone, or has had enough.
    Alone,
    /// The gateway itself has ended.
    Ended(String),
    /// Nothing is left of whatever it started.
    Empty,
}

/// Runs `command` until it ends or nobody needs it any more; then ends what is left of its group, which has `grace` to do that
/// by itself. `files` are removed with a program that cannot do that any more. Returns the exit code.
pub fn run(command: &[OsString], grace: Duration, files: Option<&Path>) -> u8 {
    // A handler, and not to ignore them: that would be handed on to the gateway.
    let hurry = Arc::<AtomicBool>::default();
    for (signal, flag) in [
        (signal_hook::consts::SIGTERM, Arc::default()),
        (HURRY, Arc::clone(&hurry)),
        (signal_hook::consts::SIGHUP, Arc::default()),
        (signal_hook::consts::SIGPIPE, Arc::default()),
    ] {
        let _ = signal_hook::flag::register(signal, flag);
    }
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let Some((program, arguments)) = command.split_first() else {
        return 2;
    };
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .spawn();
    let gateway = match started {
        Ok(gateway) => gateway.id(),
        Err(error) => {
            Word::Failed(error.to_string()).tell();
            return 1;
        }
    };
    Word::Started(gateway).tell();
    let (tell, changes) = mpsc::channel();
    let told = tell.clone();
    std::thread::spawn(move || {
        until_alone();
        let _ = told.send(Change::Alone);
    });
    std::thread::spawn(move || reap(gateway, &tell));
    let (mut empty, mut alone) = (false, false);
    match changes.recv() {
        Ok(Change::Ended(how)) => Word::Ended(how).tell(),
        Ok(Change::Empty) => empty = true,
        Ok(Change::Alone) | Err(_) => alone = true,
    }
    if !empty && !ends(&changes, grace, &hurry) {
        // The guard itself is the last that this ends.
        tidy(files.filter(|_| alone));
        signal_all(Signal::KILL);
    }
    tidy(files.filter(|_| alone));
    0
}

/// Removes the files of a gateway that nobody else will: a configuration has keys in it.
fn tidy(files: Option<&Path>) {
    if let Some(files) = files {
        let _ = std::fs::remove_dir_all(files);
    }
}

/// Waits for the end of standard input.
fn until_alone() {
    let mut rest = [0; 64];
    let mut input = io::stdin().lock();
    loop {
        match input.read(&mut rest) {
            Ok(0) => return,
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return,
            _ => {}
        }
    }
}

/// Waits for every process that is ours, and tells of the gateway's own end and of the last one's.
fn reap(gateway: u32, tell: &mpsc::Sender<Change>) {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid.as_raw_nonzero().get().cast_unsigned() == gateway => {
                let how = match (status.exit_status(), status.terminating_signal()) {
                    (Some(code), _) => format!("exited with code {code}"),
                    (_, Some(signal)) => format!("was killed by signal {signal}"),
                    _ => continue,
                };
                let _ = tell.send(Change::Ended(how));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => {
                let _ = tell.send(Change::Empty);
                return;
            }
        }
    }
}

/// Asks the group and everything that has left it to end; false if it has not done so after `grace`.
fn ends(changes: &Receiver<Change>, grace: Duration, hurry: &AtomicBool) -> bool {
    let until = Instant::now() + grace;
    signal_all(Signal::TERM);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match changes.recv_timeout(left.min(LOOK)) {
            Ok(Change::Empty) => return true,
            Ok(Change::Ended(how)) => Word::Ended(how).tell(),
            // What is asked to hurry while it is ending anyway.
            Ok(Change::Alone) => {}
            Err(RecvTimeoutError::Timeout)
                if Instant::now() < until && !hurry.load(Ordering::Acquire) => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// Signals every process that descends from this one, then the group, this one among it.
fn signal_all(signal: Signal) {
    let own = rustix::process::getpid();
    for pid in tree::below(own.as_raw_nonzero().get().cast_unsigned()) {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|pid| *pid != own) {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
    let _ = rustix::process::kill_current_process_group(signal);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lines_that_can_be_read_again() {
        for word in [
            Word::Started(4711),
            Word::Failed("No such file or directory (os error 2)".to_owned()),
            Word::Ended("exited with code 1".to_owned()),
        ] {
            assert_eq!(Word::parse(&word.line()), Some(word));
        }
        assert_eq!(Word::parse("started x"), None);
        assert_eq!(Word::parse(""), None);
    }
}
