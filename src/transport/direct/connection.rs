//! One HTTP/1.1 connection, and one exchange on it.
//!
//! What holds always: each connection that was opened is counted as closed exactly once, by the peer, by us, or for having
//! been idle; nothing is allocated while an exchange goes on, unless the head of an answer is larger than any before.

#[cfg(any(test, fuzzing))]
pub mod played;

use super::body::Framing;
use super::failure::Failure;
use super::head::{self, Head, MAX_HEAD};
use super::progress::{Progress, Waiting};
use super::stream::Stream;
use crate::clock::Tick;
use crate::outcome::Outcome;
use crate::transport::connections::{Closed, ConnectionCounters};
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Room for what comes in one read: heads and small bodies come whole.
const ROOM: usize = 8 << 10;
/// Room for the bodies of large answers, which a connection gets when it sees its first.
const LARGE_ROOM: usize = 64 << 10;
/// Interim answers (1xx) before one that is final, at most.
const MAX_INTERIM: usize = 1_000;

/// One connection, over whatever carries its bytes.
pub(super) struct Connection<S = Stream> {
    stream: S,
    /// What has been read and not yet used is `room[start..end]`.
    room: Vec<u8>,
    start: usize,
    end: usize,
    /// Answers that it has given.
    pub(super) served: u64,
    /// When it was last used.
    pub(super) used: Tick,
    counters: Arc<ConnectionCounters>,
    closed: bool,
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It can be used again.
    Kept,
    /// It cannot, and this is whose doing it is.
    Ends(Closed),
}

/// What one exchange sends, and how it waits for what comes.
pub(super) struct Sending<'a> {
    /// The whole request.
    pub(super) request: &'a [u8],
    /// It is answered without a body, because it is HEAD.
    pub(super) bodiless: bool,
    pub(super) waiting: Waiting<'a>,
    /// How many of its bytes have been written.
    sent: Cell<usize>,
    /// Why no more of it can be written.
    refused: Cell<Option<io::Error>>,
}

