//! Saving snapshots while the run goes on: on a thread of its own, so that a slow disk delays nobody, and a failure ends
//! nothing but is told.

use crate::metrics::snapshot::Snapshot;
use crate::report;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

/// What its thread is called.
pub(super) const THREAD: &str = "saver";

/// Saves what it is given, one after another.
#[derive(Debug)]
pub(super) struct Saver {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
    failed: Arc<AtomicBool>,
}

/// The endings of the files that are written side by side.
const FORMS: [&str; 4] = ["json", "md", "csv", "hlog"];

/// What is written.
#[derive(Debug)]
enum Form {
    Snapshot,
    Report,
}

#[derive(Debug)]
enum Job {
    Write(Form, Arc<Snapshot>),
    /// No more; handles may still be held by threads that never end.
    End,
}

/// Hands snapshots to a [`Saver`].
#[derive(Debug, Clone)]
pub(super) struct SaveHandle(mpsc::Sender<Job>);

impl SaveHandle {
    pub(super) fn save(&self, snapshot: Arc<Snapshot>) {
        let _ = self.0.send(Job::Write(Form::Snapshot, snapshot));
    }

    pub(super) fn export(&self, snapshot: Arc<Snapshot>) {
        let _ = self.0.send(Job::Write(Form::Report, snapshot));
    }
}

impl Saver {
    /// A saver into `folder` (`None`: there is none, and saving fails with the reason). `before` is called before each one is
    /// saved; `tell` gets what was saved and where, or why it was not.
    pub(super) fn start(
        folder: Option<PathBuf>,
        before: impl Fn() + Send + 'static,
        tell: impl Fn(Result<String, String>) + Send + 'static,
    ) -> std::io::Result<Saver> {
        let (jobs, todo) = mpsc::channel();
        let failed = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&failed);
        let thread = std::thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(move || {
                while let Ok(Job::Write(form, snapshot)) = todo.recv() {
                    let folder = folder.as_deref();
                    let save = AssertUnwindSafe(|| {
                        before();
                        match form {
                            Form::Snapshot => save_into(folder, &snapshot),
                            Form::Report => export_into(folder, &snapshot),
                        }
                    });
                    // The panic hook says more, when the screen is gone.
                    let result =
                        catch_unwind(save).unwrap_or_else(|_| Err("an internal error".to_owned()));
                    noted.fetch_or(result.is_err(), Ordering::AcqRel);
                    tell(result);
                }
            })?;
        Ok(Saver {
            jobs,
            thread,
            failed,
        })
    }

    pub(super) fn handle(&self) -> SaveHandle {
        SaveHandle(self.jobs.clone())
    }

    /// Waits until everything has been saved; false if something could not be.
    pub(super) fn finish(self) -> bool {
        let _ = self.jobs.send(Job::End);
        self.thread.join().is_ok() && !self.failed.load(Ordering::Acquire)
    }
}

/// The snapshot as a file.
fn save_into(folder: Option<&Path>, snapshot: &Snapshot) -> Result<String, String> {
    let path = new_file(folder)?;
    report::save(snapshot, &path).map_err(|error| error.to_string())?;
    Ok(format!("saved {}", path.display()))
}

/// The report in every format for people and other programs, side by side.
fn export_into(folder: Option<&Path>, snapshot: &Snapshot) -> Result<String, String> {
    let path = new_file(folder)?;
    let files = report::export(snapshot, &path)?;
    Ok(format!(
        "exported {}, {}",
        path.with_extension("").display(),
        files.join(", ")
    ))
}

/// A file in `folder` that is not there yet.
fn new_file(folder: Option<&Path>) -> Result<PathBuf, String> {
    let folder = folder.ok_or("no folder for snapshots is known; give one with --snapshot-dir")?;
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let stamp = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
    Ok(free_name(folder, &stamp))
}

/// A name in `folder` that no file has yet.
fn free_name(folder: &Path, stamp: &str) -> PathBuf {
    let name = |n: u32| {
        let again = if n == 1 {
            String::new()
        } else {
            format!("-{n}")
        };
        folder.join(format!("dragstrip-{stamp}{again}.json"))
    };
    (1..=9_999)
        .map(name)
        .find(|path| !FORMS.iter().any(|form| path.with_extension(form).exists()))
        .unwrap_or_else(|| name(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_snapshots_in_one_second_are_two_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = free_name(folder.path(), "20261122-151500");
        std::fs::write(&first, "").expect("writes");
        let second = free_name(folder.path(), "20261122-151500");
        assert_ne!(first, second);
        assert!(second.ends_with("dragstrip-20261122-151500-2.json"));
    }
}
