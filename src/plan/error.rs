//! What can be wrong with arguments and plan files, in words ready for the user: where, what was found, what would be right.
//!
//! What holds always: a message is one or two lines, has no control characters, and never holds a secret (header values,
//! URL passwords, the values of environment variables).

use std::io;

/// Why there is no plan. Nothing has been started.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A setting whose value cannot be used.
    #[error("{setting}: {problem}")]
    Value {
        /// Where it stands, its name, and its value unless that is secret.
        setting: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// Settings that do not go together, or one that is missing.
    #[error("{problem}")]
    Combination {
        /// What is wrong and what would be right.
        problem: String,
    },
    /// A key that does not exist.
    #[error("{place}: unknown key \"{key}\"{context}; {hint}")]
    UnknownKey {
        /// The file and line, or the option.
        place: String,
        /// The key as it was written.
        key: String,
        /// Which table it stands in, e.g. ` in [load]`.
        context: String,
        /// The nearest right key, or all of them.
        hint: String,
    },
    /// Something that later versions will do.
    #[error("{setting} is not available yet; {instead}")]
    NotYet {
        /// Where it stands and its name.
        setting: String,
        /// What works now.
        instead: String,
    },
    /// A plan file that is not TOML.
    #[error("{place}: not valid TOML: {message}")]
    Syntax {
        /// The file and line.
        place: String,
        /// What the parser says.
        message: String,
    },
    /// A file that cannot be read.
    #[error("{setting}: cannot read {path}: {source}")]
    Unreadable {
        /// Which setting names the file.
        setting: String,
        /// The file.
        path: String,
        /// The reason.
        source: io::Error,
    },
    /// An output that could not be written at the end of the run.
    #[error("{setting}: cannot write to {path}: {problem}")]
    Unwritable {
        /// Which setting names the output.
        setting: String,
        /// The file or folder.
        path: String,
        /// The reason, and what would be right.
        problem: String,
    },
    /// An environment variable that a `${NAME}` needs.
    #[error(
        "{setting}: the environment variable {name} is not set; set it, or write $${{{name}}} for the text itself"
    )]
    Unset {
        /// Which setting refers to it.
        setting: String,
        /// The variable's name.
        name: String,
    },
}

impl PlanError {
    pub(super) fn combination(problem: impl Into<String>) -> PlanError {
        PlanError::Combination {
            problem: problem.into(),
        }
    }
}
