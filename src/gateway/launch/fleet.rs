//! All commands that are launched for a run: started one after another, watched while it goes on, ended the other way round.

use super::error::{LaunchError, Trouble};
use super::member::{Member, Tell, called, failure};
use super::process::End;
use super::ready::NotReady;
use super::watcher::{Call, Watcher};
use super::{Event, LaunchSpec, Progress, Ready, ReadyCheck};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// An end that takes longer is worth a word.
const MOMENT: Duration = Duration::from_secs(1);
/// Between two looks whether all has ended.
const LOOK: Duration = Duration::from_millis(10);

/// All launched commands. Dropped, they end.
pub struct Fleet {
    members: Arc<[Member]>,
    calls: Sender<Call>,
    heard: Mutex<Option<Receiver<Call>>>,
    watcher: Option<JoinHandle<()>>,
    guard: PathBuf,
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
        let names = called(&specs);
        let members = specs.into_iter().zip(names);
        let members = members.map(|(spec, called)| Member::new(spec, called, &tell));
        let members: Arc<[Member]> = members.collect::<Result<_, _>>()?;
        let (calls, heard) = mpsc::channel();
        let mut fleet = Fleet {
            members,
            calls,
            heard: Mutex::new(Some(heard)),
            watcher: None,
            guard,
        };
        for number in 0..fleet.members.len() {
            fleet.bring_up(number, progress, cancelled)?;
        }
        for member in &*fleet.members {
            if let Some(how) = member.told().and_then(|told| told.ended()) {
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
        let checks = checks(spec);
        // The last one is where requests go, if it is that. What says that a gateway is ready may answer already: that it
        // listens is seen besides.
        if let Some(place) = checks.last().and_then(|ready| ready.check.taken()) {
            return Err(failure(spec, Trouble::PortTaken(place)).into());
        }
        if cancelled() {
            return Err(LaunchError::Cancelled);
        }
        let calls = self.calls.clone();
        let over = move || {
            let _ = calls.send(Call::Over(number));
        };
        let pid = member.start(&self.guard, over)?;
        let told = member.told();
        progress(&Progress::Started {
            name: &spec.name,
            command: &spec.shown,
            pid,
            output: spec.output.as_deref(),
        });
        let ended = || told.as_ref().and_then(|told| told.ended());
        let since = Instant::now();
        for ready in &checks {
            match ready.wait(ended, cancelled) {
                Ok(_) => {}
                Err(NotReady::Cancelled) => return Err(LaunchError::Cancelled),
                Err(NotReady::Ended(how)) => return Err(member.ended(how).into()),
                Err(NotReady::TimeUp(found)) => {
                    let trouble = Trouble::NeverReady {
                        within: ready.within,
                        found,
                        last: member.last_words(),
                    };
                    return Err(failure(spec, trouble).into());
                }
            }
        }
        if !checks.is_empty() {
            progress(&Progress::Ready {
                name: &spec.name,
                after: since.elapsed(),
            });
        }
        Ok(())
    }

    fn watch(&mut self, tell: Tell) -> Result<(), LaunchError> {
        let heard = self.heard.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(heard) = heard.take() else {
            return Ok(());
        };
        let members = Arc::clone(&self.members);
        let watcher = Watcher::new(members, self.calls.clone(), self.guard.clone(), tell);
        let thread = std::thread::Builder::new()
            .name("launches".to_owned())
            .spawn(move || watcher.run(&heard));
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

    /// Ends everything and waits until it is gone: all variants at once, of each the last command first. Once `hurry`, nobody
    /// has any grace left.
    pub fn end(mut self, progress: &mut dyn FnMut(&Progress<'_>), hurry: &dyn Fn() -> bool) {
        self.finish(progress, hurry);
    }

    fn finish(&mut self, progress: &mut dyn FnMut(&Progress<'_>), hurry: &dyn Fn() -> bool) {
        let _ = self.calls.send(Call::Stop);
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
        let variants: BTreeSet<usize> = self.members.iter().map(|it| it.spec.variant).collect();
        let hurried = AtomicBool::new(false);
        let killed = Mutex::new(Vec::new());
        let (fleet, hurry_all, list) = (&*self, &hurried, &killed);
        std::thread::scope(|scope| {
            let ends: Vec<_> = variants
                .into_iter()
                .map(|variant| scope.spawn(move || fleet.end_variant(variant, hurry_all, list)))
                .collect();
            let since = Instant::now();
            let mut said = false;
            while !ends.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                hurried.fetch_or(hurry(), Ordering::AcqRel);
                if !said && since.elapsed() >= MOMENT {
                    progress(&Progress::Ending);
                    said = true;
                }
                std::thread::sleep(LOOK);
            }
        });
        let killed = killed.into_inner().unwrap_or_else(PoisonError::into_inner);
        for number in killed {
            let spec = &self.members[number].spec;
            progress(&Progress::Killed {
                name: &spec.name,
                grace: spec.grace,
                hurried: hurried.load(Ordering::Acquire),
            });
        }
    }

    fn end_variant(&self, variant: usize, hurried: &AtomicBool, killed: &Mutex<Vec<usize>>) {
        let members = self.members.iter().enumerate().rev();
        for (number, member) in members.filter(|(_, it)| it.spec.variant == variant) {
            let process = member.running().process.take();
            let Some(process) = process else { continue };
            if process.end(&|| hurried.load(Ordering::Acquire)) == End::Killed {
                let mut killed = killed.lock().unwrap_or_else(PoisonError::into_inner);
                killed.push(number);
            }
        }
    }
}

/// What must be seen of a command, in this order: what its plan says, and that it listens where its variant's requests go.
fn checks(spec: &LaunchSpec) -> Vec<Ready> {
    let Some(ready) = &spec.ready else {
        return Vec::new();
    };
    let listens = spec.listens.clone().map(|url| Ready {
        check: ReadyCheck::Connects(url),
        within: ready.within,
    });
    let listens = listens.filter(|listens| listens.check != ready.check);
    std::iter::once(ready.clone()).chain(listens).collect()
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.finish(&mut |_| {}, &|| false);
    }
}
