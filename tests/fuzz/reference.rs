//! What streams of events say, the plain way: from a whole text, line by line, and from JSON that is built. The incremental
//! reader must come to the same.

use super::Said;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Name and data of an event; `None` if one of them is longer than `most`.
pub(crate) type Told = Option<(Vec<u8>, Vec<u8>)>;

/// All events of a stream, and whether it ends in the middle of one.
pub(crate) fn events(stream: &[u8], most: usize) -> (Vec<Told>, bool) {
    let stream = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    let mut lines = lines(stream);
    let rest = lines.pop().expect("there is always a last line");
    let (mut told, mut begun) = (Vec::new(), false);
    let (mut name, mut data, mut too_long) = (Vec::new(), None::<Vec<u8>>, false);
    for line in lines {
        if line.is_empty() {
            if let Some(data) = data.take() {
                told.push((!too_long).then_some((name, data)));
            }
            (name, too_long, begun) = (Vec::new(), false, false);
            continue;
        }
        let (field, value) = match line.iter().position(|&byte| byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &line[line.len()..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        begun |= !field.is_empty();
        match field {
            b"event" => name = value.to_vec(),
            b"data" => {
                data = Some(match data.take() {
                    Some(before) => [&before, &b"\n"[..], value].concat(),
                    None => value.to_vec(),
                });
            }
            _ => {}
        }
        too_long |= name.len() > most || data.as_ref().is_some_and(|data| data.len() > most);
    }
    (told, begun || !rest.is_empty() && rest[0] != b':')
}

/// The lines of a text, the last one without its end.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut begin = 0;
    for at in 0..text.len() {
        let after_cr = at > 0 && text[at - 1] == b'\r';
        match text[at] {
            // The second half of a CRLF.
            b'\n' if after_cr => begin = at + 1,
            b'\n' | b'\r' => {
                lines.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    lines.push(&text[begin..]);
    lines
}

/// Holds what was said of an event without a name to what its data is.
#[track_caller]
pub(crate) fn agree(said: Said, data: &[u8]) {
    let trimmed = data.trim_ascii();
    if trimmed.is_empty() || trimmed == b"[DONE]" {
        let wanted = [Said::Done, Said::Other][usize::from(trimmed.is_empty())];
        assert_eq!(said, wanted);
        return;
    }
    let Some(wanted) = meaning(trimmed) else {
        return;
    };
    let found = match said {
        Said::NoJson => Meaning::NoJson,
        Said::Error => Meaning::Error,
        Said::Other => Meaning::Other,
        Said::Chunk(chunk) => {
            let usage = chunk.usage.unwrap_or_default();
            Meaning::Chunk {
                content: chunk.content,
                finish: chunk.finish,
                usage: [usage.prompt, usage.completion, usage.total],
            }
        }
        Said::Done | Said::TooLong => panic!("{said:?}, not {wanted:?}"),
    };
    assert_eq!(found, wanted, "{}", data.escape_ascii());
}

/// What data is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    NoJson,
    Error,
    Other,
    /// It has choices or tells of tokens.
    Chunk {
        /// A choice carries something.
        content: bool,
        /// A choice has a reason to finish.
        finish: bool,
        /// Tokens of the prompt, of the completion, of both.
        usage: [Option<u64>; 3],
    },
}

/// `None` where nothing can be said with certainty: serde's data model lacks what would be needed.
pub(crate) fn meaning(data: &[u8]) -> Option<Meaning> {
    // Nested deeper than is read, perhaps.
    if data.iter().filter(|byte| b"[{".contains(byte)).count() > 127 {
        return None;
    }
    let text = std::str::from_utf8(data).ok();
    if text.is_none_or(|text| serde_json::from_str::<IgnoredAny>(text).is_err()) {
        return Some(Meaning::NoJson);
    }
    // Numbers that are too large, halves of characters, and names that are written with escapes.
    let top: Node = serde_json::from_slice(data).ok()?;
    if data.contains(&b'\\') {
        return None;
    }
    if top.members("error").any(|error| *error != Node::Null) {
        return Some(Meaning::Error);
    }
    let (mut is_chunk, mut content, mut finish) = (false, false, false);
    let mut tokens = [None; 3];
    for choices in top.members("choices") {
        let Node::Array(choices) = choices else {
            continue;
        };
        is_chunk = true;
        for choice in choices {
            let mut generated = choice.members("text").any(Node::says_something);
            for delta in choice.members("delta").chain(choice.members("message")) {
                for name in [
                    "content",
                    "reasoning_content",
                    "reasoning",
                    "refusal",
                    "tool_calls",
                    "function_call",
                    "audio",
                ] {
                    generated |= delta.members(name).any(Node::says_something);
                }
            }
            content |= generated;
            finish |= choice.members("finish_reason").any(Node::says_something);
        }
    }
    for usage in top.members("usage") {
        let count = |name| {
            let counts = usage.members(name).filter_map(|node| match node {
                Node::Count(count) => Some(*count),
                _ => None,
            });
            counts.last()
        };
        let found = ["prompt_tokens", "completion_tokens", "total_tokens"].map(count);
        if found != [None; 3] {
            (tokens, is_chunk) = (found, true);
        }
    }
    Some(if is_chunk {
        Meaning::Chunk {
            content,
            finish,
            usage: tokens,
        }
    } else {
        Meaning::Other
    })
}

/// JSON that keeps names that come twice.
#[derive(Debug, PartialEq)]
enum Node {
    Null,
    Count(u64),
    Other,
    Text(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        let members = match self {
            Node::Object(members) => &members[..],
            _ => &[],
        };
        let called = move |(called, node): &'a (String, Node)| (called == name).then_some(node);
        members.iter().filter_map(called)
    }

    fn says_something(&self) -> bool {
        match self {
            Node::Null => false,
            Node::Count(_) | Node::Other => true,
            Node::Text(text) => !text.is_empty(),
            Node::Array(items) => !items.is_empty(),
            Node::Object(members) => !members.is_empty(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<Node, E> {
        Ok(Node::Count(count))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Node::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(Node::Object(all))
    }
}
