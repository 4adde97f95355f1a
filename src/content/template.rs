//! Text with placeholders: `{{uuid}}`, `{{seq}}`, `{{random:16k}}`; `{{{{` stands for two braces.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use std::fmt;
use std::io::Write;

/// The most random characters of one placeholder.
const MAX_RANDOM: u64 = 64 << 20;
/// The digits of the largest number.
const SEQ_DIGITS: u64 = 20;
const UUID_CHARS: u64 = 36;
/// What random text is made of: it needs no escapes in JSON, URLs and forms, and six bits choose one.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Text with placeholders that each request fills anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// A version 4 UUID (RFC 9562, 5.4).
    Uuid,
    /// The request's number within its variant, from 1.
    Seq,
    /// So many random characters.
    Random(usize),
}

/// A text that is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{{` without an end.
    #[error(
        "the {{{{ at character {at} has no }}}}; two braces that are no placeholder are written {{{{{{{{"
    )]
    Unterminated {
        /// Where it begins, counted from 1.
        at: usize,
    },
    /// A placeholder of no known kind.
    #[error(
        "unknown placeholder {{{{{name}}}}}; there are {{{{uuid}}}}, {{{{seq}}}} and {{{{random:N}}}}, and two braces that are no \
         placeholder are written {{{{{{{{"
    )]
    Unknown {
        /// Its name, cut to what can be shown.
        name: String,
    },
    /// `{{random:…}}` with something else than a size.
    #[error(
        "{{{{random:{size}}}}} needs how many characters, from 1 to 64m, such as {{{{random:200}}}} or {{{{random:16k}}}} (16,384)"
    )]
    Size {
        /// What stands there.
        size: String,
    },
}

impl Template {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            literal.push_str(&rest[..start]);
            let inside = &rest[start + 2..];
            if let Some(after) = inside.strip_prefix("{{") {
                literal.push_str("{{");
                rest = after;
                continue;
            }
            let Some(end) = inside.find("}}") else {
                let before = text.len() - rest.len() + start;
                let at = text[..before].chars().count() + 1;
                return Err(TemplateError::Unterminated { at });
            };
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            pieces.push(piece(inside[..end].trim())?);
            rest = &inside[end + 2..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Template(pieces))
    }

    /// The same with what `fill` makes of each text between placeholders.
    pub fn filled<E>(
        &self,
        mut fill: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<Template, E> {
        let filled = self.0.iter().map(|piece| {
            Ok(match piece {
                Piece::Text(text) => Piece::Text(fill(text)?),
                other => other.clone(),
            })
        });
        Ok(Template(filled.collect::<Result<_, E>>()?))
    }

    /// One body, as an example.
    pub fn example(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(1, &mut SmallRng::seed_from_u64(0), &mut out);
        out
    }

    /// The text itself, if there is nothing to fill in.
    pub fn fixed(&self) -> Option<&str> {
        match &self.0[..] {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it makes empty bodies.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The length of the longest body that it makes, in bytes.
    pub fn longest(&self) -> u64 {
        let lengths = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.len() as u64,
            Piece::Uuid => UUID_CHARS,
            Piece::Seq => SEQ_DIGITS,
            Piece::Random(size) => *size as u64,
        });
        lengths.fold(0, u64::saturating_add)
    }

    /// Appends the body of request `seq`.
    pub(super) fn write(&self, seq: u64, rng: &mut SmallRng, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Uuid => uuid(rng, out),
                // A Vec takes everything.
                Piece::Seq => drop(write!(out, "{seq}")),
                Piece::Random(size) => random(*size, rng, out),
            }
        }
    }
}

/// As it is read.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => f.write_str(&text.replace("{{", "{{{{"))?,
                Piece::Uuid => f.write_str("{{uuid}}")?,
                Piece::Seq => f.write_str("{{seq}}")?,
                Piece::Random(size) => write!(f, "{{{{random:{size}}}}}")?,
            }
        }
        Ok(())
    }
}

fn piece(name: &str) -> Result<Piece, TemplateError> {
    match name {
        "uuid" => Ok(Piece::Uuid),
        "seq" => Ok(Piece::Seq),
        _ => match name.strip_prefix("random:") {
            Some(text) => match size(text) {
                Some(size) => Ok(Piece::Random(size)),
                None => Err(TemplateError::Size {
                    size: crate::text::printable(text, 30),
                }),
            },
            None => Err(TemplateError::Unknown {
                name: crate::text::printable(name, 30),
            }),
        },
    }
}

