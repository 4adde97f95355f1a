//! Each key, and what it does when.

use super::*;
use crate::metrics::snapshot::Phase;
use crate::tui::app::tests::{app, app_in};
use crate::tui::{Panel, Places};
use ratatui::layout::Rect;
use std::collections::BTreeMap;

fn press(app: &App, code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
    action_for(&Event::Key(KeyEvent::new(code, modifiers)), app).map(|a| format!("{a:?}"))
}

fn plain(app: &App, code: KeyCode) -> Option<String> {
    press(app, code, KeyModifiers::NONE)
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
        (KeyCode::Char('3'), "Show(Heat)"),
        (KeyCode::Char('4'), "Show(Errors)"),
        (KeyCode::Char('5'), "Show(Details)"),
        (KeyCode::Char('6'), "Show(Log)"),
        (KeyCode::Enter, "Zoom"),
        (KeyCode::Char(' '), "Freeze"),
        (KeyCode::Char('p'), "Pause"),
        (KeyCode::Up, "StepLoad { up: true, steps: 1 }"),
        (KeyCode::Down, "StepLoad { up: false, steps: 1 }"),
        (KeyCode::Char('o'), "CycleOrder"),
        (KeyCode::Char('w'), "CycleWindow"),
        (KeyCode::Char(':'), "AskLoad"),
        (KeyCode::Char('r'), "Reset"),
        (KeyCode::Char('R'), "RunAgain"),
        (KeyCode::Char('a'), "Annotate"),
        (KeyCode::Char('s'), "Save"),
        (KeyCode::Char('e'), "Export"),
        (KeyCode::Char('y'), "Copy"),
        (KeyCode::Char('c'), "Checks"),
        (KeyCode::Char('='), "Calculation"),
        (KeyCode::Char('t'), "NextTheme"),
    ] {
        assert_eq!(plain(&app, code).as_deref(), Some(action));
    }
    let much = |code| press(&app, code, KeyModifiers::SHIFT);
    assert_eq!(
        much(KeyCode::Up).as_deref(),
        Some("StepLoad { up: true, steps: 10 }")
    );
    assert_eq!(
        much(KeyCode::Down).as_deref(),
        Some("StepLoad { up: false, steps: 10 }")
    );
    assert_eq!(much(KeyCode::BackTab).as_deref(), Some("PreviousView"));
    assert_eq!(plain(&app, KeyCode::Char('x')), None);
    let control = |c| press(&app, KeyCode::Char(c), KeyModifiers::CONTROL);
    assert_eq!(control('c').as_deref(), Some("Interrupt"));
    assert_eq!(control('l').as_deref(), Some("Redraw"));
    assert_eq!(control('q'), None);
}

#[test]
fn escape_goes_back_where_there_is_something_to_go_back_from() {
    let mut app = app();
    assert_eq!(plain(&app, KeyCode::Esc), None);
    app.update(Action::Help);
    assert_eq!(plain(&app, KeyCode::Esc).as_deref(), Some("Back"));
}

#[test]
fn without_a_second_to_read_there_is_no_cursor() {
    assert_eq!(plain(&app(), KeyCode::Left), None);
}

#[test]
fn when_the_run_is_over_the_load_keys_do_nothing() {
    let done = app_in(Phase::Done);
    for code in [
        KeyCode::Char('p'),
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Char('o'),
        KeyCode::Char('r'),
        KeyCode::Char(':'),
        KeyCode::Char('w'),
    ] {
        assert_eq!(plain(&done, code), None);
    }
    for code in ['s', 'a', 'e', 'y', 'R'] {
        assert!(plain(&done, KeyCode::Char(code)).is_some());
    }
}

#[test]
fn a_key_that_is_let_go_is_not_pressed_again() {
    let mut key = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
    key.kind = KeyEventKind::Release;
    assert!(action_for(&Event::Key(key), &app()).is_none());
}

#[test]
fn while_a_text_is_asked_for_keys_are_letters() {
    let mut app = app();
    let paste = Event::Paste("q?".to_owned());
    assert!(action_for(&paste, &app).is_none(), "pasted text is no key");
    app.update(Action::Annotate);
    let typed = |code| plain(&app, code);
    assert_eq!(typed(KeyCode::Char('q')).as_deref(), Some("Type(Add('q'))"));
    assert_eq!(typed(KeyCode::Char(' ')).as_deref(), Some("Type(Add(' '))"));
    assert_eq!(typed(KeyCode::Esc).as_deref(), Some("Type(Cancel)"));
    assert_eq!(typed(KeyCode::Enter).as_deref(), Some("Type(Done)"));
    assert_eq!(typed(KeyCode::Tab), None);
    let control = |c| press(&app, KeyCode::Char(c), KeyModifiers::CONTROL);
    assert_eq!(control('c').as_deref(), Some("Interrupt"));
    assert_eq!(control('u').as_deref(), Some("Type(Clear)"));
    assert!(action_for(&paste, &app).is_some());
}

#[test]
fn the_users_keys_are_obeyed() {
    let wanted = BTreeMap::from([("quit".to_owned(), vec!["f10".to_owned()])]);
    let app = app().with_keys(KeyMap::with(&wanted).unwrap());
    assert_eq!(plain(&app, KeyCode::F(10)).as_deref(), Some("Quit"));
    assert_eq!(plain(&app, KeyCode::Char('q')), None);
}

#[test]
fn a_click_is_on_a_panel_and_the_wheel_changes_the_window() {
    let mut app = app();
    let mut places = Places::default();
    places.add(Panel::B, Rect::new(10, 0, 10, 10));
    app.drawn(places);
    let mouse = |kind, app: &App| {
        let event = MouseEvent {
            kind,
            column: 12,
            row: 3,
            modifiers: KeyModifiers::NONE,
        };
        action_for(&Event::Mouse(event), app).map(|a| format!("{a:?}"))
    };
    let click = MouseEventKind::Down(MouseButton::Left);
    assert_eq!(mouse(click, &app).as_deref(), Some("ZoomOn(B)"));
    let wheel = |kind| mouse(kind, &app);
    assert_eq!(
        wheel(MouseEventKind::ScrollUp).as_deref(),
        Some("StepWindow { longer: false }")
    );
    assert_eq!(
        wheel(MouseEventKind::ScrollDown).as_deref(),
        Some("StepWindow { longer: true }")
    );
    app.update(Action::Help);
    assert_eq!(mouse(click, &app).as_deref(), Some("Back"));
}
