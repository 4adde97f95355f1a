//! From bytes to events, by the WHATWG's rules for event streams: lines end with LF, CR or CRLF; a blank line ends an event;
//! the values of its `data` lines are joined by LF; comments and fields that nobody needs (`id`, `retry`, unknown ones) are
//! skipped; an event without data is none.
//!
//! No line is kept: each byte goes where it belongs as it arrives. So an event is told at its last byte, be it the CR of a CRLF,
//! and only data and names take memory. Bytes are not checked for UTF-8: what is no UTF-8 is told as it came.

/// The longest data and the longest name of an event that are kept, in bytes; a longer one is told as [`Event::TooLong`]. A
/// reader's buffers may be twice as large.
pub const MOST_EVENT: usize = 1 << 20;
/// What a buffer keeps from one stream to the next, in bytes.
const KEPT: usize = 16 << 10;
/// What a stream may begin with: a byte order mark.
const BOM: &[u8] = "\u{feff}".as_bytes();
/// The longest name of a field that means something, and one more byte to tell longer ones.
const FIELD: usize = 6;

/// One event of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// An event with data.
    Whole {
        /// What its last `event` line says; empty without one.
        name: &'a [u8],
        /// The values of its `data` lines, LF between them.
        data: &'a [u8],
    },
    /// Its data or its name is longer than what is kept.
    TooLong,
}

/// Where in a line the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before anything of the stream, after so many bytes of a byte order mark.
    Start(usize),
    /// In a field's name, after so many bytes of it, as far as they matter.
    Field(usize),
    /// Right after the colon of a field: one space belongs to it.
    Colon(Value),
    /// In a field's value.
    Value(Value),
}

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    Data,
    Name,
    Nowhere,
}

/// How much of an event has come. Comments are nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Nothing,
    /// Something without which there is no event yet.
    Begun,
    /// A `data` field.
    Data,
    /// All: it goes when more is read.
    Complete,
}

/// Reads events from bytes as they arrive.
#[derive(Debug)]
pub struct EventReader {
    place: Place,
    field: [u8; FIELD],
    /// The last line ended with CR: an LF belongs to it.
    after_cr: bool,
    stage: Stage,
    data: Vec<u8>,
    name: Vec<u8>,
    too_long: bool,
    most: usize,
}

impl Default for EventReader {
    fn default() -> Self {
        EventReader::new(MOST_EVENT)
    }
}

impl EventReader {
    /// A reader that keeps at most so many bytes of data and of a name.
    pub fn new(most: usize) -> EventReader {
        EventReader {
            place: Place::Start(0),
            field: [0; FIELD],
            after_cr: false,
            stage: Stage::Nothing,
            data: Vec::new(),
            name: Vec::new(),
            too_long: false,
            most,
        }
    }

