//! One command of a run with all its processes, one after another.

use super::error::{LastWords, LaunchFailure, Trouble};
use super::output::Output;
use super::process::{Process, Told};
use super::{Event, FILES, LaunchSpec};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Who hears of events: the variant's number, and what happened.
pub(super) type Tell = Arc<dyn Fn(usize, Event) + Send + Sync>;

/// One command with all its processes.
pub(super) struct Member {
    pub(super) spec: LaunchSpec,
    /// What it is called beside the others of its variant: `gateway`, or its program.
    pub(super) called: String,
    pub(super) output: Output,
    /// Where its files are; they go with it.
    files: tempfile::TempDir,
    running: Mutex<Running>,
}

/// The process that runs.
#[derive(Default)]
pub(super) struct Running {
    pub(super) process: Option<Process>,
    pub(super) since: Option<Instant>,
}

impl Member {
    pub(super) fn new(
        spec: LaunchSpec,
        called: String,
        tell: &Tell,
    ) -> Result<Member, Box<LaunchFailure>> {
        let cannot = |what: String| {
            let spec = &spec;
            move |error: io::Error| failure(spec, Trouble::Prepare(what, error))
        };
        let mut folder = tempfile::Builder::new();
        folder.prefix("dragstrip-");
        // Only the user may read it: a gateway's configuration has keys in it.
        #[cfg(unix)]
        folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let files = folder.tempdir().map_err(cannot("a folder".to_owned()))?;
        for (name, text) in &spec.files {
            let text = text.replace(FILES, &files.path().to_string_lossy());
            let made = super::output::open(&files.path().join(name));
            made.and_then(|mut file| file.write_all(text.as_bytes()))
                .map_err(cannot(format!("the file {name}")))?;
        }
        let (tell, variant) = (Arc::clone(tell), spec.variant);
        let path = spec.output.as_deref();
        let output = Output::create(path, &spec.secrets, move |line| {
            tell(variant, Event::Said(line));
        })
        .map_err(cannot(format!(
            "the file {}",
            path.unwrap_or(Path::new("")).display()
        )))?;
        Ok(Member {
            spec,
            called,
            output,
            files,
            running: Mutex::default(),
        })
    }

    /// Starts a process of it; its number. `over` is called when it has ended.
    pub(super) fn start(
        &self,
        guard: &Path,
        over: impl FnOnce() + Send + 'static,
    ) -> Result<u32, Box<LaunchFailure>> {
        let failed = |reason: String| failure(&self.spec, Trouble::Command(reason));
        let process = Process::start(&self.spec, guard, self.files.path(), &self.output, over)
            .map_err(|error| failed(error.to_string()))?;
        let pid = process.started().map_err(failed)?;
        *self.running() = Running {
            process: Some(process),
            since: Some(Instant::now()),
        };
        Ok(pid)
    }

    pub(super) fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the guard of the process that runs tells.
    pub(super) fn told(&self) -> Option<Arc<Told>> {
        let running = self.running();
        running.process.as_ref().map(|it| Arc::clone(it.told()))
    }

    /// The guard of the process that runs.
    pub(super) fn guard(&self) -> Option<u32> {
        self.running().process.as_ref().map(Process::guard)
    }

    /// It has ended before it was ready.
    pub(super) fn ended(&self, how: String) -> Box<LaunchFailure> {
        // What it wrote last is on its way until both of its streams are at their ends.
        if let Some(process) = self.running().process.take() {
            process.end(&|| false);
        }
        failure(&self.spec, Trouble::Ended(how, self.last_words()))
    }

    pub(super) fn last_words(&self) -> LastWords {
        LastWords {
            lines: self.output.last(),
            output: self.spec.output.clone(),
        }
    }
}

/// What the commands of a run are called, beside the others of their variant.
pub(super) fn called(specs: &[LaunchSpec]) -> Vec<String> {
    let program = |spec: &LaunchSpec| {
        let first = spec.command.first().map_or("", String::as_str);
        let name = Path::new(first).file_name().unwrap_or_default();
        crate::text::printable(&name.to_string_lossy(), 40)
    };
    let name = |(place, spec): (usize, &LaunchSpec)| {
        let mine = || {
            specs
                .iter()
                .enumerate()
                .filter(|(_, it)| it.variant == spec.variant)
        };
        if mine().count() == 1 {
            return "gateway".to_owned();
        }
        let own = program(spec);
        let alike = mine().filter(|(_, it)| program(it) == own);
        match alike.clone().position(|(at, _)| at == place) {
            Some(number) if alike.count() > 1 => format!("{own} ({})", number + 1),
            _ => own,
        }
    };
    specs.iter().enumerate().map(name).collect()
}

pub(super) fn failure(spec: &LaunchSpec, trouble: Trouble) -> Box<LaunchFailure> {
    Box::new(LaunchFailure {
        name: spec.name.clone(),
        command: spec.shown.clone(),
        trouble,
    })
}
