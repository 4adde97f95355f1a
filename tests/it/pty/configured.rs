//! The user's configuration folder: other keys, the mouse, themes that are read again; and what is said when it is wrong.

use super::keyboard::{bytes, key};
use super::{SMALL, Terminal, measures};
use std::path::PathBuf;
use vt100::MouseProtocolMode;

/// A home for configurations.
struct Home(tempfile::TempDir);

impl Home {
    fn new(config: &str) -> Home {
        let home = Home(tempfile::tempdir().expect("a folder"));
        std::fs::create_dir_all(home.path("themes")).expect("makes");
        std::fs::write(home.path("config.toml"), config).expect("writes");
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("dragstrip").join(name)
    }

    fn start(&self, size: (u16, u16)) -> Terminal {
        let home = self.0.path().to_str().expect("a path");
        let env = [("XDG_CONFIG_HOME", home), ("COLORTERM", "truecolor")];
        Terminal::start(size, &SMALL, &env)
    }
}

#[test]
fn keys_are_those_of_the_configuration() {
    let home = Home::new(
        "mouse = true\n[keys]\npause = \"x\"\nquit = [\"f10\", \"ctrl-q\"]\nfreeze = []\n",
    );
    let mut terminal = home.start((120, 40));
    terminal.wait("figures", |text| {
        measures(text) && text.contains("x pause load")
    });
    let mode = terminal.screen().screen().mouse_protocol_mode();
    assert_ne!(mode, MouseProtocolMode::None);
    // Their usual keys do nothing any more: of all of these only the help comes.
    for usual in ["p", "q", " "] {
        terminal.press(usual);
    }
    terminal.press(&key("help"));
    let help = terminal.wait("the help", |text| text.contains("╭─ help"));
    assert!(
        help.contains("F10") && !help.contains("PAUSED") && !help.contains("FROZEN"),
        "{help}"
    );
    terminal.press(&key("help"));
    terminal.press("x");
    terminal.wait("the pause", |text| text.contains("PAUSED"));
    terminal.press("x");
    terminal.wait("the load again", |text| !text.contains("PAUSED"));
    terminal.press(&bytes("f10"));
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_key_that_two_actions_want_is_an_error_before_anything_starts() {
    let home = Home::new("mouse = true\n\n[keys]\npause = \"x\"\nsnapshot = \"x\"\n");
    let mut terminal = home.start((120, 40));
    assert_eq!(terminal.wait_for_end().exit_code(), 2);
    let text = terminal.text().replace('\n', "");
    for said in ["config.toml, line ", "\"x\"", "pause", "snapshot"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(
        text.contains("line 4:") || text.contains("line 5:"),
        "the line of one of them: {text}"
    );
    assert!(!terminal.has_written("\x1b[?1049h"), "no screen was taken");
    terminal.assert_restored();
}

#[test]
fn what_the_configuration_does_not_know_is_an_error_with_its_line() {
    for (config, line, said) in [
        ("[keys]\n\npuase = \"x\"\n", "line 3", "puase"),
        (
            "[keys]\npause = \"shift-shift-x\"\n",
            "line 2",
            "shift-shift-x",
        ),
        ("[keys]\npause = \"ctrl-c\"\n", "line 2", "it interrupts"),
        ("teme = \"dark\"\n", "line 1", "teme"),
    ] {
        let home = Home::new(config);
        let mut terminal = home.start((120, 40));
        assert_eq!(terminal.wait_for_end().exit_code(), 2, "{config}");
        let text = terminal.text().replace('\n', "");
        assert!(
            text.contains(line) && text.contains(said),
            "{config}: {text}"
        );
        terminal.assert_restored();
    }
}

#[test]
fn a_theme_is_read_again_when_its_file_changes_and_stays_when_that_is_bad() {
    let home = Home::new("theme = \"mine\"\n");
    let file = home.path("themes/mine.toml");
    std::fs::write(&file, "inherits = \"dark\"\nborder = \"#010203\"\n").expect("writes");
    let mut terminal = home.start((160, 48));
    terminal.wait("figures", measures);
    terminal.wait_for("38;2;1;2;3");
    std::fs::write(
        &file,
        "inherits = \"dark\"\nborder = \"#0a1b2c\" # changed\n",
    )
    .expect("writes");
    terminal.wait_for("38;2;10;27;44");
    std::fs::write(&file, "inherits = \"dark\"\n\nborder = \"#12\"\n").expect("writes");
    terminal.wait("why it is bad", |text| {
        text.contains("mine.toml, line 3: border")
    });
    // Drawn anew it still has the colours that it had.
    let before = terminal.written().matches("38;2;10;27;44").count();
    terminal.press(&key("redraw"));
    terminal.wait("figures", |_| {
        terminal.written().matches("38;2;10;27;44").count() > before
    });
    terminal.press(&key("quit"));
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}
