//! The mouse: asked for, it zooms panels and changes the window; not asked for, it stays the terminal's own.

use super::keyboard::key;
use super::reading::window;
use super::{SMALL, Terminal, measures};
use vt100::MouseProtocolMode;

/// What a terminal sends for a click at a column and a row, from 1.
fn click(column: u16, row: u16) -> String {
    format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")
}

const WHEEL_UP: &str = "\x1b[<64;30;10M";
const WHEEL_DOWN: &str = "\x1b[<65;30;10M";

fn mode(terminal: &Terminal) -> MouseProtocolMode {
    terminal.screen().screen().mouse_protocol_mode()
}

fn quit(mut terminal: Terminal) {
    terminal.press(&key("quit"));
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_click_zooms_a_panel_and_closes_what_lies_over_the_screen() {
    let args: Vec<&str> = SMALL.into_iter().chain(["--mouse"]).collect();
    let mut terminal = Terminal::start((160, 48), &args, &[]);
    let both = |text: &str| text.contains("╭─ A  ") && text.contains("╭─ B  ");
    terminal.wait("figures", |text| measures(text) && both(text));
    assert_ne!(mode(&terminal), MouseProtocolMode::None);
    terminal.press(&click(120, 8));
    terminal.wait("B alone", |text| text.contains("╭─ B  ") && !both(text));
    terminal.press(&click(40, 8));
    terminal.wait("both again", both);
    terminal.press(&key("help"));
    terminal.wait("the help", |text| text.contains("╭─ help"));
    terminal.press(&click(80, 24));
    terminal.wait("no help", |text| !text.contains("╭─ help") && both(text));
    quit(terminal);
}

#[test]
fn the_wheel_changes_the_window() {
    let args: Vec<&str> = SMALL.into_iter().chain(["--mouse"]).collect();
    let mut terminal = Terminal::start((160, 48), &args, &[]);
    terminal.wait("figures", |text| measures(text) && window(text).is_some());
    for wheel in [WHEEL_UP, WHEEL_DOWN] {
        let before = window(&terminal.text());
        terminal.press(wheel);
        terminal.wait("another window", |text| {
            window(text).is_some_and(|now| Some(&now) != before.as_ref())
        });
    }
    quit(terminal);
}

#[test]
fn nobody_takes_the_mouse_who_was_not_asked_to() {
    let terminal = Terminal::start((160, 48), &SMALL, &[]);
    terminal.wait("figures", measures);
    assert_eq!(mode(&terminal), MouseProtocolMode::None);
    quit(terminal);
}
