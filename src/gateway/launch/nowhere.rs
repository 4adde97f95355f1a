//! Systems on which no gateway can be started: there is nothing that would end it with this program.

use super::{Event, LaunchError, LaunchSpec, Progress};
use std::path::PathBuf;

/// All launched commands: none.
pub struct Fleet;

impl Fleet {
    /// Starts nothing: a plan that asks for it is refused before.
    pub fn start(
        _specs: Vec<LaunchSpec>,
        _guard: PathBuf,
        _progress: &mut dyn FnMut(&Progress<'_>),
        _cancelled: &dyn Fn() -> bool,
        _tell: impl Fn(usize, Event) + Send + Sync + 'static,
    ) -> Result<Fleet, LaunchError> {
        Ok(Fleet)
    }

    /// Ends nothing.
    pub fn end(self, _progress: &mut dyn FnMut(&Progress<'_>), _hurry: &dyn Fn() -> bool) {}
}
