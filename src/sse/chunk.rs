//! What one chunk of an OpenAI-style stream says, from its JSON, read once.
//!
//! Only what is asked for is looked at, and wherever it has another shape than it should have, it counts as absent: what is JSON
//! is never refused. Names are compared as they stand in the text: one that is written with escapes is not known.

use super::json::{Json, Value};

/// What a chunk says. With none of it, it is one that only opens or keeps up a stream: a role, an empty delta, no choices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// A choice carries something that was generated: text, reasoning, a refusal, a tool call.
    pub content: bool,
    /// A choice has a `finish_reason`.
    pub finish: bool,
    /// The tokens so far, or of the whole stream.
    pub usage: Option<Usage>,
    /// The choices in it that carry something, by index: bit *i* for the choice of index *i*, the last bit for all above.
    pub(super) begun: u64,
    /// The same for those with a `finish_reason`.
    pub(super) finished: u64,
}

/// Numbers of tokens; `None` where a gateway does not say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt: Option<u64>,
    /// Tokens that were generated.
    pub completion: Option<u64>,
    /// Both.
    pub total: Option<u64>,
}

/// What data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Chunk(Chunk),
    Error,
    Other,
    NoJson,
}

/// What the data of an event is.
pub(super) fn read(data: &[u8]) -> Read {
    std::str::from_utf8(data)
        .ok()
        .and_then(top)
        .unwrap_or(Read::NoJson)
}

fn top(text: &str) -> Option<Read> {
    let mut json = Json::new(text);
    if !json.is_object() {
        json.value()?;
        return json.is_over().then_some(Read::Other);
    }
    let mut chunk = Chunk::default();
    let (mut error, mut choices) = (false, false);
    json.object(|json, name| {
        match name {
            b"choices" if json.is_array() => {
                choices = true;
                json.array(|json| choice(json, &mut chunk))?;
            }
            b"usage" if json.is_object() => {
                let usage = usage(json)?;
                if usage != Usage::default() {
                    chunk.usage = Some(usage);
                }
            }
            b"error" => error |= json.value()? != Value::Null,
            _ => drop(json.value()?),
        }
        Some(())
    })?;
    if !json.is_over() {
        return None;
    }
    Some(if error {
        Read::Error
    } else if choices || chunk.usage.is_some() {
        Read::Chunk(chunk)
    } else {
        Read::Other
    })
}

fn choice(json: &mut Json<'_>, chunk: &mut Chunk) -> Option<()> {
    if !json.is_object() {
        return json.value().map(drop);
    }
    let (mut index, mut content, mut finish) = (0, false, false);
    json.object(|json, name| {
        match name {
            b"index" => {
                if let Value::Count(count) = json.value()? {
                    index = count.min(63);
                }
            }
            b"delta" | b"message" if json.is_object() => {
                json.object(|json, name| {
                    let says_something = json.value()?.says_something();
                    content |= says_something && is_generated(name);
                    Some(())
                })?;
            }
            // Completions of old.
            b"text" => content |= json.value()?.says_something(),
            b"finish_reason" => finish |= json.value()?.says_something(),
            _ => drop(json.value()?),
        }
        Some(())
    })?;
    chunk.content |= content;
    chunk.finish |= finish;
    chunk.begun |= u64::from(content) << index;
    chunk.finished |= u64::from(finish) << index;
    Some(())
}

/// Whether a member of a delta by this name is something that was generated.
fn is_generated(name: &[u8]) -> bool {
    matches!(
        name,
        b"content"
            | b"reasoning_content"
            | b"reasoning"
            | b"refusal"
            | b"tool_calls"
            | b"function_call"
            | b"audio"
    )
}

fn usage(json: &mut Json<'_>) -> Option<Usage> {
    let mut usage = Usage::default();
    json.object(|json, name| {
        let value = json.value()?;
        let field = match name {
            b"prompt_tokens" => &mut usage.prompt,
            b"completion_tokens" => &mut usage.completion,
            b"total_tokens" => &mut usage.total,
            _ => return Some(()),
        };
        if let Value::Count(count) = value {
            *field = Some(count);
        }
        Some(())
    })?;
    Some(usage)
}
