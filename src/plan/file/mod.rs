//! Reading a plan file: TOML into settings that know their line.
//!
//! What holds always: a key is either known, or an error with the nearest right one; nothing is ignored.

mod launch;

use super::PlanError;
use super::given::{At, Given, Kind, PlanFile, did_you_mean};
use super::settings::{
    GivenHeader, GivenJson, LOAD_KEYS, REQUEST_KEYS, RequestSettings, Settings, TransportSettings,
    VARIANT_KEYS, VariantSettings,
};
use crate::text::printable;
use serde_json::Value as Json;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The tables of a plan file.
const TABLES: [&str; 4] = ["load", "request", "a", "b"];

/// The largest plan file: a body of the largest size and room for the rest.
const MAX_BYTES: u64 = super::request::MAX_BODY_BYTES + (1 << 20);

/// Reads a plan file: its text, and what it is called.
pub(super) fn read(path: &Path) -> Result<(String, PlanFile), PlanError> {
    let name = printable(&path.to_string_lossy(), 200);
    let text = read_limited(path, MAX_BYTES)
        .and_then(|bytes| {
            String::from_utf8(bytes)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
        })
        .map_err(|source| PlanError::Unreadable {
            setting: "plan file".to_owned(),
            path: name.clone(),
            source,
        })?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok((text, PlanFile { name, folder }))
}

/// A whole file of at most `max` bytes.
pub(super) fn read_limited(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it has more than {} bytes", crate::text::count(max)),
        ));
    }
    Ok(bytes)
}

/// Reads a plan file's text.
pub(super) fn parse(text: &str, file: PlanFile) -> Result<Settings, PlanError> {
    let reader = Reader {
        text,
        file: Arc::new(file),
    };
    let root = DeTable::parse(text).map_err(|error| {
        let message: Vec<&str> = error.message().lines().map(str::trim).collect();
        PlanError::Syntax {
            place: reader
                .at(error.span().map_or(0, |span| span.start), "")
                .place(),
            message: printable(&message.join(", "), 200),
        }
    })?;
    reader.settings(root.get_ref())
}

pub(super) struct Reader<'a> {
    text: &'a str,
    file: Arc<PlanFile>,
}

/// A key of a table with its place and value.
pub(super) struct Entry<'a> {
    key: &'a str,
    at: At,
    value: &'a DeValue<'a>,
}

impl Reader<'_> {
    fn at(&self, offset: usize, key: &str) -> At {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = before.split(|byte| *byte == b'\n').count();
        At::line(&self.file, line, printable(key, 60))
    }

    /// The entries of a table as they stand in the file.
    fn entries<'t>(&self, table: &'t DeTable<'t>) -> Vec<Entry<'t>> {
        let mut entries: Vec<(usize, &str, &Spanned<DeValue<'_>>)> = table
            .iter()
            .map(|(key, value)| (key.span().start, key.get_ref().as_ref(), value))
            .collect();
        entries.sort_by_key(|(start, ..)| *start);
        entries
            .into_iter()
            .map(|(start, key, value)| Entry {
                key,
                at: self.at(start, key),
                value: value.get_ref(),
            })
            .collect()
    }

    fn settings<'t>(&self, root: &'t DeTable<'t>) -> Result<Settings, PlanError> {
        let mut settings = Settings::default();
        for entry in self.entries(root) {
            match entry.key {
                "load" => {
                    for entry in self.table(&entry)? {
                        let key = known(&entry, &LOAD_KEYS, "load")?;
                        settings.load.insert(key, entry.scalar()?);
                    }
                }
                "request" => settings.request = self.request(&entry)?,
                "a" => settings.a = self.variant(&entry)?,
                "b" => settings.b = self.variant(&entry)?,
                _ => return Err(unknown_at_top(&entry)),
            }
        }
        Ok(settings)
    }

    fn table<'t>(&self, entry: &Entry<'t>) -> Result<Vec<Entry<'t>>, PlanError> {
        match entry.value {
            DeValue::Table(table) => Ok(self.entries(table)),
            other => Err(entry.at.bad(format!(
                "must be a table, [{}], not {}",
                entry.key,
                kind(other)
            ))),
        }
    }

    fn request(&self, entry: &Entry<'_>) -> Result<RequestSettings, PlanError> {
        let mut request = RequestSettings::default();
        for entry in self.table(entry)? {
            match known(&entry, &REQUEST_KEYS, "request")? {
                "headers" => {
                    let DeValue::Table(headers) = entry.value else {
                        return Err(entry
                            .at
                            .bad("must be a table: headers = { name = \"value\" }"));
                    };
                    for header in self.entries(headers) {
                        let DeValue::String(value) = header.value else {
                            return Err(header.at.bad("a header's value must be a text in quotes"));
                        };
                        let given = GivenHeader::new(&header.at, header.key, value.trim());
                        request.headers.push(given);
                    }
                }
                "json" => {
                    request.json = Some(match entry.value {
                        DeValue::String(_) => GivenJson::Text(entry.scalar()?),
                        value => GivenJson::Value(entry.at.clone(), self.json(&entry.at, value)?),
                    });
                }
                key => {
                    request.values.insert(key, entry.scalar()?);
                }
            }
        }
        Ok(request)
    }

    fn variant(&self, entry: &Entry<'_>) -> Result<VariantSettings, PlanError> {
        let table = entry.key;
        let mut variant = VariantSettings {
            table: Some(entry.at.clone()),
            ..VariantSettings::default()
        };
        for entry in self.table(entry)? {
            match known(&entry, &VARIANT_KEYS, table)? {
                "transport" => variant.transport = Some(self.transport(&entry)?),
                "launch" => variant.launches = self.launches(&entry)?,
                "endpoint" => variant.endpoint = Some(self.endpoint(&entry)?),
                key => {
                    variant.values.insert(key, entry.scalar()?);
                }
            }
        }
        Ok(variant)
    }

    fn transport(&self, entry: &Entry<'_>) -> Result<TransportSettings, PlanError> {
        let DeValue::Table(table) = entry.value else {
            return match entry.value {
                DeValue::String(_) => TransportSettings::from_spec(&entry.scalar()?),
                other => Err(entry.at.bad(format!(
                    "must be a table such as {{ http = \"1.1\" }} or a text such as \"http=1.1\", not {}",
                    kind(other)
                ))),
            };
        };
        let mut pairs = Vec::new();
        for part in self.entries(table) {
            pairs.push((part.key.to_owned(), part.scalar()?));
        }
        Ok(TransportSettings {
            at: entry.at.clone(),
            pairs,
        })
    }

    /// A TOML value as JSON, keys in the order of the file.
    fn json(&self, at: &At, value: &DeValue<'_>) -> Result<Json, PlanError> {
        Ok(match value {
            DeValue::String(text) => Json::String(text.to_string()),
            DeValue::Boolean(truth) => Json::Bool(*truth),
            DeValue::Datetime(time) => Json::String(time.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map(Json::from)
                .map_err(|_| at.bad("a number in it is too large"))?,
            DeValue::Float(number) => number
                .as_str()
                .parse()
                .ok()
                .and_then(serde_json::Number::from_f64)
                .map(Json::Number)
                .ok_or_else(|| at.bad("JSON has no inf and no nan"))?,
            DeValue::Array(items) => Json::Array(
                items
                    .iter()
                    .map(|item| self.json(at, item.get_ref()))
                    .collect::<Result<_, _>>()?,
            ),
            DeValue::Table(table) => {
                let mut object = serde_json::Map::new();
                for entry in self.entries(table) {
                    object.insert(entry.key.to_owned(), self.json(&entry.at, entry.value)?);
                }
                Json::Object(object)
            }
        })
    }
}

