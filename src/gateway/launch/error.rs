//! Why a gateway could not be started.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a gateway could not be started. What had been started before it has been ended again.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The system could not run the command.
    #[error("{name}: cannot start {command}: {reason}")]
    Command {
        /// Whose gateway it is.
        name: String,
        /// The command as it may be shown.
        command: String,
        /// What the system says.
        reason: String,
    },
    /// Somebody else answers where the gateway is to listen.
    #[error(
        "{name}: something answers at {place} already, before {command} was started: end it, or choose another port"
    )]
    PortTaken {
        /// Whose gateway it is.
        name: String,
        /// Host and port.
        place: String,
        /// The command as it may be shown.
        command: String,
    },
    /// It ended before it was ready.
    #[error("{name}: {command} {how} before it was ready{}", tail(last, output))]
    Ended {
        /// Whose gateway it is.
        name: String,
        /// The command as it may be shown.
        command: String,
        /// `exited with code 1`.
        how: String,
        /// The last lines that it has written.
        last: Vec<String>,
        /// Where all of them are.
        output: Option<PathBuf>,
    },
    /// It did not become ready in time.
    #[error(
        "{name}: {command} was not ready within {}: {found}{}", crate::text::setting(*within), tail(last, output)
    )]
    NeverReady {
        /// Whose gateway it is.
        name: String,
        /// The command as it may be shown.
        command: String,
        /// How long it had.
        within: Duration,
        /// What the last look found.
        found: String,
        /// The last lines that it has written.
        last: Vec<String>,
        /// Where all of them are.
        output: Option<PathBuf>,
    },
    /// A folder, a file or a thread could not be made.
    #[error("{name}: cannot prepare {command}: {what}: {source}")]
    Prepare {
        /// Whose gateway it is.
        name: String,
        /// The command as it may be shown.
        command: String,
        /// What was to be made.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// The user has had enough.
    #[error("ended before the gateways were ready")]
    Cancelled,
}

/// The last lines of an output, and where the rest is.
fn tail(last: &[String], output: &Option<PathBuf>) -> String {
    if last.is_empty() {
        return "; it wrote nothing".to_owned();
    }
    let lines: Vec<String> = last.iter().map(|line| format!("\n    {line}")).collect();
    let all = output.as_ref().map_or_else(String::new, |path| {
        format!("\n  all of them: {}", path.display())
    });
    format!("; its last lines:{}{all}", lines.concat())
}
