//! Writing to a terminal that may not take what it is given.
//!
//! When nobody reads the other end of a terminal (a window that has been stopped, a connection that hangs), a write to it
//! waits for as long as that lasts, perhaps for ever. An [`Outbox`] waits on a thread of its own, so that whoever has
//! something to show goes on, and a run ends when it should, saved and with the right exit code.
//!
//! What holds always: what is put in goes out in order, nothing here waits longer than it was told to, and an outbox that
//! is dropped still delivers what it holds, if the process lives so long.

use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes that are written at once: the most that a slow terminal is still to take after [`Outbox::clear`].
const PIECE: usize = 1024;

/// How long [`say`] waits for a terminal that takes nothing, and how long in all.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

/// Bytes on their way to a terminal.
#[derive(Debug)]
pub struct Outbox(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<u8>,
    /// A piece is being written.
    writing: bool,
    /// Pieces written so far.
    written: u64,
    failed: Option<io::Error>,
    closed: bool,
}

impl State {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && !self.writing
    }
}

impl Outbox {
    /// Everything that is put in goes to `out`. `after` is called on the writing thread after each piece.
    pub fn start(
        out: impl Write + Send + 'static,
        after: impl Fn() + Send + 'static,
    ) -> io::Result<Outbox> {
        let shared = Arc::<Shared>::default();
        let delivering = Arc::clone(&shared);
        // Never joined: it may be waiting for ever, and then ends with the process.
        std::thread::Builder::new()
            .name("outbox".to_owned())
            .spawn(move || deliver(&delivering, out, after))?;
        Ok(Outbox(shared))
    }

    /// Hands in `bytes`.
    pub fn put(&self, bytes: &[u8]) {
        self.0.lock().waiting.extend(bytes);
        self.0.changed.notify_all();
    }

    /// Drops what is not being written already.
    pub fn clear(&self) {
        self.0.lock().waiting.clear();
    }

    /// Whether everything has gone out; the error, once, if something could not.
    pub fn is_empty(&self) -> io::Result<bool> {
        let mut state = self.0.lock();
        match state.failed.take() {
            Some(error) => Err(error),
            None => Ok(state.is_empty()),
        }
    }

    /// Waits until everything has gone out, or nothing for `patience`, or for `most` in all. True if everything has.
    pub fn settle(&self, patience: Duration, most: Duration) -> io::Result<bool> {
        let end = Instant::now() + most;
        let mut state = self.0.lock();
        while state.failed.is_none() && !state.is_empty() {
            let written = state.written;
            let wait = patience.min(end.saturating_duration_since(Instant::now()));
            let still = |state: &mut State| !state.is_empty() && state.written == written;
            let (next, waited) = self
                .0
                .changed
                .wait_timeout_while(state, wait, still)
                .unwrap_or_else(PoisonError::into_inner);
            state = next;
            if waited.timed_out() {
                break;
            }
        }
        match state.failed.take() {
            Some(error) => Err(error),
            None => Ok(state.is_empty()),
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn deliver(shared: &Shared, mut out: impl Write, after: impl Fn()) {
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let mut state = shared
            .changed
            .wait_while(shared.lock(), |state| {
                state.waiting.is_empty() && !state.closed
            })
            .unwrap_or_else(PoisonError::into_inner);
        if state.waiting.is_empty() {
            return;
        }
        let length = state.waiting.len().min(PIECE);
        piece.clear();
        piece.extend(state.waiting.drain(..length));
        state.writing = true;
        drop(state);
        let result = out.write_all(&piece).and_then(|()| out.flush());
        after();
        let mut state = shared.lock();
        state.writing = false;
        state.written += 1;
        if let Err(error) = result {
            state.waiting.clear();
            state.failed = Some(error);
        }
        shared.changed.notify_all();
    }
}

/// Writes `text`, whole: to a terminal for as long as it takes anything, to all else however long that lasts. That a
/// terminal takes nothing is no error: nobody is looking.
pub fn say(mut out: impl Write + IsTerminal + Send + 'static, text: &str) -> io::Result<()> {
    if !out.is_terminal() {
        return out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
    let outbox = Outbox::start(out, || ())?;
    outbox.put(text.as_bytes());
    outbox.settle(PATIENCE.0, PATIENCE.1).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    const LONG: Duration = Duration::from_secs(30);

    /// Takes a piece each time it is told to, and hands it on.
    struct Slow(Receiver<io::Result<()>>, Sender<Vec<u8>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.recv().map_err(io::Error::other)??;
            self.1.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Outbox, Sender<io::Result<()>>, Receiver<Vec<u8>>) {
        let ((go, gone), (took, taken)) = (channel(), channel());
        let outbox = Outbox::start(Slow(gone, took), || ()).expect("a thread");
        (outbox, go, taken)
    }

    #[test]
    fn everything_goes_out_in_order_also_after_it_is_dropped() {
        let (outbox, go, taken) = slow();
        outbox.put(&[1; PIECE]);
        outbox.put(&[2; PIECE]);
        drop(outbox);
        for expected in [1, 2] {
            go.send(Ok(())).expect("it waits");
            assert_eq!(
                taken.recv_timeout(LONG).expect("a piece"),
                [expected; PIECE]
            );
        }
    }

    #[test]
    fn nobody_waits_for_what_is_not_taken_and_the_rest_can_be_dropped() {
        let (outbox, go, taken) = slow();
        assert!(outbox.is_empty().expect("no error"));
        outbox.put(&[1; 3 * PIECE]);
        let short = Duration::from_millis(20);
        assert!(!outbox.settle(short, LONG).expect("no error"));
        assert!(!outbox.settle(LONG, short).expect("no error"));
        outbox.clear();
        outbox.put(b"end");
        // One piece was on its way already; of the others nothing comes.
        go.send(Ok(())).expect("it waits");
        go.send(Ok(())).expect("it waits");
        assert!(outbox.settle(LONG, LONG).expect("no error"));
        assert_eq!(taken.recv().expect("a piece"), [1; PIECE]);
        assert_eq!(taken.recv().expect("a piece"), b"end");
    }

    #[test]
    fn an_error_is_told_once() {
        let (outbox, go, _taken) = slow();
        outbox.put(b"x");
        go.send(Err(io::ErrorKind::BrokenPipe.into()))
            .expect("it waits");
        let error = outbox.settle(LONG, LONG).expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert!(outbox.is_empty().expect("told already"));
    }
}
