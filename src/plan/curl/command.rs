//! The options of a command, taken one after another as curl takes them.

use super::data::{Data, Whole};
use super::headers::Headers;
use super::lexer::{Word, literal};
use super::options::{self, Means, Row, Switch, Value};
use super::wishes::Wishes;
use super::{Curl, OPTION, take_apart, values};
use crate::plan::PlanError;
use crate::plan::given::{At, Given, did_you_mean};
use crate::plan::secrets::REDACTED;
use crate::plan::settings::RequestSettings;
use crate::text::printable;

/// What has been read of a command.
#[derive(Debug, Default)]
pub(super) struct Command {
    urls: Vec<Given>,
    /// Words that are neither options nor their values; they may be a part of what lost its quotes.
    bare: Vec<Word>,
    method: Option<Given>,
    headers: Headers,
    data: Data,
    get: bool,
    head: bool,
    globs_off: bool,
    wishes: Wishes,
    notes: Vec<String>,
}

/// An option's name as it was written, and where its value is taken from.
struct Named<'a> {
    name: String,
    row: &'static Row,
    attached: Option<&'a str>,
}

impl Command {
    /// Takes all words, `curl` first.
    pub(super) fn read(words: &[Word]) -> Result<Command, PlanError> {
        let mut words = words.iter();
        let is_prompt = |word: &&Word| matches!(word.text.as_str(), "$" | "%");
        let first = words.next();
        let first = first
            .filter(|word| !is_prompt(word))
            .or_else(|| words.next());
        let program = first.and_then(|word| literal(&word.text));
        let program = program
            .as_deref()
            .and_then(|p| p.rsplit(['/', '\\']).next());
        if !matches!(program, Some("curl" | "curl.exe")) {
            return Err(At::option(OPTION).bad(
                "must be a whole command that begins with curl, in quotes: --curl 'curl http://localhost:4000/…'; or - for one on stdin",
            ));
        }
        let mut command = Command::default();
        let mut options = true;
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            match text.strip_prefix('-').filter(|_| options) {
                Some("-") => options = false,
                Some("") | None => {
                    command.bare.push(word.clone());
                }
                Some(_) => {
                    let mut next = || words.next().map(|word| word.text.as_str());
                    command.options(text, &mut next)?;
                }
            }
        }
        Ok(command)
    }

    /// Takes a word that begins with a dash: one long option, or letters.
    fn options<'a>(
        &mut self,
        word: &'a str,
        next: &mut impl FnMut() -> Option<&'a str>,
    ) -> Result<(), PlanError> {
        if let Some(long) = word.strip_prefix("--") {
            let (name, attached) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            let shown = printable(&format!("--{name}"), 40);
            let on = options::long(name);
            let off = name.strip_prefix("no-").and_then(options::long);
            let (row, on) = match (on, off) {
                (Some(row), _) => (row, true),
                (None, Some(row)) => (row, false),
                (None, None) => return Err(unknown(name, &shown)),
            };
            if !on {
                return self.off(row, name, &shown);
            }
            let option = Named {
                name: shown,
                row,
                attached,
            };
            return self.take(&option, next);
        }
        for (at, letter) in word.char_indices().skip(1) {
            let shown = printable(&format!("-{letter}"), 4);
            let row = options::short(letter).ok_or_else(|| unknown("", &shown))?;
            let rest = &word[at + letter.len_utf8()..];
            let with_value = matches!(
                row.means,
                Means::Value(_) | Means::Nothing(true) | Means::Told(true, _)
            );
            let option = Named {
                name: shown,
                row,
                attached: (with_value && !rest.is_empty()).then_some(rest),
            };
            self.take(&option, next)?;
            if with_value {
                break;
            }
        }
        Ok(())
    }

    /// `--no-…`.
    fn off(&mut self, row: &Row, name: &str, shown: &str) -> Result<(), PlanError> {
        match row.means {
            Means::Nothing(false) | Means::Told(false, _) => Ok(()),
            Means::Switch(Switch::Get) => {
                self.get = false;
                Ok(())
            }
            Means::Switch(Switch::Head) => {
                self.head = false;
                Ok(())
            }
            Means::Switch(Switch::GlobsOff) => {
                self.globs_off = false;
                Ok(())
            }
            Means::Switch(Switch::Insecure) => {
                self.wishes.insecure = None;
                Ok(())
            }
            Means::Switch(Switch::Compressed) => {
                self.wishes.compressed = None;
                Ok(())
            }
            _ => Err(unknown(name, shown)),
        }
    }

    fn take<'a>(
        &mut self,
        option: &Named<'a>,
        next: &mut impl FnMut() -> Option<&'a str>,
    ) -> Result<(), PlanError> {
        let at = At::option(format!("{OPTION} {}", option.name));
        let mut value = || {
            let value = option.attached.or_else(&mut *next);
            value.ok_or_else(|| at.bad("a value is missing after it"))
        };
        match option.row.means {
            Means::Value(kind) => {
                let value = value()?;
                self.value(kind, value, &at)
            }
            Means::Nothing(true) => value().map(drop),
            Means::Told(with_value, why) => {
                if with_value {
                    value()?;
                }
                let note = format!("the curl command's {} has no effect: {why}", option.name);
                if !self.notes.contains(&note) {
                    self.notes.push(note);
                }
                Ok(())
            }
            Means::Refused(instead) => Err(at.bad(format!("is not possible here; {instead}"))),
            _ if option.attached.is_some() => Err(at.bad("takes no value")),
            Means::Nothing(false) => Ok(()),
            Means::Switch(switch) => {
                match switch {
                    Switch::Get => self.get = true,
                    Switch::Head => self.head = true,
                    Switch::GlobsOff => self.globs_off = true,
                    Switch::Insecure => self.wishes.insecure = Some(at),
                    Switch::Compressed => self.wishes.compressed = Some(at),
                    Switch::Http(version) => self.wishes.version = Some((version, at)),
                }
                Ok(())
            }
        }
    }

    fn value(&mut self, kind: Value, text: &str, at: &At) -> Result<(), PlanError> {
        match kind {
            Value::Url => self.urls.push(Given::word(at.clone(), text)),
            Value::Request => {
                let method = literal(text)
                    .ok_or_else(|| at.bad("the method must be written out, without variables"))?;
                self.method = Some(Given::word(at.clone(), &method));
            }
            Value::Header => self.headers.line(text, at, &mut self.wishes)?,
            Value::Agent => self.headers.usual("user-agent", text, at),
            Value::Referer => self.headers.usual("referer", text, at),
            Value::Range => self.headers.usual("range", &format!("bytes={text}"), at),
            Value::Bearer => self
                .headers
                .usual("authorization", &format!("Bearer {text}"), at),
            Value::Cookie => self.headers.cookie(text, at)?,
            Value::User => self.headers.user(text, at)?,
            Value::Data(kind) => self.data.add(kind, text, at)?,
            Value::ConnectTimeout => self.wishes.time("connect_timeout", text, at)?,
            Value::MaxTime => self.wishes.time("timeout", text, at)?,
        }
        Ok(())
    }

    /// What all of it comes to.
    pub(super) fn finish(mut self) -> Result<Curl, PlanError> {
        let at = At::option(OPTION);
        let url = self.url()?;
        let (mut base, mut path) = take_apart(&url.text);
        if let Some((start, host)) = base.split_once("://")
            && let Some((login, host)) = host.rsplit_once('@')
        {
            self.headers.login(login, &url.at);
            base = format!("{start}://{host}");
        }
        let whole = self.data.whole()?;
        if self.head && whole.is_some() && !self.get {
            return Err(at.bad(
                "-I asks for an answer without a body, and -d sends one; leave one of the two out",
            ));
        }
        let mut shown_path = None;
        let body = match whole {
            Some(Whole::Text(data)) if self.get => {
                path.push(if path.contains('?') { '&' } else { '?' });
                // Data may be secret wherever it goes.
                shown_path = Some(format!("{path}{REDACTED}"));
                path.push_str(&data);
                None
            }
            Some(Whole::Bytes(_)) if self.get => {
                return Err(at.bad("a file that is not UTF-8 text cannot be a part of the URL"));
            }
            whole => whole,
        };
        let usual = match (self.head, &body) {
            (true, _) => "HEAD",
            (false, Some(_)) => "POST",
            (false, None) => "GET",
        };
        let method = self
            .method
            .unwrap_or_else(|| Given::word(at.clone(), usual));
        let data_at = self.data.at.unwrap_or_else(|| at.clone());
        let (text, data) = match body {
            Some(Whole::Text(text)) => (Some(Given::word(data_at, &text)), None),
            Some(Whole::Bytes(bytes)) => (None, Some((data_at, bytes))),
            None => (None, None),
        };
        let length = match (&text, &data) {
            (Some(text), _) => literal(&text.text).map(|text| text.len()),
            (_, Some((_, bytes))) => Some(bytes.len()),
            (None, None) => None,
        };
        let has_body = text.is_some() || data.is_some();
        let headers = self.headers.finish(length, &mut self.wishes);
        let implied = headers.implied(self.data.json, has_body);
        let path = (!path.is_empty()).then(|| Given::word(at.clone(), &path));
        Ok(Curl {
            request: RequestSettings {
                values: values([("method", Some(method)), ("path", path), ("body", text)]),
                headers: headers.given,
                implied,
                shown_path,
                data,
                ..RequestSettings::default()
            },
            base: Given::word(at, &base),
            wishes: self.wishes,
            notes: self.notes,
        })
    }

    /// The one URL.
    fn url(&mut self) -> Result<Given, PlanError> {
        let at = At::option(OPTION);
        let bare = self.bare.iter();
        let urls: Vec<Given> = std::mem::take(&mut self.urls)
            .into_iter()
            .chain(bare.map(|word| Given::word(at.clone(), &word.text)))
            .collect();
        let url = match (&urls[..], self.bare.get(1)) {
            ([], _) => return Err(at.bad("the command has no URL")),
            ([url], _) => url.clone(),
            (_, Some(word)) => {
                return Err(at.bad(format!(
                    "the word at {} is neither an option nor an option's value, and there is a URL already; what has spaces in it \
                     needs quotes",
                    word.at
                )));
            }
            _ => return Err(at.bad("the command has more than one URL; only one can be measured")),
        };
        let unglobbed = url.text.replace("${", "");
        let path = unglobbed
            .split_once("://")
            .map_or(&*unglobbed, |(_, rest)| rest);
        let path = path.find(['/', '?']).map_or("", |start| &path[start..]);
        if path.contains(['{', '[']) && !self.globs_off {
            return Err(at.bad(
                "of { and [ in a URL curl makes several URLs; write one out, or have them taken as they are with -g",
            ));
        }
        Ok(url)
    }
}

fn unknown(name: &str, shown: &str) -> PlanError {
    let names: Vec<&str> = options::names().collect();
    // All of them would be too many.
    let hint = Some(did_you_mean(name, &names)).filter(|hint| hint.starts_with("did"));
    let hint = hint.map_or_else(
        || "leave it out".to_owned(),
        |hint| hint.replace('"', "").replace("mean ", "mean --"),
    );
    At::option(OPTION).bad(format!("curl's option {shown} is not known here; {hint}"))
}
