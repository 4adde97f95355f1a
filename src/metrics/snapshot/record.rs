//! What is written down beside the figures: the user's own marks.

use serde::{Deserialize, Serialize};

/// A mark of the user's own on the time axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// Where it belongs, in seconds since the start of the run.
    pub t: f64,
    /// What it says: one line of at most 200 characters; printable.
    pub text: String,
}
