//! The main loop: input first, then news, then a frame if anything changed; as many as [`Pace`] allows, and none while the
//! last one is still on its way. Nothing here waits for the terminal, so that keys, signals and the end of the run count
//! whether or not it takes what is drawn.
//!
//! It is generic over the [`Console`] and gets the time from outside, so that tests drive it without a terminal.

use super::app::{Action, App, Effect};
use super::pace::Pace;
use super::{Controls, Exit, Places, Screen, Toast, keys};
use crate::cpu::Work;
use crate::memory;
use crate::metrics::snapshot::NoticeLevel;
use crossterm::event::Event;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait for input before looking for news.
const PATIENCE: Duration = Duration::from_millis(40);
/// How long the last frame of a run may take to be drawn, where the screen ends with the run.
const LAST_FRAME: Duration = Duration::from_millis(500);
/// How often to look whether themes' files have changed.
const THEMES: Duration = Duration::from_secs(1);
/// At most this many events are handled before the next look at everything else.
const EVENTS_AT_ONCE: usize = 64;

/// Where frames go and events come from.
pub(super) trait Console {
    /// Draws one frame, and says where its panels are. It may be on its way for a while.
    fn draw(&mut self, app: &App) -> io::Result<Places>;
    /// The next frame is drawn whole.
    fn redraw(&mut self);
    /// Hands `text` to the terminal's clipboard.
    fn copy(&mut self, text: &str);
    /// Whether the last frame is still on its way.
    fn is_busy(&mut self) -> io::Result<bool>;
    /// The next event, if one comes within `wait`.
    fn event(&mut self, wait: Duration) -> io::Result<Option<Event>>;
}

/// Runs the screen until it ends. `now` is the time since some start.
pub(super) fn run(
    mut screen: Screen,
    console: &mut impl Console,
    now: &dyn Fn() -> Duration,
) -> io::Result<Exit> {
    let first = Arc::clone(&screen.snapshots.borrow_and_update());
    let app = App::new(first, screen.themes.themes(), screen.depth);
    let mut app = app
        .with_keys(screen.keys.clone())
        .with_glyphs(screen.glyphs);
    let cpu = screen.cpu.probe(Work::Watch);
    let mut pace = Pace::new(now());
    let mut over_since = None;
    let mut themes_due = Duration::ZERO;
    loop {
        if let Some(signal) = screen.controls.interrupted() {
            return Ok(Exit::Interrupted(signal));
        }
        let over = news(&mut screen, &mut app);
        app.update(Action::Time(now()));
        if now() >= themes_due {
            themes_due = now() + THEMES;
            look_at_themes(&mut screen, &mut app);
            app.takes(memory::resident());
        }
        let due = pace.wait(now());
        let busy = console.is_busy()?;
        if app.is_dirty() && due.is_zero() && !busy {
            let begun = now();
            let places = console.draw(&app)?;
            app.took(now().saturating_sub(begun));
            cpu.publish();
            app.drawn(places);
            pace.drawn(now());
        }
        if over && screen.exit_when_done {
            let since = *over_since.get_or_insert(now());
            if !app.is_dirty() || now().saturating_sub(since) >= LAST_FRAME {
                return Ok(Exit::Finished);
            }
        }
        let mut wait = if app.is_dirty() && !busy {
            due.min(PATIENCE)
        } else {
            PATIENCE
        };
        for _ in 0..EVENTS_AT_ONCE {
            let Some(event) = console.event(wait)? else {
                break;
            };
            wait = Duration::ZERO;
            let effect = keys::action_for(&event, &app).and_then(|action| app.update(action));
            match effect {
                Some(Effect::Exit(exit)) => return Ok(exit),
                Some(Effect::Copy(snapshot)) => {
                    let table = screen.controls.table(&snapshot);
                    console.copy(&table);
                    app.update(Action::Toast(copied(&table)));
                }
                Some(Effect::SetLoad(text)) => {
                    let answer = screen.controls.set_load(&text, app.latest());
                    app.update(Action::LoadSet(answer));
                }
                Some(Effect::Redraw) => console.redraw(),
                Some(effect) => perform(effect, screen.controls.as_ref()),
                None => {}
            }
        }
    }
}

/// Takes the newest snapshot and all toasts; true when no more snapshots will come.
fn news(screen: &mut Screen, app: &mut App) -> bool {
    let gone = screen.snapshots.has_changed().is_err();
    let newest = Arc::clone(&screen.snapshots.borrow_and_update());
    if !app.is_latest(&newest) {
        app.update(Action::Snapshot(newest));
    }
    while let Ok(toast) = screen.toasts.try_recv() {
        app.update(Action::Toast(toast));
    }
    gone || app.is_done()
}

/// Takes over themes whose files have changed, and says which are bad.
fn look_at_themes(screen: &mut Screen, app: &mut App) {
    let Some(news) = screen.themes.look() else {
        return;
    };
    app.update(Action::Themes(news.themes));
    for text in news.complaints {
        let level = NoticeLevel::Warning;
        app.update(Action::Toast(Toast { level, text }));
    }
}

fn copied(table: &str) -> Toast {
    Toast {
        level: NoticeLevel::Info,
        text: format!(
            "the table ({} lines) was handed to the terminal's clipboard, if it takes it (OSC 52)",
            table.lines().count()
        ),
    }
}

fn perform(effect: Effect, controls: &dyn Controls) {
    match effect {
        // These end the loop, need the terminal, or have an answer.
        Effect::Exit(_) | Effect::Redraw | Effect::Copy(_) | Effect::SetLoad(_) => {}
        Effect::StepLoad { up, steps } => controls.step_load(up, steps),
        Effect::Reset => controls.reset(),
        Effect::CycleOrder => controls.cycle_order(),
        Effect::CycleWindow => controls.cycle_window(),
        Effect::StepWindow { longer } => controls.step_window(longer),
        Effect::TogglePause => controls.toggle_pause(),
        Effect::Annotate { text, at_s } => controls.annotate(text, at_s),
        Effect::Save(snapshot) => controls.save(snapshot),
        Effect::Export(snapshot) => controls.export(snapshot),
    }
}

#[cfg(test)]
mod tests;
