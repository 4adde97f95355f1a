//! The body of a request, given in one of several ways.

use super::jsonl;
use crate::content::{Content, Template};
use crate::plan::PlanError;
use crate::plan::file::read_limited;
use crate::plan::given::{At, Given};
use crate::plan::secrets::{Lookup, expand};
use crate::plan::settings::{GivenJson, RequestSettings};
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::path::Path;

/// The largest body.
pub(in crate::plan) const MAX_BODY_BYTES: u64 = 64 << 20;

/// The body, `None` where none was given. What is written in the plan may have placeholders, and so may lines of a JSONL file;
/// any other file is sent as it is.
pub(super) fn body(
    settings: &RequestSettings,
    env: Lookup<'_>,
) -> Result<Option<Content>, PlanError> {
    let value = |key| settings.values.get(key);
    let (text, file, lines) = (value("body"), value("body_file"), value("jsonl"));
    let json = settings.json.as_ref();
    let given = [
        text.map(|g| &g.at),
        file.map(|g| &g.at),
        json.map(GivenJson::at),
        lines.map(|g| &g.at),
    ];
    let given: Vec<_> = given.into_iter().flatten().collect();
    if let [first, second, ..] = given[..] {
        let problem = format!(
            "the request has a body already ({}); give one of the two",
            first.nearby()
        );
        return Err(second.bad(problem));
    }
    let order = value("jsonl_order");
    if let (Some(order), None) = (order, lines) {
        return Err(order.bad("needs a file of bodies to choose from; add --jsonl FILE"));
    }
    // It came alone: whatever else is given replaces it.
    if let Some((at, bytes)) = &settings.data {
        return within(Content::from(bytes.clone()), at);
    }
    let (content, at) = match (text, file, json, lines) {
        (Some(given), ..) => {
            let template = filled(&given.text, &given.at, env)?;
            (Content::from(template), &given.at)
        }
        (_, Some(given), ..) => (Content::from(body_file(given)?), &given.at),
        (_, _, Some(json), _) => (json_body(json, env)?, json.at()),
        (_, _, _, Some(given)) => (jsonl::bodies(given, order)?, &given.at),
        (None, None, None, None) => return Ok(None),
    };
    within(content, at)
}

fn within(content: Content, at: &At) -> Result<Option<Content>, PlanError> {
    if content.longest() > MAX_BODY_BYTES {
        return Err(at.bad("the body must have at most 64 MiB"));
    }
    Ok(Some(content))
}

/// A text with placeholders, its variables filled in: what they hold is never taken for a placeholder.
fn filled(text: &str, at: &At, env: Lookup<'_>) -> Result<Template, PlanError> {
    let template = Template::parse(text).map_err(|error| at.bad(error.to_string()))?;
    template.filled(|text| Ok(expand(text, at, env)?.text))
}

fn body_file(given: &Given) -> Result<Vec<u8>, PlanError> {
    let path = given.at.resolve(Path::new(&given.text));
    read_limited(&path, MAX_BODY_BYTES).map_err(|source| PlanError::Unreadable {
        setting: given.at.to_string(),
        path: crate::text::printable(&path.to_string_lossy(), 200),
        source,
    })
}

/// JSON text goes out as it was written, unless variables have to be filled in. Placeholders may stand where a number may.
fn json_body(json: &GivenJson, env: Lookup<'_>) -> Result<Content, PlanError> {
    let (at, mut value) = match json {
        GivenJson::Text(given) => {
            let invalid =
                |error: serde_json::Error| given.at.bad(format!("not valid JSON: {error}"));
            if !given.text.contains("${") {
                let template = filled(&given.text, &given.at, env)?;
                serde_json::from_slice::<IgnoredAny>(&template.example()).map_err(invalid)?;
                return Ok(Content::from(template));
            }
            let value = serde_json::from_str::<Json>(&given.text).map_err(invalid)?;
            (&given.at, value)
        }
        GivenJson::Value(at, value) => (at, value.clone()),
    };
    fill_in(&mut value, &mut |text| {
        Ok(filled(text, at, env)?.to_string())
    })?;
    let text = value.to_string();
    let template = Template::parse(&text).map_err(|error| at.bad(error.to_string()))?;
    Ok(Content::from(template))
}

/// Fills variables in where they stand in strings, so that a value with quotes cannot break the JSON.
fn fill_in(
    value: &mut Json,
    fill: &mut impl FnMut(&str) -> Result<String, PlanError>,
) -> Result<(), PlanError> {
    match value {
        Json::String(text) => *text = fill(text)?,
        Json::Array(items) => {
            for item in items {
                fill_in(item, fill)?;
            }
        }
        Json::Object(object) => {
            for item in object.values_mut() {
                fill_in(item, fill)?;
            }
        }
        _ => {}
    }
    Ok(())
}
