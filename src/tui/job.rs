//! Job control: when the user stops the program (Ctrl-Z, or SIGTSTP from elsewhere), when it goes on, and whether the
//! terminal is its own to use.
//!
//! A program that a shell has put in the background, or whose shell has come to the front while it was stopped, must neither
//! read the terminal nor change it: the system would stop it. Its run goes on meanwhile.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Follows the signals of job control until it is dropped.
pub(super) struct Job {
    stop: Arc<AtomicBool>,
    continued: Arc<AtomicBool>,
    #[cfg(unix)]
    registered: Vec<signal_hook::SigId>,
}

impl Job {
    /// Whether something from outside has asked to stop since the last look.
    pub(super) fn was_asked_to_stop(&self) -> bool {
        self.stop.swap(false, Ordering::AcqRel)
    }

    /// Whether the program was stopped and has been continued since the last look, also by signals that cannot be caught.
    pub(super) fn was_continued(&self) -> bool {
        self.continued.swap(false, Ordering::AcqRel)
    }
}

#[cfg(unix)]
impl Job {
    /// Starts following. From now on SIGTSTP stops nothing by itself: whoever holds the terminal gives it back first.
    pub(super) fn follow() -> io::Result<Job> {
        use signal_hook::consts::{SIGCONT, SIGTSTP};
        let mut job = Job {
            stop: Arc::default(),
            continued: Arc::default(),
            registered: Vec::new(),
        };
        for (signal, flag) in [(SIGTSTP, &job.stop), (SIGCONT, &job.continued)] {
            let id = signal_hook::flag::register(signal, Arc::clone(flag))?;
            job.registered.push(id);
        }
        Ok(job)
    }

    /// Stops this process, if there is a shell that could continue it. Returns when it has been continued. `all`: the rest of
    /// the shell's job, too, as the terminal's driver does on Ctrl-Z.
    pub(super) fn stop(&self, all: bool) {
        use rustix::process::{Signal, kill_current_process_group};
        if all {
            // Comes back to this process as well, and does nothing to it.
            let _ = kill_current_process_group(Signal::TSTP);
        }
        let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP);
        self.stop.store(false, Ordering::Release);
    }

    /// Whether a shell waits that could continue this process once it is stopped. Where the system would ignore a stop for
    /// want of one, so does the screen: who runs it in place of a shell has no prompt to come back to.
    pub(super) fn can_stop() -> bool {
        // Leaders outside this process's namespace (a container's, a CI machine's) have the number 0. nix hands that out as
        // it is; to rustix such a number is impossible.
        use nix::unistd::{getpgrp, getppid, getsid};
        // A shell that knows job control puts each job into a group of its own.
        let Ok(session) = getsid(None) else {
            return false;
        };
        let parent = getppid();
        let parent_is_here = parent.as_raw() > 0 && getsid(Some(parent)) == Ok(session);
        session != getpgrp() && parent_is_here
    }

    /// Whether this process may use the terminal now.
    pub(super) fn in_foreground() -> bool {
        use nix::unistd::{getpgrp, tcgetpgrp};
        use std::io::IsTerminal;
        let stdin = io::stdin();
        let group = if stdin.is_terminal() {
            tcgetpgrp(&stdin)
        } else {
            tcgetpgrp(io::stdout())
        };
        // A terminal that controls no session of ours has no foreground to be in.
        group.map_or(true, |group| group == getpgrp())
    }
}

#[cfg(unix)]
impl Drop for Job {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}

#[cfg(not(unix))]
impl Job {
    /// There is no job control here.
    pub(super) fn follow() -> io::Result<Job> {
        Ok(Job {
            stop: Arc::default(),
            continued: Arc::default(),
        })
    }

    pub(super) fn stop(&self, _all: bool) {}

    pub(super) fn can_stop() -> bool {
        false
    }

    pub(super) fn in_foreground() -> bool {
        true
    }
}
