//! A panic in any thread: the terminal is given back, the message comes after that, and the run ends in good order.

use super::{Saved, Terminal, measures, whole};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const ASKED: &str = "DRAGSTRIP_TEST_PANIC";

#[test]
fn a_panic_that_spoils_the_run_ends_it_and_is_said_on_the_normal_screen() {
    for (part, thread) in [
        ("load", "load-"),
        ("aggregator", "conductor"),
        ("screen", "main"),
    ] {
        let saved = Saved::new(&[]);
        // High enough for the message and the final table after it.
        let mut terminal = Terminal::start((150, 90), &saved.args(), &[(ASKED, part)]);
        terminal.wait("figures", measures);
        terminal.signal(Signal::USR1);
        assert_eq!(terminal.wait_for_end().exit_code(), 101, "{part}");
        terminal.assert_restored();
        let said = format!("internal error: thread {thread}");
        let text = terminal.wait("the message", |text| text.contains(&said));
        assert!(text.contains("as a test has asked for"), "{text}");
        assert!(text.contains("95th percentile"), "the final table:\n{text}");
        let notice = saved.snapshot()["notices"][0].clone();
        assert_eq!(notice["level"], "error", "{notice}");
        let notice = notice["text"].to_string();
        assert!(notice.contains("ended by an internal error"), "{notice}");
        assert!(notice.contains("as a test has asked for"), "{notice}");
    }
}

#[test]
fn a_panic_while_a_snapshot_is_saved_ends_nothing_but_is_told() {
    let saved = Saved::new(&["--snapshot-dir", "/nowhere"]);
    let mut terminal = Terminal::start((150, 90), &saved.args(), &[(ASKED, "saver")]);
    terminal.wait("figures", measures);
    terminal.signal(Signal::USR1);
    terminal.wait("what became of it", |text| {
        text.contains("not saved: an internal error") && measures(text)
    });
    assert!(terminal.alternate_screen());
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 1);
    terminal.assert_restored();
    terminal.wait("the message", |text| {
        text.contains("internal error: thread saver") && text.contains("as a test has asked for")
    });
    saved.snapshot();
}

#[test]
fn without_a_screen_a_panic_ends_the_run_as_well() {
    for part in ["load", "aggregator"] {
        let saved = Saved::new(&["--headless", "--duration", "60s"]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_dragstrip"))
            .args(saved.args())
            .env(ASKED, part)
            .env_remove("RUST_BACKTRACE")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let stderr = BufReader::new(child.stderr.take().expect("its stderr"));
        let pid = Pid::from_raw(child.id().cast_signed()).expect("a pid");
        let mut said = String::new();
        for line in stderr.lines() {
            let line = line.expect("a line");
            if line.contains("measuring") {
                kill_process(pid, Signal::USR1).expect("a signal");
            }
            said.push_str(&line);
            said.push('\n');
        }
        let output = child.wait_with_output().expect("its end");
        assert_eq!(output.status.code(), Some(101), "{said}");
        assert!(said.contains("as a test has asked for"), "{said}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("95th percentile"));
        let snapshot = whole(&saved.out());
        assert_eq!(snapshot["notices"][0]["level"], "error");
    }
}
