//! The whole program against servers of the table: it stays small whatever they send, and counts every request once.

use super::certificates::AUTHORITY;
use super::row::{Row, Wire};
use super::server::{Server, Total};
use super::table;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// How many programs run at once.
const AT_ONCE: usize = 3;

/// The most memory that a program may ever have had, in KB. It has about 16 MB of its own.
const MOST_KB: u64 = 32 * 1024;

/// How long a run of a second may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is left of one run.
struct Run {
    name: &'static str,
    snapshot: Value,
    /// The most memory that the program had, in KB; `None` where the system does not say.
    peak_kb: Option<u64>,
    total: Total,
}

#[test]
fn endless_answers_leave_the_program_small() {
    let runs = run_all(
        &[
            "endless headers",
            "a header's value without an end",
            "100 without an end",
            "trailers without an end",
            "an extension without an end",
            "a body without an end",
            "chunks without an end",
            "a chunk within a huge size",
            "an endless body over TLS",
            "h2: a header block without an end",
            "h2: settings without an end",
            "h2: pings without an end",
            "h2: a body without an end that heeds no window",
        ],
        &["--users", "4", "--think", "10ms", "--duration", "700ms"],
    );
    for run in runs {
        assert_conserved(&run);
        assert!(
            run.peak_kb.is_none_or(|peak| peak < MOST_KB),
            "{}: {:?} KB after {:?}",
            run.name,
            run.peak_kb,
            run.total
        );
        assert_eq!(
            run.snapshot["variants"]["a"]["run"]["ok"], 0,
            "{}",
            run.name
        );
    }
}

#[test]
fn malformed_answers_are_counted_once_and_under_their_names() {
    let expected: &[(&str, &[&str])] = &[
        ("no length: until the end", &["ok"]),
        ("less than promised", &["body"]),
        ("a negative length", &["protocol"]),
        ("HTTP/0.9: a body and nothing else", &["protocol"]),
        ("a reset in place of an answer", &["protocol"]),
        ("a reset in the body", &["body"]),
        ("408 as a farewell", &["http_408"]),
        ("503 that breaks off", &["body"]),
        ("the end after the second request", &["ok", "protocol"]),
        ("a server that says nothing", &["timeout"]),
        ("an expired certificate", &["tls"]),
        ("garbage in place of an answer's record", &["tls"]),
        ("h2: an answer in HTTP/1.1", &["protocol"]),
        ("h2: NO_ERROR in the body", &["body", "timeout"]),
    ];
    let names: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    // The server's scripts for HTTP/2 know one stream, so users do not share a connection here.
    let runs = run_all(
        &names,
        &["--users", "1", "--think", "10ms", "--duration", "500ms"],
    );
    for (run, (_, outcomes)) in runs.iter().zip(expected) {
        assert_conserved(run);
        let counted = &run.snapshot["variants"]["a"]["run"]["outcomes"];
        let names: BTreeSet<_> = counted.as_object().unwrap().keys().collect();
        assert!(names.iter().eq(*outcomes), "{}: {counted}", run.name);
    }
}

/// Every request has ended in exactly one way.
fn assert_conserved(run: &Run) {
    let figures = &run.snapshot["variants"]["a"]["run"];
    let count = |name: &str| figures[name].as_u64().unwrap();
    let ended = count("ok") + count("failed") + count("cancelled");
    assert!(ended > 0, "{}: {figures}", run.name);
    assert_eq!(
        count("requests"),
        ended + count("in_flight"),
        "{}",
        run.name
    );
    let outcomes = figures["outcomes"].as_object().unwrap().values();
    let by_name: u64 = outcomes.map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(by_name, ended, "{}: {figures}", run.name);
}

/// Runs the program against each of the rows that are named, with these arguments.
fn run_all(names: &[&str], arguments: &[&str]) -> Vec<Run> {
    let servers = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("behaviours-servers")
        .enable_all()
        .build()
        .unwrap();
    let table = table();
    let rows: Vec<_> = names
        .iter()
        .map(|name| table.iter().find(|row| row.name == *name).expect(name))
        .collect();
    let mut runs = Vec::new();
    for rows in rows.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            let started: Vec<_> = rows
                .iter()
                .map(|row| scope.spawn(|| run(row, arguments, &servers)))
                .collect();
            runs.extend(started.into_iter().map(|run| run.join().unwrap()));
        });
    }
    runs
}

fn run(row: &Row, arguments: &[&str], servers: &Runtime) -> Run {
    let server = {
        let _servers = servers.enter();
        Server::start(row)
    };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.json");
    let scheme = row.wire.scheme();
    let child = Command::new(env!("CARGO_BIN_EXE_dragstrip"))
        .args([
            "run",
            "--no-preflight",
            "--headless",
            "--warmup",
            "0s",
            "--timeout",
            "300ms",
        ])
        .args(["--a", &format!("{scheme}://{}/", server.addr)])
        .args(["--transport-a", &transport(row.wire)])
        .args(arguments)
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let peak_kb = peak_of(child, row.name);
    let text = std::fs::read_to_string(&out).unwrap();
    Run {
        name: row.name,
        snapshot: serde_json::from_str(&text).unwrap(),
        peak_kb,
        total: servers.block_on(server.finish(true)).unwrap(),
    }
}

/// The transport that speaks over `wire`, in the words of the command line.
fn transport(wire: Wire) -> String {
    match wire {
        Wire::Http => "http=auto".to_owned(),
        Wire::H2c => "http=h2c".to_owned(),
        Wire::RawTls | Wire::Https(_) => format!("ca={}", AUTHORITY.file.path().display()),
        Wire::H2 => format!("http=2,ca={}", AUTHORITY.file.path().display()),
    }
}

/// Waits for the program's end, and looks all the while at how much memory it has had at most.
fn peak_of(mut child: Child, name: &str) -> Option<u64> {
    let started = Instant::now();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    loop {
        if let Ok(status) = std::fs::read_to_string(&status) {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let now = line.and_then(|kb| kb.trim().trim_end_matches(" kB").parse().ok());
            peak = peak.max(now);
        }
        if let Some(ended) = child.try_wait().unwrap() {
            // 1: there was no connection at all, and so nothing could be measured.
            assert!(matches!(ended.code(), Some(0 | 1)), "{name}: {ended}");
            return peak;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{name}: the program does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
