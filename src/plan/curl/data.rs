//! The data of a curl command: pieces that are put together as curl does.

use super::lexer::{escaped, literal};
use super::options::Data as Kind;
use crate::content::Template;
use crate::plan::PlanError;
use crate::plan::file::read_limited;
use crate::plan::given::At;
use crate::plan::request::MAX_BODY_BYTES;
use std::path::Path;

/// What has been given so far.
#[derive(Debug, Default)]
pub(super) struct Data {
    pieces: Vec<Piece>,
    /// Whether it was given as JSON.
    pub(super) json: bool,
    /// The last option that gave some.
    pub(super) at: Option<At>,
}

#[derive(Debug)]
enum Piece {
    /// What was written: `${NAME}` is a variable, and there may be placeholders.
    Written(String),
    /// What a file holds.
    Read(Vec<u8>),
}

/// All of it.
pub(super) enum Whole {
    /// With variables and placeholders.
    Text(String),
    /// To be sent as it is.
    Bytes(Vec<u8>),
}

impl Data {
    /// Takes what one option gives.
    pub(super) fn add(&mut self, kind: Kind, text: &str, at: &At) -> Result<(), PlanError> {
        if kind == Kind::Json {
            self.json = true;
        } else if self.at.is_some() {
            self.pieces.push(Piece::Written("&".to_owned()));
        }
        self.at = Some(at.clone());
        let piece = match (kind, text.strip_prefix('@')) {
            (Kind::Encoded, _) => encoded(text, at)?,
            (Kind::Text, Some(name)) => {
                let mut bytes = file(name, at)?;
                bytes.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
                Piece::Read(bytes)
            }
            (Kind::Binary | Kind::Json, Some(name)) => Piece::Read(file(name, at)?),
            (Kind::Raw, _) | (_, None) => Piece::Written(text.to_owned()),
        };
        self.pieces.push(piece);
        Ok(())
    }

    /// Everything in one, `None` where nothing was given.
    pub(super) fn whole(&self) -> Result<Option<Whole>, PlanError> {
        let Some(at) = &self.at else {
            return Ok(None);
        };
        let mut all = String::new();
        for piece in &self.pieces {
            let text = match piece {
                Piece::Written(text) => text.clone(),
                Piece::Read(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => escaped(&text.replace("{{", "{{{{")),
                    Err(_) => return self.bytes(at).map(Some),
                },
            };
            if text.starts_with('{') && all.ends_with('$') {
                all.push('$');
            }
            all.push_str(&text);
        }
        Ok(Some(Whole::Text(all)))
    }

    /// Where a file is no text, nothing beside it can be filled in.
    fn bytes(&self, at: &At) -> Result<Whole, PlanError> {
        let mut all = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Read(bytes) => all.extend_from_slice(bytes),
                Piece::Written(text) => {
                    let text = literal(text).and_then(|text| {
                        let template = Template::parse(&text).ok()?;
                        template.fixed().map(str::to_owned)
                    });
                    let text = text.ok_or_else(|| {
                        at.bad("nothing can be filled in beside a file that is not UTF-8 text; put all of the data into the file")
                    })?;
                    all.extend_from_slice(text.as_bytes());
                }
            }
        }
        Ok(Whole::Bytes(all))
    }
}

fn file(name: &str, at: &At) -> Result<Vec<u8>, PlanError> {
    let name = literal(name)
        .ok_or_else(|| at.bad("the file's name must be written out, without variables"))?;
    if name == "-" {
        return Err(at.bad(
            "@- reads from stdin, which is read at most for the command; write the data to a file",
        ));
    }
    read_limited(Path::new(&name), MAX_BODY_BYTES).map_err(|source| PlanError::Unreadable {
        setting: at.to_string(),
        path: crate::text::printable(&name, 200),
        source,
    })
}

/// `content`, `=content`, `name=content`, `@file` or `name@file`: the content is encoded, the name is not.
fn encoded(text: &str, at: &At) -> Result<Piece, PlanError> {
    let text = literal(text).ok_or_else(|| {
        at.bad("a variable cannot be filled in where its value has to be encoded; use --data, with the value encoded")
    })?;
    let (name, content) = match text.find(['=', '@']) {
        Some(end) if text[end..].starts_with('@') => (&text[..end], file(&text[end + 1..], at)?),
        Some(end) => (&text[..end], text.as_bytes()[end + 1..].to_vec()),
        None => ("", text.as_bytes().to_vec()),
    };
    let mut out = escaped(name);
    if !name.is_empty() {
        out.push('=');
    }
    for byte in content {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(Piece::Written(out))
}
