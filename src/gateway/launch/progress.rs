//! What is told while gateways are started and ended.

use std::path::Path;
use std::time::Duration;

/// What is worth telling while gateways are started and ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// It runs, and is waited for.
    Started {
        /// Whose it is.
        name: &'a str,
        /// The command as it may be shown.
        command: &'a str,
        /// Its process number.
        pid: u32,
        /// The file that its output goes to.
        output: Option<&'a Path>,
    },
    /// It is ready.
    Ready {
        /// Whose it is.
        name: &'a str,
        /// How long that took.
        after: Duration,
    },
    /// The end takes a while.
    Ending,
    /// It did not end by itself and was killed.
    Killed {
        /// Whose it is.
        name: &'a str,
        /// How long it had.
        grace: Duration,
        /// The user was in a hurry.
        hurried: bool,
    },
}
