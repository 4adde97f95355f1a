//! The head of an answer: from bytes to what the engine must know of it. Nothing is allocated.

use super::body::Framing;
use super::progress::Answer;
use crate::transport::HELD_HEADER;
use http::Version;
use httparse::{Header, ParserConfig, Response, Status};
use std::mem::MaybeUninit;
use std::time::Duration;

/// Header fields of one answer at most, as in hyper.
const MAX_FIELDS: usize = 100;
/// The largest head, in bytes: about what hyper reads before it gives up.
pub(super) const MAX_HEAD: usize = 400 << 10;

/// The longest body that can be told from none, as in hyper.
const MAX_LENGTH: u64 = u64::MAX - 2;

/// What the head of an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Its bytes, the empty line included.
    pub(super) length: usize,
    pub(super) answer: Answer,
    /// How the end of the body is found.
    pub(super) framing: Framing,
    /// The server lets the connection be used again.
    pub(super) keeps: bool,
}

/// Why bytes are no head of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HeadError {
    #[error("{0}")]
    Syntax(httparse::Error),
    #[error("the head of the answer is larger than {} KB", MAX_HEAD >> 10)]
    TooLarge,
    #[error("a content-length that is none, or two that differ")]
    ContentLength,
    #[error("a transfer-encoding in an answer of HTTP/1.0")]
    TransferEncoding,
}

