//! The keys: one table, from which events become actions and from which the footer and the help are drawn.
//!
//! A key that would do nothing now is neither shown nor obeyed.

use super::app::{Action, App};
use super::views::View;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// One key.
#[derive(Debug)]
pub struct Binding {
    /// The key.
    pub code: KeyCode,
    /// The key as it is called on the screen. Empty for one that another entry names.
    pub key: &'static str,
    /// The word in the footer; a key with an empty one stands in the help alone.
    pub word: fn(&App) -> &'static str,
    /// What it does, for the help.
    pub what: &'static str,
    /// True when it works now.
    pub works: fn(&App) -> bool,
    /// What happens.
    pub action: Action,
}

/// All keys, the most important first.
pub static BINDINGS: [Binding; 18] = [
    Binding {
        code: KeyCode::Char('q'),
        key: "q",
        word: |_| "quit",
        what: "quit; requests that are open are cancelled",
        works: |_| true,
        action: Action::Quit,
    },
    Binding {
        code: KeyCode::Char('?'),
        key: "?",
        word: |_| "help",
        what: "this help (Esc closes it, too)",
        works: |_| true,
        action: Action::Help,
    },
    Binding {
        code: KeyCode::Tab,
        key: "Tab",
        word: |_| "view",
        what: "the next view; Shift-Tab: the one before",
        works: |_| true,
        action: Action::NextView,
    },
    Binding {
        code: KeyCode::BackTab,
        key: "",
        word: |_| "",
        what: "",
        works: |_| true,
        action: Action::PreviousView,
    },
    view('1', "1 2 4 5", View::Race),
    view('2', "", View::Latency),
    view('4', "", View::Errors),
    view('5', "", View::Details),
    Binding {
        code: KeyCode::Char(' '),
        key: "space",
        word: |app| {
            if app.is_frozen() {
                "unfreeze"
            } else {
                "freeze"
            }
        },
        what: "freeze the display; the run goes on",
        works: |_| true,
        action: Action::Freeze,
    },
    Binding {
        code: KeyCode::Char('p'),
        key: "p",
        word: |app| {
            if app.is_paused() {
                "resume load"
            } else {
                "pause load"
            }
        },
        what: "pause the load, or resume it",
        works: App::can_change_load,
        action: Action::Pause,
    },
    Binding {
        code: KeyCode::Up,
        key: "↑↓",
        word: |app| {
            if app.snapshot().plan.load.model == "open" {
                "rate"
            } else {
                "users"
            }
        },
        what: "more or less load (Shift: ten steps); figures start anew",
        works: App::can_change_load,
        action: Action::LoadUp,
    },
    Binding {
        code: KeyCode::Down,
        key: "",
        word: |_| "",
        what: "",
        works: App::can_change_load,
        action: Action::LoadDown,
    },
    Binding {
        code: KeyCode::Char('w'),
        key: "w",
        word: |_| "",
        what: "the live window: 5 s, 30 s, 60 s, 1 s",
        works: |app| !app.is_done(),
        action: Action::CycleWindow,
    },
    Binding {
        code: KeyCode::Char('r'),
        key: "r",
        word: |_| "",
        what: "reset: run figures and verdicts start anew",
        works: App::can_change_load,
        action: Action::Reset,
    },
    Binding {
        code: KeyCode::Char('s'),
        key: "s",
        word: |_| "snapshot",
        what: "save a snapshot of what is on the screen",
        works: |_| true,
        action: Action::Save,
    },
    Binding {
        code: KeyCode::Char('c'),
        key: "c",
        word: |_| "checks",
        what: "the self-checks: can the figures be trusted?",
        works: |_| true,
        action: Action::Checks,
    },
    Binding {
        code: KeyCode::Char('='),
        key: "=",
        word: |app| {
            if app.shows_calculation() {
                "verdicts"
            } else {
                "calculation"
            }
        },
        what: "the arithmetic in place of the verdicts, and back",
        works: App::compares,
        action: Action::Calculation,
    },
    Binding {
        code: KeyCode::Char('t'),
        key: "t",
        word: |_| "theme",
        what: "the next theme",
        works: App::can_change_theme,
        action: Action::NextTheme,
    },
];

/// The key of a view; the first one stands in the help for all.
const fn view(key: char, name: &'static str, view: View) -> Binding {
    Binding {
        code: KeyCode::Char(key),
        key: name,
        word: |_| "",
        what: "the views: Race, Latency, Errors, Details",
        works: |_| true,
        action: Action::Show(view),
    }
}

