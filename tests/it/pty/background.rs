//! Light or dark, as the terminal says when it is asked.

use super::Terminal;
use std::time::{Duration, Instant};

const QUESTION: &str = "\u{1b}]11;?";
/// A's colour in the dark and in the light theme, as it is written to a terminal of 24 bits.
const DARK: &str = "108;182;255";
const LIGHT: &str = "11;98;184";

fn demo(args: &[&str], env: &[(&str, &str)]) -> Terminal {
    let mut all = vec!["--users", "5", "--ramp", "0s"];
    all.extend(args);
    let mut vars = vec![
        ("COLORTERM", "truecolor"),
        ("COLORFGBG", ""),
        ("LANG", "C.UTF-8"),
    ];
    vars.extend(env);
    Terminal::start((120, 40), &all, &vars)
}

fn quit(mut terminal: Terminal) {
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_light_terminal_gets_the_light_theme_from_the_first_frame_on() {
    for answer in [
        "\x1b]11;rgb:ffff/ffff/ffff\x07",
        "\x1b]11;rgb:ff/ff/ff\x1b\\",
        "\x1b]11;rgb:f/f/d\x07",
    ] {
        let mut terminal = demo(&[], &[]);
        terminal.wait_for(QUESTION);
        terminal.press(answer);
        terminal.wait_for(LIGHT);
        assert!(!terminal.has_written(DARK), "{answer:?}");
        terminal.press("t");
        terminal.wait("the next theme", |text| {
            text.contains("theme colorblind-light")
        });
        quit(terminal);
    }
}

#[test]
fn the_terminal_knows_better_than_the_environment() {
    let mut terminal = demo(&[], &[("COLORFGBG", "0;15")]);
    terminal.wait_for(QUESTION);
    terminal.press("\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\");
    terminal.wait_for(DARK);
    assert!(!terminal.has_written(LIGHT));
    quit(terminal);
}

#[test]
fn without_an_answer_the_environment_counts_and_what_is_typed_is_not_lost() {
    let mut terminal = demo(&[], &[("COLORFGBG", "0;15")]);
    terminal.wait_for(QUESTION);
    let asked = Instant::now();
    terminal.press("2");
    terminal.wait("the second view", |text| {
        text.contains("Latency by percentile")
    });
    // Far more than the answer is waited for, since others may use the machine.
    assert!(
        asked.elapsed() < Duration::from_secs(2),
        "{:?}",
        asked.elapsed()
    );
    assert!(terminal.has_written(LIGHT) && !terminal.has_written(DARK));
    // As keys it would go to the first view.
    terminal.press("\x1b]11;rgb:1111/1111/1111\x1b\\");
    terminal.press("?");
    let screen = terminal.wait("the help", |text| text.contains("freeze the display"));
    assert!(screen.contains("dragstrip  Latency") && !terminal.has_written(DARK));
    quit(terminal);
}

#[test]
fn nonsense_is_no_answer() {
    let mut terminal = demo(&[], &[]);
    terminal.wait_for(QUESTION);
    terminal.press("\x1b]11;rgb:what?\x07");
    terminal.wait_for(DARK);
    quit(terminal);
}

#[test]
fn nobody_is_asked_whose_answer_would_change_nothing() {
    for (args, env) in [
        (&["--theme", "light"][..], &[][..]),
        (&["--theme", "terminal"], &[]),
        (&["--color", "never"], &[]),
        (&[], &[("NO_COLOR", "1")]),
        (&["--color", "16"], &[("TERM", "dumb")]),
    ] {
        let terminal = demo(args, env);
        terminal.wait("the figures", |text| text.contains(" ms"));
        assert!(!terminal.has_written(QUESTION), "{args:?} {env:?}");
        quit(terminal);
    }
}
