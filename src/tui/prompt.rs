//! What the user is asked for: a line of text, or a yes.

/// The longest text, in characters.
const LONGEST: usize = 200;

/// What is typed while a text is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A character at the end.
    Add(char),
    /// A pasted text at the end.
    Paste(String),
    /// The last character goes.
    Erase,
    /// The last word goes.
    EraseWord,
    /// Everything goes.
    Clear,
    /// The text is as it should be.
    Done,
    /// No text after all.
    Cancel,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asks {
    /// The text of a marker at this time, in seconds since the start; `None`: when it is done.
    Marker {
        /// The time.
        at_s: Option<f64>,
    },
    /// A value of the load.
    Load,
    /// Whether the run is to begin again: done is yes.
    Again,
}

/// A text under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    asks: Asks,
    text: String,
    refused: Option<String>,
}

impl Prompt {
    pub(super) fn new(asks: Asks) -> Prompt {
        Prompt {
            asks,
            text: String::new(),
            refused: None,
        }
    }

    /// What is asked for.
    pub fn asks(&self) -> Asks {
        self.asks
    }

    /// What has been typed so far; nothing in it controls a terminal.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Why the text, as it is, was not taken.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// The text was not taken, for a reason of one line. It can be mended.
    pub(super) fn refuse(&mut self, reason: String) {
        self.refused = Some(reason);
    }

    /// Takes what is typed. Control characters, which a pasted text may have, become spaces.
    pub(super) fn edit(&mut self, edit: &Edit) {
        self.refused = None;
        match edit {
            Edit::Add(c) => self.add(*c),
            Edit::Paste(text) => text.chars().for_each(|c| self.add(c)),
            Edit::Erase => {
                self.text.pop();
            }
            Edit::EraseWord => {
                let kept = self.text.trim_end();
                let kept = kept.rfind(' ').map_or(0, |space| space + 1);
                self.text.truncate(kept);
            }
            Edit::Clear => self.text.clear(),
            Edit::Done | Edit::Cancel => {}
        }
    }

    fn add(&mut self, c: char) {
        // A yes needs no text.
        if self.asks != Asks::Again && self.text.chars().count() < LONGEST {
            self.text.push(if c.is_control() { ' ' } else { c });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_typed_pasted_and_mended() {
        let mut prompt = Prompt::new(Asks::Marker { at_s: None });
        let mut go = |edit| {
            prompt.edit(&edit);
            prompt.text().to_owned()
        };
        assert_eq!(go(Edit::Add('a')), "a");
        assert_eq!(go(Edit::Paste("b c\nd\u{1b}".to_owned())), "ab c d ");
        assert_eq!(go(Edit::EraseWord), "ab c ");
        assert_eq!(go(Edit::Erase), "ab c");
        assert_eq!(go(Edit::EraseWord), "ab ");
        assert_eq!(go(Edit::EraseWord), "");
        assert_eq!(go(Edit::EraseWord), "");
        assert_eq!(go(Edit::Paste("x".repeat(999))).len(), LONGEST);
        assert_eq!(go(Edit::Clear), "");
        assert_eq!(go(Edit::Erase), "");
    }

    #[test]
    fn a_text_that_was_refused_can_be_mended() {
        let mut prompt = Prompt::new(Asks::Load);
        prompt.edit(&Edit::Add('x'));
        prompt.refuse("no".to_owned());
        assert_eq!((prompt.text(), prompt.refused()), ("x", Some("no")));
        prompt.edit(&Edit::Erase);
        assert_eq!((prompt.text(), prompt.refused()), ("", None));
    }

    #[test]
    fn nothing_is_typed_where_a_yes_is_asked_for() {
        let mut prompt = Prompt::new(Asks::Again);
        prompt.edit(&Edit::Paste("yes".to_owned()));
        assert_eq!(prompt.text(), "");
    }
}
