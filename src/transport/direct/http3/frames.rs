//! How long the frames are that a server announces, and its farewell. The library keeps a frame until it is complete, whatever
//! length it was said to have; only data it hands on as it comes. And of a farewell it does not tell which requests are left
//! out. So each stream's bytes are looked at on their way to it.

/// The longest frame that is not data: header blocks, settings, and what is to be ignored.
const MAX_FRAME: u64 = 64 << 10;
/// Frames of this type are handed on as they come (RFC 9114, 7.2.1).
const DATA: u64 = 0;
/// The farewell (RFC 9114, 7.2.6).
const GOAWAY: u64 = 7;
/// The first byte of a control stream (RFC 9114, 6.2.1).
const CONTROL: u64 = 0;

/// A frame that is too long to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {0} bytes, more than the 65,536 that are taken")]
pub(super) struct TooLong(u64);

/// Where in a stream the bytes stand that have passed.
#[derive(Debug)]
pub(super) struct Frames {
    at: At,
    number: Number,
    /// It is a control stream.
    control: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// The kind of a stream that the server has opened.
    Kind,
    /// A frame's type.
    Type,
    /// The length of a frame of this type.
    Length(u64),
    /// So many bytes of a frame are to come.
    Within(u64),
    /// The stream from which on requests are left out, in a farewell that has so many bytes to come.
    Farewell(u64),
    /// Nothing of this stream is kept as frames.
    Free,
}

/// A number of variable length, as far as it has come (RFC 9000, 16).
#[derive(Debug, Default)]
struct Number {
    value: u64,
    /// Bytes that are still to come; `None` before the first.
    left: Option<u8>,
}

impl Number {
    /// Takes one byte, and gives the number once it is whole.
    fn take(&mut self, byte: u8) -> Option<u64> {
        let left = match self.left {
            None => {
                self.value = u64::from(byte & 0x3f);
                (1_u8 << (byte >> 6)) - 1
            }
            Some(left) => {
                self.value = self.value << 8 | u64::from(byte);
                left - 1
            }
        };
        self.left = (left > 0).then_some(left);
        (left == 0).then_some(self.value)
    }
}

impl Frames {
    /// Those of a stream with an answer.
    pub(super) fn of_answer() -> Frames {
        Frames {
            at: At::Type,
            number: Number::default(),
            control: false,
        }
    }

    /// Those of a stream that the server has opened.
    pub(super) fn of_server() -> Frames {
        Frames {
            at: At::Kind,
            number: Number::default(),
            control: false,
        }
    }

