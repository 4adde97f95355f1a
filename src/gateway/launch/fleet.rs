//! All commands that are launched for a run: started one after another, watched while it goes on, ended the other way round.

use super::Progress;
use super::error::{LastWords, LaunchError, LaunchFailure, Trouble};
use super::output::Output;
use super::process::{End, Process};
use super::ready::NotReady;
use super::tree::Watch;
use super::{Event, LaunchSpec};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often processor time and memory are looked at.
const SECOND: Duration = Duration::from_secs(1);
/// The first and the longest wait before a command is started again; it doubles from one to the next.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// Who has run for so long begins with the first wait again.
const STEADY: Duration = Duration::from_secs(60);

/// Who hears of events: the variant's number, and what happened.
pub(super) type Tell = Arc<dyn Fn(usize, Event) + Send + Sync>;

/// All launched commands. Dropped, they end.
pub struct Fleet {
    members: Arc<[Member]>,
    stop: Sender<Call>,
    calls: Option<Receiver<Call>>,
    watcher: Option<JoinHandle<()>>,
    guard: PathBuf,
}

/// One command with all its processes, one after another.
struct Member {
    spec: LaunchSpec,
    output: Output,
    /// Where its files are; they go with it.
    files: tempfile::TempDir,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    process: Option<Process>,
    pid: Option<u32>,
    since: Option<Instant>,
}

