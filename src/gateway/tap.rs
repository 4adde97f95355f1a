//! A connection that is looked at on its way. Its first head: hyper makes header names small, and the case in which a client
//! writes them may be all that tells it from another. And its end: who closed it is known nowhere else.

use super::serving::Connection;
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
    connection: Arc<Connection>,
    head: Option<Head>,
}

/// What has come of the first head.
struct Head(Vec<u8>);

impl Tap {
    /// Looks at the first head if somebody wants to know of it now.
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>) -> Tap {
        let asked = connection.counters().seen().is_asked();
        Tap {
            stream,
            connection,
            head: asked.then(|| Head(Vec::new())),
        }
    }

    /// What reading or writing has come to: the connection may be gone.
    fn told<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|_| self.connection.client_left())
    }
}

impl Head {
    /// Takes in what has come on `connection`; `true` when there is nothing more to wait for.
    fn is_over(&mut self, bytes: &[u8], connection: &Connection) -> bool {
        let old = self.0.len().saturating_sub(END.len());
        self.0.extend_from_slice(bytes);
        let end = self.0[old..].windows(END.len()).position(|w| w == END);
        if let Some(end) = end {
            let head = &self.0[..old + end + END.len()];
            connection.counters().seen().head(connection.number(), head);
        }
        end.is_some() || self.0.len() > MOST_BYTES || bytes.is_empty()
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        self.told(read)?;
        if buf.filled().len() == before && buf.remaining() > 0 {
            self.connection.client_left();
        }
        let this = &mut *self;
        if let Some(head) = &mut this.head
            && head.is_over(&buf.filled()[before..], &this.connection)
        {
            this.head = None;
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
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        Poll::Ready(self.told(written))
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
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bytes));
        Poll::Ready(self.told(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
