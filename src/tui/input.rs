//! Events from the terminal, read on a thread of their own.
//!
//! When a terminal goes away, crossterm's reader turns in circles for ever and never returns. So the screen never calls it:
//! whatever happens to the terminal, the main loop goes on and can end the program in good order.

use crossterm::event::{self, Event};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often the thread looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(50);

/// The terminal's events, until it is dropped.
pub(super) struct Input {
    events: Receiver<io::Result<Event>>,
    unwanted: Arc<AtomicBool>,
}

impl Input {
    /// Starts reading.
    pub(super) fn start() -> io::Result<Input> {
        let (send, events) = mpsc::channel();
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
                    if send.send(event).is_err() || last {
                        return;
                    }
                }
            })?;
        Ok(Input { events, unwanted })
    }

    /// The next event, if one comes within `wait`.
    pub(super) fn next(&self, wait: Duration) -> io::Result<Option<Event>> {
        match self.events.recv_timeout(wait) {
            Ok(event) => event.map(Some),
            Err(RecvTimeoutError::Timeout) => Ok(None),
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
