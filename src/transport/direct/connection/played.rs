//! A connection whose server is played from bytes, without a network and without waiting: for the fuzzer and for tests only.
//!
//! What holds always: a script is played by the code that every connection runs, and nothing but the script decides how.

mod script;
mod server;

pub use script::{BEFORE, End, MARK, Script};
pub use server::Server;

use super::super::failure::Failure;
use super::super::progress::Waiting;
use super::{Connection, Progress, Sending, Then};
use crate::clock::Clock;
use crate::outcome::Outcome;
use crate::pacer::Pacer;
use crate::transport::{ConnectionCounters, outcome_of};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// The longest time without a byte.
const READ_TIMEOUT: Duration = Duration::from_secs(1);

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
        let waiting = Waiting {
            read_timeout: Some(READ_TIMEOUT),
            pacer: &self.pacer,
        };
        let sending = Sending::new(b"GET / HTTP/1.1\r\n\r\n", bodiless, waiting);
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
