//! Panics: an error of this program, in whatever thread. The terminal is given back, the message comes after that on stderr,
//! and the run ends in good order: what was asked for is saved, and the exit code is 101.
//!
//! A hook is the only place that learns of all of them: tokio catches those of its tasks, and a run that has silently lost a
//! user or its figures must not go on as if nothing had happened. Of the saver's thread alone no figure depends.

use super::saver;
use crate::outbox;
use crate::text;
use crate::tui;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

/// The most messages that are kept until the terminal is free; and the longest line of one.
const MOST: (usize, usize) = (20, 400);

static NOTED: Mutex<Noted> = Mutex::new(Noted {
    waiting: Vec::new(),
    fatal: None,
    on_fatal: None,
});

#[derive(Default)]
struct Noted {
    /// Messages that would be drawn over now.
    waiting: Vec<String>,
    /// The first panic after which the run cannot go on, in one line.
    fatal: Option<String>,
    on_fatal: Option<Box<dyn Fn() + Send>>,
}

/// From now on panics are noted. `act` is called at each one after which the run cannot go on, at once if one has been.
pub(super) fn watch(act: impl Fn() + Send + 'static) {
    let mut noted = noted();
    if noted.fatal.is_some() {
        act();
    }
    noted.on_fatal = Some(Box::new(act));
}

/// Takes the place of Rust's own message.
pub(super) fn catch() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| panic::set_hook(Box::new(note)));
}

/// The first panic after which the run cannot go on, in one line.
pub(super) fn fatal() -> Option<String> {
    noted().fatal.clone()
}

/// Says what could not be said while the screen was shown.
pub(super) fn tell() {
    let waiting = std::mem::take(&mut noted().waiting);
    for message in waiting {
        say(&message);
    }
}

fn note(info: &PanicHookInfo<'_>) {
    let thread = thread::current();
    let name = thread.name().unwrap_or("without a name");
    let message = message(name, &info.to_string(), &Backtrace::capture());
    if tui::free_terminal() {
        say(&message);
    } else {
        let waiting = &mut noted().waiting;
        if waiting.len() < MOST.0 {
            waiting.push(message.clone());
        }
    }
    if name == saver::THREAD {
        return;
    }
    let mut noted = noted();
    noted.fatal.get_or_insert_with(|| in_one_line(&message));
    if let Some(act) = &noted.on_fatal {
        act();
    }
}

/// What went wrong, with the way there if the user has asked for it. It may hold what a server has sent.
fn message(thread: &str, what: &str, way: &Backtrace) -> String {
    let mut text = format!("internal error: thread {thread} {what}");
    if way.status() == BacktraceStatus::Captured {
        text.push_str(&format!("\n{way}"));
    }
    let lines: Vec<String> = text
        .lines()
        .map(|line| text::printable(line, MOST.1))
        .collect();
    lines.join("\n")
}

/// `internal error: thread load-0 panicked at src/load/lane.rs:17:5: what it said`
fn in_one_line(message: &str) -> String {
    let lines: Vec<&str> = message.lines().take(2).collect();
    lines.join(" ")
}

fn say(message: &str) {
    let _ = outbox::say(std::io::stderr(), &format!("dragstrip: {message}\n"));
}

fn noted() -> MutexGuard<'static, Noted> {
    NOTED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_printable_and_its_first_words_are_one_line() {
        let what = "panicked at src/x.rs:1:2:\nno \u{1b}[31mslot";
        let text = message("load-0", what, &Backtrace::disabled());
        assert!(!text.contains('\u{1b}'));
        let line = in_one_line(&text);
        assert!(
            line.starts_with("internal error: thread load-0 panicked at src/x.rs:1:2: no "),
            "{line}"
        );
    }
}
