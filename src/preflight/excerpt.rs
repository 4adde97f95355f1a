//! What an answer says about itself, in one short line: the message of an error, wherever servers put it.

use super::secrets::Secrets;
use crate::text;
use serde_json::Value as Json;

/// The longest excerpt, in characters.
const MOST_CHARS: usize = 200;
/// As much of a body as is looked at where it is no JSON, in bytes.
const MOST_BYTES: usize = 4_096;

/// What the body says, without secrets and printable; `None` if it says nothing.
pub(super) fn excerpt(body: &[u8], secrets: &Secrets) -> Option<String> {
    let said = match serde_json::from_slice::<Json>(body) {
        Ok(json) => message(&json).unwrap_or_else(|| json.to_string()),
        Err(_) => plain(&body[..body.len().min(MOST_BYTES)]),
    };
    // Before it is cut: half a secret would not be known.
    let said = secrets.redact(&said);
    let words: Vec<&str> = said.split_whitespace().collect();
    let said = words.join(" ");
    (!said.is_empty()).then(|| text::printable(&said, MOST_CHARS))
}

/// The message of an error in JSON: OpenAI's and LiteLLM's `error.message`, `detail` of Python's frameworks, and what others do.
pub(super) fn message(json: &Json) -> Option<String> {
    let said = |value: &Json| value.as_str().map(str::to_owned);
    let error = &json["error"];
    said(&error["message"])
        .or_else(|| said(error))
        .or_else(|| said(&json["message"]))
        .or_else(|| said(&json["detail"]))
        .or_else(|| said(&json["detail"][0]["msg"]))
        .or_else(|| said(&json["title"]))
}

/// The text itself; of a page, its title, or what stands between the tags.
fn plain(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let start = text.trim_start().to_ascii_lowercase();
    if !start.starts_with("<!doctype html") && !start.starts_with("<html") {
        return text.into_owned();
    }
    let low = text.to_ascii_lowercase();
    let title = low.find("<title>").and_then(|at| {
        let from = at + "<title>".len();
        let end = low[from..].find("</title>")?;
        Some(text[from..from + end].to_owned())
    });
    title.unwrap_or_else(|| {
        let mut inside = false;
        let kept = text.chars().filter(|c| {
            let keep = !inside && *c != '<';
            inside = (inside || *c == '<') && *c != '>';
            keep
        });
        kept.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Option<String> {
        excerpt(body.as_bytes(), &Secrets::default())
    }

    #[test]
    fn the_message_is_found_where_servers_put_it() {
        for (body, said) in [
            (r#"{"error":{"message":"no key","code":"401"}}"#, "no key"),
            (r#"{"error":"unauthorized"}"#, "unauthorized"),
            (r#"{"message":"no Route matched"}"#, "no Route matched"),
            (r#"{"detail":"Not Found"}"#, "Not Found"),
            (r#"{"detail":[{"msg":"field required"}]}"#, "field required"),
            (r#"{"code":7}"#, r#"{"code":7}"#),
            ("  too \n many  ", "too many"),
            (
                "<html><head><title>404 Not Found</title></head>\n<body>nginx</body></html>",
                "404 Not Found",
            ),
            ("<!DOCTYPE html><p>No <b>entry</b></p>", "No entry"),
        ] {
            assert_eq!(of(body).as_deref(), Some(said));
        }
        assert_eq!(of(""), None);
        assert_eq!(of(" \n"), None);
    }

    #[test]
    fn an_excerpt_is_short_and_printable_whatever_comes() {
        let long = of(&"ab \u{1b}[2J".repeat(10_000)).unwrap();
        assert!(long.chars().count() <= MOST_CHARS + 1 && !long.contains('\u{1b}'));
        let bytes: Vec<u8> = (0..=255).collect();
        assert!(excerpt(&bytes, &Secrets::default()).is_some());
        assert_eq!(of("<html><title>").as_deref(), None);
    }
}
