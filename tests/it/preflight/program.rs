//! The program under test, and its built-in servers, as children.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// How a run has ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Ended {
    /// Asserts the exit code and that stderr says all of `parts`.
    #[track_caller]
    pub(super) fn says(&self, code: i32, parts: &[&str]) -> &Ended {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for part in parts {
            assert!(
                self.stderr.contains(part),
                "no {part:?} in\n{}",
                self.stderr
            );
        }
        self
    }

    /// Asserts that no load has started: there is no result.
    #[track_caller]
    pub(super) fn started_nothing(&self) {
        self.says(
            1,
            &["no load was started; --no-preflight starts it all the same"],
        );
        assert_eq!(self.stdout, "");
        assert!(!self.stderr.contains("measuring"), "{}", self.stderr);
    }

    /// The snapshot on stdout, after a run that could be done.
    #[track_caller]
    pub(super) fn snapshot(&self) -> Value {
        self.says(0, &[]);
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The texts of the standing notices that begin like this.
    #[track_caller]
    pub(super) fn notices(&self, beginning: &str) -> Vec<String> {
        let snapshot = self.snapshot();
        let notices = snapshot["notices"].as_array().unwrap().iter();
        let texts = notices.map(|notice| notice["text"].as_str().unwrap().to_owned());
        texts.filter(|text| text.starts_with(beginning)).collect()
    }
}

/// The program with these arguments after those of a very short run.
pub(super) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragstrip"));
    command
        .args(["run", "--users", "2", "--think", "10ms", "--warmup", "0s"])
        .args(["--duration", "200ms", "--format", "json"])
        .args(args)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the program with these arguments to its end.
pub(super) fn run(args: &[&str]) -> Ended {
    let output = command(args).output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// One of the program's own servers; it ends with the test.
pub(super) struct Served {
    child: Child,
    pub(super) url: String,
}

impl Served {
    pub(super) fn endpoint(options: &[&str]) -> Served {
        Served::start("endpoint", options)
    }

    pub(super) fn gateway(upstream: &str, transport: &str) -> Served {
        let options = ["--upstream", upstream, "--transport", transport];
        Served::start("gateway", &options)
    }

    fn start(command: &str, options: &[&str]) -> Served {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dragstrip"))
            .args([command, "--listen", "127.0.0.1:0"])
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut says = BufReader::new(child.stderr.take().unwrap());
        says.read_line(&mut line).unwrap();
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap_or_else(|| panic!("{line}"));
        Served {
            url: url.trim_end_matches([',', ';']).to_owned(),
            child,
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
