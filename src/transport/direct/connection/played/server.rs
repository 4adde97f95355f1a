//! The server's end of a played connection.

use super::script::{ENDLESS, End, Script};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The least size of their pieces: they are many.
const ENDLESS_PIECE: usize = 4 << 10;

/// The other end of the connection.
#[derive(Debug)]
pub struct Server<'a> {
    script: &'a Script<'a>,
    /// Requests that have come.
    asked: usize,
    /// Bytes of the present answer that have been said.
    said: usize,
    /// What is said without an end.
    again: Vec<u8>,
    /// Bytes of that.
    repeated: usize,
    /// Pieces so far.
    pieces: usize,
    /// The present piece has been looked for.
    looked_for: bool,
}

impl<'a> Server<'a> {
    /// Does what `script` says.
    pub fn new(script: &'a Script<'a>) -> Server<'a> {
        let last = script.answers.last().copied().unwrap_or_default();
        let unit = &last[last.len() - script.endless.min(last.len())..];
        let again = if unit.is_empty() {
            Vec::new()
        } else {
            unit.repeat(ENDLESS_PIECE.div_ceil(unit.len()))
        };
        Server {
            script,
            asked: 0,
            said: 0,
            again,
            repeated: 0,
            pieces: 0,
            looked_for: false,
        }
    }

    fn answer(&self) -> &'a [u8] {
        let answer = self.asked.checked_sub(1);
        answer
            .and_then(|at| self.script.answers.get(at).copied())
            .unwrap_or_default()
    }
}

impl AsyncRead for Server<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.script.waits && !std::mem::replace(&mut this.looked_for, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.looked_for = false;
        let rest = &this.answer()[this.said..];
        if !rest.is_empty() {
            let size = match this.script.pieces[this.pieces % this.script.pieces.len()] {
                0 => rest.len(),
                size => usize::from(size),
            };
            let size = size.min(rest.len()).min(buf.remaining());
            buf.put_slice(&rest[..size]);
            this.said += size;
            this.pieces += 1;
            return Poll::Ready(Ok(()));
        }
        if this.asked < this.script.answers.len() {
            return Poll::Pending;
        }
        if this.repeated < ENDLESS && !this.again.is_empty() {
            let from = this.repeated % this.again.len();
            let size = (this.again.len() - from).min(ENDLESS - this.repeated);
            let size = size.min(buf.remaining());
            buf.put_slice(&this.again[from..from + size]);
            this.repeated += size;
            return Poll::Ready(Ok(()));
        }
        match this.script.end {
            End::Closes => Poll::Ready(Ok(())),
            End::Resets => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            End::Waits => Poll::Pending,
        }
    }
}

impl AsyncWrite for Server<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.script.early && this.asked > 0 {
            return Poll::Pending;
        }
        // A request comes whole, but for one that is answered early.
        this.asked += 1;
        this.said = 0;
        // Whoever has looked for an answer too early finds one now.
        cx.waker().wake_by_ref();
        let taken = if this.script.early { 1 } else { bytes.len() };
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
