//! `dragstrip endpoint` as a program: what it refuses, and that it serves as its options say.

use super::client::post;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

type List = &'static [(&'static [&'static str], &'static [&'static str])];

/// Wrong options after `endpoint --listen 127.0.0.1:0`, and what the message must say.
const WRONG: List = &[
    (
        &["--profile", "fast"],
        &[
            "--profile fast: unknown delay profile `fast`",
            "fixed:60ms, exp:100ms",
        ],
    ),
    (
        &["--profile", "fixed:60"],
        &[
            "--profile fixed:60: `60` is not a delay",
            "(us, ms, s, m or h)",
        ],
    ),
    (
        &["--profile", "fixed:2h"],
        &["`2h` is not a delay", "at most 1h"],
    ),
    (
        &["--profile", "exp:1s,2s"],
        &["--profile exp:1s,2s: must be exp:MEAN, as in exp:100ms"],
    ),
    (
        &["--profile", "lognormal:80ms,-0.5"],
        &["`-0.5` is not a sigma: write a number from 0 to 4"],
    ),
    (
        &["--profile", "bimodal:20ms,200ms,20"],
        &["`20` is not a share: write 10% or 0.1"],
    ),
    (
        &["--profile", "tail:60ms,120ms,180ms"],
        &["must be tail:P50,P90,P95,P99"],
    ),
    (
        &["--profile", "tail:60ms,50ms,180ms,400ms"],
        &["delays must not fall: 60ms comes before 50ms"],
    ),
    (
        &["--profile", "a\u{1b}[31m"],
        &["unknown delay profile `a·[31m`"],
    ),
    (
        &["--servers", "0"],
        &["--servers 0: must be a whole number from 1 to 1,000,000"],
    ),
    (
        &["--servers", "-1"],
        &["--servers -1: must be a whole number"],
    ),
    (
        &["--freeze", "10s"],
        &[
            "--freeze 10s: `10s` is not a freeze: write START+LENGTH",
            "as in 10s+5s",
        ],
    ),
    (&["--freeze", "10s+0s"], &["LENGTH above 0s and at most 1h"]),
    (
        &["--fail", "503"],
        &["--fail 503: must be KIND:SHARE", "as in 503:1%"],
    ),
    (
        &["--fail", "200:1%"],
        &["`200` is not a fault: use hang, cut, reset or a status from 400 to 599"],
    ),
    (
        &["--fail", "cut:101%"],
        &["--fail cut:101%: `101%` is not a share"],
    ),
    (
        &["--fail", "hang:60%", "--fail", "cut:50%"],
        &["--fail cut:50%: the shares of all faults are 110% together"],
    ),
    (
        &["--seed", "x"],
        &["--seed x: must be a whole number from 0"],
    ),
    (
        &["--delay", "5ms"],
        &["unexpected argument '--delay'", "dragstrip endpoint --help"],
    ),
];

#[test]
fn wrong_options_end_with_code_2_and_say_what_would_be_right() {
    for (options, expected) in WRONG {
        let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_dragstrip"))
            .args(["endpoint", "--listen", "127.0.0.1:0"])
            .args(*options)
            .timeout(Duration::from_secs(20))
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{options:?}:\n{message}");
        assert!(output.stdout.is_empty(), "{options:?}");
        for part in *expected {
            assert!(
                message.contains(part),
                "{options:?}: no {part:?} in\n{message}"
            );
        }
        assert!(message.lines().count() <= 2, "{options:?}:\n{message}");
        assert!(!message.contains('\u{1b}'), "{options:?}:\n{message}");
    }
}

/// A program that serves; it ends with the test, however that ends.
pub(super) struct Running(Child);

impl Running {
    pub(super) fn start(command: &mut Command) -> Running {
        Running(command.stderr(Stdio::piped()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where it serves, as it says itself once it does, and what else it says then.
pub(super) fn serving_at(name: &str, running: &mut Running) -> (SocketAddr, String) {
    let mut line = String::new();
    let mut stderr = BufReader::new(running.0.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    let (addr, said) = line
        .strip_prefix(&format!("dragstrip {name} at http://"))
        .and_then(|rest| rest.split_once([',', ' ']))
        .unwrap_or_else(|| panic!("{line}"));
    (addr.parse().unwrap(), said.trim_start().to_owned())
}

#[tokio::test]
async fn it_serves_as_its_options_say() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragstrip"));
    command
        .args(["endpoint", "--listen", "127.0.0.1:0"])
        .args(["--profile", "fixed:3ms", "--servers", "2"])
        .args(["--freeze", "1h+1s", "--fail", "503:100%", "--seed", "4"]);
    let mut running = Running::start(&mut command);
    let (addr, said) = serving_at("endpoint", &mut running);
    assert_eq!(
        said,
        "profile fixed:3ms, 2 servers, frozen 3600s+1s, failing 503:100%; Ctrl-C ends it\n"
    );
    let answer = post(addr, "/chat/completions", "{}").await;
    assert_eq!(answer.status, 503);
    assert!(answer.held() >= Duration::from_millis(3));
}
