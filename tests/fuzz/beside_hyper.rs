//! The direct engine beside hyper's client: the same bytes in the same pieces, and both must see the same outcome, the same
//! status, as many bytes of a body, and a connection that can or cannot be used again. The exceptions are those of the table
//! in tests/it/behaviours.
//!
//! ```sh
//! RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none beside_hyper \
//!     tests/fuzz/corpus/beside_hyper tests/fuzz/seeds -- -max_total_time=600
//! ```
//!
//! 7 million runs have been done since the last finding. What it has found: a length that is none refused where no body was to
//! come, trailers that are no header fields taken, a status below 100 taken for that of an interim answer.
#![no_main]

use dragstrip::outcome::Outcome;
use dragstrip::transport::played::{Player, Script, Seen, Server};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use libfuzzer_sys::fuzz_target;
use std::cell::{Cell, OnceCell};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

thread_local! {
    static PLAYER: OnceCell<Player> = const { OnceCell::new() };
}

fuzz_target!(|bytes: &[u8]| {
    let Some(script) = Script::of(bytes) else {
        return;
    };
    if script.early || script.endless > 0 {
        return;
    }
    let ours = PLAYER.with(|player| player.get_or_init(Player::default).play(&script).seen);
    let theirs = hyper(&script);
    let agree = |(a, b): (&Seen, &Seen)| a.agrees(b) || sees_sooner(a, b);
    let agree = ours.len() == theirs.len() && ours.iter().zip(&theirs).all(agree);
    assert!(
        agree || may_differ(&script, &ours),
        "{}\nours:    {ours:?}\nhyper's: {theirs:?}",
        bytes.escape_ascii()
    );
});

/// Whether the engine saw a broken body at once where hyper waited for more of it.
fn sees_sooner(ours: &Seen, theirs: &Seen) -> bool {
    let (ended, waited) = (ours.outcome, theirs.outcome);
    let same = (ours.status, ours.bytes) == (theirs.status, theirs.bytes);
    same && ended == Outcome::Body && waited == Outcome::Timeout
}

/// What hyper takes and the engine does not: chunk sizes with many zeros before them, and a line feed alone among trailers,
/// where it is not one too many for hyper's count of them. And hyper has a limit for the number of trailers, the engine one
/// for their size.
fn may_differ(script: &Script<'_>, ours: &[Seen]) -> bool {
    let found = |wanted: fn(&[u8]) -> bool, size| {
        let mut answers = script.answers.iter();
        answers.any(|answer| answer.windows(size).any(wanted))
    };
    let broken = ours
        .last()
        .is_some_and(|seen| seen.outcome == Outcome::Body);
    let bare = |part: &[u8]| part[1] == b'\n' && part[0] != b'\r';
    let zeros = |part: &[u8]| part.iter().all(|byte| *byte == b'0');
    let lines = |answer: &&[u8]| answer.iter().filter(|byte| **byte == b'\n').count();
    broken && (found(zeros, 17) || found(bare, 2))
        || script.answers.iter().any(|answer| lines(answer) > 100)
}

type Connection<'a> = http1::Connection<TokioIo<Server<'a>>, Empty<&'static [u8]>>;

/// What hyper makes of it.
fn hyper(script: &Script<'_>) -> Vec<Seen> {
    let mut driver = Driver::default();
    let io = TokioIo::new(Server::new(script));
    let Some(Ok((mut sender, connection))) = driver.run(http1::handshake(io)) else {
        unreachable!("hyper says nothing before it has a request");
    };
    driver.connection = Some(connection);
    let mut seen = Vec::new();
    for _ in &script.answers {
        let known = Cell::new(UNKNOWN);
        let ended = driver.run(exchange(&mut sender, script.bodiless, &known));
        let mut one = known.get();
        if ended.is_some() {
            let ready = driver.run(poll_fn(|cx| sender.poll_ready(cx)));
            // It may have said so before it looked at what has come.
            driver.run(std::future::pending::<()>());
            one.reusable = matches!(ready, Some(Ok(()))) && sender.is_ready();
        }
        seen.push(one);
        if !one.reusable {
            break;
        }
    }
    seen
}

const UNKNOWN: Seen = Seen {
    outcome: Outcome::Timeout,
    status: 0,
    bytes: 0,
    reusable: false,
};

/// One exchange; what it comes to stands in `known`.
async fn exchange(
    sender: &mut SendRequest<Empty<&'static [u8]>>,
    bodiless: bool,
    known: &Cell<Seen>,
) {
    let mut seen = UNKNOWN;
    let mut know = |outcome, status, bytes| {
        seen.outcome = outcome;
        seen.status = status;
        seen.bytes += bytes;
        known.set(seen);
    };
    let mut request = Request::new(Empty::new());
    if bodiless {
        *request.method_mut() = Method::HEAD;
    }
    let Ok(mut answer) = sender.send_request(request).await else {
        return know(Outcome::Protocol, 0, 0);
    };
    let status = answer.status().as_u16();
    know(Outcome::Timeout, status, 0);
    while let Some(frame) = answer.frame().await {
        let Ok(frame) = frame else {
            return know(Outcome::Body, status, 0);
        };
        let bytes = frame.data_ref().map_or(0, |data| data.len());
        know(Outcome::Timeout, status, bytes as u64);
    }
    let outcome = if answer.status().is_success() {
        Outcome::Ok
    } else {
        Outcome::Http(status)
    };
    know(outcome, status, 0);
}

/// Runs hyper's connection and whoever uses it, in turns.
#[derive(Default)]
struct Driver<'a> {
    called: Arc<Called>,
    connection: Option<Connection<'a>>,
}

impl Driver<'_> {
    /// What comes of `future`; `None` if it waits for what never comes.
    fn run<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let waker = Waker::from(Arc::clone(&self.called));
        let mut cx = Context::from_waker(&waker);
        loop {
            self.called.0.store(false, Ordering::Relaxed);
            if let Poll::Ready(ended) = future.as_mut().poll(&mut cx) {
                return Some(ended);
            }
            if let Some(connection) = &mut self.connection
                && Pin::new(connection).poll(&mut cx).is_ready()
            {
                self.connection = None;
            } else if !self.called.0.load(Ordering::Relaxed) {
                return None;
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
