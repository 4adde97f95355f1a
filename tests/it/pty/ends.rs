//! Every way to end a run: the terminal is as before, what was asked for is saved, and the exit code says how it ended.

use super::terminal::shell;
use super::{Saved, Terminal, measures};
use rustix::process::Signal;

#[test]
fn keys_and_signals_end_it_in_good_order() {
    let ends: [(&str, Option<Signal>, u32); 5] = [
        ("q", None, 0),
        ("\x03", None, 130),
        ("SIGINT", Some(Signal::INT), 130),
        ("SIGTERM", Some(Signal::TERM), 143),
        ("SIGHUP", Some(Signal::HUP), 129),
    ];
    for (how, signal, code) in ends {
        let saved = Saved::new(&[]);
        let mut terminal = Terminal::start((100, 30), &saved.args(), &[]);
        terminal.wait("figures", measures);
        assert!(terminal.alternate_screen() && terminal.cursor_hidden());
        assert!(terminal.screen().screen().bracketed_paste());
        match signal {
            Some(signal) => terminal.signal(signal),
            None => terminal.press(how),
        }
        assert_eq!(terminal.wait_for_end().exit_code(), code, "{how:?}");
        terminal.assert_restored();
        assert_eq!(saved.snapshot()["meta"]["phase"], "done", "{how:?}");
    }
}

#[test]
fn what_is_pasted_is_no_key() {
    let saved = Saved::new(&[]);
    let mut terminal = Terminal::start((100, 30), &saved.args(), &[]);
    terminal.wait("figures", measures);
    terminal.press("\x1b[200~qqq\x03 p\x1b[201~");
    terminal.press("?");
    let text = terminal.wait("the help", |text| text.contains("freeze the display"));
    assert!(
        !text.contains("FROZEN") && !text.contains("PAUSED"),
        "{text}"
    );
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn without_input_on_stdin_the_keys_come_from_the_terminal() {
    let saved = Saved::new(&[]);
    let command = shell("exec \"$@\" </dev/null", &saved.args());
    let mut terminal = Terminal::run((100, 30), command);
    terminal.wait("figures", measures);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
    saved.snapshot();
}