/// Reads a head from the beginning of `bytes`: `None` if more of it is to come. `bodiless`: the answer has no body whatever it
/// says, because it answers HEAD.
pub(super) fn parse(bytes: &[u8], bodiless: bool) -> Result<Option<Head>, HeadError> {
    let mut fields = [const { MaybeUninit::<Header<'_>>::uninit() }; MAX_FIELDS];
    let mut response = Response::new(&mut []);
    let parsed = ParserConfig::default()
        .parse_response_with_uninit_headers(&mut response, bytes, &mut fields)
        .map_err(|error| match error {
            httparse::Error::TooManyHeaders => HeadError::TooLarge,
            error => HeadError::Syntax(error),
        })?;
    let Status::Complete(length) = parsed else {
        return Ok(None);
    };
    let version = if response.version == Some(0) {
        Version::HTTP_10
    } else {
        Version::HTTP_11
    };
    let status = response.code.unwrap_or_default();
    if status < 100 {
        return Err(HeadError::Syntax(httparse::Error::Status));
    }
    let said = Said::of(response.headers);
    let framing = if bodiless || matches!(status, 100..=199 | 204 | 304) {
        Framing::Empty
    } else {
        said.framing(version)?
    };
    Ok(Some(Head {
        length,
        answer: Answer {
            status,
            version,
            held: said.held,
        },
        framing,
        // After 101 the connection would speak something else.
        keeps: framing != Framing::ToTheEnd
            && status != 101
            && !said.close
            && (version == Version::HTTP_11 || said.keep_alive),
    }))
}

/// What the fields say that matter here.
#[derive(Default)]
struct Said {
    length: Option<u64>,
    /// A length is none, or differs from another.
    bad_length: bool,
    encoding: Encoding,
    close: bool,
    keep_alive: bool,
    held: Option<Duration>,
}

/// What the transfer-encoding says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Encoding {
    /// There is none.
    #[default]
    None,
    /// Chunked is the last.
    Chunked,
    /// Something else is.
    Other,
}

impl Head {
    /// Whether another answer follows this one, to the same request.
    pub(super) fn is_interim(&self) -> bool {
        self.answer.status < 200 && self.answer.status != 101
    }
}

impl Said {
    fn of(fields: &[Header<'_>]) -> Said {
        let mut said = Said::default();
        for field in fields {
            let (name, value) = (field.name, field.value);
            // By the length first: most fields are none of these.
            match name.len() {
                14 if name.eq_ignore_ascii_case("content-length") => {
                    said.bad_length |= !said.add_length(value);
                }
                17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                    let last = value.rsplit(|b| *b == b',').next().unwrap_or_default();
                    said.encoding = if last.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                        Encoding::Chunked
                    } else {
                        Encoding::Other
                    };
                }
                10 if name.eq_ignore_ascii_case("connection") => {
                    for word in value.split(|b| *b == b',') {
                        let word = word.trim_ascii();
                        said.close |= word.eq_ignore_ascii_case(b"close");
                        said.keep_alive |= word.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                len if len == HELD_HEADER.as_str().len()
                    && name.eq_ignore_ascii_case(HELD_HEADER.as_str()) =>
                {
                    said.held = digits(value).map(Duration::from_micros);
                }
                _ => {}
            }
        }
        said
    }

    /// Adds the numbers of one field; all must be the same.
    fn add_length(&mut self, value: &[u8]) -> bool {
        value.split(|b| *b == b',').all(|number| {
            let number = digits(number.trim_ascii()).filter(|number| *number <= MAX_LENGTH);
            let known = self.length;
            self.length = number.or(known);
            number.is_some() && (known.is_none() || known == number)
        })
    }

    fn framing(&self, version: Version) -> Result<Framing, HeadError> {
        // A transfer-encoding makes the length void (RFC 9112, 6.3).
        match self.encoding {
            Encoding::None if self.bad_length => return Err(HeadError::ContentLength),
            Encoding::None => {}
            _ if version == Version::HTTP_10 => return Err(HeadError::TransferEncoding),
            Encoding::Chunked => return Ok(Framing::chunked()),
            Encoding::Other => return Ok(Framing::ToTheEnd),
        }
        Ok(match self.length {
            Some(0) => Framing::Empty,
            Some(length) => Framing::Length(length),
            None => Framing::ToTheEnd,
        })
    }
}

/// A number that consists of digits alone.
fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn head(text: &str) -> Result<Option<Head>, HeadError> {
        parse(text.as_bytes(), false)
    }

    fn framing(fields: &str) -> Result<Framing, HeadError> {
        let text = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        head(&text).map(|head| head.unwrap().framing)
    }

    #[test]
    fn the_end_of_a_body_is_found_as_the_head_says() {
        for (fields, expected) in [
            ("content-length: 5\r\n", Framing::Length(5)),
            ("Content-Length: 0\r\n", Framing::Empty),
            ("content-length: 5, 5\r\n", Framing::Length(5)),
            (
                "content-length: 5\r\ncontent-length: 5\r\n",
                Framing::Length(5),
            ),
            ("transfer-encoding: chunked\r\n", Framing::chunked()),
            ("transfer-encoding: gzip, Chunked\r\n", Framing::chunked()),
            (
                "transfer-encoding: chunked\r\ncontent-length: x\r\n",
                Framing::chunked(),
            ),
            ("transfer-encoding: gzip\r\n", Framing::ToTheEnd),
            ("", Framing::ToTheEnd),
        ] {
            assert_eq!(framing(fields), Ok(expected), "{fields}");
        }
        for fields in [
            "content-length: -1\r\n",
            "content-length: +5\r\n",
            "content-length: 5x\r\n",
            "content-length:\r\n",
            "content-length: 5, 6\r\n",
            "content-length: 5\r\ncontent-length: 6\r\n",
            "content-length: 18446744073709551616\r\n",
        ] {
            assert_eq!(framing(fields), Err(HeadError::ContentLength), "{fields}");
        }
        let old = "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(head(old), Err(HeadError::TransferEncoding));
    }

    #[test]
    fn answers_without_a_body_have_none() {
        for status in ["204 No Content", "304 Not Modified", "100 Continue"] {
            let text = format!("HTTP/1.1 {status}\r\ncontent-length: 5\r\n\r\n");
            let head = head(&text).unwrap().unwrap();
            assert_eq!(
                (head.framing, head.keeps),
                (Framing::Empty, true),
                "{status}"
            );
            // What is not to come needs no length that is in order.
            let text = format!("HTTP/1.1 {status}\r\ncontent-length: five\r\n\r\n");
            assert!(parse(text.as_bytes(), false).is_ok(), "{status}");
        }
        let text = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
        assert_eq!(parse(text, true).unwrap().unwrap().framing, Framing::Empty);
    }

    #[test]
    fn a_status_has_a_class() {
        for status in ["000", "007", "099"] {
            let text = format!("HTTP/1.1 {status} Low\r\n\r\n");
            let error = HeadError::Syntax(httparse::Error::Status);
            assert_eq!(parse(text.as_bytes(), false), Err(error), "{status}");
        }
        assert!(
            head("HTTP/1.1 100 Low\r\n\r\n")
                .unwrap()
                .unwrap()
                .is_interim()
        );
    }

    #[test]
    fn a_connection_is_kept_as_both_sides_say() {
        for (text, keeps) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n", true),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nConnection: x, Close\r\n",
                false,
            ),
            ("HTTP/1.1 200 OK\r\n", false),
            ("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n", false),
            (
                "HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n",
                true,
            ),
        ] {
            let head = head(&format!("{text}\r\n")).unwrap().unwrap();
            assert_eq!(head.keeps, keeps, "{text}");
        }
    }

    #[test]
    fn the_servers_own_word_on_the_delay_is_read() {
        let text =
            "HTTP/1.1 200 OK\r\nX-Dragstrip-Delay-Us: 1500\r\ncontent-length: 0\r\n\r\nleft over";
        let head = head(text).unwrap().unwrap();
        assert_eq!(head.answer.held, Some(Duration::from_micros(1_500)));
        assert_eq!(&text[head.length..], "left over");
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_a_part_is_no_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes, false);
        }

        #[test]
        fn a_head_cut_anywhere_asks_for_more(cut in 0..62_usize) {
            let text = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nserver: some thing\r\n\r\n";
            prop_assert_eq!(parse(&text[..cut.min(text.len() - 1)], false), Ok(None));
        }
    }
}