/// The action for an event, if it has one now.
pub fn action_for(event: &Event, app: &App) -> Option<Action> {
    match event {
        Event::Resize(..) => Some(Action::Resize),
        Event::Key(key) if key.kind != KeyEventKind::Release => key_action(key, app),
        _ => None,
    }
}

fn key_action(key: &KeyEvent, app: &App) -> Option<Action> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => Some(Action::Interrupt),
            KeyCode::Char('l') => Some(Action::Resize),
            _ => None,
        };
    }
    if key.code == KeyCode::Esc && app.overlay().is_some() {
        return Some(Action::Close);
    }
    let action = BINDINGS
        .iter()
        .find(|binding| binding.code == key.code && (binding.works)(app))
        .map(|binding| binding.action.clone());
    match action {
        Some(Action::LoadUp) if key.modifiers.contains(KeyModifiers::SHIFT) => {
            Some(Action::LoadMuchUp)
        }
        Some(Action::LoadDown) if key.modifiers.contains(KeyModifiers::SHIFT) => {
            Some(Action::LoadMuchDown)
        }
        action => action,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::Phase;
    use crate::tui::app::tests::{app, app_in};

    fn press(app: &App, code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
        action_for(&Event::Key(KeyEvent::new(code, modifiers)), app).map(|a| format!("{a:?}"))
    }

    #[test]
    fn each_key_has_its_action() {
        let app = app();
        for (code, action) in [
            (KeyCode::Char('q'), "Quit"),
            (KeyCode::Char('?'), "Help"),
            (KeyCode::Tab, "NextView"),
            (KeyCode::BackTab, "PreviousView"),
            (KeyCode::Char('1'), "Show(Race)"),
            (KeyCode::Char('2'), "Show(Latency)"),
            (KeyCode::Char('4'), "Show(Errors)"),
            (KeyCode::Char('5'), "Show(Details)"),
            (KeyCode::Char(' '), "Freeze"),
            (KeyCode::Char('p'), "Pause"),
            (KeyCode::Up, "LoadUp"),
            (KeyCode::Down, "LoadDown"),
            (KeyCode::Char('w'), "CycleWindow"),
            (KeyCode::Char('r'), "Reset"),
            (KeyCode::Char('s'), "Save"),
            (KeyCode::Char('c'), "Checks"),
            (KeyCode::Char('='), "Calculation"),
            (KeyCode::Char('t'), "NextTheme"),
        ] {
            assert_eq!(
                press(&app, code, KeyModifiers::NONE).as_deref(),
                Some(action)
            );
        }
        let much = |code| press(&app, code, KeyModifiers::SHIFT);
        assert_eq!(much(KeyCode::Up).as_deref(), Some("LoadMuchUp"));
        assert_eq!(much(KeyCode::Down).as_deref(), Some("LoadMuchDown"));
        assert_eq!(press(&app, KeyCode::Char('3'), KeyModifiers::NONE), None);
        let back = press(&app, KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(back.as_deref(), Some("PreviousView"));
        assert_eq!(press(&app, KeyCode::Char('x'), KeyModifiers::NONE), None);
        assert_eq!(
            press(&app, KeyCode::Char('c'), KeyModifiers::CONTROL).as_deref(),
            Some("Interrupt")
        );
        assert_eq!(press(&app, KeyCode::Char('q'), KeyModifiers::CONTROL), None);
    }

    #[test]
    fn escape_closes_what_lies_over_the_screen_and_nothing_else() {
        let mut app = app();
        assert_eq!(press(&app, KeyCode::Esc, KeyModifiers::NONE), None);
        app.update(Action::Help);
        assert_eq!(
            press(&app, KeyCode::Esc, KeyModifiers::NONE).as_deref(),
            Some("Close")
        );
    }

    #[test]
    fn when_the_run_is_over_the_load_keys_do_nothing() {
        let done = app_in(Phase::Done);
        for code in [KeyCode::Char('p'), KeyCode::Up, KeyCode::Down] {
            assert_eq!(press(&done, code, KeyModifiers::NONE), None);
        }
        assert!(press(&done, KeyCode::Char('s'), KeyModifiers::NONE).is_some());
    }

    #[test]
    fn a_key_that_is_let_go_is_not_pressed_again() {
        let mut key = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        key.kind = KeyEventKind::Release;
        assert!(action_for(&Event::Key(key), &app()).is_none());
    }
}
