//! What is learnt of a connection while it is being made, and whether a request has just made one.
//!
//! The engine keeps its connections to itself: nothing of what a resolver, a certificate verifier or a cipher suite sees can
//! be handed to whoever counts connections. But all of them run inside the poll of the attempt to connect. So that attempt's
//! notes lie in a place of the thread while it is polled, and are taken away again when the poll ends: attempts that take
//! turns on a thread never see each other's.

use crate::clock::{Clock, Tick};
use rustls::CipherSuite;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::time::Duration;

/// What is learnt of one attempt to connect.
#[derive(Debug)]
pub(super) struct Notes {
    clock: Clock,
    /// How long the look-up of its name took, if there was one.
    pub(super) dns: Option<Duration>,
    /// When TLS began.
    pub(super) handshake: Option<Tick>,
    /// The version of TLS and the cipher suite that were agreed on.
    pub(super) suite: Option<(&'static str, CipherSuite)>,
    /// The server has shown its certificate: no session was resumed.
    pub(super) certificate: bool,
}

thread_local! {
    static ATTEMPT: RefCell<Option<Notes>> = const { RefCell::new(None) };
    static OPENED: Cell<bool> = const { Cell::new(false) };
    static CONNECTING: Cell<bool> = const { Cell::new(false) };
}

/// Notes something about the attempt that is being polled; without one, nothing.
pub(super) fn note(write: impl FnOnce(&mut Notes)) {
    ATTEMPT.with_borrow_mut(|notes| {
        if let Some(notes) = notes {
            write(notes);
        }
    });
}

/// Notes that TLS begins. A second handshake inside the first, with the target behind an https proxy, is part of it.
pub(super) fn note_handshake() {
    note(|notes| {
        if notes.handshake.is_none() {
            notes.handshake = Some(notes.clock.now());
        }
    });
}

impl Notes {
    pub(super) fn new(clock: Clock) -> Notes {
        Notes {
            clock,
            dns: None,
            handshake: None,
            suite: None,
            certificate: false,
        }
    }
}

/// Does one step of an attempt to connect, and notes what is learnt in it.
#[cfg(feature = "http3")]
pub(super) fn during<T>(notes: &mut Notes, step: impl FnOnce() -> T) -> T {
    let fresh = Notes::new(notes.clock.clone());
    let around = ATTEMPT.replace(Some(std::mem::replace(notes, fresh)));
    let done = step();
    if let Some(noted) = ATTEMPT.replace(around) {
        *notes = noted;
    }
    done
}

/// Runs an attempt to connect, and tells what was noted meanwhile.
pub(super) async fn noted<F: Future>(clock: Clock, attempt: F) -> (F::Output, Notes) {
    let mut attempt = pin!(attempt);
    let mut notes = Some(Notes::new(clock));
    let output = poll_fn(|cx| {
        let around = ATTEMPT.replace(notes.take());
        let polled = attempt.as_mut().poll(cx);
        notes = ATTEMPT.replace(around);
        polled
    })
    .await;
    match notes {
        Some(notes) => (output, notes),
        None => unreachable!("put back after every poll"),
    }
}

/// A connection is complete, inside the request that asked for it if one is being polled.
pub(super) fn opened() {
    OPENED.set(true);
}

/// Runs a request until the head of its answer, and tells whether it has made its own connection.
///
/// A connection that was begun for another request, or for this one while another became free, is completed elsewhere: then
/// this request has not made its connection, though it may be the first to use it.
pub(crate) async fn watched<F: Future>(request: F) -> (F::Output, bool) {
    let mut request = pin!(request);
    let mut opened = false;
    let output = poll_fn(|cx| {
        let around = OPENED.replace(opened);
        let polled = request.as_mut().poll(cx);
        opened = OPENED.replace(around);
        polled
    })
    .await;
    (output, opened)
}

/// Runs what a request needs a connection of its own for, to the moment at which it has one. A request that was polled last
/// inside of this waits for that connection, and has no other. Pinned by whoever calls: a future that is handed over takes its
/// place in memory twice.
pub(super) async fn connecting<F: Future>(mut attempt: Pin<&mut F>) -> F::Output {
    poll_fn(|cx| {
        let polled = attempt.as_mut().poll(cx);
        CONNECTING.set(polled.is_pending());
        polled
    })
    .await
}

/// Runs a request; `waits` says from each poll to the next whether it is still without a connection, as far as is known.
pub(crate) async fn following<F: Future>(
    mut request: Pin<&mut F>,
    waits: &Cell<bool>,
) -> F::Output {
    poll_fn(|cx| {
        let around = CONNECTING.replace(false);
        let polled = request.as_mut().poll(cx);
        waits.set(CONNECTING.replace(around));
        polled
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Waker};
    use tokio::task::yield_now;

    #[tokio::test]
    async fn attempts_that_take_turns_have_their_own_notes() {
        let attempt = |ms: u64| async move {
            for _ in 0..3 {
                yield_now().await;
                note(|notes| {
                    let so_far = notes.dns.unwrap_or_default();
                    notes.dns = Some(so_far + Duration::from_millis(ms));
                });
            }
        };
        let (one, two) = tokio::join!(
            noted(Clock::manual(), attempt(1)),
            noted(Clock::manual(), attempt(10)),
        );
        assert_eq!(one.1.dns, Some(Duration::from_millis(3)));
        assert_eq!(two.1.dns, Some(Duration::from_millis(30)));
        // Nobody is there to take it.
        note(|notes| notes.certificate = true);
    }

    #[test]
    fn a_request_that_has_not_ended_waits_for_a_connection_or_for_something_else() {
        let mut context = Context::from_waker(Waker::noop());
        let waits = Cell::new(false);
        let request = pin!(async {
            yield_now().await;
            connecting(pin!(yield_now())).await;
            yield_now().await;
        });
        let mut request = pin!(following(request, &waits));
        let mut waited = Vec::new();
        while request.as_mut().poll(&mut context).is_pending() {
            waited.push(waits.get());
        }
        assert_eq!(waited, [false, true, false]);
    }

    #[test]
    fn a_request_that_has_found_another_connection_no_longer_waits_for_its_own() {
        let mut context = Context::from_waker(Waker::noop());
        let waits = Cell::new(false);
        let never = pin!(std::future::pending::<()>());
        let mut attempt = pin!(connecting(never));
        let request = pin!(async {
            tokio::select! {
                biased;
                () = &mut attempt => {}
                () = yield_now() => {}
            }
            // The attempt goes on elsewhere.
            std::future::pending::<()>().await;
        });
        let mut request = pin!(following(request, &waits));
        let mut waited = Vec::new();
        for _ in 0..2 {
            assert!(request.as_mut().poll(&mut context).is_pending());
            waited.push(waits.get());
        }
        // The second poll has looked at the attempt before the other connection; whoever gives up polls once more.
        assert_eq!(waited, [true, true]);
        assert!(request.as_mut().poll(&mut context).is_pending());
        assert!(!waits.get());
    }

    #[tokio::test]
    async fn a_request_knows_whether_it_has_made_its_connection() {
        let connects = async {
            yield_now().await;
            noted(Clock::manual(), async { opened() }).await;
            yield_now().await;
        };
        let waits = async {
            for _ in 0..4 {
                yield_now().await;
            }
        };
        let (one, two) = tokio::join!(watched(connects), watched(waits));
        assert!(one.1);
        assert!(!two.1);
        opened();
        assert!(!watched(yield_now()).await.1);
    }
}
