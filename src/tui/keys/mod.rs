//! From events to actions, by one table from which footer and help are drawn, too.
//!
//! A key that would do nothing now is neither shown nor obeyed.

mod key;
mod map;
mod table;

pub use key::Key;
pub use map::{KeyError, KeyMap};
pub use table::{Binding, ENTRIES, Entry};

use super::app::{Action, App};
use super::prompt::Edit;
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// The action for an event, if it has one now.
pub fn action_for(event: &Event, app: &App) -> Option<Action> {
    match event {
        Event::Resize(..) => Some(Action::Resize),
        Event::Key(key) if key.kind != KeyEventKind::Release => key_action(key, app),
        Event::Paste(text) if app.prompt().is_some() => {
            Some(Action::Type(Edit::Paste(text.clone())))
        }
        Event::Mouse(mouse) => mouse_action(*mouse, app),
        _ => None,
    }
}

fn key_action(event: &KeyEvent, app: &App) -> Option<Action> {
    if event.code == KeyCode::Char('c') && event.modifiers.contains(KeyModifiers::CONTROL) {
        return Some(Action::Interrupt);
    }
    if app.prompt().is_some() {
        return typed(event).map(Action::Type);
    }
    let (entry, binding) = app.keys().find(Key::pressed(event))?;
    (entry.works)(app).then(|| binding.action.clone())
}

/// What a key does to a text.
fn typed(event: &KeyEvent) -> Option<Edit> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    match event.code {
        KeyCode::Enter => Some(Edit::Done),
        KeyCode::Esc => Some(Edit::Cancel),
        KeyCode::Backspace => Some(Edit::Erase),
        KeyCode::Char('w') if control => Some(Edit::EraseWord),
        KeyCode::Char('u') if control => Some(Edit::Clear),
        KeyCode::Char(_) if control || event.modifiers.contains(KeyModifiers::ALT) => None,
        KeyCode::Char(c) => Some(Edit::Add(c)),
        _ => None,
    }
}

/// A click on a panel lets it fill the screen, or shows all panels again; the wheel makes the window shorter (up) or longer.
fn mouse_action(event: MouseEvent, app: &App) -> Option<Action> {
    if app.prompt().is_some() {
        return None;
    }
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) if app.overlay().is_some() => Some(Action::Back),
        MouseEventKind::Down(MouseButton::Left) => {
            let panel = app.places().at(event.column, event.row)?;
            Some(Action::ZoomOn(panel))
        }
        // As on a map: up is closer.
        MouseEventKind::ScrollUp if !app.is_done() => Some(Action::StepWindow { longer: false }),
        MouseEventKind::ScrollDown if !app.is_done() => Some(Action::StepWindow { longer: true }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
