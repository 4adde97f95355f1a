//! Watches launched commands while the run goes on: their ends, their new beginnings, and what they use.

use super::Event;
use super::member::{Member, Tell};
use super::tree::Watch;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often processor time and memory are looked at.
const SECOND: Duration = Duration::from_secs(1);
/// The first and the longest wait before a command is started again; it doubles from one to the next.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// Who has run for so long begins with the first wait again.
const STEADY: Duration = Duration::from_secs(60);

/// What the watcher is called for.
pub(super) enum Call {
    /// The command with this number has ended.
    Over(usize),
    /// Nothing is left of what it had started.
    Gone(usize),
    /// Nothing is to be watched any more.
    Stop,
}

/// Watches all commands while the run goes on.
pub(super) struct Watcher {
    members: Arc<[Member]>,
    calls: Sender<Call>,
    guard: PathBuf,
    tell: Tell,
    /// Who is to be started again, when at the earliest, and whether what it had started is gone.
    due: Vec<Due>,
    /// How long each waits before it is started again.
    waits: Vec<Duration>,
    /// What goes on beside it: the ends of groups, and waits until commands are ready again.
    beside: Vec<JoinHandle<()>>,
    stopped: Arc<AtomicBool>,
}

struct Due {
    number: usize,
    when: Instant,
    gone: bool,
}

impl Watcher {
    pub(super) fn new(
        members: Arc<[Member]>,
        calls: Sender<Call>,
        guard: PathBuf,
        tell: Tell,
    ) -> Watcher {
        Watcher {
            waits: vec![AGAIN.0; members.len()],
            members,
            calls,
            guard,
            tell,
            due: Vec::new(),
            beside: Vec::new(),
            stopped: Arc::default(),
        }
    }

    pub(super) fn run(mut self, calls: &Receiver<Call>) {
        let variants = self.members.iter().map(|member| member.spec.variant);
        let variants: BTreeSet<usize> = variants.collect();
        let mut watch = Watch::default();
        let mut look = Instant::now();
        loop {
            let now = Instant::now();
            if now >= look {
                // A machine that stood still is not asked for all the seconds that it missed.
                look = (look + SECOND).max(now);
                let uses = watch.look(&self.roots());
                for variant in &variants {
                    let uses = uses.get(variant).copied().unwrap_or_default();
                    (self.tell)(*variant, Event::Uses(uses));
                }
            }
            self.start_again(now);
            let due = self.due.iter().filter(|due| due.gone).map(|due| due.when);
            let next = due.fold(look, Instant::min);
            match calls.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(Call::Over(number)) => self.over(number),
                Ok(Call::Gone(number)) => {
                    let mut due = self.due.iter_mut();
                    if let Some(due) = due.find(|due| due.number == number) {
                        due.gone = true;
                    }
                }
                Ok(Call::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        self.stopped.store(true, Ordering::Release);
        for thread in self.beside {
            let _ = thread.join();
        }
    }

    /// The guards of all that runs, with their variants.
    fn roots(&self) -> Vec<(usize, u32)> {
        let members = self.members.iter();
        let roots = members.filter_map(|member| Some((member.spec.variant, member.guard()?)));
        roots.collect()
    }

    /// A command has ended, and nobody has asked it to. What it has started is ended beside.
    fn over(&mut self, number: usize) {
        let member = &self.members[number];
        let (process, since) = {
            let mut running = member.running();
            (running.process.take(), running.since.take())
        };
        let Some(process) = process else { return };
        let how = process.told().ended();
        let how = how.unwrap_or_else(|| "ended".to_owned());
        member.output.note(&how);
        if since.is_some_and(|since| since.elapsed() >= STEADY) {
            self.waits[number] = AGAIN.0;
        }
        let wait = self.waits[number];
        let again_in = member.spec.restart.then_some(wait);
        let who = member.called.clone();
        (self.tell)(member.spec.variant, Event::Exited { who, how, again_in });
        if again_in.is_some() {
            self.due.push(Due {
                number,
                when: Instant::now() + wait,
                gone: false,
            });
            self.waits[number] = (wait * 2).min(AGAIN.1);
        }
        let (calls, stopped) = (self.calls.clone(), Arc::clone(&self.stopped));
        self.beside("ending", move || {
            process.end(&|| stopped.load(Ordering::Acquire));
            let _ = calls.send(Call::Gone(number));
        });
    }

    fn beside(&mut self, name: &str, work: impl FnOnce() + Send + 'static) {
        self.beside.retain(|thread| !thread.is_finished());
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work);
        // Without a thread what was to be done is dropped, which ends a process as well.
        self.beside.extend(thread);
    }

    fn start_again(&mut self, now: Instant) {
        let due: Vec<usize> = self
            .due
            .extract_if(.., |due| due.gone && due.when <= now)
            .map(|due| due.number)
            .collect();
        for number in due {
            let calls = self.calls.clone();
            let over = move || {
                let _ = calls.send(Call::Over(number));
            };
            let member = &self.members[number];
            let who = member.called.clone();
            let event = match member.start(&self.guard, over) {
                Ok(pid) => {
                    let event = Event::Restarted { who, pid };
                    (self.tell)(member.spec.variant, event);
                    self.await_ready(number);
                    continue;
                }
                Err(error) => Event::NotRestarted {
                    who,
                    why: error.to_string(),
                },
            };
            let wait = self.waits[number];
            self.due.push(Due {
                number,
                when: now + wait,
                gone: true,
            });
            self.waits[number] = (wait * 2).min(AGAIN.1);
            (self.tell)(member.spec.variant, event);
        }
    }

    /// Tells when a command that was started again is ready, or that it is not.
    fn await_ready(&mut self, number: usize) {
        let (members, tell) = (Arc::clone(&self.members), Arc::clone(&self.tell));
        let stopped = Arc::clone(&self.stopped);
        self.beside("ready", move || {
            let member = &members[number];
            let (Some(ready), Some(told)) = (&member.spec.ready, member.told()) else {
                return;
            };
            let cancelled = || stopped.load(Ordering::Acquire);
            let who = member.called.clone();
            let event = match ready.wait(|| told.ended(), &cancelled) {
                Ok(after) => Event::ReadyAgain { who, after },
                Err(super::ready::NotReady::TimeUp(found)) => Event::NotReady {
                    who,
                    within: ready.within,
                    found,
                },
                // Its end is told by itself.
                Err(_) => return,
            };
            tell(member.spec.variant, event);
        });
    }
}
