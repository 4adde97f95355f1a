//! Steering a run from anywhere.

use super::conductor::Command;
use super::spec::LoadChange;
use crate::metrics::snapshot::NoticeLevel;
use crate::metrics::{Incident, ProcessReading};
use std::sync::mpsc;

/// Steers a run from anywhere. Copies steer the same run; when it is over they do nothing.
#[derive(Debug, Clone)]
pub struct Control(pub(super) mpsc::Sender<Command>);

impl Control {
    /// Users or rate `steps` steps of about a tenth up or down. A new epoch begins.
    pub fn step_load(&self, up: bool, steps: u32) {
        let _ = self.0.send(Command::StepLoad { up, steps });
    }

    /// One value of the load is this from now on. A new epoch begins, unless it was so already. What the load does not have (users
    /// of an open loop, the rate of a closed one) is ignored.
    pub fn set_load(&self, change: LoadChange) {
        let _ = self.0.send(Command::SetLoad(change));
    }

    /// The run figures and the comparison begin anew under the same load.
    pub fn reset(&self) {
        let _ = self.0.send(Command::Reset);
    }

    /// The variants share the time in another way: together, alternate, sequential, and together again (sequential only if
    /// the run has a duration). A new epoch begins, and with it the measured time that was asked for. Ignored in a solo run
    /// and when the run is ending.
    pub fn cycle_order(&self) {
        let _ = self.0.send(Command::CycleOrder);
    }

    /// The live window takes the next of its lengths.
    pub fn cycle_window(&self) {
        let _ = self.0.send(Command::CycleWindow);
    }

    /// The live window takes the next longer or shorter of its lengths; at either end it stays as it is.
    pub fn step_window(&self, longer: bool) {
        let _ = self.0.send(Command::StepWindow { longer });
    }

    /// Holds the load, or lets it go on.
    pub fn toggle_pause(&self) {
        let _ = self.0.send(Command::TogglePause);
    }

    /// Ends the run now. What is open counts as cancelled.
    pub fn cancel(&self) {
        let _ = self.0.send(Command::Cancel);
    }

    /// Marks `at_s` (seconds since the start, put within the run; `None`: now) with `text`, of which at most 200 characters are
    /// kept. Works in every phase, and after the end until the engine is joined.
    pub fn annotate(&self, text: String, at_s: Option<f64>) {
        let _ = self.0.send(Command::Annotate { text, at_s });
    }

    /// Something happened to a command that was launched for `source` (`A`, `B` or `gateway`), which is called `who`: a mark on
    /// the time axis, a line of the log, and unless it is mere news a notice that stays.
    pub fn incident(&self, source: impl Into<String>, who: String, said: String, what: Incident) {
        let source = source.into();
        let _ = self.0.send(Command::Incident {
            source,
            who,
            said,
            what,
        });
    }

    /// A line that the launched gateway `source` has written, for the log.
    pub fn output(&self, source: impl Into<String>, line: String) {
        let source = source.into();
        let _ = self.0.send(Command::Output { source, line });
    }

    /// What the processes of a variant's gateway use now (0 is A).
    pub fn uses(&self, variant: usize, reading: ProcessReading) {
        let _ = self.0.send(Command::Uses { variant, reading });
    }

    /// Writes a line into the log of the run; `source` is a word for where it comes from (see
    /// [`LogEntry`](crate::metrics::snapshot::LogEntry)).
    pub fn log(&self, level: NoticeLevel, source: impl Into<String>, text: String) {
        let source = source.into();
        let _ = self.0.send(Command::Log {
            level,
            source,
            text,
        });
    }
}

impl Control {
    /// The conductor panics: for tests of what follows.
    #[cfg(debug_assertions)]
    #[doc(hidden)]
    pub fn break_down(&self) {
        let _ = self.0.send(Command::BreakDown);
    }

    pub(super) fn leave(&self) {
        let _ = self.0.send(Command::Leave);
    }
}
