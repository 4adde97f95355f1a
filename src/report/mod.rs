//! Snapshots as files and as text for pipes: one file per format, all of them functions of a `&Snapshot`.
//!
//! What holds always: a report says what the screen says, from the very same picture; foreign text is escaped for the
//! format it goes into; a file is written whole or not at all.

mod atomic;
mod csv;
mod hlog;
mod json;
mod markdown;
mod rows;
mod table;

pub use atomic::{WriteError, write_atomically};
pub use csv::csv;
pub use hlog::hlog;
pub use json::json;
pub use markdown::markdown;
pub use table::table;

use crate::metrics::snapshot::Snapshot;
use std::path::{Path, PathBuf};

/// Writes the report beside `path`, which lends its name: as Markdown, CSV and HDR histogram log. Gives the endings of the
/// files; none is written if one of them cannot be made.
pub fn export(snapshot: &Snapshot, path: &Path) -> Result<[&'static str; 3], String> {
    let texts = [
        (".md", markdown(snapshot)),
        (".csv", csv(snapshot)?),
        (".hlog", hlog(snapshot)?),
    ];
    for (ending, text) in &texts {
        let file = path.with_extension(&ending[1..]);
        write_atomically(&file, text.as_bytes()).map_err(|error| error.to_string())?;
    }
    Ok(texts.map(|(ending, _)| ending))
}

/// Writes `snapshot` as JSON to `path` and its Markdown table beside it; returns the path of the Markdown.
pub fn save(snapshot: &Snapshot, path: &Path) -> Result<PathBuf, WriteError> {
    let text = json(snapshot).map_err(|error| WriteError {
        path: path.to_owned(),
        source: std::io::Error::other(error),
    })?;
    write_atomically(path, text.as_bytes())?;
    let beside = path.with_extension("md");
    write_atomically(&beside, markdown(snapshot).as_bytes())?;
    Ok(beside)
}
