//! What a body is: JSON that parses or does not, a stream of events, or so many bytes.

use super::excerpt;
use crate::sse::{ChatReader, Heard, Said};
use crate::text;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value as Json;

/// What was made of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// There was none.
    Nothing,
    /// JSON.
    Json,
    /// It says that it is JSON, and this is why it is none.
    NoJson(String),
    /// `text/event-stream`.
    Events {
        /// Events with data, the last one of a stream not counted.
        events: usize,
        /// It ended with `[DONE]`.
        done: bool,
        /// Events whose data is no JSON.
        broken: usize,
        /// What an event of an error says.
        error: Option<String>,
    },
    /// Anything else.
    Bytes,
    /// Longer than what is read, so nobody knows.
    Stopped,
    /// The engine only counts bodies.
    Unread,
}

impl Parsed {
    pub(super) fn of(headers: &HeaderMap, body: &[u8], stopped: bool) -> Parsed {
        let kind = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let says_json = kind == "application/json" || kind.ends_with("+json");
        if body.is_empty() && !says_json {
            return Parsed::Nothing;
        }
        if kind == "text/event-stream" {
            return events(body, stopped);
        }
        if stopped {
            return Parsed::Stopped;
        }
        match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
            Ok(_) if says_json || body.starts_with(b"{") || body.starts_with(b"[") => Parsed::Json,
            Err(error) if says_json => Parsed::NoJson(text::printable(&error.to_string(), 120)),
            _ => Parsed::Bytes,
        }
    }

    /// As in `JSON, 413 bytes`.
    pub(super) fn words(&self, bytes: u64) -> String {
        let size = match bytes {
            1 => "1 byte".to_owned(),
            bytes => format!("{} bytes", text::count(bytes)),
        };
        match self {
            Parsed::Nothing => "no body".to_owned(),
            Parsed::Json => format!("JSON, {size}"),
            Parsed::NoJson(_) => format!("no JSON, {size}"),
            Parsed::Events { events, done, .. } => {
                let end = if *done { ", [DONE]" } else { ", no [DONE]" };
                match events {
                    1 => format!("1 event{end}"),
                    events => format!("{} events{end}", text::count(*events as u64)),
                }
            }
            Parsed::Bytes | Parsed::Unread => size,
            Parsed::Stopped => format!("the first {size}"),
        }
    }

    /// What is wrong with it, if anything is, as a clause after whose it is.
    pub(super) fn wrong(&self) -> Option<String> {
        match self {
            Parsed::NoJson(why) => Some(format!("body says that it is JSON and is none: {why}")),
            Parsed::Stopped => {
                let read = text::count(super::MOST_BYTES as u64);
                Some(format!(
                    "body is longer than {read} bytes; reading stopped there"
                ))
            }
            Parsed::Events {
                error: Some(error), ..
            } => Some(format!("stream tells of an error: {error}")),
            Parsed::Events { events: 0, .. } => Some("stream has no event".to_owned()),
            Parsed::Events { broken, .. } if *broken > 0 => Some(format!(
                "stream has events that are no JSON: {}",
                text::count(*broken as u64)
            )),
            _ => None,
        }
    }
}

/// Counts what a stream of events says; of the event in which reading stopped, nothing.
fn events(mut stream: &[u8], stopped: bool) -> Parsed {
    let mut reader = ChatReader::default();
    let (mut events, mut done, mut broken, mut error) = (0, false, 0, None);
    let mut count = |heard: Heard<'_>| {
        if heard.said == Said::Done {
            done = true;
            return;
        }
        events += 1;
        broken += usize::from(heard.said == Said::NoJson);
        if heard.said == Said::Error && error.is_none() {
            error = Some(said(heard.data));
        }
    };
    while let Some(heard) = reader.next(&mut stream) {
        count(heard);
    }
    if !stopped && let Some(heard) = reader.last() {
        count(heard);
    }
    if !stopped && reader.is_within_event() {
        events += 1;
        broken += 1;
    }
    Parsed::Events {
        events,
        done,
        broken,
        error,
    }
}

/// What an event of an error says: its message, or itself.
fn said(data: &[u8]) -> String {
    let json = serde_json::from_slice::<Json>(data).ok();
    json.and_then(|json| excerpt::message(&json))
        .unwrap_or_else(|| text::printable(&String::from_utf8_lossy(data), 200))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(kind: &str, body: &str) -> Parsed {
        let mut headers = HeaderMap::new();
        if !kind.is_empty() {
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        }
        Parsed::of(&headers, body.as_bytes(), false)
    }

    #[test]
    fn a_body_is_what_it_says_or_that_is_said() {
        let json = "application/json; charset=utf-8";
        assert_eq!(parsed(json, "{\"a\": 1}"), Parsed::Json);
        assert_eq!(parsed("application/problem+json", "[]"), Parsed::Json);
        assert_eq!(parsed("", "{}"), Parsed::Json);
        assert_eq!(parsed("text/plain", "hello"), Parsed::Bytes);
        assert_eq!(parsed("text/plain", "12"), Parsed::Bytes);
        assert_eq!(parsed("", ""), Parsed::Nothing);
        let Parsed::NoJson(why) = parsed(json, "{\"a\": 1,\n \"b\" 2}") else {
            panic!("no JSON");
        };
        assert_eq!(why, "expected `:` at line 2 column 6");
        assert!(matches!(parsed(json, ""), Parsed::NoJson(_)));
        assert!(matches!(parsed(json, "{\"a\": 1"), Parsed::NoJson(why) if why.contains("EOF")));
    }

    #[test]
    fn events_are_counted() {
        let stream =
            "data: {\"a\":1}\r\n\r\n: comment\r\n\r\ndata: {\"a\":2}\r\n\r\ndata: [DONE]\r\n\r\n";
        let found = parsed("text/event-stream", stream);
        assert_eq!(found.words(99), "2 events, [DONE]");
        assert_eq!(found.wrong(), None);
        let found = parsed("text/event-stream", "data: {\"a\":1\n\n");
        assert_eq!(found.words(9), "1 event, no [DONE]");
        assert!(found.wrong().unwrap().contains("no JSON"));
        let error = "data: {\"error\":{\"message\":\"overloaded\"}}\n\n";
        let found = parsed("text/event-stream", error);
        assert!(found.wrong().unwrap().ends_with("error: overloaded"));
        let error = "event: error\ndata: try later\n\n";
        let found = parsed("text/event-stream", error);
        assert!(found.wrong().unwrap().ends_with("error: try later"));
    }

    #[test]
    fn an_event_that_was_cut_off_is_broken_unless_reading_stopped_there() {
        let cut = "data: {\"a\":1}\n\ndata: {\"a\"";
        assert!(
            parsed("text/event-stream", cut)
                .wrong()
                .unwrap()
                .contains("no JSON: 1")
        );
        let found = events(cut.as_bytes(), true);
        assert_eq!(found.words(9), "1 event, no [DONE]");
        assert_eq!(found.wrong(), None);
        let joined = "data: {\"a\":\ndata: 1}\n\ndata: [DONE]";
        assert_eq!(
            parsed("text/event-stream", joined).words(9),
            "1 event, [DONE]"
        );
    }
}
