//! Why a gateway could not be started.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why gateways could not be started. Those that had been started have been ended again.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// One of them failed.
    #[error(transparent)]
    Failed(#[from] Box<LaunchFailure>),
    /// The user has had enough.
    #[error("ended before the gateways were ready")]
    Cancelled,
}

/// Why one gateway could not be started.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {}", trouble.told(command))]
pub struct LaunchFailure {
    /// Whose gateway it is.
    pub name: String,
    /// The command as it may be shown.
    pub command: String,
    /// What went wrong.
    pub trouble: Trouble,
}

/// What goes wrong when a gateway is started.
#[derive(Debug)]
pub enum Trouble {
    /// The system could not run the command, and says why.
    Command(String),
    /// Somebody else answers at this host and port, where the gateway is to listen.
    PortTaken(String),
    /// It ended before it was ready: `exited with code 1`.
    Ended(String, LastWords),
    /// It did not become ready in time.
    NeverReady {
        /// How long it had.
        within: Duration,
        /// What the last look found.
        found: String,
        /// What it has written.
        last: LastWords,
    },
    /// A folder, a file or a thread could not be made.
    Prepare(String, io::Error),
}

/// The end of what a gateway has written.
#[derive(Debug)]
pub struct LastWords {
    /// The last lines.
    pub lines: Vec<String>,
    /// Where all of them are.
    pub output: Option<PathBuf>,
}

impl Trouble {
    fn told(&self, command: &str) -> String {
        match self {
            Trouble::Command(reason) => format!("cannot start {command}: {reason}"),
            Trouble::PortTaken(place) => format!(
                "something answers at {place} already, before {command} was started: end it, or choose another port"
            ),
            Trouble::Ended(how, last) => {
                format!("{command} {how} before it was ready{}", last.told())
            }
            Trouble::NeverReady {
                within,
                found,
                last,
            } => format!(
                "{command} was not ready within {}: {found}{}",
                crate::text::setting(*within),
                last.told()
            ),
            Trouble::Prepare(what, error) => format!("cannot make {what} for {command}: {error}"),
        }
    }
}

impl LastWords {
    fn told(&self) -> String {
        if self.lines.is_empty() {
            return "; it wrote nothing".to_owned();
        }
        let lines = self.lines.iter();
        let lines: Vec<String> = lines.map(|line| format!("\n    {line}")).collect();
        let all = self.output.as_ref().map_or_else(String::new, |path| {
            format!("\n  all of them: {}", path.display())
        });
        format!("; its last lines:{}{all}", lines.concat())
    }
}
