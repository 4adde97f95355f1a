//! The load threads of a run: whether they still work, and whether one was lost.

use std::thread::JoinHandle;

/// Load threads under way.
#[derive(Debug, Default)]
pub(super) struct Crew {
    at_work: Vec<JoinHandle<()>>,
}

/// What the load threads are doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Roll {
    /// All have ended.
    pub(super) idle: bool,
    /// One has panicked since the last look. A run without it would measure another load than it says.
    pub(super) lost: bool,
}

impl Crew {
    pub(super) fn add(&mut self, thread: JoinHandle<()>) {
        self.at_work.push(thread);
    }

    pub(super) fn len(&self) -> usize {
        self.at_work.len()
    }

    /// Looks after them.
    pub(super) fn call_the_roll(&mut self) -> Roll {
        let mut lost = false;
        for thread in self.at_work.extract_if(.., |thread| thread.is_finished()) {
            // The panic hook has said why.
            lost |= thread.join().is_err();
        }
        Roll {
            idle: self.at_work.is_empty(),
            lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::thread;

    #[test]
    fn who_ends_is_no_loss_and_who_panics_is() {
        let (go, gone) = channel::<()>();
        let mut crew = Crew::default();
        crew.add(thread::spawn(move || {
            let _ = gone.recv();
        }));
        assert_eq!(
            crew.call_the_roll(),
            Roll {
                idle: false,
                lost: false
            }
        );
        // Without a message, since it is meant.
        crew.add(thread::spawn(|| std::panic::resume_unwind(Box::new(()))));
        while !crew.call_the_roll().lost {
            thread::yield_now();
        }
        drop(go);
        while !crew.call_the_roll().idle {
            thread::yield_now();
        }
        assert_eq!(
            crew.call_the_roll(),
            Roll {
                idle: true,
                lost: false
            }
        );
    }
}
