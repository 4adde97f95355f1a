//! A connection whose server is played from bytes, without a network and without waiting: for the fuzzer and for tests only.
//!
//! What it plays is written like this:
//!
//! | bytes | |
//! |---|---|
//! | 0 | how: bit 0 asks with HEAD; bits 1 and 2 are the [`End`]; bit 3 makes each piece wait once; bit 4 answers before the request has been taken; bits 6 and 7 with both of the end's let it go on [without an end](Script::endless) |
//! | 1 to 4 | the sizes of the pieces that the answers come in, in turns; 0 is as much as there is |
//! | 5 to the end | the answers, one for each request, with [`MARK`] between them |
//!
//! What holds always: a script is played by the code that every connection runs, and nothing but the script decides how.

use super::super::failure::Failure;
use super::super::progress::Waiting;
use super::{Connection, Progress, Sending, Then};
use crate::clock::Clock;
use crate::outcome::Outcome;
use crate::pacer::Pacer;
use crate::transport::{ConnectionCounters, outcome_of};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What separates the answers of a script.
pub const MARK: &[u8] = b"\0|\0|";
/// Bytes before the answers.
pub const BEFORE: usize = 5;
/// Bytes that an answer without an end has in the end: more than a head may have.
const ENDLESS: usize = 600 << 10;
/// The least size of their pieces: they are many.
const ENDLESS_PIECE: usize = 4 << 10;
/// The longest time without a byte.
const READ_TIMEOUT: Duration = Duration::from_secs(1);

/// What a server does.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    /// It is asked with HEAD.
    pub bodiless: bool,
    /// What it does after the last answer.
    pub end: End,
    /// No piece is there when it is first looked for.
    pub waits: bool,
    /// It answers before it has taken the request.
    pub early: bool,
    /// Says the last bytes of the last answer, so many, again and again; 0: does not.
    pub endless: usize,
    /// The sizes of the pieces; 0 is as much as there is.
    pub pieces: [u8; 4],
    /// One for each request.
    pub answers: Vec<&'a [u8]>,
}

/// What a server does after its last answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It closes.
    Closes,
    /// It resets.
    Resets,
    /// It says nothing more.
    Waits,
}

impl<'a> Script<'a> {
    /// Takes `bytes` apart; `None` if they are too few.
    pub fn of(bytes: &'a [u8]) -> Option<Script<'a>> {
        let (before, mut rest) = bytes.split_first_chunk::<BEFORE>()?;
        let [how, pieces @ ..] = *before;
        let mut answers = Vec::new();
        while let Some(at) = rest.windows(MARK.len()).position(|part| part == MARK) {
            answers.push(&rest[..at]);
            rest = &rest[at + MARK.len()..];
        }
        answers.push(rest);
        let endless = how & 0b1100_0110 == 0b1100_0110;
        Some(Script {
            bodiless: how & 1 != 0,
            end: match how >> 1 & 3 {
                1 => End::Resets,
                2 => End::Waits,
                _ => End::Closes,
            },
            waits: how & 8 != 0,
            early: how & 16 != 0,
            endless: if endless {
                rest.len().min(usize::from(pieces[3]) + 1)
            } else {
                0
            },
            pieces,
            answers,
        })
    }

    /// The same in pieces as large as can be.
    #[must_use]
    pub fn uncut(&self) -> Script<'a> {
        Script {
            waits: false,
            pieces: [0; 4],
            ..self.clone()
        }
    }

    /// Bytes of all its answers.
    pub fn len(&self) -> usize {
        let said: usize = self.answers.iter().map(|answer| answer.len()).sum();
        said + if self.endless > 0 { ENDLESS } else { 0 }
    }

    /// Whether nothing is ever said.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What came of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// As in [`crate::transport::Exchange`].
    pub outcome: Outcome,
    /// Of the final answer; 0 if there was none.
    pub status: u16,
    /// Body bytes.
    pub bytes: u64,
    /// Another request can be sent on the connection.
    pub reusable: bool,
}

impl Seen {
    /// Whether it is the same as `other`, which came of the same bytes in other pieces. Where a server falls silent in a head
    /// that is already wrong, that may be seen at once, or not be looked for until more comes, which it never does.
    pub fn agrees(&self, other: &Seen) -> bool {
        let headless = |seen: &Seen| {
            seen.status == 0 && matches!(seen.outcome, Outcome::Protocol | Outcome::Timeout)
        };
        self == other || headless(self) && headless(other)
    }
}

/// What came of a script.
#[derive(Clone, Debug)]
pub struct Played {
    /// One for each request that was sent: they stop where the connection is of no more use.
    pub seen: Vec<Seen>,
    /// The most memory that the connection had for what comes, in bytes.
    pub room: usize,
}

impl Played {
    /// Whether the same came of the same bytes in other pieces.
    pub fn agrees(&self, other: &Played) -> bool {
        self.seen.len() == other.seen.len()
            && self.seen.iter().zip(&other.seen).all(|(a, b)| a.agrees(b))
    }
}

/// Plays scripts, in time that passes only while a server is silent.
pub struct Player {
    clock: Clock,
    pacer: Arc<Pacer>,
    counters: Arc<ConnectionCounters>,
}

impl Default for Player {
    fn default() -> Player {
        let clock = Clock::manual();
        Player {
            pacer: Pacer::manual(clock.clone()),
            clock,
            counters: Arc::default(),
        }
    }
}

