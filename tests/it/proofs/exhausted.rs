//! This machine runs out of descriptors or ports: survived, shown, and not taken for the gateway's failure.

use super::{check, read, until};
use crate::pty::Terminal;
use crate::transport::server::Server;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::Value;
use std::sync::atomic::Ordering;

/// Asserts that the run failed for want of something of ours, that this is red, and that no verdict is given.
fn assert_ours(snapshot: &Value, what: &str) {
    for variant in ["a", "b"] {
        let run = &snapshot["variants"][variant]["run"];
        assert!(run["outcomes"]["client"].as_u64() > Some(0), "{run}");
        assert_eq!(
            run["failed"], run["outcomes"]["client"],
            "nothing else failed: {run}"
        );
        let errors = snapshot["variants"][variant]["errors"]
            .as_array()
            .expect("errors");
        assert!(
            errors[0]["text"].as_str().expect("a text").contains(what),
            "{errors:?}"
        );
    }
    let red = check(snapshot, "ports and files");
    assert_eq!(red["level"], "red", "{red}");
    for metric in snapshot["comparison"]["metrics"]
        .as_array()
        .expect("metrics")
    {
        assert_eq!(metric["verdict"], "withheld", "{metric}");
        let text = metric["text"].as_str().expect("a text");
        // Another check may be red as well, and come first.
        assert!(text.starts_with("withheld: "), "{text}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn no_descriptor_left() {
    let (a, b) = (Server::start(None), Server::start(None));
    let urls = [&a, &b].map(|server| format!("http://{}", server.addr));
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.json");
    let load = "--path /slow --rate 100 --threads 1 --warmup 0s --transport-a keep_alive=false \
                --transport-b keep_alive=false";
    let args = [
        "run",
        "--no-preflight",
        "--a",
        &urls[0],
        "--b",
        &urls[1],
        "--out",
        out.to_str().expect("a path"),
    ];
    let args: Vec<&str> = args.into_iter().chain(load.split_whitespace()).collect();
    let mut terminal = Terminal::start((160, 48), &args, &[]);
    let served = || b.seen.requests.load(Ordering::SeqCst);
    until("requests", || served() > 20);
    let id = terminal.child.process_id().expect("an id");
    let pid = Pid::from_raw(id.cast_signed());
    // What is open stays open, and nothing more can be opened.
    let few = Rlimit {
        current: Some(3),
        maximum: None,
    };
    let before = rustix::process::getrlimit(Resource::Nofile);
    let few = Rlimit {
        maximum: before.maximum,
        ..few
    };
    let before = prlimit(pid, Resource::Nofile, few).expect("a lower limit");
    terminal.wait("the red check", |text| text.contains("file descriptor"));
    prlimit(pid, Resource::Nofile, before).expect("the limit of before");
    // It goes on as soon as it can.
    let then = served();
    until("requests again", || served() > then + 20);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    let snapshot = read(&out);
    assert_ours(&snapshot, "no file descriptor left");
    assert!(snapshot["variants"]["b"]["run"]["ok"].as_u64() > Some(30));
}

/// A network of its own, with eight ports to connect from: `$1` is the program, `$2` where the snapshot goes.
#[cfg(target_os = "linux")]
const FEW_PORTS: &str = "
set -e
ip link set lo up
echo 40000 40007 > /proc/sys/net/ipv4/ip_local_port_range
\"$1\" endpoint --listen 127.0.0.1:4001 --profile fixed:20ms 2> /dev/null &
endpoint=$!
trap 'kill $endpoint' EXIT
until (exec 3<> /dev/tcp/127.0.0.1/4001) 2> /dev/null; do sleep 0.02; done
for name in a b; do set -- \"$@\" --$name http://127.0.0.1:4001/$name; done
program=$1 out=$2
shift 2
\"$program\" run --headless --out \"$out\" --path /v1/chat/completions --json '{}' \\
    --users 10 --think 30ms --warmup 0s --duration 1s --threads 1 \"$@\" > /dev/null 2>&1
";

#[test]
#[cfg(target_os = "linux")]
fn no_port_left() {
    use std::process::Command;
    let isolated = |script: &str, args: &[&str]| {
        Command::new("unshare")
            .args([
                "--user",
                "--map-root-user",
                "--net",
                "bash",
                "-c",
                script,
                "bash",
            ])
            .args(args)
            .output()
    };
    let possible = isolated(
        "ip link set lo up && test -w /proc/sys/net/ipv4/ip_local_port_range",
        &[],
    );
    if !possible.is_ok_and(|done| done.status.success()) {
        // Skipped: no network of its own can be made here.
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.json");
    let args = [
        env!("CARGO_BIN_EXE_dragstrip"),
        out.to_str().expect("a path"),
    ];
    let done = isolated(FEW_PORTS, &args).expect("runs");
    assert!(done.status.success(), "{done:?}");
    let snapshot = read(&out);
    assert_ours(&snapshot, "no local port");
    let run = &snapshot["variants"]["a"]["run"];
    assert!(
        run["ok"].as_u64() > Some(20),
        "those who have a connection go on: {run}"
    );
}

/// What this process may raise its limit to counts, not what the limit is when it is started.
#[test]
#[cfg(unix)]
fn a_load_that_may_need_more_descriptors_than_there_can_be_is_told_so_from_the_start() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let load = "--users 60 --think 1s..1s --warmup 0s --duration 200ms --format json";
    for (limits, is_told) in [
        ("ulimit -n 100", true),
        ("ulimit -Sn 100 && ulimit -Hn 400", false),
    ] {
        let output = std::process::Command::new("sh")
            .args(["-c", &format!("{limits} && exec \"$@\""), "sh"])
            .args([
                env!("CARGO_BIN_EXE_dragstrip"),
                "run",
                "--no-preflight",
                "--a",
                &url,
            ])
            .args(load.split_whitespace())
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr);
        let warning =
            "this load may need 124 open files (60 for connections), but this process may have 100";
        assert_eq!(said.contains(warning), is_told, "{limits}: {said}");
        let snapshot: Value = serde_json::from_slice(&output.stdout).expect("a snapshot");
        let notices = snapshot["notices"].as_array().expect("notices").iter();
        let stands = notices.filter(|notice| {
            notice["level"] == "warning"
                && notice["text"]
                    .as_str()
                    .expect("a text")
                    .starts_with(warning)
        });
        assert_eq!(stands.count(), usize::from(is_told), "{limits}");
    }
}
