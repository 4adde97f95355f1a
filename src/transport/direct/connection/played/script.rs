//! What a played server does, and how it is written as bytes.
//!
//! It is written like this:
//!
//! | bytes | |
//! |---|---|
//! | 0 | how: bit 0 asks with HEAD; bits 1 and 2 are the [`End`]; bit 3 makes each piece wait once; bit 4 answers before the request has been taken; bits 6 and 7 with both of the end's let it go on [without an end](Script::endless) |
//! | 1 to 4 | the sizes of the pieces that the answers come in, in turns; 0 is as much as there is |
//! | 5 to the end | the answers, one for each request, with [`MARK`] between them |

/// What separates the answers of a script.
pub const MARK: &[u8] = b"\0|\0|";
/// Bytes before the answers.
pub const BEFORE: usize = 5;
/// Bytes that an answer without an end has in the end: more than a head may have.
pub(super) const ENDLESS: usize = 600 << 10;

/// What a server does.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    /// It is asked with HEAD.
    pub bodiless: bool,
    /// What it does after the last answer.
    pub end: End,
    /// No piece is there when it is first looked for.
    pub waits: bool,
    /// It answers before it has taken the request.
    pub early: bool,
    /// Says the last bytes of the last answer, so many, again and again; 0: does not.
    pub endless: usize,
    /// The sizes of the pieces; 0 is as much as there is.
    pub pieces: [u8; 4],
    /// One for each request.
    pub answers: Vec<&'a [u8]>,
}

/// What a server does after its last answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It closes.
    Closes,
    /// It resets.
    Resets,
    /// It says nothing more.
    Waits,
}

impl<'a> Script<'a> {
    /// Takes `bytes` apart; `None` if they are too few.
    pub fn of(bytes: &'a [u8]) -> Option<Script<'a>> {
        let (before, mut rest) = bytes.split_first_chunk::<BEFORE>()?;
        let [how, pieces @ ..] = *before;
        let mut answers = Vec::new();
        while let Some(at) = rest.windows(MARK.len()).position(|part| part == MARK) {
            answers.push(&rest[..at]);
            rest = &rest[at + MARK.len()..];
        }
        answers.push(rest);
        let endless = how & 0b1100_0110 == 0b1100_0110;
        Some(Script {
            bodiless: how & 1 != 0,
            end: match how >> 1 & 3 {
                1 => End::Resets,
                2 => End::Waits,
                _ => End::Closes,
            },
            waits: how & 8 != 0,
            early: how & 16 != 0,
            endless: if endless {
                rest.len().min(usize::from(pieces[3]) + 1)
            } else {
                0
            },
            pieces,
            answers,
        })
    }

    /// The same in pieces as large as can be.
    #[must_use]
    pub fn uncut(&self) -> Script<'a> {
        Script {
            waits: false,
            pieces: [0; 4],
            ..self.clone()
        }
    }

    /// Bytes of all its answers.
    pub fn len(&self) -> usize {
        let said: usize = self.answers.iter().map(|answer| answer.len()).sum();
        said + if self.endless > 0 { ENDLESS } else { 0 }
    }

    /// Whether nothing is ever said.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
