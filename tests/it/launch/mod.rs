//! Gateways as real child processes: started, watched, ended, whatever happens.

#![cfg(unix)]

mod ends;
mod faults;
mod lens;
mod output;
mod presets;
mod runs;

use rustix::process::{Pid, Signal};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take that should come soon.
const PATIENCE: Duration = Duration::from_secs(30);
/// A load that is measured at once.
const LOAD: &str = "[load]\nusers = 2\nthink = '5ms'\nwarmup = '0s'\n[request]\npath = '/v1/chat/completions'\njson = { model = 'm', messages = [] }\n";
/// The built-in gateway before the built-in endpoint, as a command of its own.
const GATEWAY: &str =
    "['dragstrip', 'gateway', '--listen', '127.0.0.1:{{port}}', '--upstream', '{{endpoint}}']";

/// A plan in a folder of its own, and what a run of it leaves there.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    /// A plan of [`LOAD`] and `variants`, in which `GATEWAY` stands for [`GATEWAY`].
    pub(crate) fn new(variants: &str) -> Stage {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = format!("{LOAD}{}", variants.replace("GATEWAY", GATEWAY));
        std::fs::write(folder.path().join("plan.toml"), plan).expect("writes");
        Stage { folder }
    }

    /// One gateway, launched as `launch` says besides its command.
    fn solo(launch: &str) -> Stage {
        Stage::new(&format!(
            "[a]\nurl = 'http://127.0.0.1:{{{{port}}}}'\nendpoint = {{}}\n[a.launch]\n{launch}\n"
        ))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with this plan, its own state folder, and itself on the PATH.
    fn command(&self, more: &[&str]) -> Command {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_dragstrip"));
        let folder = program.parent().expect("a folder").to_path_buf();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(folder).chain(std::env::split_paths(&path));
        let mut command = Command::new(&program);
        command
            .arg("run")
            .arg(self.path("plan.toml"))
            .args(["--headless", "--out"])
            .arg(self.path("out.json"))
            .args(more)
            .env("PATH", std::env::join_paths(path).expect("a PATH"))
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("TMPDIR", self.temporary())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// Where files go that are not to stay.
    fn temporary(&self) -> PathBuf {
        let folder = self.path("tmp");
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    /// Nothing is left that was not to stay.
    fn assert_tidy(&self) {
        let left = std::fs::read_dir(self.temporary()).expect("a folder");
        let left: Vec<PathBuf> = left.map(|it| it.expect("an entry").path()).collect();
        assert!(left.is_empty(), "{left:?}");
    }

    fn start(&self, more: &[&str]) -> Running {
        let mut child = self.command(more).spawn().expect("it starts");
        let stderr = child.stderr.take().expect("a pipe");
        Running {
            child,
            stderr: BufReader::new(stderr),
            said: String::new(),
        }
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, more: &[&str]) -> Done {
        self.start(more).done()
    }

    /// The snapshot that was saved at the end.
    pub(crate) fn snapshot(&self) -> Value {
        let text = std::fs::read_to_string(self.path("out.json")).expect("a snapshot");
        serde_json::from_str(&text).expect("JSON")
    }

    /// The files with the output of gateways, by their names.
    fn logs(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.path("state/dragstrip/logs")).expect("a folder");
        let mut logs: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
        logs.sort();
        logs
    }
}

/// A run under way.
struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

/// A run that is over.
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

impl Running {
    /// Reads what it says until a line has `part`.
    fn until(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).expect("UTF-8");
            assert!(read > 0, "{part:?} was not said:\n{}", self.said);
            self.said.push_str(&line);
            if line.contains(part) {
                return line;
            }
        }
    }

    /// The process numbers of all gateways that it has said to have started.
    fn gateways(&self) -> Vec<u32> {
        pids(&self.said)
    }

    fn signal(&self, signal: Signal) {
        send(self.child.id(), signal);
    }

    fn done(mut self) -> Done {
        self.stderr.read_to_string(&mut self.said).expect("UTF-8");
        let code = self.child.wait().expect("it ends").code();
        Done {
            code,
            said: self.said,
        }
    }
}

pub(crate) fn pids(said: &str) -> Vec<u32> {
    let parts = said.split("(process ").skip(1);
    let numbers = parts.map(|part| part.split(')').next().expect("a number"));
    numbers.map(|pid| pid.parse().expect("a number")).collect()
}

fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.cast_signed()).expect("not 0");
    // It may just have ended.
    let _ = rustix::process::kill_process(pid, signal);
}

fn lives(pid: u32) -> bool {
    // One that has ended and was not waited for yet uses nothing any more.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
        || cfg!(not(target_os = "linux")) && {
            let pid = Pid::from_raw(pid.cast_signed()).expect("not 0");
            rustix::process::test_kill_process(pid).is_ok()
        }
}

/// Waits until `done`.
fn wait_for(what: &str, done: impl Fn() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// No process of these is left, and nobody listens where they did.
pub(crate) fn assert_gone(pids: &[u32], said: &str) {
    assert!(!pids.is_empty(), "none was started:\n{said}");
    for pid in pids {
        assert!(!lives(*pid), "process {pid} is left:\n{said}");
    }
    for port in ports(said) {
        TcpListener::bind(("127.0.0.1", port)).expect("its port is free");
    }
}

/// Nobody listens any more where the requests of this run went.
pub(crate) fn assert_free(snapshot: &Value) {
    for side in ["a", "b"] {
        let url = snapshot["variants"][side]["url"].as_str().expect("a URL");
        let place = url.trim_start_matches("http://").trim_end_matches('/');
        TcpListener::bind(place).unwrap_or_else(|error| panic!("{place}: {error}"));
    }
}

/// The ports that gateways were told to listen on.
fn ports(said: &str) -> Vec<u16> {
    let parts = said.split("--listen 127.0.0.1:").skip(1);
    let numbers = parts.map(|part| part.split([' ', ')', '\'']).next().expect("a port"));
    // A shell's variable is none.
    numbers.filter_map(|port| port.parse().ok()).collect()
}
