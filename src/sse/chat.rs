//! From events to what they mean for a completion, and how its stream has ended.
//!
//! Gateways differ in nearly everything that the rules leave open. No `[DONE]`, no `finish_reason`, usage with or without
//! choices, choices that are empty, errors in the middle, data that is no JSON: all of it is told, and nothing of it ends the
//! reading.

use super::chunk::{self, Chunk, Read, Usage};
use super::event::{Event, EventReader};

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A chunk of a completion.
    Chunk(Chunk),
    /// `[DONE]`.
    Done,
    /// An error: `{"error": …}`, or an event by that name.
    Error,
    /// Neither JSON nor `[DONE]`.
    NoJson,
    /// Longer than [`MOST_EVENT`](super::MOST_EVENT).
    TooLong,
    /// JSON of another kind, or no data at all.
    Other,
}

impl Said {
    /// Whether it carries something that was generated: the first such event is the first token.
    pub fn is_content(&self) -> bool {
        matches!(self, Said::Chunk(chunk) if chunk.content)
    }
}

/// An event, and what was made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard<'a> {
    /// What it says.
    pub said: Said,
    /// Its data, as it came; empty where it was too long.
    pub data: &'a [u8],
}

/// How a stream has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With `[DONE]`; with a `finish_reason` of every choice that carried something; or with the body's proper end after
    /// content.
    Whole,
    /// In the middle of an event, or before any of these.
    Broken,
    /// An event told of an error, whatever came after it.
    Error,
}

/// Reads the events of a completion from bytes as they arrive.
#[derive(Debug, Default)]
pub struct ChatReader {
    events: EventReader,
    usage: Option<Usage>,
    done: bool,
    error: bool,
    /// Choices that have carried something, and those that have a `finish_reason`, by index.
    begun: u64,
    finished: u64,
}

impl ChatReader {
    /// The next event, if `bytes` complete one. They are shortened by what has been read: to be called until there is none.
    ///
    /// ```
    /// use dragstrip::sse::{ChatReader, Ending, Said};
    ///
    /// let mut reader = ChatReader::default();
    /// let mut bytes: &[u8] = br#"data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}
    ///
    /// data: [DONE]
    ///
    /// "#;
    /// assert!(reader.next(&mut bytes).unwrap().said.is_content());
    /// assert_eq!(reader.next(&mut bytes).unwrap().said, Said::Done);
    /// assert!(reader.next(&mut bytes).is_none());
    /// assert_eq!(reader.end(true), Ending::Whole);
    /// ```
    pub fn next(&mut self, bytes: &mut &[u8]) -> Option<Heard<'_>> {
        self.events.advance(bytes).then(|| self.hear())
    }

    /// Where a body has come to its proper end, the event that lacks nothing but its line end or the blank line after it: some
    /// gateways leave them out. Data that is no JSON was cut off, and is none.
    pub fn last(&mut self) -> Option<Heard<'_>> {
        let Event::Whole { name, data } = self.events.pending()? else {
            return None;
        };
        let is_whole = said(name, data) != Said::NoJson;
        (is_whole && self.events.complete()).then(|| self.hear())
    }

    /// Whether the stream, if it ended here, would end in the middle of an event. Comments are none.
    pub fn is_within_event(&self) -> bool {
        self.events.is_within_event()
    }

    /// How the stream has ended; `properly` says that its body has come to its proper end: the connection did not break off.
    pub fn end(&mut self, properly: bool) -> Ending {
        if properly {
            self.last();
        }
        let cut = self.events.is_within_event();
        let finished = self.finished != 0 && self.begun & !self.finished == 0;
        if self.error {
            Ending::Error
        } else if self.done || !cut && (finished || properly && self.begun != 0) {
            Ending::Whole
        } else {
            Ending::Broken
        }
    }

    /// The latest usage of the stream. Some gateways send it once at the end, some with every chunk, some never.
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// Forgets everything, for the next stream; buffers of a usual size are kept.
    pub fn reset(&mut self) {
        let mut events = std::mem::take(&mut self.events);
        events.reset();
        *self = ChatReader {
            events,
            ..ChatReader::default()
        };
    }

    /// Takes in the event that is complete.
    fn hear(&mut self) -> Heard<'_> {
        let (said, data) = match self.events.event() {
            Event::TooLong => (Said::TooLong, &[][..]),
            Event::Whole { name, data } => (said(name, data), data),
        };
        match said {
            Said::Chunk(chunk) => {
                self.usage = chunk.usage.or(self.usage);
                self.begun |= chunk.begun;
                self.finished |= chunk.finished;
            }
            Said::Done => self.done = true,
            Said::Error => self.error = true,
            Said::NoJson | Said::TooLong | Said::Other => {}
        }
        Heard { said, data }
    }
}

fn said(name: &[u8], data: &[u8]) -> Said {
    let trimmed = data.trim_ascii();
    if name == b"error" {
        Said::Error
    } else if trimmed == b"[DONE]" {
        Said::Done
    } else if trimmed.is_empty() {
        Said::Other
    } else {
        match chunk::read(trimmed) {
            Read::Chunk(chunk) => Said::Chunk(chunk),
            Read::Error => Said::Error,
            Read::Other => Said::Other,
            Read::NoJson => Said::NoJson,
        }
    }
}
