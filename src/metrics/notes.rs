//! The user's own marks on the time axis, as many as there is room for.

use super::snapshot::Annotation;
use crate::text;
use std::sync::Arc;

/// Marks kept: a key that is stuck must not grow memory.
pub(super) const MAX_NOTES: usize = 200;

/// Characters kept of one mark.
const MAX_CHARS: usize = 200;

/// The marks of a run.
#[derive(Debug, Default)]
pub(super) struct Notes {
    kept: Arc<Vec<Annotation>>,
    /// How many had to go for later ones.
    gone: u64,
}

impl Notes {
    /// Marks `t` (seconds since the start) with `text`, as far as that says anything. Returns what was written.
    pub(super) fn add(&mut self, t: f64, text: &str) -> Option<&str> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        // The sign that something is missing has to fit in, too.
        let room = if text.chars().count() > MAX_CHARS {
            MAX_CHARS - 1
        } else {
            MAX_CHARS
        };
        let text = text::printable(text, room);
        let kept = Arc::make_mut(&mut self.kept);
        if kept.len() == MAX_NOTES {
            kept.remove(0);
            self.gone += 1;
        }
        kept.push(Annotation { t, text });
        kept.last().map(|note| note.text.as_str())
    }

    /// Those that are kept, in the order in which they were made.
    pub(super) fn kept(&self) -> &Arc<Vec<Annotation>> {
        &self.kept
    }

    /// How many had to go for later ones.
    pub(super) fn gone(&self) -> u64 {
        self.gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_one_printable_line_and_empty_ones_are_none() {
        let mut notes = Notes::default();
        assert_eq!(notes.add(1.0, " \t\n"), None);
        assert_eq!(
            notes.add(2.0, " deploy\u{1b}[31m\nnow "),
            Some("deploy·[31m·now")
        );
        let whole = "x".repeat(MAX_CHARS);
        assert_eq!(notes.add(3.0, &whole), Some(whole.as_str()));
        let cut = notes.add(4.0, &"y".repeat(MAX_CHARS + 1)).expect("a mark");
        assert_eq!(
            (cut.chars().count(), cut.ends_with("y…")),
            (MAX_CHARS, true)
        );
        assert_eq!((notes.kept().len(), notes.gone()), (3, 0));
    }

    #[test]
    fn the_oldest_go_first_and_are_counted() {
        let mut notes = Notes::default();
        for i in 0..MAX_NOTES + 3 {
            notes.add(0.0, &format!("mark {i}"));
        }
        assert_eq!((notes.kept().len(), notes.gone()), (MAX_NOTES, 3));
        assert_eq!(notes.kept()[0].text, "mark 3");
    }
}
