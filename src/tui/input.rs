//! Events from the terminal, read on a thread of their own, without the answers to questions of ours.
//!
//! When a terminal goes away, crossterm's reader turns in circles for ever and never returns. So the screen never calls it:
//! whatever happens to the terminal, the main loop goes on and can end the program in good order.

use super::background::{Background, Heard, Listener};
use crossterm::event::{self, Event};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How often the thread looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(50);

/// The terminal's events, until it is dropped.
pub(super) struct Input {
    heard: Receiver<io::Result<Heard>>,
    /// What was typed while an answer was waited for.
    early: VecDeque<io::Result<Event>>,
    unwanted: Arc<AtomicBool>,
}

impl Input {
    /// Starts reading.
    pub(super) fn start() -> io::Result<Input> {
        let (send, heard) = mpsc::channel();
        let mut listener = Listener::default();
        let unwanted = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&unwanted);
        thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || {
                while !asked.load(Ordering::Acquire) {
                    let event = if hung_up() {
                        Err(io::Error::new(
                            io::ErrorKind::UnexpectedEof,
                            "it has hung up",
                        ))
                    } else {
                        match event::poll(LOOK) {
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

    /// The next event, if one comes within `wait`.
    pub(super) fn next(&mut self, wait: Duration) -> io::Result<Option<Event>> {
        if let Some(early) = self.early.pop_front() {
            return early.map(Some);
        }
        match self.heard.recv_timeout(wait) {
            Ok(Ok(Heard::Event(event))) => Ok(Some(event)),
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

/// Whether the other end of the terminal on stdin is gone.
#[cfg(unix)]
fn hung_up() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = io::stdin();
    if !rustix::termios::isatty(&stdin) {
        return false;
    }
    let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut fds, Some(&at_once)).is_ok_and(|n| n > 0)
        && fds[0]
            .revents()
            .intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
}

#[cfg(not(unix))]
fn hung_up() -> bool {
    false
}
