//! Data on stdout. A reader that has heard enough (`| head`) is no error.

use std::io::{self, Write};

/// Writes `text`, whole.
pub(super) fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
