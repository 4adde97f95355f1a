//! The headers of a command: those given as such, and those that other options make, which give way to them.

use super::lexer::literal;
use super::wishes::Wishes;
use crate::plan::PlanError;
use crate::plan::given::At;
use crate::plan::settings::GivenHeader;
use crate::plan::target::percent_decoded;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What has been given so far.
#[derive(Debug, Default)]
pub(super) struct Headers {
    given: Vec<GivenHeader>,
    /// Made by options; the last of a name counts.
    made: Vec<GivenHeader>,
    /// A user and a password in the URL.
    login: Option<GivenHeader>,
    /// Names that are not to be sent.
    removed: Vec<String>,
}

/// Headers that give way to none.
pub(super) struct Finished {
    pub(super) given: Vec<GivenHeader>,
    removed: Vec<String>,
}

impl Headers {
    /// `Name: value`; `Name;` has no value, and `Name:` is not sent.
    pub(super) fn line(
        &mut self,
        text: &str,
        at: &At,
        wishes: &mut Wishes,
    ) -> Result<(), PlanError> {
        if text.starts_with('@') {
            return Err(at.bad("headers are not read from a file; write them out"));
        }
        let (name, value) = match (text.split_once(':'), text.trim_end().strip_suffix(';')) {
            (Some((name, value)), _) => (name.trim(), value.trim()),
            (None, Some(name)) => (name.trim(), ""),
            // Not repeated: it may be a bare key.
            (None, None) => {
                return Err(at.bad(
                    "a header has a ':', as in -H 'Name: value'; one with spaces needs quotes",
                ));
            }
        };
        let name = literal(name)
            .ok_or_else(|| at.bad("a header's name must be written out, without variables"))?;
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if value.is_empty() && text.contains(':') {
            if is("host") || is("accept") {
                return Err(at.bad(format!(
                    "a request without {} is never sent; give it a value, or leave this out",
                    name.to_ascii_lowercase()
                )));
            }
            self.removed.push(name.to_ascii_lowercase());
            return Ok(());
        }
        // What is said of a connection is the transport's to say.
        if is("connection") && value.eq_ignore_ascii_case("keep-alive") {
            return Ok(());
        }
        if is("connection") && value.eq_ignore_ascii_case("close") {
            wishes.close = Some(at.clone());
            return Ok(());
        }
        self.given.push(GivenHeader::new(at, &name, value));
        Ok(())
    }

    /// A header that an option makes.
    pub(super) fn usual(&mut self, name: &str, value: &str, at: &At) {
        self.make(GivenHeader::new(at, name, value));
    }

    fn make(&mut self, header: GivenHeader) {
        self.made.retain(|old| old.name != header.name);
        self.made.push(header);
    }

    pub(super) fn cookie(&mut self, text: &str, at: &At) -> Result<(), PlanError> {
        if !text.contains('=') && literal(text).is_some() {
            return Err(
                at.bad("cookies are not read from a file; write them out, as in -b 'name=value'")
            );
        }
        let before = self.made.iter().find(|header| header.name == "cookie");
        let all = match before {
            Some(before) => format!("{};{text}", before.value),
            None => text.to_owned(),
        };
        self.usual("cookie", &all, at);
        Ok(())
    }

    /// `user:password`, for Basic authentication.
    pub(super) fn user(&mut self, text: &str, at: &At) -> Result<(), PlanError> {
        if !text.contains(':') && literal(text).is_some() {
            return Err(at.bad(
                "has no password, for which curl would ask; write user:password, and a secret one as \"user:${NAME}\"",
            ));
        }
        self.make(GivenHeader::basic(at, text));
        Ok(())
    }

    /// What the URL has of it.
    pub(super) fn login(&mut self, login: &str, at: &At) {
        let decoded = literal(login).and_then(|login| {
            let text = String::from_utf8(percent_decoded(&login)).ok()?;
            Some(super::lexer::escaped(&text))
        });
        let mut login = decoded.unwrap_or_else(|| login.to_owned());
        if !login.contains(':') {
            login.push(':');
        }
        self.login = Some(GivenHeader::basic(at, &login));
    }

    /// What is sent with a body of that length.
    pub(super) fn finish(self, length: Option<usize>, wishes: &mut Wishes) -> Finished {
        let mut given = self.given;
        // Some tools write the length out. Where it is right it is what will be sent.
        given.retain(|header| {
            !header.name.eq_ignore_ascii_case("content-length")
                || header.value.parse().ok() != Some(length.unwrap_or(0))
        });
        let has = |given: &[GivenHeader], name: &str| {
            let name = |header: &GivenHeader| header.name.eq_ignore_ascii_case(name);
            given.iter().any(name)
        };
        let mut removed = self.removed;
        // It is asked for as the header says, and answers are read as they come.
        if has(&given, "accept-encoding") || removed.iter().any(|name| name == "accept-encoding") {
            wishes.compressed = None;
        }
        removed.retain(|name| !has(&given, name));
        for header in self.made.into_iter().chain(self.login) {
            let is_empty = header.value.is_empty();
            if !is_empty && !has(&given, &header.name) && !removed.contains(&header.name) {
                given.push(header);
            }
        }
        Finished { given, removed }
    }
}

impl Finished {
    /// Headers that the kind of data brings with it.
    pub(super) fn implied(&self, json: bool, body: bool) -> Vec<(HeaderName, HeaderValue)> {
        let implied = match (json, body) {
            (true, _) => vec![(CONTENT_TYPE, JSON), (ACCEPT, JSON)],
            (false, true) => vec![(CONTENT_TYPE, FORM)],
            (false, false) => Vec::new(),
        };
        let kept = implied
            .into_iter()
            .filter(|(name, _)| !self.removed.iter().any(|removed| removed == name.as_str()));
        kept.collect()
    }
}
