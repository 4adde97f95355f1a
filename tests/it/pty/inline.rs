//! Without a screen of its own the picture follows what is there: nothing of that is lost, and the picture stays.

use super::terminal::shell;
use super::{Saved, Terminal, measures};

#[test]
fn what_was_there_stays_the_last_picture_stays_and_the_rest_comes_below() {
    let saved = Saved::new(&["--no-alt-screen", "--format", "csv"]);
    let script = "echo first before; echo last before; \"$@\"; echo ended with $?";
    let mut terminal = Terminal::run((100, 30), shell(script, &saved.args()));
    terminal.wait("figures", measures);
    assert!(!terminal.alternate_screen() && terminal.cursor_hidden());
    terminal.press("2");
    terminal.wait("another view", |text| {
        text.contains("Latency by percentile")
    });
    terminal.press("1");
    terminal.wait("the first view", measures);
    terminal.resize(100, 24);
    terminal.wait("a lower picture", |text| {
        let lines: Vec<&str> = text.lines().collect();
        measures(text)
            && lines[0].contains(" dragstrip ")
            && lines[lines.len() - 1].contains("q quit")
    });
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
    let rows = everything(&terminal);
    let found = |what: &str| -> usize {
        let all: Vec<usize> = (0..rows.len())
            .filter(|row| rows[*row].contains(what))
            .collect();
        assert_eq!(all.len(), 1, "{what}: {all:?} in\n{}", rows.join("\n"));
        all[0]
    };
    let order = [
        found("first before"),
        found("last before"),
        found(" dragstrip "),
        found("q quit"),
        found("ended with 0"),
    ];
    assert!(order.is_sorted(), "{order:?} in\n{}", rows.join("\n"));
    saved.snapshot();
}

/// All rows, those that have gone into the terminal's history first.
fn everything(terminal: &Terminal) -> Vec<String> {
    let mut parser = terminal.screen();
    let screen = parser.screen_mut();
    let width = screen.size().1.get();
    let mut rows = Vec::new();
    screen.set_scrollback(usize::MAX);
    let mut back = screen.scrollback();
    while back > 0 {
        screen.set_scrollback(back);
        rows.extend(screen.rows(0, width).next());
        back -= 1;
    }
    screen.set_scrollback(0);
    rows.extend(screen.rows(0, width));
    rows
}
