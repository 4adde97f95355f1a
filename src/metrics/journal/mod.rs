//! The journal of a run: one line for each thing that happened, written once.
//!
//! It is told of what is done to the run, and finds out the rest itself, by what changes from picture to picture: phases,
//! self-checks, notices, verdicts, the first failures. What comes and goes cannot flood it: see [`QUIET_S`]. While nothing
//! changes nothing is allocated.

mod course;
mod found;
mod states;

use super::snapshot::{Check, Comparison, Epoch, LogEntry, Notice, NoticeLevel, Phase, Side};
use super::variant::Variant;
use crate::text;
use course::Course;
use found::Found;
use states::{Checks, Notices, Verdicts};
use std::sync::Arc;

/// Lines kept.
const MAX_LINES: usize = 500;

/// Lines of gateways' output among them.
const MAX_OUTPUT: usize = 200;

/// Characters kept of one line, and of the word for where it comes from.
const MAX_CHARS: usize = 400;
const MAX_SOURCE: usize = 20;

/// Something that comes and goes is written down at most once in so many seconds; what holds then is what counts.
const QUIET_S: f64 = 10.0;

/// Changes of the load that follow each other so closely are one: a key is held down.
const HELD_S: f64 = 2.0;

/// What the journal looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// The time of the picture, in seconds since the start.
    pub(super) t: f64,
    pub(super) phase: Phase,
    /// When that began.
    pub(super) phase_since: f64,
    /// Whose first load it is, where variants take turns.
    pub(super) side: Option<Side>,
    /// How long the latest pause was or is.
    pub(super) pause_s: f64,
    /// The load at the start.
    pub(super) begins: Option<&'a Epoch>,
    pub(super) checks: &'a [Check],
    pub(super) notices: &'a [Notice],
    pub(super) comparison: Option<&'a Comparison>,
    pub(super) variants: &'a [Variant],
}

/// The journal of a run.
#[derive(Debug, Default)]
pub(super) struct Journal {
    lines: Lines,
    course: Course,
    checks: Checks,
    notices: Notices,
    verdicts: Verdicts,
    found: [Found; 2],
    /// The latest change of the load: when, and how many lines there have been with it.
    load_changed: Option<(f64, u64)>,
}

/// The lines themselves.
#[derive(Debug, Default)]
struct Lines {
    kept: Arc<Vec<LogEntry>>,
    dropped: u64,
    /// Lines in all, whatever has become of them.
    written: u64,
}

impl Journal {
    /// Writes what has changed since the picture before.
    pub(super) fn look(&mut self, seen: &Seen<'_>) {
        self.course.look(seen, &mut self.lines);
        let of = seen.variants.len();
        for (i, (found, variant)) in self.found.iter_mut().zip(seen.variants).enumerate() {
            found.look(
                super::notices::name(i, of),
                variant,
                seen.t,
                &mut self.lines,
            );
        }
        self.checks.look(seen, &mut self.lines);
        self.notices.look(seen, &mut self.lines);
        self.verdicts.look(seen, &mut self.lines);
    }

    /// Something that is known elsewhere has happened at `t`; `source` says where.
    pub(super) fn write(&mut self, t: f64, level: NoticeLevel, source: &str, said: &str) {
        self.lines.write(t, level, source, said);
    }

    /// A gateway has written a line. Gateways may write much: what else happens must not be lost for it.
    pub(super) fn write_output(&mut self, t: f64, source: &str, said: &str) {
        self.lines.write(t, NoticeLevel::Info, source, said);
        let is_output =
            |line: &LogEntry| line.level == NoticeLevel::Info && is_gateway(&line.source);
        let outputs = self
            .lines
            .kept
            .iter()
            .filter(|line| is_output(line))
            .count();
        if outputs > MAX_OUTPUT {
            let oldest = self.lines.kept.iter().position(is_output);
            let kept = Arc::make_mut(&mut self.lines.kept);
            oldest.map(|oldest| kept.remove(oldest));
            self.lines.dropped += 1;
        }
    }

