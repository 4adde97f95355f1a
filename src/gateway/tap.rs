//! A connection whose first head is looked at on its way: hyper makes header names small, and the case in which a client
//! writes them may be all that tells it from another.

use super::counters::ServerCounters;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The largest head that is waited for, in bytes.
const MOST_BYTES: usize = 16 << 10;
/// What ends a head.
const END: &[u8] = b"\r\n\r\n";

/// A connection.
pub(super) struct Tap {
    stream: TcpStream,
    head: Option<Head>,
}

/// What has come of the first head.
struct Head {
    counters: Arc<ServerCounters>,
    number: u64,
    bytes: Vec<u8>,
}

impl Tap {
    /// Looks at the first head if somebody wants to know of it now.
    pub(super) fn new(stream: TcpStream, counters: &Arc<ServerCounters>, number: u64) -> Tap {
        let head = counters.seen().is_asked().then(|| Head {
            counters: Arc::clone(counters),
            number,
            bytes: Vec::new(),
        });
        Tap { stream, head }
    }
}

impl Head {
    /// Takes in what has come; `true` when there is nothing more to wait for.
    fn is_over(&mut self, bytes: &[u8]) -> bool {
        let old = self.bytes.len().saturating_sub(END.len());
        self.bytes.extend_from_slice(bytes);
        let end = self.bytes[old..].windows(END.len()).position(|w| w == END);
        if let Some(end) = end {
            let head = &self.bytes[..old + end + END.len()];
            self.counters.seen().head(self.number, head);
        }
        end.is_some() || self.bytes.len() > MOST_BYTES || bytes.is_empty()
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if let Some(head) = &mut self.head
            && head.is_over(&buf.filled()[before..])
        {
            self.head = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
