//! The terminal: taken when a [`Terminal`] is made, given back when it is dropped, also by a panic.
//!
//! Nothing here waits long for the terminal: what it is sent goes through an [`Outbox`], and one that does not take it is
//! left as it is after a moment. Each frame goes out between the marks of a synchronized update, so that terminals that know them never show half a frame.

use super::background::{Background, QUESTION};
use super::input::Input;
use super::run::Console;
use super::{App, view};
use crate::cpu::CpuProbe;
use crate::outbox::{self, Outbox};
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::Event;
use crossterm::queue;
use crossterm::style::ResetColor;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode, size,
};
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, Write, stderr, stdout};
use std::panic;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// How long a terminal may take to be given back.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long the first frame waits for the terminal to tell its background.
const ANSWER: Duration = Duration::from_millis(150);

/// The terminal while it is held.
static HELD: Mutex<Option<Held>> = Mutex::new(None);
/// Messages of panics in other threads, kept until the terminal is free again.
static DEFERRED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Held {
    by: ThreadId,
    out: Arc<Outbox>,
    alternate: bool,
}

/// The process's terminal in raw mode, with a hidden cursor.
pub(super) struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<Synchronized<Sending>>>,
    out: Arc<Outbox>,
    input: Input,
}

impl Terminal {
    /// Takes the terminal. `cpu` is the account of what writing costs.
    pub(super) fn open(alternate: bool, cpu: CpuProbe) -> io::Result<Terminal> {
        install_hook();
        let out = Arc::new(Outbox::start(stdout(), move || cpu.publish())?);
        let backend = CrosstermBackend::new(Synchronized::new(Sending(Arc::clone(&out))));
        let inner = ratatui::Terminal::new(backend)?;
        let input = Input::start()?;
        enable_raw_mode()?;
        *HELD.lock().unwrap_or_else(PoisonError::into_inner) = Some(Held {
            by: thread::current().id(),
            out: Arc::clone(&out),
            alternate,
        });
        // From here on everything is undone when this is dropped.
        let terminal = Terminal { inner, out, input };
        let mut first = Vec::new();
        if alternate {
            queue!(first, EnterAlternateScreen)?;
        } else {
            // Scroll what is on the screen into the history rather than draw over it.
            let (_, rows) = size()?;
            first.extend("\r\n".repeat(usize::from(rows)).bytes());
            queue!(first, MoveTo(0, 0))?;
        }
        queue!(first, Hide)?;
        terminal.out.put(&first);
        Ok(terminal)
    }

    /// Asks the terminal for its background; `None` if it does not tell in time.
    pub(super) fn background(&mut self) -> Option<Background> {
        self.out.put(QUESTION);
        self.input.background(ANSWER)
    }
}

impl Console for Terminal {
    fn draw(&mut self, app: &App) -> io::Result<()> {
        self.inner
            .draw(|frame| view::draw(app, frame.area(), frame.buffer_mut()))
            .map(|_| ())
    }

    fn is_busy(&mut self) -> io::Result<bool> {
        self.out.is_empty().map(|empty| !empty)
    }

    fn event(&mut self, wait: Duration) -> io::Result<Option<Event>> {
        self.input.next(wait)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.inner.backend_mut().flush();
        restore();
        let deferred =
            std::mem::take(&mut *DEFERRED.lock().unwrap_or_else(PoisonError::into_inner));
        for message in deferred {
            let _ = outbox::say(stderr(), &format!("{message}\n"));
        }
    }
}

/// Gives the terminal back, if it is held and takes it. Errors are ignored: there is nobody left to tell.
fn restore() {
    let held = HELD.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(Held { out, alternate, .. }) = held else {
        return;
    };
    // Without an alternate screen the last frame stays to be read. With one, what has not gone out is of no use any more; a
    // sequence that is cut off there is ended by the next.
    if alternate || !out.settle(PATIENCE, PATIENCE).unwrap_or(false) {
        out.clear();
    }
    let mut last = Vec::new();
    let _ = queue!(last, EndSynchronizedUpdate, ResetColor);
    if alternate {
        let _ = queue!(last, LeaveAlternateScreen);
    } else {
        let rows = size().map_or(1, |(_, rows)| rows);
        let _ = queue!(last, MoveTo(0, rows.saturating_sub(1)));
        last.extend(b"\r\n");
    }
    let _ = queue!(last, Show);
    out.put(&last);
    let _ = out.settle(PATIENCE, PATIENCE);
    let _ = disable_raw_mode();
}

/// Puts a hook before the present one: a panic of the screen gives the terminal back before it is reported; one of another
/// thread is reported when the screen ends, because now it would only be drawn over.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let holder = HELD
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .as_ref()
                .map(|held| held.by);
            match holder {
                Some(id) if id != thread::current().id() => DEFERRED
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(info.to_string()),
                _ => {
                    restore();
                    next(info);
                }
            }
        }));
    });
}

/// The way into an outbox.
struct Sending(Arc<Outbox>);

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer that opens a synchronized update at the first byte and closes it when it is flushed.
struct Synchronized<W: Write> {
    out: BufWriter<W>,
    open: bool,
}

impl<W: Write> Synchronized<W> {
    fn new(out: W) -> Self {
        Synchronized {
            // A whole frame at 160 × 48 fits, so that it goes out in one piece.
            out: BufWriter::with_capacity(1 << 16, out),
            open: false,
        }
    }
}

impl<W: Write> Write for Synchronized<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.open {
            self.open = true;
            queue!(self.out, BeginSynchronizedUpdate)?;
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.open {
            self.open = false;
            queue!(self.out, EndSynchronizedUpdate)?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn a_frame_is_one_synchronized_update() {
        let mut bytes = Vec::new();
        let mut writer = Synchronized::new(&mut bytes);
        writer.flush().unwrap();
        writer.write_all(b"one ").unwrap();
        writer.write_all(b"frame").unwrap();
        writer.flush().unwrap();
        writer.flush().unwrap();
        drop(writer);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "\u{1b}[?2026hone frame\u{1b}[?2026l"
        );
    }
}
