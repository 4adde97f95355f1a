//! JSON: the snapshot itself, schema `dragstrip.snapshot/1`.

use crate::metrics::snapshot::Snapshot;

/// The snapshot as JSON, indented, with a newline at its end.
pub fn json(snapshot: &Snapshot) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(snapshot)?;
    text.push('\n');
    Ok(text)
}
