//! The terminal: taken when a [`Terminal`] is made, given back when it is dropped, also by a panic.
//!
//! Each frame goes out between the marks of a synchronized update, so that terminals that know them never show half a frame.

use super::input::Input;
use super::run::Console;
use super::{App, view};
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::Event;
use crossterm::style::ResetColor;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// True while a [`Terminal`] holds the alternate screen.
static ALTERNATE: AtomicBool = AtomicBool::new(false);
/// The thread that holds the terminal.
static HOLDER: Mutex<Option<ThreadId>> = Mutex::new(None);
/// Messages of panics in other threads, kept until the terminal is free again.
static DEFERRED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The process's terminal in raw mode, with a hidden cursor.
pub(super) struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<Synchronized<Stdout>>>,
    input: Input,
}

impl Terminal {
    /// Takes the terminal.
    pub(super) fn open(alternate: bool) -> io::Result<Terminal> {
        install_hook();
        let backend = CrosstermBackend::new(Synchronized::new(stdout()));
        let inner = ratatui::Terminal::new(backend)?;
        let input = Input::start()?;
        enable_raw_mode()?;
        ALTERNATE.store(alternate, Ordering::Relaxed);
        *HOLDER.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        // From here on everything is undone when this is dropped.
        let terminal = Terminal { inner, input };
        let mut out = stdout();
        if alternate {
            execute!(out, EnterAlternateScreen)?;
        } else {
            // Scroll what is on the screen into the history rather than draw over it.
            let (_, rows) = size()?;
            out.write_all("\r\n".repeat(usize::from(rows)).as_bytes())?;
            execute!(out, MoveTo(0, 0))?;
        }
        execute!(out, Hide)?;
        Ok(terminal)
    }
}

impl Console for Terminal {
    fn draw(&mut self, app: &App) -> io::Result<()> {
        self.inner
            .draw(|frame| view::draw(app, frame.area(), frame.buffer_mut()))
            .map(|_| ())
    }

    fn event(&mut self, wait: Duration) -> io::Result<Option<Event>> {
        self.input.next(wait)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // What was not written by now is of no use on the screen that comes back.
        let _ = self.inner.backend_mut().flush();
        restore();
        let deferred =
            std::mem::take(&mut *DEFERRED.lock().unwrap_or_else(PoisonError::into_inner));
        for message in deferred {
            let _ = writeln!(io::stderr(), "{message}");
        }
    }
}

/// Gives the terminal back, if it is held. Errors are ignored: there is nobody left to tell.
fn restore() {
    let held = HOLDER
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
        .is_some();
    if !held {
        return;
    }
    let mut out = stdout();
    let _ = queue!(out, EndSynchronizedUpdate, ResetColor);
    if ALTERNATE.load(Ordering::Relaxed) {
        let _ = queue!(out, LeaveAlternateScreen);
    } else {
        let rows = size().map_or(1, |(_, rows)| rows);
        let _ = queue!(out, MoveTo(0, rows.saturating_sub(1)));
        let _ = out.write_all(b"\r\n");
    }
    let _ = execute!(out, Show);
    let _ = disable_raw_mode();
}

/// Puts a hook before the present one: a panic of the screen gives the terminal back before it is reported; one of another
/// thread is reported when the screen ends, because now it would only be drawn over.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let holder = *HOLDER.lock().unwrap_or_else(PoisonError::into_inner);
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
