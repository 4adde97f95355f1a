//! When a request had been handed to the system. The library says nothing of that, but it tells the body's bytes when it
//! takes them, and the stream when all that it has taken is to be sent off.

use crate::clock::{Clock, Tick};
use crate::transport::direct::stream::Stream;
use bytes::{Buf, Bytes};
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// When one request had been handed over; `None`: not yet.
pub(super) type Mark = Rc<Cell<Option<Tick>>>;

/// The requests of one connection that have been encoded, and go out with the next flush.
#[derive(Debug)]
pub(super) struct Writes {
    encoded: RefCell<Vec<Mark>>,
    clock: Clock,
}

impl Writes {
    pub(super) fn new(clock: Clock) -> Rc<Writes> {
        Rc::new(Writes {
            encoded: RefCell::default(),
            clock,
        })
    }

    /// The whole of a request is in the hands of the library.
    pub(super) fn encoded(&self, mark: &Mark) {
        self.encoded.borrow_mut().push(Rc::clone(mark));
    }

    fn flushed(&self) {
        let mut encoded = self.encoded.borrow_mut();
        if encoded.is_empty() {
            return;
        }
        let now = self.clock.now();
        for mark in encoded.drain(..) {
            mark.set(Some(now));
        }
    }
}

/// A request's body, which tells when its last byte has been taken.
pub(super) struct Body {
    pub(super) bytes: Bytes,
    pub(super) mark: Mark,
    pub(super) writes: Rc<Writes>,
}

impl Buf for Body {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, taken: usize) {
        self.bytes.advance(taken);
        if taken > 0 && self.bytes.is_empty() {
            self.writes.encoded(&self.mark);
        }
    }
}

/// A connection's bytes, watched for what has been sent off.
pub(super) struct Watched {
    pub(super) stream: Stream,
    pub(super) writes: Rc<Writes>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.writes.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