impl Member {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the watcher is called for.
enum Call {
    /// The command with this number has ended.
    Over(usize),
    /// Nothing is to be watched any more.
    Stop,
}

impl Fleet {
    /// Starts all of `specs`, in this order, each when the one before is ready. `guard` is the program that can be a guard:
    /// this one. `progress` hears of each step, `tell` of everything that happens afterwards, on threads of its own; nothing
    /// is told after [`Fleet::end`]. `cancelled` is asked ten times a second.
    pub fn start(
        specs: Vec<LaunchSpec>,
        guard: PathBuf,
        progress: &mut dyn FnMut(&Progress<'_>),
        cancelled: &dyn Fn() -> bool,
        tell: impl Fn(usize, Event) + Send + Sync + 'static,
    ) -> Result<Fleet, LaunchError> {
        let tell: Tell = Arc::new(tell);
        let members = specs.into_iter().map(|spec| Member::new(spec, &tell));
        let members: Arc<[Member]> = members.collect::<Result<_, _>>()?;
        let (stop, calls) = mpsc::channel();
        let mut fleet = Fleet {
            members,
            stop,
            calls: Some(calls),
            watcher: None,
            guard,
        };
        for number in 0..fleet.members.len() {
            fleet.bring_up(number, progress, cancelled)?;
        }
        for member in &*fleet.members {
            let running = member.running();
            let ended = running.process.as_ref().and_then(|it| it.told().ended());
            drop(running);
            if let Some(how) = ended {
                return Err(member.ended(how).into());
            }
        }
        fleet.watch(tell)?;
        Ok(fleet)
    }

    /// Starts one command and waits until it is ready.
    fn bring_up(
        &self,
        number: usize,
        progress: &mut dyn FnMut(&Progress<'_>),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(), LaunchError> {
        let member = &self.members[number];
        let spec = &member.spec;
        let ready = spec.ready.as_ref();
        if let Some(place) = ready.and_then(|ready| ready.check.taken()) {
            return Err(failure(spec, Trouble::PortTaken(place)).into());
        }
        if cancelled() {
            return Err(LaunchError::Cancelled);
        }
        let pid = member.start(&self.guard, number, &self.stop)?;
        let told = {
            let running = member.running();
            running.process.as_ref().map(|it| Arc::clone(it.told()))
        };
        progress(&Progress::Started {
            name: &spec.name,
            command: &spec.shown,
            pid,
            output: spec.output.as_deref(),
        });
        let Some(ready) = ready else { return Ok(()) };
        let ended = || told.as_ref().and_then(|told| told.ended());
        match ready.wait(ended, cancelled) {
            Ok(after) => {
                progress(&Progress::Ready {
                    name: &spec.name,
                    after,
                });
                Ok(())
            }
            Err(NotReady::Cancelled) => Err(LaunchError::Cancelled),
            Err(NotReady::Ended(how)) => Err(member.ended(how).into()),
            Err(NotReady::TimeUp(found)) => {
                let trouble = Trouble::NeverReady {
                    within: ready.within,
                    found,
                    last: member.last_words(),
                };
                Err(failure(spec, trouble).into())
            }
        }
    }

    fn watch(&mut self, tell: Tell) -> Result<(), LaunchError> {
        let Some(calls) = self.calls.take() else {
            return Ok(());
        };
        let watcher = Watcher {
            members: Arc::clone(&self.members),
            again: self.stop.clone(),
            guard: self.guard.clone(),
            tell,
            due: Vec::new(),
            waits: vec![AGAIN.0; self.members.len()],
        };
        let thread = std::thread::Builder::new()
            .name("launches".to_owned())
            .spawn(move || watcher.run(&calls));
        match thread {
            Ok(thread) => self.watcher = Some(thread),
            Err(error) => {
                let trouble = Trouble::Prepare("a thread".to_owned(), error);
                let first = self.members.first();
                return first.map_or(Ok(()), |it| Err(failure(&it.spec, trouble).into()));
            }
        }
        Ok(())
    }

    /// Ends everything, the last one first, and waits until it is gone.
    pub fn end(mut self, progress: &mut dyn FnMut(&Progress<'_>)) {
        self.finish(progress);
    }

    fn finish(&mut self, progress: &mut dyn FnMut(&Progress<'_>)) {
        let _ = self.stop.send(Call::Stop);
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
        for member in self.members.iter().rev() {
            let process = member.running().process.take();
            let Some(process) = process else { continue };
            if process.end() == End::Killed {
                progress(&Progress::Killed {
                    name: &member.spec.name,
                    grace: member.spec.grace,
                });
            }
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.finish(&mut |_| {});
    }
}

impl Member {
    fn new(spec: LaunchSpec, tell: &Tell) -> Result<Member, Box<LaunchFailure>> {
        let cannot = |what: String| {
            let spec = &spec;
            move |error: io::Error| failure(spec, Trouble::Prepare(what, error))
        };
        // Only the user can read it: a gateway's configuration has keys in it.
        let files = tempfile::Builder::new()
            .prefix("dragstrip-")
            .tempdir()
            .map_err(cannot("a folder".to_owned()))?;
        for (name, text) in &spec.files {
            let text = text.replace(super::FILES, &files.path().to_string_lossy());
            std::fs::write(files.path().join(name), text)
                .map_err(cannot(format!("the file {name}")))?;
        }
        let (tell, variant) = (Arc::clone(tell), spec.variant);
        let path = spec.output.as_deref();
        let output = Output::create(path, spec.secrets.clone(), move |line| {
            tell(variant, Event::Said(line));
        })
        .map_err(cannot(format!(
            "the file {}",
            path.unwrap_or(Path::new("")).display()
        )))?;
        Ok(Member {
            spec,
            output,
            files,
            running: Mutex::default(),
        })
    }

    /// Starts a process of it; its number.
    fn start(
        &self,
        guard: &Path,
        number: usize,
        calls: &Sender<Call>,
    ) -> Result<u32, Box<LaunchFailure>> {
        let failed = |reason: String| failure(&self.spec, Trouble::Command(reason));
        let calls = calls.clone();
        let over = move || {
            let _ = calls.send(Call::Over(number));
        };
        let process = Process::start(&self.spec, guard, self.files.path(), &self.output, over)
            .map_err(|error| failed(error.to_string()))?;
        let pid = process.started().map_err(failed)?;
        *self.running() = Running {
            process: Some(process),
            pid: Some(pid),
            since: Some(Instant::now()),
        };
        Ok(pid)
    }

    fn ended(&self, how: String) -> Box<LaunchFailure> {
        // What it wrote last is on its way until both of its streams are at their ends.
        if let Some(process) = self.running().process.take() {
            process.end();
        }
        failure(&self.spec, Trouble::Ended(how, self.last_words()))
    }

    fn last_words(&self) -> LastWords {
        LastWords {
            lines: self.output.last(),
            output: self.spec.output.clone(),
        }
    }
}

fn failure(spec: &LaunchSpec, trouble: Trouble) -> Box<LaunchFailure> {
    Box::new(LaunchFailure {
        name: spec.name.clone(),
        command: spec.shown.clone(),
        trouble,
    })
}

/// Watches all commands while the run goes on.
struct Watcher {
    members: Arc<[Member]>,
    again: Sender<Call>,
    guard: PathBuf,
    tell: Tell,
    /// Who is to be started again, and when.
    due: Vec<(Instant, usize)>,
    /// How long each waits before it is started again.
    waits: Vec<Duration>,
}

impl Watcher {
    fn run(mut self, calls: &Receiver<Call>) {
        let variants = self.members.iter().map(|member| member.spec.variant);
        let variants: std::collections::BTreeSet<usize> = variants.collect();
        let mut watches: Vec<(usize, Watch)> = variants
            .into_iter()
            .map(|variant| (variant, Watch::default()))
            .collect();
        let mut look = Instant::now();
        loop {
            let now = Instant::now();
            if now >= look {
                // A machine that stood still is not asked for all the seconds that it missed.
                look = (look + SECOND).max(now);
                for (variant, watch) in &mut watches {
                    let uses = watch.look(&self.roots(*variant));
                    (self.tell)(*variant, Event::Uses(uses));
                }
            }
            self.start_again(now);
            let next = self
                .due
                .iter()
                .map(|(when, _)| *when)
                .fold(look, Instant::min);
            match calls.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(Call::Over(number)) => self.over(number),
                Ok(Call::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn roots(&self, variant: usize) -> Vec<u32> {
        let members = self.members.iter();
        let members = members.filter(|member| member.spec.variant == variant);
        members.filter_map(|member| member.running().pid).collect()
    }

    /// A command has ended, and nobody has asked it to.
    fn over(&mut self, number: usize) {
        let member = &self.members[number];
        let (process, since) = {
            let mut running = member.running();
            running.pid = None;
            (running.process.take(), running.since.take())
        };
        let Some(process) = process else { return };
        let how = process.told().ended();
        let how = how.unwrap_or_else(|| "ended".to_owned());
        process.end();
        member.output.note(&how);
        if since.is_some_and(|since| since.elapsed() >= STEADY) {
            self.waits[number] = AGAIN.0;
        }
        let wait = self.waits[number];
        let again_in = member.spec.restart.then_some(wait);
        if again_in.is_some() {
            self.due.push((Instant::now() + wait, number));
            self.waits[number] = (wait * 2).min(AGAIN.1);
        }
        (self.tell)(member.spec.variant, Event::Exited { how, again_in });
    }

    fn start_again(&mut self, now: Instant) {
        let due: Vec<usize> = self
            .due
            .extract_if(.., |(when, _)| *when <= now)
            .map(|(_, number)| number)
            .collect();
        for number in due {
            let member = &self.members[number];
            let event = match member.start(&self.guard, number, &self.again) {
                Ok(pid) => Event::Restarted { pid },
                Err(error) => {
                    let wait = self.waits[number];
                    self.due.push((now + wait, number));
                    self.waits[number] = (wait * 2).min(AGAIN.1);
                    Event::NotRestarted(error.to_string())
                }
            };
            (self.tell)(member.spec.variant, event);
        }
    }
}
