//! The body of an answer: counted, not kept. What is fed may be cut anywhere.

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none, or all of it has come.
    Empty,
    /// So many bytes are to come.
    Length(u64),
    /// In chunks, each with its length before it.
    Chunked(Chunked),
    /// What comes until the server closes.
    ToTheEnd,
}

/// Where in a chunked body the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunked {
    at: At,
    /// Bytes of extensions and trailers so far: a server could go on for ever.
    asides: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In a chunk's length; `digits` have come.
    Size {
        size: u64,
        digits: u8,
    },
    /// Behind it, where only blanks may stand.
    Blanks {
        size: u64,
    },
    /// In its extension.
    Extension {
        size: u64,
    },
    /// Before the line feed that ends its line.
    SizeFeed {
        size: u64,
    },
    /// In its data.
    Data {
        left: u64,
    },
    /// Before the line end behind the data.
    DataReturn,
    DataFeed,
    /// Behind the last chunk, at the beginning of a line.
    Line,
    /// In a trailer's line; whether its colon has come.
    Trailer {
        colon: bool,
    },
    /// Before the line feed of a trailer's line.
    TrailerFeed,
    /// Before the last line feed.
    LastFeed,
}

/// Extensions and trailers of one body at most, in bytes, as in hyper.
const MAX_ASIDES: usize = 16 << 10;
/// Digits of a chunk's length at most: sixteen say all of 64 bits, and a few leading zeros do no harm.
const MAX_DIGITS: u8 = 32;

/// Why a body cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    #[error("a chunk's length that is none")]
    Size,
    #[error("a chunk's length beyond all bounds")]
    Overflow,
    #[error("a chunk that does not end with a line end")]
    LineEnd,
    #[error("a trailer that is no header field")]
    Trailer,
    #[error("more than {} KB of chunk extensions and trailers", MAX_ASIDES >> 10)]
    Asides,
}

impl Framing {
    /// The beginning of a chunked body.
    pub(super) const fn chunked() -> Framing {
        Framing::Chunked(Chunked {
            at: At::Size { size: 0, digits: 0 },
            asides: 0,
        })
    }

    /// Takes what has come, and adds to `data` the bytes of the body itself, also of one that then turns out to be broken.
    /// Returns how many bytes belong to this answer: where that is fewer than there are, the rest came too early.
    pub(super) fn feed(&mut self, bytes: &[u8], data: &mut u64) -> Result<usize, BodyError> {
        match self {
            Framing::Empty => Ok(0),
            Framing::Length(left) => {
                let used = bytes
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= used as u64;
                if *left == 0 {
                    *self = Framing::Empty;
                }
                *data += used as u64;
                Ok(used)
            }
            Framing::Chunked(chunked) => {
                let (used, done) = chunked.feed(bytes, data)?;
                if done {
                    *self = Framing::Empty;
                }
                Ok(used)
            }
            Framing::ToTheEnd => {
                *data += bytes.len() as u64;
                Ok(bytes.len())
            }
        }
    }
}

impl Chunked {
    /// Takes what has come: how much of it, and whether that was all.
    fn feed(&mut self, bytes: &[u8], data: &mut u64) -> Result<(usize, bool), BodyError> {
        let mut used = 0;
        while let Some(&byte) = bytes.get(used) {
            if let At::Data { left } = &mut self.at {
                let there = (bytes.len() - used) as u64;
                let taken = there.min(*left);
                *left -= taken;
                used += taken as usize;
                *data += taken;
                if *left == 0 {
                    self.at = At::DataReturn;
                }
                continue;
            }
            used += 1;
            if self.step(byte)? {
                return Ok((used, true));
            }
        }
        Ok((used, false))
    }

