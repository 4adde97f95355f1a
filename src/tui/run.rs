//! The main loop: input first, then news, then a frame if anything changed; at most [`FRAMES_PER_S`] frames a second.
//!
//! It is generic over the [`Console`] and gets the time from outside, so that tests drive it without a terminal.

use super::app::{Action, App, Effect};
use super::{Exit, Screen, keys};
use crossterm::event::Event;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The most frames that are drawn in a second.
const FRAMES_PER_S: u32 = 15;
/// The shortest time between two frames.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / FRAMES_PER_S as u64);
/// How long to wait for input before looking for news.
const PATIENCE: Duration = Duration::from_millis(40);
/// At most this many events are handled before the next look at everything else.
const EVENTS_AT_ONCE: usize = 64;

/// Where frames go and events come from.
pub(super) trait Console {
    /// Draws one frame.
    fn draw(&mut self, app: &App) -> io::Result<()>;
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
    let mut app = App::new(first, std::mem::take(&mut screen.themes), screen.depth);
    let mut drawn: Option<Duration> = None;
    loop {
        if let Some(signal) = screen.controls.interrupted() {
            return Ok(Exit::Interrupted(signal));
        }
        let over = news(&mut screen, &mut app);
        app.update(Action::Time(now()));
        let due = drawn.map_or(Duration::ZERO, |at| (at + FRAME).saturating_sub(now()));
        if app.is_dirty() && due.is_zero() {
            console.draw(&app)?;
            app.drawn();
            drawn = Some(now());
        }
        if over && screen.exit_when_done && !app.is_dirty() {
            return Ok(Exit::Finished);
        }
        let mut wait = if app.is_dirty() {
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
            if let Some(exit) = effect.and_then(|effect| perform(effect, &screen)) {
                return Ok(exit);
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

fn perform(effect: Effect, screen: &Screen) -> Option<Exit> {
    match effect {
        Effect::Exit(exit) => return Some(exit),
        Effect::StepLoad { up } => screen.controls.step_load(up),
        Effect::TogglePause => screen.controls.toggle_pause(),
        Effect::Save(snapshot) => screen.controls.save(snapshot),
    }
    None
}