    /// The load has changed at `t`, as `said`. A key that is held down is one change.
    pub(super) fn load_changes(&mut self, t: f64, said: &str) {
        let written = self.lines.written;
        let held = self
            .load_changed
            .is_some_and(|(last, lines)| t - last < HELD_S && lines == written);
        if held {
            Arc::make_mut(&mut self.lines.kept).pop();
        }
        self.lines.write(t, NoticeLevel::Info, "run", said);
        self.load_changed = Some((t, self.lines.written));
    }

    /// All that was measured counts no more: that a verdict is gone needs no line of its own.
    pub(super) fn begin_anew(&mut self) {
        self.verdicts = Verdicts::default();
        self.course.begin_anew();
    }

    /// The lines that are kept, oldest first.
    pub(super) fn lines(&self) -> &Arc<Vec<LogEntry>> {
        &self.lines.kept
    }

    /// How many had to go for later ones.
    pub(super) fn dropped(&self) -> u64 {
        self.lines.dropped
    }
}

/// Whether lines of this source are what a gateway has written.
fn is_gateway(source: &str) -> bool {
    matches!(source, "A" | "B" | "gateway")
}

impl Lines {
    fn write(&mut self, t: f64, level: NoticeLevel, source: &str, said: &str) {
        let line = LogEntry {
            t,
            level,
            source: text::printable(source, MAX_SOURCE),
            text: text::printable(said.trim(), MAX_CHARS),
        };
        self.written += 1;
        let kept = Arc::make_mut(&mut self.kept);
        // A picture tells of what happened a little before it.
        let later = kept.iter().rev().take_while(|line| line.t > t).count();
        kept.insert(kept.len() - later, line);
        if kept.len() > MAX_LINES {
            kept.remove(0);
            self.dropped += 1;
        }
    }

    fn info(&mut self, t: f64, source: &str, said: &str) {
        self.write(t, NoticeLevel::Info, source, said);
    }
}

/// `3.2 s`, as exactly as anybody cares.
pub(super) fn tenths(seconds: f64) -> String {
    text::seconds((seconds * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(journal: &Journal) -> Vec<(f64, &str)> {
        let lines = journal.lines().iter();
        lines.map(|line| (line.t, line.text.as_str())).collect()
    }

    #[test]
    fn the_oldest_lines_go_first_and_are_counted() {
        let mut journal = Journal::default();
        for i in 0..MAX_LINES + 7 {
            journal.write(i as f64, NoticeLevel::Info, "A", &format!("{i}\u{7}"));
        }
        assert_eq!((journal.lines().len(), journal.dropped()), (MAX_LINES, 7));
        assert_eq!(texts(&journal)[0], (7.0, "7·"));
    }

    #[test]
    fn what_gateways_write_leaves_room_for_the_rest() {
        let mut journal = Journal::default();
        journal.write(0.0, NoticeLevel::Info, "run", "begins");
        journal.write(0.0, NoticeLevel::Error, "A", "A's gateway exited");
        for i in 0..2 * MAX_LINES {
            journal.write_output(i as f64, "A", &format!("{i}"));
        }
        assert_eq!(journal.lines().len(), MAX_OUTPUT + 2);
        assert_eq!(texts(&journal)[0].1, "begins");
        assert_eq!(texts(&journal)[1].1, "A's gateway exited");
        let dropped = 2 * MAX_LINES - MAX_OUTPUT;
        assert_eq!(journal.dropped(), dropped as u64);
    }

    #[test]
    fn lines_are_in_the_order_of_their_times() {
        let mut journal = Journal::default();
        for t in [1.0, 5.0, 4.0, 5.0, 0.5] {
            journal.write(t, NoticeLevel::Info, "run", "");
        }
        let times: Vec<f64> = texts(&journal).iter().map(|line| line.0).collect();
        assert_eq!(times, [0.5, 1.0, 4.0, 5.0, 5.0]);
    }

    #[test]
    fn a_key_that_is_held_down_is_one_change() {
        let mut journal = Journal::default();
        for (t, load) in [(1.0, "one"), (1.5, "two"), (3.4, "three"), (9.0, "four")] {
            journal.load_changes(t, load);
        }
        assert_eq!(texts(&journal), [(3.4, "three"), (9.0, "four")]);
        // Whatever came in between keeps them apart.
        journal.write(9.1, NoticeLevel::Info, "note", "look");
        journal.load_changes(9.2, "five");
        assert_eq!(texts(&journal).len(), 4);
    }
}
