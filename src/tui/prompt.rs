//! A line of text that the user is asked for.

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

/// A text under way, for a marker at some time.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    text: String,
    at_s: Option<f64>,
}

impl Prompt {
    /// For a marker at `at_s`, in seconds since the start; `None`: when it is done.
    pub(super) fn new(at_s: Option<f64>) -> Prompt {
        Prompt {
            text: String::new(),
            at_s,
        }
    }

    /// What has been typed so far; nothing in it controls a terminal.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the marker will be.
    pub fn at_s(&self) -> Option<f64> {
        self.at_s
    }

    /// Takes what is typed. Control characters, which a pasted text may have, become spaces.
    pub(super) fn edit(&mut self, edit: &Edit) {
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
        if self.text.chars().count() < LONGEST {
            self.text.push(if c.is_control() { ' ' } else { c });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_typed_pasted_and_mended() {
        let mut prompt = Prompt::new(None);
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
}
