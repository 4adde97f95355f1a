//! The program in a pipe: output formats, files, exit codes, signals.

use crate::transport::server::Server;
use assert_cmd::Command;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

fn dragstrip(args: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("dragstrip")
        .expect("the program")
        .args(args)
        .assert()
}

fn stdout(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

/// A short closed-loop run of `url`, with more arguments.
fn run<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec![
        "run",
        "--no-preflight",
        "--a",
        url,
        "--users",
        "4",
        "--think",
        "5ms",
        "--warmup",
        "0s",
        "--duration",
        "500ms",
    ];
    args.extend(more);
    args
}

#[test]
fn a_run_writes_its_table_to_stdout_and_its_progress_to_stderr() {
    let (a, b) = (Server::start(None), Server::start(None));
    let (a, b) = (format!("http://{}", a.addr), format!("http://{}", b.addr));
    let done = dragstrip(&run(&a, &["--b", &b, "--path", "/ok"])).success();
    let table = stdout(&done);
    for word in [
        "Metric",
        "Improvement",
        "Calculation",
        "Median latency",
        "95th percentile",
        "× 100 = ",
    ] {
        assert!(table.contains(word), "{word} is not in\n{table}");
    }
    assert!(!table.contains('\u{1b}'), "no escape sequences in a pipe");
    assert!(stderr(&done).contains("measuring"));
}

#[test]
fn json_on_stdout_and_in_the_file_are_the_same_snapshot() {
    let server = Server::start(None);
    let url = format!("http://user:pa55word@{}/ok", server.addr);
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("result.json");
    let out = out.to_str().expect("a path");
    let more = [
        "--format",
        "json",
        "--out",
        out,
        "--header",
        "authorization: Bearer s3cret",
        "--seed",
        "7",
    ];
    let done = dragstrip(&run(&url, &more)).success();
    let text = stdout(&done);
    let file = std::fs::read_to_string(out).expect("the file");
    assert_eq!(text, file);
    let snapshot: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (&snapshot["schema"], &snapshot["meta"]["seed"]),
        (&Value::from("dragstrip.snapshot/1"), &Value::from(7))
    );
    assert!(
        snapshot["comparison"].is_null() && snapshot["variants"].get("b").is_none(),
        "a solo run"
    );
    let run = &snapshot["variants"]["a"]["run"];
    let count = |name: &str| run[name].as_u64().expect("a count");
    assert_eq!(
        count("requests"),
        count("ok") + count("failed") + count("cancelled") + count("in_flight")
    );
    assert!(count("ok") > 50 && count("failed") == 0, "{run}");
    for field in [
        "response_us",
        "ok_response_us",
        "service_us",
        "client_lag_us",
        "slot_wait_us",
    ] {
        for figure in ["min", "mean", "p50", "p90", "p95", "p99", "p999", "max"] {
            assert!(run[field][figure].is_number(), "{field}.{figure} in {run}");
        }
    }
    assert_eq!(snapshot["meta"]["phase"], "done");
    let beside =
        std::fs::read_to_string(folder.path().join("result.md")).expect("the Markdown beside it");
    for secret in ["s3cret", "pa55word"] {
        assert!(
            !text.contains(secret) && !beside.contains(secret) && !stderr(&done).contains(secret),
            "{secret}"
        );
    }
    assert_eq!(
        std::fs::read_dir(folder.path())
            .expect("the folder")
            .count(),
        2,
        "no temporary file is left"
    );
}

#[test]
fn a_saved_snapshot_reads_back_as_it_was() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let text = stdout(&dragstrip(&run(&url, &["--format", "json"])).success());
    let snapshot: dragstrip::metrics::snapshot::Snapshot =
        serde_json::from_str(&text).expect("a snapshot");
    assert_eq!(
        snapshot.variants.a.histogram.count(),
        snapshot.variants.a.run.ok
    );
    let ended: u64 = snapshot
        .variants
        .a
        .intervals
        .iter()
        .map(|interval| interval.histogram.count())
        .sum();
    assert_eq!(
        ended, snapshot.variants.a.run.ok,
        "the intervals hold every ok request once"
    );
    let again = serde_json::to_value(&snapshot).expect("serialises");
    assert_eq!(again, serde_json::from_str::<Value>(&text).expect("JSON"));
}

#[test]
fn csv_and_markdown_are_what_they_say() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let text =
        stdout(&dragstrip(&run(&url, &["--format", "csv", "--label-a", "=cmd()"])).success());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heading = reader.headers().expect("a heading").clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 1);
    let column = heading
        .iter()
        .position(|name| name == "response_p99_us")
        .expect("the column");
    assert!(rows[0][column].parse::<u64>().expect("microseconds") > 0);
    assert_eq!(&rows[0][1], "'=cmd()", "no formula");
    let text = stdout(&dragstrip(&run(&url, &["--format", "markdown"])).success());
    assert!(
        text.starts_with("## ") && text.contains("| response |"),
        "{text}"
    );
}

#[test]
fn nothing_reachable_is_exit_code_1_with_the_reason() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its address");
    let url = format!("http://{gone}");
    let done = dragstrip(&run(&url, &[])).code(1);
    assert!(
        stderr(&done).contains("nothing could be reached") && stderr(&done).contains("refused"),
        "{}",
        stderr(&done)
    );
    assert!(
        stdout(&done).contains("connect"),
        "the table is written all the same"
    );
}