    /// One byte outside of data. True: it was the last.
    fn step(&mut self, byte: u8) -> Result<bool, BodyError> {
        self.at = match (self.at, byte) {
            (At::Size { size, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = (byte as char).to_digit(16).unwrap_or_default();
                if digits == MAX_DIGITS || size >> 60 != 0 {
                    return Err(BodyError::Overflow);
                }
                At::Size {
                    size: size << 4 | u64::from(digit),
                    digits: digits + 1,
                }
            }
            (At::Size { digits: 0, .. }, _) => return Err(BodyError::Size),
            (At::Size { size, .. } | At::Blanks { size }, b' ' | b'\t') => {
                self.aside()?;
                At::Blanks { size }
            }
            (At::Size { size, .. } | At::Blanks { size }, b';') => At::Extension { size },
            (At::Size { size, .. } | At::Blanks { size } | At::Extension { size }, b'\r') => {
                At::SizeFeed { size }
            }
            (At::Size { .. } | At::Blanks { .. }, _) => return Err(BodyError::Size),
            (At::SizeFeed { size: 0 } | At::TrailerFeed, b'\n') => At::Line,
            (At::SizeFeed { size }, b'\n') => At::Data { left: size },
            (At::DataReturn, b'\r') => At::DataFeed,
            (At::DataFeed, b'\n') => At::Size { size: 0, digits: 0 },
            (At::Line, b'\r') => At::LastFeed,
            (At::LastFeed, b'\n') => return Ok(true),
            (At::Trailer { colon: true }, b'\r') => At::TrailerFeed,
            // A bare line feed would end a line for some and not for others.
            (At::Extension { .. } | At::Trailer { .. } | At::Line, b'\n') => {
                return Err(BodyError::LineEnd);
            }
            (At::Trailer { colon: false }, b':') => {
                self.aside()?;
                At::Trailer { colon: true }
            }
            (At::Line | At::Trailer { colon: false }, byte) if !is_name(byte) => {
                return Err(BodyError::Trailer);
            }
            (At::Trailer { colon: true }, byte) if !is_value(byte) => {
                return Err(BodyError::Trailer);
            }
            (At::Extension { size }, _) => {
                self.aside()?;
                At::Extension { size }
            }
            (At::Line, _) => {
                self.aside()?;
                At::Trailer { colon: false }
            }
            (At::Trailer { colon }, _) => {
                self.aside()?;
                At::Trailer { colon }
            }
            (
                At::SizeFeed { .. }
                | At::DataReturn
                | At::DataFeed
                | At::LastFeed
                | At::TrailerFeed
                | At::Data { .. },
                _,
            ) => return Err(BodyError::LineEnd),
        };
        Ok(false)
    }

    fn aside(&mut self) -> Result<(), BodyError> {
        self.asides += 1;
        if self.asides > MAX_ASIDES {
            return Err(BodyError::Asides);
        }
        Ok(())
    }
}

/// Whether it may stand in the name of a field (RFC 9110, 5.6.2).
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether it may stand in a field's value.
fn is_value(byte: u8) -> bool {
    byte == b'\t' || byte >= b' ' && byte != 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The bytes of the body, and what was left over.
    fn all(framing: Framing, bytes: &[u8]) -> Result<(u64, usize, bool), BodyError> {
        let (mut framing, mut data) = (framing, 0);
        let used = framing.feed(bytes, &mut data)?;
        Ok((data, bytes.len() - used, framing == Framing::Empty))
    }

    #[test]
    fn a_length_is_kept_to() {
        assert_eq!(all(Framing::Length(5), b"hel"), Ok((3, 0, false)));
        assert_eq!(all(Framing::Length(5), b"hello"), Ok((5, 0, true)));
        assert_eq!(all(Framing::Length(5), b"hello, world"), Ok((5, 7, true)));
        assert_eq!(all(Framing::ToTheEnd, b"hello"), Ok((5, 0, false)));
    }

    #[test]
    fn chunks_are_taken_apart() {
        let chunked = Framing::chunked();
        for (text, data, left) in [
            (&b"5\r\nhello\r\n0\r\n\r\n"[..], 5, 0),
            (b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nHTTP", 11, 4),
            (b"A;name=value\r\n0123456789\r\n0\r\n\r\n", 10, 0),
            (b"5 \t\r\nhello\r\n0\r\nx: y\r\nz: w\r\n\r\n", 5, 0),
            (b"5\r\nhello\r\n0\r\nx-Y_1:\tv:\xff\r\nz:\r\n\r\n", 5, 0),
            (b"0005\r\nhello\r\n000\r\n\r\n", 5, 0),
        ] {
            assert_eq!(all(chunked, text), Ok((data, left, true)));
            for cut in 0..text.len() - left {
                let (_, _, done) = all(chunked, &text[..cut]).unwrap();
                assert!(!done, "{cut}");
            }
        }
    }

    #[test]
    fn chunks_that_are_none_are_refused() {
        let long = "0".repeat(60);
        let aside = format!("5;{}", "x".repeat(MAX_ASIDES + 1));
        let trailer = format!("0\r\n{}", "x: y\r\n".repeat(MAX_ASIDES));
        for (text, error) in [
            ("x\r\n", BodyError::Size),
            ("\r\n", BodyError::Size),
            ("-5\r\n", BodyError::Size),
            ("5x\r\n", BodyError::Size),
            ("5 x\r\n", BodyError::Size),
            ("10000000000000000\r\n", BodyError::Overflow),
            (long.as_str(), BodyError::Overflow),
            ("5\nhello", BodyError::Size),
            ("5\r\nhelloX", BodyError::LineEnd),
            ("5\r\nhello\rX", BodyError::LineEnd),
            ("5;a\n", BodyError::LineEnd),
            ("0\r\n\n", BodyError::LineEnd),
            ("0\r\nx\r\n", BodyError::Trailer),
            ("0\r\n: y\r\n", BodyError::Trailer),
            ("0\r\nx y: z\r\n", BodyError::Trailer),
            ("0\r\n x: y\r\n", BodyError::Trailer),
            ("0\r\nx[: y\r\n", BodyError::Trailer),
            ("0\r\nx: \0\r\n", BodyError::Trailer),
            ("0\r\nx: y\nz: w\r\n", BodyError::LineEnd),
            (&aside, BodyError::Asides),
            (&trailer, BodyError::Asides),
        ] {
            assert_eq!(
                all(Framing::chunked(), text.as_bytes()),
                Err(error),
                "{text:.40}"
            );
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_bytes_are_cut(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6),
            cuts in prop::collection::vec(1..7_usize, 1..40),
        ) {
            let mut text = Vec::new();
            let mut data = 0;
            for chunk in &chunks {
                text.extend(format!("{:x}\r\n", chunk.len()).bytes());
                text.extend(chunk);
                text.extend(b"\r\n");
                data += chunk.len() as u64;
            }
            text.extend(b"0\r\n\r\nleft");
            let mut framing = Framing::chunked();
            let (mut at, mut counted) = (0, 0);
            for cut in cuts.iter().cycle() {
                if framing == Framing::Empty { break }
                at += framing.feed(&text[at..(at + cut).min(text.len())], &mut counted).unwrap();
            }
            prop_assert_eq!((counted, &text[at..]), (data, &b"left"[..]));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut framing = Framing::chunked();
            let mut data = 0;
            if let Ok(used) = framing.feed(&bytes, &mut data) {
                prop_assert!(used <= bytes.len() && data <= used as u64);
            }
        }
    }
}
