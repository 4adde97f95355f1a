//! What can be wrong with a theme. Messages say where, what was found, and what is allowed.

use thiserror::Error;

/// What can be wrong with a theme.
#[derive(Debug, Error)]
pub enum ThemeError {
    /// There is no such built-in theme.
    #[error(
        "no theme is called \"{name}\": known are {known}, or give the path of a theme file (with a \"/\" or ending in .toml)"
    )]
    NoSuchTheme {
        /// What was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The file cannot be read.
    #[error("cannot read the theme file {path}: {source}")]
    Read {
        /// Its path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file can be read, but one line in it is wrong.
    #[error("{file}, line {line}: {what}")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The key, what was found and what is allowed.
        what: String,
    },
}
