//! `launch` and `endpoint` of a variant, as they stand in a plan file.

use super::super::PlanError;
use super::super::given::Given;
use super::super::settings::{
    ENDPOINT_KEYS, EndpointSettings, LAUNCH_KEYS, LaunchSettings, READY_KEYS, Values,
};
use super::{Entry, Reader, kind, known};
use toml::de::DeValue;

/// What a command looks like.
const COMMAND: &str = "must be an array of texts, such as [\"litellm\", \"--port\", \"4001\"]";

impl Reader<'_> {
    /// One command, or several in an array.
    pub(super) fn launches(&self, entry: &Entry<'_>) -> Result<Vec<LaunchSettings>, PlanError> {
        let DeValue::Array(items) = entry.value else {
            return Ok(vec![self.launch(entry)?]);
        };
        items
            .iter()
            .map(|item| {
                self.launch(&Entry {
                    key: entry.key,
                    at: self.at(item.span().start, entry.key),
                    value: item.get_ref(),
                })
            })
            .collect()
    }

    fn launch(&self, entry: &Entry<'_>) -> Result<LaunchSettings, PlanError> {
        let mut launch = LaunchSettings {
            at: entry.at.clone(),
            values: Values::new(),
            command: Vec::new(),
            env: Vec::new(),
            files: Vec::new(),
            ready: None,
        };
        for entry in self.parts(entry, "{ command = [\"program\"] }")? {
            match known(&entry, &LAUNCH_KEYS, "launch")? {
                "command" => {
                    launch.command = self.texts(&entry, COMMAND)?;
                    if launch.command.is_empty() {
                        return Err(entry.at.bad(COMMAND));
                    }
                }
                "env" => launch.env = self.named(&entry, "{ NAME = \"value\" }")?,
                "files" => launch.files = self.named(&entry, "{ \"config.yaml\" = '''…''' }")?,
                "ready" => {
                    let mut values = Values::new();
                    if let DeValue::Table(_) = entry.value {
                        for part in self.parts(&entry, "")? {
                            values.insert(known(&part, &READY_KEYS, "ready")?, part.scalar()?);
                        }
                    } else {
                        values.insert("url", entry.scalar()?);
                    }
                    launch.ready = Some((entry.at.clone(), values));
                }
                key => {
                    launch.values.insert(key, entry.scalar()?);
                }
            }
        }
        if launch.command.is_empty() {
            return Err(launch
                .at
                .bad(format!("it has no command: command {COMMAND}")));
        }
        Ok(launch)
    }

    pub(super) fn endpoint(&self, entry: &Entry<'_>) -> Result<EndpointSettings, PlanError> {
        let mut endpoint = EndpointSettings {
            at: entry.at.clone(),
            values: Values::new(),
            freezes: Vec::new(),
            failures: Vec::new(),
        };
        for entry in self.parts(entry, "{ profile = \"fixed:60ms\" }")? {
            let several = "must be a text, or several in an array";
            match known(&entry, &ENDPOINT_KEYS, "endpoint")? {
                "freeze" => endpoint.freezes = self.texts(&entry, several)?,
                "fail" => endpoint.failures = self.texts(&entry, several)?,
                key => {
                    endpoint.values.insert(key, entry.scalar()?);
                }
            }
        }
        Ok(endpoint)
    }

    /// The entries of a table, or an error with an example of one.
    fn parts<'t>(&self, entry: &Entry<'t>, example: &str) -> Result<Vec<Entry<'t>>, PlanError> {
        match entry.value {
            DeValue::Table(table) => Ok(self.entries(table)),
            other => Err(entry.at.bad(format!(
                "must be a table such as {example}, not {}",
                kind(other)
            ))),
        }
    }

    /// Texts in an array; one alone may go without.
    fn texts(&self, entry: &Entry<'_>, wanted: &str) -> Result<Vec<Given>, PlanError> {
        let single = |value: &DeValue<'_>, start| match value {
            DeValue::String(text) => Ok(Given::text(self.at(start, entry.key), text)),
            _ => Err(entry.at.bad(wanted)),
        };
        match entry.value {
            DeValue::Array(items) => items
                .iter()
                .map(|item| single(item.get_ref(), item.span().start))
                .collect(),
            // A command with its arguments in one text would have to be taken apart as a shell does.
            DeValue::String(_) if entry.key == "command" => Err(entry.at.bad(wanted)),
            DeValue::String(text) => Ok(vec![Given::text(entry.at.clone(), text)]),
            _ => Err(entry.at.bad(wanted)),
        }
    }

    /// Texts by names; numbers and truths are taken as they are written.
    fn named(&self, entry: &Entry<'_>, example: &str) -> Result<Vec<(String, Given)>, PlanError> {
        let parts = self.parts(entry, example)?;
        let named = parts.into_iter().map(|part| {
            let given = part.scalar()?;
            Ok((part.key.to_owned(), given))
        });
        named.collect()
    }
}