#[test]
fn one_side_down_is_shown_and_is_no_error() {
    let server = Server::start(None);
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its address");
    let (a, b) = (
        format!("http://{}/ok", server.addr),
        format!("http://{gone}"),
    );
    let done = dragstrip(&run(&a, &["--b", &b])).success();
    assert!(
        stdout(&done).contains("Failed requests"),
        "{}",
        stdout(&done)
    );
}

#[test]
fn a_write_that_fails_later_is_exit_code_1_and_the_result_is_still_shown() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("sub/out.json");
    std::fs::create_dir(folder.path().join("sub")).expect("a folder");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_dragstrip"))
        .args(run(&url, &["--out", out.to_str().expect("a path")]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut progress = BufReader::new(child.stderr.take().expect("stderr"));
    let mut line = String::new();
    progress.read_line(&mut line).expect("a first line");
    // The run has begun: what was a folder becomes a file.
    std::fs::remove_dir_all(folder.path().join("sub")).expect("removes");
    std::fs::write(folder.path().join("sub"), "").expect("writes");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut progress, &mut rest).expect("stderr");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(1), "{rest}");
    assert!(rest.contains("cannot write"), "{rest}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("RPS"));
}

#[cfg(unix)]
#[test]
fn signals_save_and_end_in_good_order() {
    use rustix::process::{Pid, Signal, kill_process};
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let folder = tempfile::tempdir().expect("a folder");
    let snapshots = folder.path().to_str().expect("a path");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_dragstrip"))
        .args([
            "run",
            "--no-preflight",
            "--a",
            &url,
            "--users",
            "2",
            "--think",
            "10ms",
            "--warmup",
            "0s",
            "--snapshot-dir",
            snapshots,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let pid = Pid::from_raw(child.id().cast_signed()).expect("a pid");
    let mut progress = BufReader::new(child.stderr.take().expect("stderr")).lines();
    let mut wait_for = |word: &str| loop {
        let line = progress.next().expect("more lines").expect("a line");
        if line.contains(word) {
            return;
        }
    };
    wait_for("measuring");
    kill_process(pid, Signal::USR1).expect("a signal");
    wait_for("saved");
    kill_process(pid, Signal::TERM).expect("a signal");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(143));
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("RPS"),
        "the final table"
    );
    assert_eq!(std::fs::read_dir(snapshots).expect("the folder").count(), 2);
}

/// A server of the program's own, ended with the test whether that passes or not.
struct Served {
    child: std::process::Child,
    url: String,
}

impl Served {
    fn start(args: &[&str]) -> Served {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_dragstrip"))
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        let mut says = BufReader::new(child.stderr.take().expect("stderr"));
        says.read_line(&mut line).expect("its address");
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .expect("a URL");
        Served {
            child,
            url: url.trim_end_matches([',', ';']).to_owned(),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn endpoint_and_gateway_serve_alone() {
    let endpoint = Served::start(&[
        "endpoint",
        "--listen",
        "127.0.0.1:0",
        "--profile",
        "fixed:5ms",
    ]);
    let limit = ["--transport", "max_connections=2"];
    let gateway = Served::start(
        &[
            &[
                "gateway",
                "--listen",
                "127.0.0.1:0",
                "--upstream",
                &endpoint.url,
            ],
            &limit[..],
        ]
        .concat(),
    );
    let args = [
        &[
            "run",
            "--no-preflight",
            "--a",
            &gateway.url,
            "--users",
            "8",
            "--warmup",
            "0s",
            "--duration",
            "500ms",
            "--format",
            "json",
        ][..],
        &[
            "--path",
            "/v1/chat/completions",
            "--json",
            r#"{"model":"m","messages":[]}"#,
        ],
    ];
    let snapshot: Value =
        serde_json::from_str(&stdout(&dragstrip(&args.concat()).success())).expect("JSON");
    let run = &snapshot["variants"]["a"]["run"];
    assert_eq!(run["failed"], 0, "{run}");
    // Eight users over two upstream connections of 5 ms each: four turns of 5 ms.
    assert!(run["response_us"]["p50"].as_u64() > Some(18_000), "{run}");
}

#[test]
fn keys_that_contradict_each_other_are_refused_without_a_screen_too() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("dragstrip");
    std::fs::create_dir(&folder).expect("makes");
    std::fs::write(folder.join("config.toml"), "[keys]\npause = 's'\n").expect("writes");
    let server = Server::start(None);
    let url = format!("http://{}", server.addr);
    let args = run(&url, &["--headless", "--path", "/ok"]);
    let mut program = Command::cargo_bin("dragstrip").expect("the program");
    let refused = program
        .args(&args)
        .env("XDG_CONFIG_HOME", home.path())
        .assert()
        .code(2);
    let said = stderr(&refused);
    let expected = "line 2: \"s\" is the key of both pause and snapshot";
    assert!(
        said.contains("config.toml") && said.contains(expected),
        "{said}"
    );
    assert_eq!(stdout(&refused), "");
}
