//! How long the frames are that a server announces. The library keeps a frame until it is complete, whatever length it was
//! said to have; only data it hands on as it comes. So each stream's bytes are looked at on their way to it.

/// The longest frame that is not data: header blocks, settings, and what is to be ignored.
const MAX_FRAME: u64 = 64 << 10;
/// Frames of this type are handed on as they come (RFC 9114, 7.2.1).
const DATA: u64 = 0;
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
        }
    }

    /// Those of a stream that the server has opened.
    pub(super) fn of_server() -> Frames {
        Frames {
            at: At::Kind,
            number: Number::default(),
        }
    }

    /// Looks at the stream's next bytes.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> Result<(), TooLong> {
        while let Some((first, rest)) = bytes.split_first() {
            match self.at {
                At::Free => return Ok(()),
                At::Within(left) => {
                    let here = left.min(bytes.len() as u64);
                    bytes = &bytes[here as usize..];
                    self.at = match left - here {
                        0 => At::Type,
                        left => At::Within(left),
                    };
                    continue;
                }
                At::Kind | At::Type | At::Length(_) => {}
            }
            bytes = rest;
            if let Some(number) = self.number.take(*first) {
                self.at = self.after(number)?;
            }
        }
        Ok(())
    }

    /// Where the stream stands after a number.
    fn after(&self, number: u64) -> Result<At, TooLong> {
        match self.at {
            At::Kind if number == CONTROL => Ok(At::Type),
            At::Type => Ok(At::Length(number)),
            At::Length(kind) if kind != DATA && number > MAX_FRAME => Err(TooLong(number)),
            At::Length(_) if number == 0 => Ok(At::Type),
            At::Length(_) => Ok(At::Within(number)),
            At::Kind | At::Within(_) | At::Free => Ok(At::Free),
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
            frames.pass(&number(kind, 2)).unwrap();
            assert_eq!(frames.pass(&giant).is_err(), refused, "{kind}");
        }
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
                    frames.pass(&rest[..size])?;
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
