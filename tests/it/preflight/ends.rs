//! How a preflight ends: when it is told to, however long an answer takes; before the screen, or with what stands on it.

#![cfg(unix)]

use super::program::command;
use super::server::Canned;
use crate::pty::Terminal;
use crate::support::PATIENCE;
use crate::transport::server::Server;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

#[test]
fn a_signal_ends_a_preflight_that_waits() {
    let server = Server::start(None);
    let url = format!("http://{}/never", server.addr);
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut child = command(&["--a", &url, "--timeout", "10m"]).spawn().unwrap();
        let mut line = String::new();
        let mut says = BufReader::new(child.stderr.take().unwrap());
        says.read_line(&mut line).unwrap();
        assert_eq!(line, "dragstrip: preflight: waiting for an answer\n");
        let began = Instant::now();
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert!(output.stdout.is_empty());
        // Within a second, with room for a busy machine; the answer would never come.
        assert!(began.elapsed() < Duration::from_secs(5));
    }
    let began = Instant::now();
    while server.seen.open.load(Ordering::SeqCst) > 0 {
        assert!(began.elapsed() < PATIENCE, "its connection stays open");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(server.seen.requests.load(Ordering::SeqCst), 2);
}

#[test]
fn a_refusal_in_a_terminal_opens_no_screen() {
    let server = Canned::always("401 Unauthorized", &[], "no");
    let mut terminal = Terminal::start((200, 24), &["run", "--a", &server.url()], &[]);
    terminal.wait_for("401 Unauthorized: no key was sent");
    assert_eq!(terminal.wait_for_end().exit_code(), 1);
    assert!(
        !terminal.written().contains("\x1b[?1049h"),
        "no alternate screen"
    );
}

#[test]
fn what_is_not_verified_stands_on_the_screen_and_in_its_log() {
    let [a, b] = [(); 2].map(|()| Canned::always("200 OK", &[], "hello"));
    let mut terminal = Terminal::start(
        (160, 48),
        &[
            "run",
            "--a",
            &a.url(),
            "--b",
            &b.url(),
            "--users",
            "2",
            "--think",
            "50ms",
        ],
        &[],
    );
    terminal.wait_for("not verified that A and B differ");
    terminal.press("6");
    terminal.wait("the log", |text| {
        let mut lines = text.lines();
        lines.any(|line| line.contains(" preflight A (") && line.contains("200 OK after"))
    });
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
}
