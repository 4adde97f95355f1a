//! A preflight ends when it is told to, however long an answer takes.

#![cfg(unix)]

use super::program::command;
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
