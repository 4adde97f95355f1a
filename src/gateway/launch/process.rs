//! One launched command: its guard, what that tells, and its output.

use super::guard::Word;
use super::output::Output;
use super::{FILES, LaunchSpec};
use std::io::{self, BufRead, BufReader};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the guard may take to say that it has started the command.
const START: Duration = Duration::from_secs(10);
/// How long the guard may take beyond the grace that the command has.
const GUARD: Duration = Duration::from_secs(2);
/// How long the last of the output may be on its way.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Between two looks whether there is still time for grace.
const PAUSE: Duration = Duration::from_millis(50);
/// Between two looks at a thread that is to end.
const LOOK: Duration = Duration::from_millis(5);

/// A command that was started.
pub(super) struct Process {
    guard: Child,
    line: UnixStream,
    told: Arc<Told>,
    threads: Vec<JoinHandle<()>>,
    grace: Duration,
}

/// What the guard has told so far.
#[derive(Default)]
pub(super) struct Told {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Debug, Default)]
struct State {
    started: Option<u32>,
    failed: Option<String>,
    ended: Option<String>,
    /// The guard says nothing more.
    silent: bool,
}

impl Told {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// Follows the guard's words to their end. `over` is called when the command has ended; what it has started may still be
    /// there.
    fn follow(&self, line: UnixStream, over: impl FnOnce()) {
        let mut over = Some(over);
        let words = BufReader::new(line).lines().map_while(Result::ok);
        for word in words.filter_map(|line| Word::parse(&line)) {
            let ended = matches!(word, Word::Ended(_));
            self.change(|state| match word {
                Word::Started(pid) => state.started = Some(pid),
                Word::Failed(why) => state.failed = Some(why),
                Word::Ended(how) => state.ended = Some(how),
            });
            if let Some(over) = over.take_if(|_| ended) {
                over();
            }
        }
        self.change(|state| state.silent = true);
        if let Some(over) = over {
            over();
        }
    }

    /// Waits until the guard is gone, or for so long; true if it is.
    fn wait_for_silence(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut state = self.state();
        while !state.silent {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// How the command has ended, if it has.
    pub(super) fn ended(&self) -> Option<String> {
        let state = self.state();
        let lost = || state.silent.then(|| "was lost with its guard".to_owned());
        state.ended.clone().or_else(lost)
    }
}

/// How a process that was asked to end did so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// By itself, in time.
    InTime,
    /// It had to be killed.
    Killed,
}

impl Process {
    /// Starts the command under the guard, which is the program `guard`. `over` is called once, when the command has ended for
    /// whatever reason.
    pub(super) fn start(
        spec: &LaunchSpec,
        guard: &Path,
        files: &Path,
        output: &Output,
        over: impl FnOnce() + Send + 'static,
    ) -> io::Result<Process> {
        let (line, theirs) = UnixStream::pair()?;
        let fill = |text: &String| text.replace(FILES, &files.to_string_lossy());
        let mut command = Command::new(guard);
        command
            .arg("__guard")
            .arg("--grace-ms")
            .arg(spec.grace.as_millis().to_string())
            .arg("--files")
            .arg(files)
            .arg("--")
            .args(spec.command.iter().map(fill))
            .envs(spec.env.iter().map(|(name, value)| (name, fill(value))))
            .current_dir(&spec.directory)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command.spawn()?;
        // The command holds the guard's end of the line: it must not outlive the guard.
        drop(command);
        let mut threads = Vec::new();
        let name = format!("out-{}", spec.name);
        if let Some(out) = child.stdout.take() {
            threads.push(output.follow(&name, out)?);
        }
        if let Some(out) = child.stderr.take() {
            threads.push(output.follow(&name, out)?);
        }
        let told = Arc::<Told>::default();
        let (following, words) = (Arc::clone(&told), line.try_clone()?);
        threads.push(
            std::thread::Builder::new()
                .name(format!("guard-{}", spec.name))
                .spawn(move || {
                    following.follow(words, over);
                })?,
        );
        Ok(Process {
            guard: child,
            line,
            told,
            threads,
            grace: spec.grace,
        })
    }

    /// Waits until the command runs: its process number, or why the system could not run it.
    pub(super) fn started(&self) -> Result<u32, String> {
        let until = Instant::now() + START;
        let mut state = self.told.state();
        loop {
            if let Some(pid) = state.started {
                return Ok(pid);
            }
            if let Some(why) = &state.failed {
                return Err(why.clone());
            }
            let left = until.saturating_duration_since(Instant::now());
            if state.silent || left.is_zero() {
                return Err("its guard said nothing".to_owned());
            }
            let waited = self.told.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// What the guard tells.
    pub(super) fn told(&self) -> &Arc<Told> {
        &self.told
    }

    /// Asks the command to end; it is not waited for.
    pub(super) fn ask_to_end(&self) {
        let _ = self.line.shutdown(Shutdown::Write);
    }

    /// The number of the guard, from which all that the command has started descends.
    pub(super) fn guard(&self) -> u32 {
        self.guard.id()
    }

    /// Ends the command and everything that it has started, and waits for that; without grace once `hurry`.
    pub(super) fn end(mut self, hurry: &dyn Fn() -> bool) -> End {
        self.finish(hurry)
    }

    fn finish(&mut self, hurry: &dyn Fn() -> bool) -> End {
        self.ask_to_end();
        let until = Instant::now() + self.grace + GUARD;
        while !self.told.wait_for_silence(PAUSE) && Instant::now() < until {
            if hurry() {
                self.signal_guard(rustix::process::Signal::INT);
            }
        }
        // Most often nothing is left of the group, but the guard may have been killed by somebody else. It was not waited for
        // yet, so that the number of its group is no other's.
        let group = i32::try_from(self.guard.id()).ok();
        if let Some(group) = group.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let end = match self.guard.wait() {
            // It ends the group by a signal that it does not survive.
            Ok(status) if status.signal().is_none() => End::InTime,
            _ => End::Killed,
        };
        let until = Instant::now() + LAST_WORDS;
        for thread in self.threads.drain(..) {
            // Whoever has left the group and could not be found may hold the output open.
            while !thread.is_finished() && Instant::now() < until {
                std::thread::sleep(LOOK);
            }
            if thread.is_finished() {
                let _ = thread.join();
            }
        }
        end
    }
}

impl Process {
    fn signal_guard(&self, signal: rustix::process::Signal) {
        let guard = i32::try_from(self.guard.id()).ok();
        if let Some(guard) = guard.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(guard, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            self.finish(&|| true);
        }
    }
}
