//! Gateways that are started for a run and ended with it.
//!
//! ```text
//! Fleet ── Process (one for each command) ── socket ──► guard ──► the gateway and whatever it starts
//!   │         ├── its output ──► file, last lines, a few lines a second for the log
//!   │         └── what the guard tells: its number, how it ended
//!   └── once a second: processor time and memory of each tree ──► Event
//! ```
//!
//! What holds always: each command runs in a process group of its own under a [`guard`], which ends the whole group when this
//! program does, however that comes about; commands are started one after another, each when the one before is ready, and
//! ended the other way round; nothing that a gateway writes grows memory, or a file beyond 64 MiB.

mod error;
#[cfg(unix)]
mod fleet;
#[cfg(unix)]
pub mod guard;
#[cfg(unix)]
mod member;
#[cfg(not(unix))]
mod nowhere;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod process;
mod progress;
mod ready;
#[cfg(unix)]
mod tree;
#[cfg(unix)]
mod watcher;

pub use error::{LastWords, LaunchError, LaunchFailure, Trouble};
#[cfg(unix)]
pub use fleet::Fleet;
#[cfg(not(unix))]
pub use nowhere::Fleet;
pub use progress::Progress;
pub use ready::{Ready, ReadyCheck};

use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// What stands in a command, its environment and its files for the folder of those files.
pub const FILES: &str = "{{files}}";

/// A command to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchSpec {
    /// Whose gateway it is: 0 is A.
    pub variant: usize,
    /// What that one is called: `A`, `B` or `the gateway`.
    pub name: String,
    /// The program and its arguments; at least the program.
    pub command: Vec<String>,
    /// The command as it may be shown.
    pub shown: String,
    /// What is set in its environment beside what this process has.
    pub env: Vec<(String, String)>,
    /// What must not appear in anything that is kept of its output.
    pub secrets: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// Files that are made for it, by their names.
    pub files: Vec<(String, String)>,
    /// When it counts as ready; `None`: as soon as it runs.
    pub ready: Option<Ready>,
    /// Where its variant's requests go, if it is what listens there.
    pub listens: Option<Url>,
    /// The file that its output goes to; `None`: its last lines are remembered, and that is all.
    pub output: Option<PathBuf>,
    /// How long it may take to end by itself.
    pub grace: Duration,
    /// Whether it is started again when it ends.
    pub restart: bool,
}

/// What happened to a launched command while the run goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It has written a line.
    Said(String),
    /// It has ended without being asked.
    Exited {
        /// What it is called: `gateway`, or its program where there are several.
        who: String,
        /// `exited with code 1`, `was killed by signal 9`.
        how: String,
        /// When it is started again, if it is.
        again_in: Option<Duration>,
    },
    /// It was started again.
    Restarted {
        /// See `Exited`.
        who: String,
        /// Its process number.
        pid: u32,
    },
    /// It is ready again.
    ReadyAgain {
        /// See `Exited`.
        who: String,
        /// How long that took.
        after: Duration,
    },
    /// It was started again, and is not ready.
    NotReady {
        /// See `Exited`.
        who: String,
        /// How long it had.
        within: Duration,
        /// What the last look found.
        found: String,
    },
    /// It could not be started again.
    NotRestarted {
        /// See `Exited`.
        who: String,
        /// Why.
        why: String,
    },
    /// What the trees of all commands of the variant use.
    Uses(TreeUse),
}

/// What some trees of processes use at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeUse {
    /// Processes that run.
    pub processes: u64,
    /// Processor time since the watch began, in milliseconds, that of processes that have ended included.
    pub cpu_ms: u64,
    /// Resident memory in bytes, summed: what processes share is counted for each of them.
    pub memory_bytes: u64,
}