/// `200`, `16k`, `1m`: multiples of 1,024.
fn size(text: &str) -> Option<usize> {
    let lower = text.trim().to_ascii_lowercase();
    let (digits, unit) = match lower.as_bytes().last()? {
        b'k' => (&lower[..lower.len() - 1], 1 << 10),
        b'm' => (&lower[..lower.len() - 1], 1 << 20),
        _ => (&lower[..], 1),
    };
    let size = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    (1..=MAX_RANDOM).contains(&size).then_some(size as usize)
}

fn uuid(rng: &mut SmallRng, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut bits: u128 = rng.random();
    // Version 4, variant 10.
    bits = bits & !(0xf << 76) | 0x4 << 76;
    bits = bits & !(0x3 << 62) | 0x2 << 62;
    for nibble in (0..32).rev() {
        if matches!(nibble, 23 | 19 | 15 | 11) {
            out.push(b'-');
        }
        out.push(HEX[(bits >> (4 * nibble)) as usize & 0xf]);
    }
}

fn random(size: usize, rng: &mut SmallRng, out: &mut Vec<u8>) {
    /// Characters that one draw of 64 bits chooses.
    const EACH: usize = 10;
    out.reserve(size);
    let mut left = size;
    while left > 0 {
        let mut bits: u64 = rng.random();
        let here = left.min(EACH);
        out.extend((0..here).map(|_| {
            let letter = LETTERS[bits as usize & 0x3f];
            bits >>= 6;
            letter
        }));
        left -= here;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn made(text: &str, seq: u64, seed: u64) -> String {
        let mut out = Vec::new();
        let mut rng = SmallRng::seed_from_u64(seed);
        Template::parse(text)
            .unwrap()
            .write(seq, &mut rng, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn placeholders_are_filled_and_everything_else_stays() {
        assert_eq!(made("a {{seq}} b {{ seq }}", 7, 1), "a 7 b 7");
        assert_eq!(made(r#"{"a":{"b":{}}}"#, 1, 1), r#"{"a":{"b":{}}}"#);
        assert_eq!(made("{{{{seq}} {}}", 1, 1), "{{seq}} {}}");
        let text = made("{{random:25}}", 1, 1);
        assert_eq!(text.len(), 25);
        assert!(text.bytes().all(|letter| LETTERS.contains(&letter)));
        assert_ne!(text, made("{{random:25}}", 1, 2));
        for (size, expected) in [("1", 1), ("16k", 16_384), ("1M", 1 << 20)] {
            assert_eq!(
                made(&format!("{{{{random:{size}}}}}"), 1, 1).len(),
                expected
            );
        }
    }

    #[test]
    fn a_uuid_is_of_version_4() {
        for seed in 0..200 {
            let uuid = made("{{uuid}}", 1, seed);
            let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{uuid}");
            assert_eq!(&uuid[14..15], "4", "{uuid}");
            assert!("89ab".contains(&uuid[19..20]), "{uuid}");
        }
    }

    #[test]
    fn what_is_no_template_says_where_and_what_to_do() {
        for (text, part) in [
            ("ä {{uuid", "the {{ at character 3 has no }}"),
            ("{{uuid}} {{", "the {{ at character 10 has no }}"),
            (
                "{{name}}",
                "unknown placeholder {{name}}; there are {{uuid}}, {{seq}} and {{random:N}}",
            ),
            ("{{}}", "unknown placeholder {{}}"),
            ("{{random:}}", "{{random:}} needs how many characters"),
            ("{{random:0}}", "from 1 to 64m"),
            ("{{random:65m}}", "from 1 to 64m"),
            ("{{random:-1}}", "needs how many"),
            ("{{random:99999999999999999999k}}", "needs how many"),
        ] {
            let error = Template::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn text_without_placeholders_is_known_to_be_fixed() {
        assert_eq!(Template::parse("").unwrap().fixed(), Some(""));
        assert_eq!(Template::parse("a {{{{").unwrap().fixed(), Some("a {{"));
        assert_eq!(Template::parse("{{seq}}").unwrap().fixed(), None);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_no_body_is_longer_than_foretold(text in r"([{}]{1,5}|uuid|seq|random:[0-9]{1,3}k?|.){0,12}", seq in any::<u64>()) {
            if let Ok(template) = Template::parse(&text) {
                let mut out = Vec::new();
                template.write(seq, &mut SmallRng::seed_from_u64(seq), &mut out);
                prop_assert!(out.len() as u64 <= template.longest());
                prop_assert_eq!(template.is_empty(), out.is_empty());
                prop_assert_eq!(Template::parse(&template.to_string()), Ok(template));
            }
        }
    }
}
