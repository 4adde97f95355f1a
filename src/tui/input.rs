//! Events from the terminal, read on a thread of their own, without the answers to questions of ours.
//!
//! Crossterm's reader waits for the rest of a key's sequence as long as that takes, perhaps for ever. So the screen never calls
//! it, and looks for itself whether the terminal is still there: whatever happens to that, the main loop goes on and can end
//! the program in good order.
//!
//! Its wait is not used either: it counts in whole milliseconds, and spends the last one asking again and again. On a machine
//! under load that is CPU of the load's.

use super::background::{Background, Heard, Listener};
use crossterm::event::{self, Event};
use std::collections::VecDeque;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How often the thread looks whether it is still wanted, and whether the terminal has another size.
const LOOK: Duration = Duration::from_millis(50);
/// How long crossterm may look for what has come. It does not look at all when given no time.
const GLANCE: Duration = Duration::from_micros(50);

/// The terminal's events, until it is dropped.
pub(super) struct Input {
    heard: Receiver<io::Result<Heard>>,
    /// What was typed while an answer was waited for.
    early: VecDeque<io::Result<Event>>,
    unwanted: Arc<AtomicBool>,
    held: Arc<AtomicBool>,
    ends: Ends,
}

impl Input {
    /// Starts a thread that reads once it is not held any more.
    pub(super) fn start() -> io::Result<Input> {
        let (send, heard) = mpsc::channel();
        let mut listener = Listener::default();
        let unwanted = Arc::new(AtomicBool::new(false));
        let held = Arc::new(AtomicBool::new(true));
        let ends = Ends::find();
        let (asked, waits) = (Arc::clone(&unwanted), Arc::clone(&held));
        thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || {
                while !asked.load(Ordering::Acquire) {
                    let event = if ends.are_gone() {
                        Err(gone())
                    } else if waits.load(Ordering::Acquire) {
                        thread::sleep(LOOK);
                        continue;
                    } else {
                        match glance() {
                            Ok(false) => continue,
                            Ok(true) => event::read(),
                            Err(error) => Err(error),
                        }
                    };
                    let last = event.is_err();
                    let heard = event.map(|event| listener.hear(event, Instant::now()));
                    if matches!(heard, Ok(Heard::Nothing)) {
                        continue;
                    }
                    if send.send(heard).is_err() || last {
                        return;
                    }
                }
            })?;
        Ok(Input {
            heard,
            early: VecDeque::new(),
            unwanted,
            held,
            ends,
        })
    }

    /// The answer to the question for the background, if it comes within `wait`. What is typed meanwhile is kept.
    pub(super) fn background(&mut self, wait: Duration) -> Option<Background> {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.heard.recv_timeout(left).ok()? {
                Ok(Heard::Answer(background)) => return Some(background),
                Ok(Heard::Event(event)) => self.early.push_back(Ok(event)),
                Ok(Heard::Nothing) => {}
                Err(error) => {
                    self.early.push_back(Err(error));
                    return None;
                }
            }
        }
    }

    /// Reads no more, or reads on: what is typed while the terminal is somebody else's is for him.
    pub(super) fn hold(&self, held: bool) {
        self.held.store(held, Ordering::Release);
    }

    /// The next event, if one comes within `wait`.
    pub(super) fn next(&mut self, wait: Duration) -> io::Result<Option<Event>> {
        if let Some(early) = self.early.pop_front() {
            return early.map(Some);
        }
        match self.heard.recv_timeout(wait) {
            Ok(Ok(Heard::Event(event))) => Ok(Some(event)),
            // The thread may be caught in the reader.
            Err(RecvTimeoutError::Timeout) if self.ends.are_gone() => Err(gone()),
            // An answer may come late: what is on the screen stays as it is.
            Ok(Ok(Heard::Answer(_) | Heard::Nothing)) | Err(RecvTimeoutError::Timeout) => Ok(None),
            Ok(Err(error)) => Err(error),
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it can no longer be read",
            )),
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // Not joined: should it be caught in the reader, it ends with the process.
        self.unwanted.store(true, Ordering::Release);
    }
}

/// Whether an event has come, or comes soon.
fn glance() -> io::Result<bool> {
    if event::poll(GLANCE)? {
        return Ok(true);
    }
    wait_for_input();
    event::poll(GLANCE)
}

/// Waits until the terminal has something to read, or [`LOOK`] is over.
#[cfg(unix)]
fn wait_for_input() {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return wait_on(stdin);
    }
    match std::fs::File::open("/dev/tty") {
        Ok(terminal) => wait_on(terminal),
        Err(_) => thread::sleep(LOOK),
    }
}

#[cfg(unix)]
fn wait_on(terminal: impl std::os::fd::AsFd) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut fds = [PollFd::new(&terminal, PollFlags::IN)];
    let time = Timespec {
        tv_sec: 0,
        tv_nsec: i64::from(LOOK.subsec_nanos()),
    };
    let came = poll(&mut fds, Some(&time));
    // A terminal that has hung up has nothing to wait for, and is found out elsewhere.
    if came.is_ok_and(|came| came > 0) && !fds[0].revents().contains(PollFlags::IN) {
        thread::sleep(LOOK);
    }
}

#[cfg(not(unix))]
fn wait_for_input() {
    thread::sleep(LOOK);
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it has hung up")
}

/// Which of the standard streams are terminals. Asked once: of one that has hung up the system says that it is none.
#[derive(Debug, Clone, Copy)]
struct Ends {
    stdin: bool,
    stdout: bool,
}

impl Ends {
    fn find() -> Ends {
        Ends {
            stdin: io::stdin().is_terminal(),
            stdout: io::stdout().is_terminal(),
        }
    }

    /// Whether the other end of a terminal is gone.
    fn are_gone(self) -> bool {
        (self.stdin && has_hung_up(io::stdin())) || (self.stdout && has_hung_up(io::stdout()))
    }
}

#[cfg(unix)]
fn has_hung_up(terminal: impl std::os::fd::AsFd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut fds = [PollFd::new(&terminal, PollFlags::empty())];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    poll(&mut fds, Some(&at_once)).is_ok_and(|n| n > 0)
        && fds.iter().any(|fd| fd.revents().intersects(gone))
}

#[cfg(not(unix))]
fn has_hung_up<T>(_terminal: T) -> bool {
    false
}