    /// Looks at the stream's next bytes. A farewell among them: the stream from which on requests are left out.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> Result<Option<u64>, TooLong> {
        let mut farewell = None;
        while let Some((first, rest)) = bytes.split_first() {
            match self.at {
                At::Free => return Ok(farewell),
                At::Within(left) => {
                    let here = left.min(bytes.len() as u64);
                    bytes = &bytes[here as usize..];
                    self.at = match left - here {
                        0 => At::Type,
                        left => At::Within(left),
                    };
                    continue;
                }
                At::Kind | At::Type | At::Length(_) | At::Farewell(_) => {}
            }
            bytes = rest;
            let number = self.number.take(*first);
            if let At::Farewell(left) = self.at {
                farewell = number.or(farewell);
                // What follows the number is for the library to find fault with.
                self.at = match (left - 1, number) {
                    (0, _) => At::Type,
                    (left, Some(_)) => At::Within(left),
                    (left, None) => At::Farewell(left),
                };
                continue;
            }
            if let Some(number) = number {
                self.at = self.after(number)?;
            }
        }
        Ok(farewell)
    }

    /// Where the stream stands after a number.
    fn after(&mut self, number: u64) -> Result<At, TooLong> {
        match self.at {
            At::Kind if number == CONTROL => {
                self.control = true;
                Ok(At::Type)
            }
            At::Type => Ok(At::Length(number)),
            At::Length(kind) if kind != DATA && number > MAX_FRAME => Err(TooLong(number)),
            At::Length(_) if number == 0 => Ok(At::Type),
            At::Length(GOAWAY) if self.control => Ok(At::Farewell(number)),
            At::Length(_) => Ok(At::Within(number)),
            At::Kind | At::Within(_) | At::Farewell(_) | At::Free => Ok(At::Free),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A number in so many bytes: 1, 2, 4 or 8.
    fn number(value: u64, bytes: usize) -> Vec<u8> {
        let tag = (bytes.trailing_zeros() as u8) << 6;
        let mut written = value.to_be_bytes()[8 - bytes..].to_vec();
        written[0] |= tag;
        written
    }

    fn frame(kind: u64, length: u64) -> Vec<u8> {
        let mut bytes = number(kind, 1);
        bytes.extend(number(length, 4));
        bytes.extend(vec![0x40; length as usize]);
        bytes
    }

    #[test]
    fn a_giant_frame_is_refused_as_soon_as_its_length_is_known_and_giant_data_is_not() {
        for (kind, length, taken) in [
            (1, MAX_FRAME, true),
            (1, MAX_FRAME + 1, false),
            (0, 1 << 40, true),
            (0x21, 1 << 61, false),
        ] {
            let mut frames = Frames::of_answer();
            let announced = [number(kind, 2), number(length, 8)].concat();
            assert_eq!(frames.pass(&announced).is_ok(), taken, "{kind} {length}");
        }
    }

    #[test]
    fn only_control_streams_have_frames() {
        let giant = [number(1, 1), number(1 << 30, 8)].concat();
        for (kind, refused) in [(0, true), (2, false), (3, false), (0x54, false)] {
            let mut frames = Frames::of_server();
            let _ = frames.pass(&number(kind, 2)).unwrap();
            assert_eq!(frames.pass(&giant).is_err(), refused, "{kind}");
        }
    }

    #[test]
    fn a_farewell_on_the_control_stream_is_found_however_it_is_cut() {
        let mut bytes = [number(0, 1), frame(4, 10)].concat();
        for (id, length) in [(0, 1), (400, 2), (400, 4), (1 << 40, 8)] {
            bytes.extend([number(7, 1), number(length, 1), number(id, length as usize)].concat());
            bytes.extend(frame(0x21, 3));
        }
        for size in 1..bytes.len() {
            let mut frames = Frames::of_server();
            let found: Vec<u64> = bytes
                .chunks(size)
                .filter_map(|piece| frames.pass(piece).unwrap())
                .collect();
            assert_eq!(found.last(), Some(&(1 << 40)), "{size}");
            if size < 4 {
                assert_eq!(found, [0, 400, 400, 1 << 40], "{size}");
            }
        }
        // On a stream with an answer it means nothing.
        let farewell = [number(7, 1), number(1, 1), number(0, 1)].concat();
        assert_eq!(Frames::of_answer().pass(&farewell), Ok(None));
    }

    proptest! {
        /// However a stream is cut into pieces, the frame that is too long is found, and no other.
        #[test]
        fn it_does_not_matter_where_the_bytes_are_cut(
            lengths in prop::collection::vec((0_u64..70, 0_u64..300), 0..8),
            pieces in prop::collection::vec(1_usize..400, 1..40),
        ) {
            let mut bytes: Vec<u8> = lengths
                .iter()
                .flat_map(|(kind, length)| frame(*kind & 0x3f, *length))
                .collect();
            let mut frames = Frames::of_answer();
            let cut = |frames: &mut Frames, bytes: &[u8]| {
                let (mut rest, mut sizes) = (bytes, pieces.iter().cycle());
                while !rest.is_empty() {
                    let size = (*sizes.next().unwrap()).min(rest.len());
                    let _ = frames.pass(&rest[..size])?;
                    rest = &rest[size..];
                }
                Ok::<(), TooLong>(())
            };
            prop_assert!(cut(&mut frames, &bytes).is_ok());
            prop_assert_eq!(frames.at, At::Type);
            bytes.extend(number(4, 1));
            bytes.extend(number(MAX_FRAME + 9, 8));
            prop_assert_eq!(cut(&mut Frames::of_answer(), &bytes), Err(TooLong(MAX_FRAME + 9)));
        }
    }
}
