//! What was sent to a gateway, and must not come back onto the screen when its answer repeats it.

use super::Subject;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use serde_json::Value as Json;

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";
/// Shorter texts are part of ordinary words: taking them out would hide nothing and spoil everything.
const SHORTEST: usize = 4;
/// A word as long as this, of letters and digits, is taken for a key or its hash, whoever's it is.
const KEY_LIKE: usize = 32;
/// A body that is longer than this is not searched for keys, in bytes.
const LONGEST_BODY: u64 = 1 << 20;

/// The secrets of one variant's requests.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// The longest first: one may be part of another.
    texts: Vec<String>,
}

impl Secrets {
    /// Header values but the harmless ones, values of the URL's query, parts of its path that must not be shown, and values of
    /// key-like names in a JSON body.
    pub(super) fn of(subject: &Subject) -> Secrets {
        let mut secrets = Secrets::default();
        let request = &subject.request;
        subject.secrets.iter().for_each(|text| secrets.add(text));
        for (name, value) in &request.headers {
            let harmless = [CONTENT_TYPE, ACCEPT, USER_AGENT].contains(name);
            if !harmless || value.is_sensitive() {
                secrets.header(&String::from_utf8_lossy(value.as_bytes()));
            }
        }
        if let Some(value) = request.headers.get(AUTHORIZATION) {
            secrets.login(&String::from_utf8_lossy(value.as_bytes()));
        }
        secrets.add(request.url.username());
        secrets.add(request.url.password().unwrap_or_default());
        for (_, value) in request.url.query_pairs() {
            secrets.add_unless_shown(&value, &subject.shown_url);
        }
        let query = request.url.query().unwrap_or_default();
        for part in query.split('&') {
            let value = part.split_once('=').map_or(part, |(_, value)| value);
            secrets.add_unless_shown(value, &subject.shown_url);
        }
        for part in request.url.path_segments().into_iter().flatten() {
            secrets.add_unless_shown(part, &subject.shown_url);
        }
        if request.body.longest() <= LONGEST_BODY
            && let Ok(json) = serde_json::from_slice::<Json>(&request.body.example())
        {
            secrets.body(&json, false);
        }
        secrets
            .texts
            .sort_by_key(|text| std::cmp::Reverse(text.len()));
        secrets.texts.dedup();
        secrets
    }

    fn add(&mut self, text: &str) {
        if text.len() >= SHORTEST {
            self.texts.push(text.to_owned());
        }
    }

    fn add_unless_shown(&mut self, text: &str, shown: &str) {
        if !shown.contains(text) {
            self.add(text);
        }
    }

    /// The value, and what it consists of: `Bearer KEY`, `a=KEY; b=KEY`.
    fn header(&mut self, value: &str) {
        self.add(value);
        for word in value.split([' ', ';', ',']) {
            self.add(word);
            if let Some((_, right)) = word.split_once('=') {
                self.add(right);
            }
        }
    }

    /// User name and password of `Basic …`.
    fn login(&mut self, value: &str) {
        let encoded = value.split_once(' ').map_or("", |(_, encoded)| encoded);
        let decoded = BASE64.decode(encoded.trim()).unwrap_or_default();
        let decoded = String::from_utf8_lossy(&decoded);
        if let Some((_, password)) = decoded.split_once(':') {
            self.add(&decoded);
            self.add(password);
        }
    }

    fn body(&mut self, json: &Json, key_like: bool) {
        match json {
            Json::String(text) if key_like => self.add(text),
            Json::Array(values) => values.iter().for_each(|value| self.body(value, key_like)),
            Json::Object(fields) => {
                for (name, value) in fields {
                    self.body(value, key_like || is_key_like(name));
                }
            }
            _ => {}
        }
    }

    /// `text` without secrets.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.texts {
            text = without(&text, secret);
        }
        without_keys(&text)
    }
}

fn is_key_like(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["key", "token", "secret", "password", "auth"]
        .iter()
        .any(|part| name.contains(part))
}

/// `text` without `secret`, in whichever case.
fn without(text: &str, secret: &str) -> String {
    let (low, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    // Making ASCII letters small moves nothing.
    for (at, _) in low.match_indices(&secret) {
        kept.push_str(&text[from..at]);
        kept.push_str(REDACTED);
        from = at + secret.len();
    }
    kept.push_str(&text[from..]);
    kept
}

/// `text` without long words of letters and digits: keys of whoever it is, and what is made of them.
fn without_keys(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        kept.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let mixed = word.contains(|c: char| c.is_ascii_digit())
            && word.contains(|c: char| c.is_ascii_alphabetic());
        kept.push_str(if word.len() >= KEY_LIKE && mixed {
            REDACTED
        } else {
            word
        });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::super::testing::subject;
    use super::*;
    use proptest::prelude::*;

    fn secrets(url: &str, headers: &[(&'static str, &str)], body: &str) -> Secrets {
        let mut subject = subject(url);
        subject.shown_url = "http://h/v1".to_owned();
        for (name, value) in headers {
            let value = value.parse().unwrap();
            subject.request.headers.append(*name, value);
        }
        subject.request.body = body.as_bytes().to_vec().into();
        Secrets::of(&subject)
    }

    #[test]
    fn what_was_sent_does_not_come_back() {
        let secrets = secrets(
            "http://h/v1/pathkey?api_key=querykey&x=per%20cent",
            &[
                ("authorization", "Bearer sk-1234"),
                ("authorization", "Basic bWU6c2VzYW1l"),
                ("cookie", "session=c00kie; theme=dark"),
                ("x-team", "blue"),
                ("accept", "text/plain"),
            ],
            r#"{"model": "gpt", "metadata": {"api_key": "bodykey"}}"#,
        );
        for sent in [
            "sk-1234",
            "SK-1234",
            "Bearer sk-1234",
            "c00kie",
            "blue",
            "pathkey",
            "querykey",
            "per cent",
            "per%20cent",
            "bodykey",
        ] {
            let said = secrets.redact(&format!("no {sent} here"));
            assert!(!said.contains(sent) && said.ends_with(" here"), "{said}");
        }
        let kept = "the model gpt takes no text/plain at http://h/v1";
        assert_eq!(secrets.redact(kept), kept);
    }

    #[test]
    fn a_password_is_known_outside_its_code_too() {
        let secrets = secrets("http://h/", &[("authorization", "Basic bWU6c2VzYW1l")], "");
        assert_eq!(secrets.redact("me:sesame?"), "[redacted]?");
        assert_eq!(secrets.redact("not sesame"), "not [redacted]");
        assert_eq!(secrets.redact("bWU6c2VzYW1l"), "[redacted]");
    }

    #[test]
    fn keys_of_whoever_it_is_are_not_shown() {
        let secrets = Secrets::default();
        let hash = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b";
        let said = secrets.redact(&format!("Key Hash (Token) ={hash}. Unable to find token"));
        assert_eq!(said, "Key Hash (Token) =[redacted]. Unable to find token");
        let long = "a-very-long-word-of-letters-and-hyphens-alone";
        assert_eq!(secrets.redact(long), long);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_no_secret_is_left(text in any::<String>(), secret in "[a-zA-Z0-9äß-]{4,9}") {
            let secrets = Secrets { texts: vec![secret.clone()] };
            let said = secrets.redact(&format!("{text}{secret}{text}"));
            // What remains of the mark itself is no secret.
            prop_assert!(!said.replace(REDACTED, " ").contains(&secret), "{}", said);
        }
    }
}
