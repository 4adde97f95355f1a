//! The terminal: taken when a [`Terminal`] is made, given back when it is dropped, also by a panic, and in between while the
//! program is stopped or in the background.
//!
//! Nothing here waits long for the terminal: what it is sent goes through an [`Outbox`], and one that does not take it is
//! left as it is after a moment.

use super::background::{Background, QUESTION};
use super::input::Input;
use super::job::Job;
use super::picture::Picture;
use super::run::Console;
use super::{App, Places, view};
use crate::cpu::CpuProbe;
use crate::outbox::Outbox;
use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, Event,
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use crossterm::queue;
use crossterm::style::ResetColor;
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use std::io::{self, Write, stdout};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// How long a terminal may take to be given back.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long the first frame waits for the terminal to tell its background.
const ANSWER: Duration = Duration::from_millis(150);

/// The terminal while it is held.
static HELD: Mutex<Option<Held>> = Mutex::new(None);

struct Held {
    by: ThreadId,
    out: Arc<Outbox>,
    modes: Modes,
}

/// What is asked of the terminal besides raw mode, a hidden cursor and marks around what is pasted, without which a pasted
/// text would act as keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Modes {
    /// A screen of its own, so that what the terminal showed before comes back. Otherwise the picture follows what is there.
    pub(super) alternate: bool,
    /// Clicks and the wheel are events.
    pub(super) mouse: bool,
}

impl Modes {
    /// What begins them.
    fn begin(self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if self.alternate {
            queue!(bytes, EnterAlternateScreen)?;
        } else {
            // The picture begins on a line of its own.
            bytes.extend(b"\r\n");
        }
        queue!(bytes, Hide, EnableBracketedPaste)?;
        if self.mouse {
            queue!(bytes, EnableMouseCapture)?;
        }
        Ok(bytes)
    }

    /// What ends them on a terminal of so many rows, wherever it was left in the middle of a frame.
    fn end(self, rows: u16) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        queue!(bytes, EndSynchronizedUpdate, ResetColor)?;
        if self.mouse {
            queue!(bytes, DisableMouseCapture)?;
        }
        queue!(bytes, DisableBracketedPaste)?;
        if self.alternate {
            queue!(bytes, LeaveAlternateScreen)?;
        } else {
            queue!(bytes, MoveTo(0, rows.saturating_sub(1)))?;
            bytes.extend(b"\r\n");
        }
        queue!(bytes, Show)?;
        Ok(bytes)
    }
}

/// The process's terminal in raw mode, with a hidden cursor.
pub(super) struct Terminal {
    picture: Picture<Sending>,
    out: Arc<Outbox>,
    input: Input,
    modes: Modes,
    job: Job,
    /// It belongs to somebody else now: the program has been stopped, or runs in the background.
    away: bool,
}

impl Terminal {
    /// Takes the terminal, or waits for it if it is somebody else's now. `cpu` is the account of what writing costs.
    pub(super) fn open(modes: Modes, cpu: CpuProbe) -> io::Result<Terminal> {
        let out = Arc::new(Outbox::start(stdout(), move || cpu.publish())?);
        let job = Job::follow()?;
        let picture = Picture::new(Sending(Arc::clone(&out)), !modes.alternate);
        let mut terminal = Terminal {
            picture,
            out,
            input: Input::start()?,
            modes,
            job,
            away: true,
        };
        terminal.come_back()?;
        Ok(terminal)
    }

    /// Takes the terminal, if it is not somebody else's.
    fn come_back(&mut self) -> io::Result<()> {
        self.away = !Job::in_foreground();
        self.input.hold(self.away);
        if self.away {
            // Whoever has it now has found his own way to it.
            *held() = None;
            return Ok(());
        }
        // Who stopped the program may have changed its settings, and crossterm believes what it has set itself.
        disable_raw_mode()?;
        enable_raw_mode().map_err(|error| {
            let text = format!("no keys can be read from it, and --headless needs none: {error}");
            io::Error::new(error.kind(), text)
        })?;
        // From here on everything is undone when this is dropped, or by a panic.
        *held() = Some(Held {
            by: thread::current().id(),
            out: Arc::clone(&self.out),
            modes: self.modes,
        });
        self.out.put(&self.modes.begin()?);
        self.picture.forget();
        Ok(())
    }

    /// Gives the terminal back and stops, until somebody continues the program.
    fn stop(&mut self, all: bool) {
        if !Job::can_stop() {
            return;
        }
        self.input.hold(true);
        give_back();
        self.away = true;
        self.job.stop(all);
    }

