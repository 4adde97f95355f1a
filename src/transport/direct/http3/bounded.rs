//! The library's view of a QUIC connection, with a limit on the frames that a server may announce, and an eye on its farewell.

use super::frames::Frames;
use super::watch::Watch;
use bytes::Bytes;
use h3::error::Code;
use h3::quic::{self, ConnectionErrorIncoming, StreamErrorIncoming, StreamId, WriteBuf};
use quinn::VarInt;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

type Result<T> = std::result::Result<T, StreamErrorIncoming>;

/// A connection.
pub(super) struct Connection {
    inner: h3_quinn::Connection,
    quic: quinn::Connection,
    watch: Arc<Watch>,
}

/// What opens its streams.
#[derive(Clone)]
pub(super) struct Opener {
    inner: h3_quinn::OpenStreams,
    watch: Arc<Watch>,
}

/// A stream in both directions, or what is left of it for reading.
pub(super) struct Stream<S> {
    inner: S,
    frames: Frames,
    watch: Arc<Watch>,
    /// The connection, of a stream that it cannot do without.
    critical: Option<quinn::Connection>,
}

type Both = Stream<h3_quinn::BidiStream<Bytes>>;

impl Connection {
    pub(super) fn new(quic: quinn::Connection, watch: Arc<Watch>) -> Connection {
        Connection {
            inner: h3_quinn::Connection::new(quic.clone()),
            quic,
            watch,
        }
    }
}

fn answer(stream: h3_quinn::BidiStream<Bytes>, watch: &Arc<Watch>) -> Both {
    Stream {
        inner: stream,
        frames: Frames::of_answer(),
        watch: Arc::clone(watch),
        critical: None,
    }
}

impl quic::Connection<Bytes> for Connection {
    type RecvStream = Stream<h3_quinn::RecvStream>;
    type OpenStreams = Opener;

    fn poll_accept_recv(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<std::result::Result<Self::RecvStream, ConnectionErrorIncoming>> {
        let stream = ready!(quic::Connection::<Bytes>::poll_accept_recv(
            &mut self.inner,
            cx
        ))?;
        Poll::Ready(Ok(Stream {
            inner: stream,
            frames: Frames::of_server(),
            watch: Arc::clone(&self.watch),
            critical: Some(self.quic.clone()),
        }))
    }

    fn poll_accept_bidi(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<std::result::Result<Both, ConnectionErrorIncoming>> {
        let accepted = self.inner.poll_accept_bidi(cx);
        accepted.map_ok(|stream| answer(stream, &self.watch))
    }

    fn opener(&self) -> Opener {
        Opener {
            inner: quic::Connection::<Bytes>::opener(&self.inner),
            watch: Arc::clone(&self.watch),
        }
    }
}

macro_rules! opens_streams {
    ($($kind:ty),+) => {$(
        impl quic::OpenStreams<Bytes> for $kind {
            type BidiStream = Both;
            type SendStream = h3_quinn::SendStream<Bytes>;

            fn poll_open_bidi(&mut self, cx: &mut Context<'_>) -> Poll<Result<Both>> {
                let opened = self.inner.poll_open_bidi(cx);
                opened.map_ok(|stream| answer(stream, &self.watch))
            }

            fn poll_open_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::SendStream>> {
                self.inner.poll_open_send(cx)
            }

            fn close(&mut self, code: Code, reason: &[u8]) {
                quic::OpenStreams::<Bytes>::close(&mut self.inner, code, reason);
            }
        }
    )+};
}

opens_streams!(Connection, Opener);

impl<S: quic::RecvStream<Buf = Bytes>> quic::RecvStream for Stream<S> {
    type Buf = Bytes;

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        let came = ready!(self.inner.poll_data(cx))?;
        match came.as_ref().map(|bytes| self.frames.pass(bytes)) {
            None | Some(Ok(None)) => {}
            Some(Ok(Some(id))) => self.watch.farewell(id),
            Some(Err(too_long)) => {
                if let Some(quic) = &self.critical {
                    // The library would take such a stream for one that has ended.
                    self.watch.fault(too_long.to_string());
                    let code = VarInt::from_u64(Code::H3_EXCESSIVE_LOAD.value());
                    quic.close(code.unwrap_or_default(), b"");
                }
                return Poll::Ready(Err(StreamErrorIncoming::Unknown(Box::new(too_long))));
            }
        }
        Poll::Ready(Ok(came))
    }

    fn stop_sending(&mut self, code: u64) {
        self.inner.stop_sending(code);
    }

    fn recv_id(&self) -> StreamId {
        self.inner.recv_id()
    }
}

impl quic::SendStream<Bytes> for Both {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn send_data<T: Into<WriteBuf<Bytes>>>(&mut self, data: T) -> Result<()> {
        self.inner.send_data(data)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_finish(cx)
    }

    fn reset(&mut self, code: u64) {
        self.inner.reset(code);
    }

    fn send_id(&self) -> StreamId {
        self.inner.send_id()
    }
}

impl quic::BidiStream<Bytes> for Both {
    type SendStream = h3_quinn::SendStream<Bytes>;
    type RecvStream = Stream<h3_quinn::RecvStream>;

    fn split(self) -> (Self::SendStream, Self::RecvStream) {
        let (send, inner) = self.inner.split();
        let receive = Stream {
            inner,
            frames: self.frames,
            watch: self.watch,
            critical: self.critical,
        };
        (send, receive)
    }
}
