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

#[derive(Debug)]
enum Job {
    Save(Arc<Snapshot>),
    /// No more; handles may still be held by threads that never end.
    End,
}

/// Hands snapshots to a [`Saver`].
#[derive(Debug, Clone)]
pub(super) struct SaveHandle(mpsc::Sender<Job>);

impl SaveHandle {
    pub(super) fn save(&self, snapshot: Arc<Snapshot>) {
        let _ = self.0.send(Job::Save(snapshot));
    }
}

impl Saver {
    /// A saver into `folder` (`None`: there is none, and saving fails with the reason). `before` is called
    /// before each one is saved; `tell` gets the path of each file saved, or why one was not.
    pub(super) fn start(
        folder: Option<PathBuf>,
        before: impl Fn() + Send + 'static,
        tell: impl Fn(Result<PathBuf, String>) + Send + 'static,
    ) -> std::io::Result<Saver> {
        let (jobs, todo) = mpsc::channel();
        let failed = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&failed);
        let thread = std::thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(move || {
                while let Ok(Job::Save(snapshot)) = todo.recv() {
                    let save = AssertUnwindSafe(|| {
                        before();
                        save_into(folder.as_deref(), &snapshot)
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

fn save_into(folder: Option<&Path>, snapshot: &Snapshot) -> Result<PathBuf, String> {
    let folder = folder.ok_or("no folder for snapshots is known; give one with --snapshot-dir")?;
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let path = free_name(
        folder,
        &jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string(),
    );
    report::save(snapshot, &path).map_err(|error| error.to_string())?;
    Ok(path)
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
        .find(|path| !path.exists())
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