impl<'a> Sending<'a> {
    pub(super) fn new(request: &'a [u8], bodiless: bool, waiting: Waiting<'a>) -> Sending<'a> {
        Sending {
            request,
            bodiless,
            waiting,
            sent: Cell::new(0),
            refused: Cell::new(None),
        }
    }

    /// Writes as much as the system takes; ready once it has all of it.
    fn write<S: AsyncWrite + Unpin>(&self, stream: &mut S, cx: &mut Context<'_>) -> Poll<()> {
        let refused = self.refused.take();
        if refused.is_some() {
            self.refused.set(refused);
            return Poll::Pending;
        }
        let written = loop {
            let rest = &self.request[self.sent.get()..];
            if rest.is_empty() {
                break ready!(Pin::new(stream).poll_flush(cx));
            }
            match ready!(Pin::new(&mut *stream).poll_write(cx, rest)) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => self.sent.set(self.sent.get() + taken),
                Err(error) => break Err(error),
            }
        };
        match written {
            Ok(()) => Poll::Ready(()),
            Err(error) => {
                self.refused.set(Some(error));
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(stream: S, now: Tick, counters: Arc<ConnectionCounters>) -> Self {
        Connection {
            stream,
            room: Vec::new(),
            start: 0,
            end: 0,
            served: 0,
            used: now,
            counters,
            closed: false,
        }
    }

    /// Ends it.
    pub(super) fn close(mut self, by: Closed) {
        self.count_closed(by);
    }

    /// Whether an idle connection can be used. Costs no system call unless something has come: a farewell, or bytes that
    /// nobody has asked for, after which it cannot be.
    pub(super) fn is_usable(&mut self) -> bool {
        let mut byte = [0];
        let mut room = ReadBuf::new(&mut byte);
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut self.stream).poll_read(&mut cx, &mut room) {
            Poll::Pending => true,
            Poll::Ready(came) => {
                let unasked = came.is_ok() && !room.filled().is_empty();
                self.count_closed(if unasked { Closed::Us } else { Closed::Peer });
                false
            }
        }
    }

    /// Sends the request and reads the answer to its end. What has been learnt stands in `progress` also when it fails, or is
    /// dropped.
    pub(super) async fn exchange(
        &mut self,
        sending: &Sending<'_>,
        progress: &mut Progress,
    ) -> Result<Then, Failure> {
        self.make_room(ROOM);
        let head = match self.head(sending, progress).await {
            Ok(head) => head,
            Err(failure) => {
                // The server may have answered before it closed. If not, that it takes no more is the news.
                let Some(error) = sending.refused.take() else {
                    return Err(failure);
                };
                self.count_closed(Closed::Peer);
                return Err(Failure::unanswered(&error));
            }
        };
        self.body(head, sending, progress).await?;
        if sending.refused.take().is_some() {
            return Ok(Then::Ends(Closed::Peer));
        }
        let (whole, nothing_left) = (progress.written.is_some(), self.start == self.end);
        Ok(match (whole && nothing_left, head.keeps) {
            (true, true) => Then::Kept,
            (true, false) => Then::Ends(Closed::Peer),
            (false, _) => Then::Ends(Closed::Us),
        })
    }

    /// Reads until the head of a final answer is there.
    async fn head(
        &mut self,
        sending: &Sending<'_>,
        progress: &mut Progress,
    ) -> Result<Head, Failure> {
        let protocol = |text: &str| Failure::new(Outcome::Protocol, text);
        // Bytes that have been looked through for the end of a head in vain.
        let mut searched = 0;
        let mut interim = 0;
        loop {
            let bytes = &self.room[self.start..self.end];
            if !bytes.is_empty() {
                progress.heard = true;
                progress
                    .first_byte
                    .get_or_insert_with(|| sending.waiting.now());
                // What cannot become a head is refused at once, and one that comes in small pieces is not read from its
                // beginning with each.
                let looks_whole = searched == 0 || has_end(bytes, searched);
                searched = bytes.len();
                if looks_whole {
                    let parsed = head::parse(bytes, sending.bodiless);
                    if let Some(head) = parsed.map_err(|e| protocol(&e.to_string()))? {
                        self.start += head.length;
                        if !head.is_interim() {
                            progress.answer = Some(head.answer);
                            return Ok(head);
                        }
                        // What counts is the answer that follows, as with the other engine.
                        progress.first_byte = None;
                        searched = 0;
                        interim += 1;
                        if interim > MAX_INTERIM {
                            return Err(protocol("interim answers (1xx) without end"));
                        }
                        continue;
                    }
                }
                if bytes.len() >= MAX_HEAD {
                    return Err(protocol(&head::HeadError::TooLarge.to_string()));
                }
            }
            if self.read(sending, progress).await? == 0 {
                self.count_closed(Closed::Peer);
                let text = if progress.heard {
                    "the connection ended in the head of the answer"
                } else {
                    "the connection ended before an answer"
                };
                return Err(Failure::end(Outcome::Protocol, text));
            }
        }
    }

    /// Reads the body, keeping nothing of it.
    async fn body(
        &mut self,
        head: Head,
        sending: &Sending<'_>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let mut framing = head.framing;
        loop {
            let used = framing
                .feed(&self.room[self.start..self.end], &mut progress.bytes)
                .map_err(|error| Failure::new(Outcome::Body, &error.to_string()))?;
            self.start += used;
            if framing == Framing::Empty {
                return Ok(());
            }
            if self.end == self.room.len() && self.room.len() < LARGE_ROOM {
                self.start = 0;
                self.end = 0;
                self.room.resize(LARGE_ROOM, 0);
            }
            match self.read(sending, progress).await {
                Ok(0) => {
                    self.count_closed(Closed::Peer);
                    return if framing == Framing::ToTheEnd {
                        Ok(())
                    } else {
                        let text = "the connection ended before the body did";
                        Err(Failure::new(Outcome::Body, text))
                    };
                }
                Ok(_) => {}
                Err(failure) if failure.outcome == Outcome::Timeout => return Err(failure),
                Err(failure) => {
                    return Err(Failure {
                        outcome: Outcome::Body,
                        ..failure
                    });
                }
            }
        }
    }

    /// Reads once; 0 is the end. Meanwhile the rest of the request is written: a server may say something before it has all of
    /// it, and may want all of it before it says the rest.
    async fn read(
        &mut self,
        sending: &Sending<'_>,
        progress: &mut Progress,
    ) -> Result<usize, Failure> {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        } else if self.end == self.room.len() {
            if self.start > 0 {
                self.room.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                let more = (self.room.len() * 2).min(MAX_HEAD);
                self.room.resize(more, 0);
            }
        }
        let (stream, room) = (&mut self.stream, &mut self.room[self.end..]);
        let read = poll_fn(|cx| {
            if progress.written.is_none() && sending.write(stream, cx).is_ready() {
                progress.written = Some(sending.waiting.now());
            }
            let mut room = ReadBuf::new(room);
            let came = ready!(Pin::new(&mut *stream).poll_read(cx, &mut room));
            Poll::Ready(came.map(|()| room.filled().len()))
        });
        match sending.waiting.for_read(read).await? {
            Ok(bytes) => {
                self.end += bytes;
                Ok(bytes)
            }
            Err(error) => {
                self.count_closed(Closed::Peer);
                Err(Failure::unanswered(&error))
            }
        }
    }

    fn make_room(&mut self, bytes: usize) {
        if self.room.len() < bytes {
            self.room.resize(bytes, 0);
        }
    }
}

impl<S> Connection<S> {
    fn count_closed(&mut self, by: Closed) {
        if !std::mem::replace(&mut self.closed, true) {
            self.counters.count_closed(by);
        }
    }
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.count_closed(Closed::Us);
    }
}

/// Whether an empty line may end in what has come after the first `searched` bytes.
fn has_end(bytes: &[u8], searched: usize) -> bool {
    let from = searched.saturating_sub(3);
    let mut lines = bytes[from..]
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n');
    lines.any(|(at, _)| {
        let before = &bytes[..from + at];
        before.ends_with(b"\n") || before.ends_with(b"\n\r")
    })
}

#[cfg(test)]
mod tests {
    use super::has_end;

    #[test]
    fn the_end_of_a_head_is_seen_wherever_it_is_cut() {
        let text = b"HTTP/1.1 200 OK\r\na: b\r\n\r\n";
        for searched in 1..text.len() {
            assert!(has_end(text, searched), "{searched}");
            assert!(!has_end(
                &text[..text.len() - 1],
                searched.min(text.len() - 1)
            ));
        }
        assert!(has_end(b"HTTP/1.1 200 OK\n\n", 15));
    }
}