impl Entry<'_> {
    fn scalar(&self) -> Result<Given, PlanError> {
        let (text, kind) = match self.value {
            DeValue::String(text) => (text.to_string(), Kind::Text),
            DeValue::Integer(number) => {
                let plain = i128::from_str_radix(number.as_str(), number.radix());
                (
                    plain.map_or_else(|_| number.to_string(), |n| n.to_string()),
                    Kind::Number,
                )
            }
            DeValue::Float(number) => (number.as_str().to_owned(), Kind::Number),
            DeValue::Boolean(truth) => (truth.to_string(), Kind::Truth),
            other => {
                return Err(self
                    .at
                    .bad(format!("must be a single value, not {}", kind(other))));
            }
        };
        Ok(Given {
            text,
            kind,
            at: self.at.clone(),
        })
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// The key from the list, or an error with the nearest one.
fn known(
    entry: &Entry<'_>,
    keys: &'static [&'static str],
    table: &str,
) -> Result<&'static str, PlanError> {
    keys.iter()
        .find(|key| **key == entry.key)
        .copied()
        .ok_or_else(|| PlanError::UnknownKey {
            place: entry.at.place(),
            key: printable(entry.key, 60),
            context: format!(" in [{table}]"),
            hint: did_you_mean(entry.key, keys),
        })
}

/// A key at the top of the file that is no table of a plan; it may be one that belongs into a table.
fn unknown_at_top(entry: &Entry<'_>) -> PlanError {
    let home = [
        ("load", &LOAD_KEYS[..]),
        ("request", &REQUEST_KEYS[..]),
        ("a", &VARIANT_KEYS[..]),
    ]
    .into_iter()
    .find(|(_, keys)| keys.contains(&entry.key));
    PlanError::UnknownKey {
        place: entry.at.place(),
        key: printable(entry.key, 60),
        context: " at the top of the file".to_owned(),
        hint: match home {
            Some((table, _)) => format!("it belongs in [{table}]"),
            None => did_you_mean(entry.key, &TABLES),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::PathBuf;

    fn check(text: &str) -> Result<Settings, String> {
        let file = PlanFile {
            name: "p.toml".to_owned(),
            folder: PathBuf::new(),
        };
        parse(text, file).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_know_their_line() {
        let error = check("# one\r\n[load]\r\n\r\nusers = 1_0\r\nload.x = 1").unwrap_err();
        assert!(
            error.starts_with("p.toml:5: unknown key \"load\""),
            "{error}"
        );
        let settings = check("load.users = 0x10\n[a]\n  url = '''\nh'''").unwrap();
        assert_eq!(settings.load["users"].text, "16");
        assert_eq!(settings.load["users"].at.to_string(), "p.toml:1: users");
        assert_eq!(settings.a.values["url"].at.to_string(), "p.toml:3: url");
    }

    proptest! {
        #[test]
        fn no_text_panics(
            text in any::<String>(),
            key in "(users|think|model|json|headers|transport|url|launch|zz)",
            table in "(load|request|a|b|zz)",
            value in "(1|'x'|1.5|inf|true|\\[1\\]|\\{x=1\\}|1979-05-27|99999999999999999999)",
        ) {
            let _ = check(&text);
            let _ = check(&format!("[{table}]\n{key} = {value}\n"));
            let _ = check(&format!("{table} = {value}\n"));
        }
    }
}
