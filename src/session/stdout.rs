//! Data on stdout. A reader that has heard enough (`| head`) is no error.

use crate::outbox;
use std::io;

/// Writes `text`, whole; a terminal that does not take it is left alone after a moment.
pub(super) fn write(text: &str) -> io::Result<()> {
    match outbox::say(io::stdout(), text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
