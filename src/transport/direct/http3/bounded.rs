//! The library's view of a QUIC connection, with a limit on the frames that a server may announce.

use super::frames::Frames;
use bytes::Bytes;
use h3::error::Code;
use h3::quic::{self, ConnectionErrorIncoming, StreamErrorIncoming, StreamId, WriteBuf};
use std::task::{Context, Poll, ready};

type Result<T> = std::result::Result<T, StreamErrorIncoming>;

/// A connection.
pub(super) struct Connection(h3_quinn::Connection);

/// What opens its streams.
#[derive(Clone)]
pub(super) struct Opener(h3_quinn::OpenStreams);

/// A stream in both directions, or what is left of it for reading.
pub(super) struct Stream<S> {
    stream: S,
    frames: Frames,
}

type Both = Stream<h3_quinn::BidiStream<Bytes>>;

impl Connection {
    pub(super) fn new(connection: quinn::Connection) -> Connection {
        Connection(h3_quinn::Connection::new(connection))
    }
}

fn answer(stream: h3_quinn::BidiStream<Bytes>) -> Both {
    Stream {
        stream,
        frames: Frames::of_answer(),
    }
}

impl quic::Connection<Bytes> for Connection {
    type RecvStream = Stream<h3_quinn::RecvStream>;
    type OpenStreams = Opener;

    fn poll_accept_recv(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<std::result::Result<Self::RecvStream, ConnectionErrorIncoming>> {
        let stream = ready!(quic::Connection::<Bytes>::poll_accept_recv(&mut self.0, cx))?;
        Poll::Ready(Ok(Stream {
            stream,
            frames: Frames::of_server(),
        }))
    }

    fn poll_accept_bidi(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<std::result::Result<Both, ConnectionErrorIncoming>> {
        self.0.poll_accept_bidi(cx).map_ok(answer)
    }

    fn opener(&self) -> Opener {
        Opener(quic::Connection::<Bytes>::opener(&self.0))
    }
}

macro_rules! opens_streams {
    ($($kind:ty),+) => {$(
        impl quic::OpenStreams<Bytes> for $kind {
            type BidiStream = Both;
            type SendStream = h3_quinn::SendStream<Bytes>;

            fn poll_open_bidi(&mut self, cx: &mut Context<'_>) -> Poll<Result<Both>> {
                self.0.poll_open_bidi(cx).map_ok(answer)
            }

            fn poll_open_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<Self::SendStream>> {
                self.0.poll_open_send(cx)
            }

            fn close(&mut self, code: Code, reason: &[u8]) {
                quic::OpenStreams::<Bytes>::close(&mut self.0, code, reason);
            }
        }
    )+};
}

opens_streams!(Connection, Opener);

impl<S: quic::RecvStream<Buf = Bytes>> quic::RecvStream for Stream<S> {
    type Buf = Bytes;

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        let came = ready!(self.stream.poll_data(cx))?;
        if let Some(bytes) = &came
            && let Err(too_long) = self.frames.pass(bytes)
        {
            return Poll::Ready(Err(StreamErrorIncoming::Unknown(Box::new(too_long))));
        }
        Poll::Ready(Ok(came))
    }

    fn stop_sending(&mut self, code: u64) {
        self.stream.stop_sending(code);
    }

    fn recv_id(&self) -> StreamId {
        self.stream.recv_id()
    }
}

impl quic::SendStream<Bytes> for Both {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.stream.poll_ready(cx)
    }

    fn send_data<T: Into<WriteBuf<Bytes>>>(&mut self, data: T) -> Result<()> {
        self.stream.send_data(data)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.stream.poll_finish(cx)
    }

    fn reset(&mut self, code: u64) {
        self.stream.reset(code);
    }

    fn send_id(&self) -> StreamId {
        self.stream.send_id()
    }
}

impl quic::BidiStream<Bytes> for Both {
    type SendStream = h3_quinn::SendStream<Bytes>;
    type RecvStream = Stream<h3_quinn::RecvStream>;

    fn split(self) -> (Self::SendStream, Self::RecvStream) {
        let (send, stream) = self.stream.split();
        let frames = self.frames;
        (send, Stream { stream, frames })
    }
}