impl Player {
    /// Sends requests to a server that does what `script` says, as long as it has answers and the connection is of use.
    pub fn play(&self, script: &Script<'_>) -> Played {
        let server = Server::new(script);
        let counters = Arc::clone(&self.counters);
        let mut connection = Connection::new(server, self.clock.now(), counters);
        let mut seen = Vec::new();
        for _ in &script.answers {
            let one = self.exchange(&mut connection, script.bodiless);
            seen.push(one);
            if !one.reusable {
                break;
            }
        }
        Played {
            seen,
            room: connection.room.capacity(),
        }
    }

    fn exchange(&self, connection: &mut Connection<Server<'_>>, bodiless: bool) -> Seen {
        let mut progress = Progress::default();
        let sending = Sending {
            request: b"GET / HTTP/1.1\r\n\r\n",
            bodiless,
            waiting: Waiting {
                read_timeout: Some(READ_TIMEOUT),
                pacer: &self.pacer,
            },
        };
        let ended = self.drive(connection.exchange(&sending, &mut progress));
        let status = progress.answer.map_or(0, |answer| answer.status);
        let outcome = match &ended {
            None => Outcome::Timeout,
            Some(Ok(_)) => outcome_of(status),
            Some(Err(failure)) => failure.outcome,
        };
        // Twice, because the first look may be one that finds nothing yet.
        let reusable = matches!(ended, Some(Ok(Then::Kept)))
            && connection.is_usable()
            && connection.is_usable();
        Seen {
            outcome,
            status,
            bytes: progress.bytes,
            reusable,
        }
    }

    /// What comes of it; `None` if it waits for what never comes, and has no limit.
    fn drive<F: Future<Output = Result<Then, Failure>>>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let called = Arc::new(Called::default());
        let waker = Waker::from(Arc::clone(&called));
        let mut cx = Context::from_waker(&waker);
        loop {
            called.0.store(false, Ordering::Relaxed);
            if let Poll::Ready(ended) = future.as_mut().poll(&mut cx) {
                return Some(ended);
            }
            if !called.0.load(Ordering::Relaxed) {
                let now = self.clock.now() + READ_TIMEOUT;
                self.clock.set(now);
                self.pacer.ring(now);
                if !called.0.load(Ordering::Relaxed) {
                    return None;
                }
            }
        }
    }
}

/// Whether somebody has been woken.
#[derive(Default)]
struct Called(AtomicBool);

impl Wake for Called {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;
    use std::path::Path;

    fn played(how: u8, pieces: [u8; 4], answers: &[u8]) -> Played {
        let mut bytes = vec![how];
        bytes.extend(pieces);
        bytes.extend(answers);
        Player::default().play(&Script::of(&bytes).unwrap())
    }

    fn seen(outcome: Outcome, status: u16, bytes: u64, reusable: bool) -> Seen {
        Seen {
            outcome,
            status,
            bytes,
            reusable,
        }
    }

    const CLOSES: u8 = 0;
    const RESETS: u8 = 2;
    const WAITS: u8 = 4;
    const ENDLESS: u8 = 0b1100_0110;

    #[test]
    fn a_script_is_played_as_it_is_written() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
        let two = [&answer[..], MARK, answer].concat();
        let (kept, ended) = (
            seen(Outcome::Ok, 200, 5, true),
            seen(Outcome::Ok, 200, 5, false),
        );
        let half = &answer[..answer.len() - 2];
        for (how, text, expected) in [
            (WAITS, &answer[..], vec![kept]),
            (CLOSES, answer, vec![ended]),
            (WAITS | 8, &two, vec![kept, kept]),
            (CLOSES, &two, vec![kept, ended]),
            // Answered early, it cannot be used again; nor with more than was asked for.
            (WAITS | 16, &two, vec![ended]),
            (WAITS, &[&answer[..], b"!"].concat(), vec![ended]),
            (WAITS | 1, answer, vec![seen(Outcome::Ok, 200, 0, false)]),
            (CLOSES, half, vec![seen(Outcome::Body, 200, 3, false)]),
            (RESETS, half, vec![seen(Outcome::Body, 200, 3, false)]),
            (WAITS, half, vec![seen(Outcome::Timeout, 200, 3, false)]),
            (
                ENDLESS,
                b"HTTP/1.1 200 OK\r\nx: y",
                vec![seen(Outcome::Protocol, 0, 0, false)],
            ),
        ] {
            for pieces in [[0; 4], [1; 4], [7, 3, 0, 1]] {
                assert_eq!(played(how, pieces, text).seen, expected, "{how} {pieces:?}");
            }
        }
    }

    #[test]
    fn what_the_fuzzer_begins_with_is_the_same_in_any_pieces() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
        let mut tried = 0;
        for seed in fs::read_dir(seeds).unwrap() {
            let mut bytes = fs::read(seed.unwrap().path()).unwrap();
            let whole = Player::default().play(&Script::of(&bytes).unwrap());
            assert!(
                whole
                    .seen
                    .iter()
                    .any(|seen| seen.outcome != Outcome::Ok || seen.status > 0)
            );
            for size in [1, 2, 3, 7, 50] {
                bytes[1..4].fill(size);
                let cut = Player::default().play(&Script::of(&bytes).unwrap());
                assert!(
                    cut.agrees(&whole),
                    "{whole:?} {cut:?} {}",
                    bytes.escape_ascii()
                );
            }
            tried += 1;
        }
        assert!(tried >= 60, "{tried}");
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_the_same_in_any_pieces(bytes in prop::collection::vec(any::<u8>(), BEFORE..200)) {
            let script = Script::of(&bytes).unwrap();
            let player = Player::default();
            let (cut, whole) = (player.play(&script), player.play(&script.uncut()));
            prop_assert!(cut.agrees(&whole), "{:?} {:?}", cut, whole);
        }
    }
}