    /// Asks the terminal for its background; `None` if it does not tell in time.
    pub(super) fn background(&mut self) -> Option<Background> {
        if self.away {
            return None;
        }
        self.out.put(QUESTION);
        self.input.background(ANSWER)
    }
}

impl Console for Terminal {
    fn draw(&mut self, app: &App) -> io::Result<Places> {
        self.picture
            .draw(size()?, |area, buffer| view::draw(app, area, buffer))
    }

    fn redraw(&mut self) {
        self.picture.forget();
    }

    fn copy(&mut self, text: &str) {
        let mut bytes = Vec::new();
        if queue!(bytes, CopyToClipboard::to_clipboard_from(text)).is_ok() {
            self.out.put(&bytes);
        }
    }

    fn is_busy(&mut self) -> io::Result<bool> {
        self.out.is_empty().map(|empty| !empty || self.away)
    }

    fn event(&mut self, wait: Duration) -> io::Result<Option<Event>> {
        if self.job.was_asked_to_stop() {
            self.stop(false);
        }
        if self.job.was_continued() || (self.away && Job::in_foreground()) {
            self.come_back()?;
            // Draws anew, and for the size that it has now.
            let (columns, rows) = size()?;
            return Ok(Some(Event::Resize(columns, rows)));
        }
        match self.input.next(wait)? {
            Some(event) if is_stop(&event) => {
                self.stop(true);
                Ok(None)
            }
            event => Ok(event),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Ctrl-Z, which in raw mode is a key like others.
fn is_stop(event: &Event) -> bool {
    matches!(
        event,
        Event::Key(KeyEvent { code: KeyCode::Char('z'), modifiers, kind, .. })
            if *modifiers == KeyModifiers::CONTROL && *kind != KeyEventKind::Release
    )
}

/// For a panic hook: gives the terminal back if the present thread holds it. False if another thread does, which will give it
/// back when it ends: what is written now would be drawn over.
pub fn free_terminal() -> bool {
    let holder = held().as_ref().map(|held| held.by);
    match holder {
        None => true,
        Some(id) if id == thread::current().id() => {
            give_back();
            true
        }
        Some(_) => false,
    }
}

fn held() -> MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the terminal back, if it is held and takes it. Errors are ignored: there is nobody left to tell.
fn give_back() {
    let taken = held().take();
    let Some(Held { out, modes, .. }) = taken else {
        return;
    };
    // Without an alternate screen the last frame stays to be read. With one, what has not gone out is of no use any more; a
    // sequence that is cut off there is ended by the next.
    if modes.alternate || !out.settle(PATIENCE, PATIENCE).unwrap_or(false) {
        out.clear();
    }
    let rows = size().map_or(1, |(_, rows)| rows);
    out.put(&modes.end(rows).unwrap_or_default());
    let _ = out.settle(PATIENCE, PATIENCE);
    let _ = disable_raw_mode();
}

/// Columns and rows of the terminal that is drawn on, as it says.
#[cfg(unix)]
fn size() -> io::Result<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(stdout())?;
    Ok((size.ws_col, size.ws_row))
}

#[cfg(not(unix))]
fn size() -> io::Result<(u16, u16)> {
    crossterm::terminal::size()
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZero;

    #[test]
    fn every_mode_that_begins_ends() {
        for (alternate, mouse) in [(true, true), (true, false), (false, true), (false, false)] {
            let modes = Modes { alternate, mouse };
            let size = NonZero::new(10).unwrap();
            let mut terminal = vt100::Parser::new(size, size, 0);
            let seen = |terminal: &vt100::Parser| {
                let screen = terminal.screen();
                let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
                (
                    screen.alternate_screen(),
                    mouse,
                    screen.bracketed_paste(),
                    screen.hide_cursor(),
                )
            };
            terminal.process(&modes.begin().unwrap());
            assert_eq!(seen(&terminal), (alternate, mouse, true, true));
            terminal.process(&modes.end(10).unwrap());
            assert_eq!(seen(&terminal), (false, false, false, false));
        }
    }

    #[test]
    fn control_z_stops_and_no_other_key_does() {
        let key = |code, modifiers| Event::Key(KeyEvent::new(code, modifiers));
        assert!(is_stop(&key(KeyCode::Char('z'), KeyModifiers::CONTROL)));
        assert!(!is_stop(&key(KeyCode::Char('z'), KeyModifiers::NONE)));
        assert!(!is_stop(&key(KeyCode::Char('c'), KeyModifiers::CONTROL)));
        assert!(!is_stop(&Event::Paste("\u{1a}".to_owned())));
    }
}