    /// The next event, if `bytes` complete one. They are shortened by what has been read: to be called until there is none.
    ///
    /// ```
    /// use dragstrip::sse::{Event, EventReader};
    ///
    /// let mut reader = EventReader::default();
    /// let mut bytes: &[u8] = b": hello\n\ndata: 1\n\nda";
    /// let event = Event::Whole { name: b"", data: b"1" };
    /// assert_eq!(reader.next(&mut bytes), Some(event));
    /// assert_eq!(reader.next(&mut bytes), None);
    /// assert!(bytes.is_empty() && reader.is_within_event());
    /// ```
    pub fn next(&mut self, bytes: &mut &[u8]) -> Option<Event<'_>> {
        self.advance(bytes).then(|| self.event())
    }

    /// Whether the stream, if it ended here, would end in the middle of an event. Comments are none.
    pub fn is_within_event(&self) -> bool {
        let half_a_mark = matches!(self.place, Place::Start(1..));
        half_a_mark || matches!(self.stage, Stage::Begun | Stage::Data)
    }

    /// What the event would be that has begun, if it ended here: `None` without data.
    pub(super) fn pending(&self) -> Option<Event<'_>> {
        (self.stage == Stage::Data).then(|| self.event())
    }

    /// Ends the event that has begun, as a blank line would. Whether there is one.
    pub(super) fn complete(&mut self) -> bool {
        let mut end: &[u8] = b"\n\n";
        self.stage == Stage::Data && self.advance(&mut end)
    }

    /// Forgets everything, for the next stream; buffers of a usual size are kept.
    pub fn reset(&mut self) {
        self.clear();
        self.data.shrink_to(KEPT);
        self.name.shrink_to(KEPT);
        self.place = Place::Start(0);
        self.after_cr = false;
    }

    /// Bytes that its buffers take.
    pub fn room(&self) -> usize {
        self.data.capacity() + self.name.capacity()
    }

    /// Reads up to the end of an event; false if `bytes` do not reach it.
    pub(super) fn advance(&mut self, bytes: &mut &[u8]) -> bool {
        if self.stage == Stage::Complete {
            self.clear();
        }
        while let Some((&byte, rest)) = bytes.split_first() {
            if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                *bytes = rest;
                continue;
            }
            match self.place {
                Place::Start(seen) => {
                    if byte == BOM[seen] {
                        *bytes = rest;
                        self.place = match seen + 1 {
                            3 => Place::Field(0),
                            seen => Place::Start(seen),
                        };
                    } else {
                        // No byte order mark after all: the name of a field that means nothing, or nothing yet.
                        if seen > 0 {
                            self.stage = Stage::Begun;
                        }
                        self.field[..seen].copy_from_slice(&BOM[..seen]);
                        self.place = Place::Field(seen);
                    }
                }
                Place::Field(seen) => {
                    *bytes = rest;
                    match byte {
                        b'\n' | b'\r' => {
                            self.after_cr = byte == b'\r';
                            if seen == 0 {
                                if self.blank_line() {
                                    return true;
                                }
                            } else {
                                self.value(seen);
                            }
                            self.place = Place::Field(0);
                        }
                        b':' => self.place = Place::Colon(self.value(seen)),
                        byte => {
                            self.stage = self.stage.max(Stage::Begun);
                            if let Some(place) = self.field.get_mut(seen) {
                                *place = byte;
                                self.place = Place::Field(seen + 1);
                            }
                        }
                    }
                }
                Place::Colon(value) => {
                    if byte == b' ' {
                        *bytes = rest;
                    }
                    self.place = Place::Value(value);
                }
                Place::Value(value) => {
                    let end = memchr::memchr2(b'\n', b'\r', bytes);
                    let (part, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
                    *bytes = rest;
                    self.keep(value, part);
                    if let Some((&byte, rest)) = rest.split_first() {
                        *bytes = rest;
                        self.after_cr = byte == b'\r';
                        self.place = Place::Field(0);
                    }
                }
            }
        }
        false
    }

    /// The event in the buffers.
    pub(super) fn event(&self) -> Event<'_> {
        if self.too_long {
            return Event::TooLong;
        }
        Event::Whole {
            name: &self.name,
            data: &self.data,
        }
    }

    /// A field whose name has ended: where its value goes.
    fn value(&mut self, seen: usize) -> Value {
        match &self.field[..seen] {
            b"data" => {
                if std::mem::replace(&mut self.stage, Stage::Data) == Stage::Data {
                    self.keep(Value::Data, b"\n");
                }
                Value::Data
            }
            b"event" => {
                self.name.clear();
                Value::Name
            }
            _ => Value::Nowhere,
        }
    }

    fn keep(&mut self, value: Value, part: &[u8]) {
        let (kept, most) = match value {
            Value::Data => (&mut self.data, self.most),
            Value::Name => (&mut self.name, self.most),
            Value::Nowhere => return,
        };
        if self.too_long || part.len() > most - kept.len() {
            self.too_long = true;
        } else {
            kept.extend_from_slice(part);
        }
    }

    /// Whether it completes an event.
    fn blank_line(&mut self) -> bool {
        let is_one = self.stage == Stage::Data;
        if is_one {
            self.stage = Stage::Complete;
            self.place = Place::Field(0);
        } else {
            self.clear();
        }
        is_one
    }

    fn clear(&mut self) {
        self.data.clear();
        self.name.clear();
        self.stage = Stage::Nothing;
        self.too_long = false;
    }
}
