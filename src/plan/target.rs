//! The URLs of gateways, and how a request's URL is made from one.

use super::PlanError;
use super::given::Given;
use super::secrets::{Lookup, expand, redact_text, redact_url};
use base64::Engine;
use http::HeaderValue;
use url::Url;

/// A gateway's base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The URL, variables filled in.
    pub(super) base: Url,
    /// The URL as it may be shown: as it was written where the environment filled it in, without password and keys.
    pub(super) shown: String,
}

/// A checked base URL: http or https, with a host.
pub(super) fn target(given: &Given, env: Lookup<'_>) -> Result<Target, PlanError> {
    let expanded = expand(&given.text, &given.at, env)?;
    // Errors repeat what was written, not what the environment made of it.
    let bad = |problem: &str| given.bad_as(&redact_text(&given.text), problem);
    let text = expanded.text.trim();
    if text.is_empty() {
        return Err(bad("must be a URL, such as http://localhost:4000"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(bad("a URL has no spaces and no control characters"));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        let example = redact_text(&given.text);
        return Err(bad(&format!(
            "a URL begins with http:// or https://, as in http://{}",
            crate::text::printable(example.trim_start_matches('/'), 60)
        )));
    };
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(bad("the URL must begin with http:// or https://"));
    }
    if rest.is_empty() || rest.starts_with(['/', '\\', '?', '#']) {
        return Err(bad("the URL has no host, as in http://localhost:4000"));
    }
    let base = Url::parse(text).map_err(|error| match error {
        url::ParseError::EmptyHost => bad("the URL has no host, as in http://localhost:4000"),
        other => bad(&format!("not a URL: {other}")),
    })?;
    if base.port() == Some(0) {
        return Err(bad("port 0 cannot be connected to"));
    }
    if base.fragment().is_some() {
        return Err(bad("a URL's part after # is never sent; leave it out"));
    }
    let shown = if expanded.from_environment {
        redact_text(given.text.trim())
    } else {
        redact_url(&base)
    };
    Ok(Target {
        base,
        shown: crate::text::printable(&shown, 300),
    })
}

/// The base URL with the path appended: exactly one slash between the two, both queries kept.
pub(super) fn append(base: &Url, path: &str) -> Url {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let mut url = base.clone();
    let path = path.trim_start_matches('/');
    if !path.is_empty() {
        url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    }
    match (base.query(), query) {
        (Some(first), Some(second)) if !first.is_empty() => {
            url.set_query(Some(&format!("{first}&{second}")));
        }
        (_, Some(second)) => url.set_query(Some(second)),
        (_, None) => {}
    }
    url
}

/// The same for what may be shown of both, which need not be a URL any more.
pub(super) fn append_shown(base: &str, path: &str) -> String {
    let (base, first) = match base.split_once('?') {
        Some((base, query)) => (base, query),
        None => (base, ""),
    };
    let (path, second) = match path.split_once('?') {
        Some((path, query)) => (path, query),
        None => (path, ""),
    };
    let path = path.trim_start_matches('/');
    let mut shown = if path.is_empty() {
        base.to_owned()
    } else {
        format!("{}/{path}", base.trim_end_matches('/'))
    };
    let queries: Vec<&str> = [first, second]
        .into_iter()
        .filter(|q| !q.is_empty())
        .collect();
    if !queries.is_empty() {
        shown.push('?');
        shown.push_str(&queries.join("&"));
    }
    shown
}

/// Takes user name and password out of a URL, as the value of an `authorization` header.
pub(super) fn take_basic_auth(url: &mut Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut login = percent_decoded(url.username());
    login.push(b':');
    login.extend(percent_decoded(url.password().unwrap_or_default()));
    // Neither can fail: an http URL has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let mut value = HeaderValue::from_str(&basic(&login)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// `user:password` as an `authorization` header has it.
pub(super) fn basic(login: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(login);
    format!("Basic {encoded}")
}

pub(super) fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        let rest = bytes.as_slice();
        let escape = (byte == b'%')
            .then(|| rest.get(..2))
            .flatten()
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escape {
            Some(decoded) => {
                out.push(decoded);
                bytes.nth(1);
            }
            None => out.push(byte),
        }
    }
    out
}

/// Host, port and path of a shown URL: what tells it from another one.
pub(super) fn place(shown: &str) -> (&str, &str) {
    let rest = shown.split_once("://").map_or(shown, |(_, rest)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    (host, path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "HOST" => Some("gateway.internal".to_owned()),
            _ => None,
        }
    }

    fn check(text: &str) -> Result<Target, String> {
        target(&Given::option("--a", text), &env).map_err(|error| error.to_string())
    }

    #[test]
    fn good_urls() {
        for (text, base, shown) in [
            (
                "http://localhost:4000",
                "http://localhost:4000/",
                "http://localhost:4000/",
            ),
            ("HTTPS://h/v1?x=1", "https://h/v1?x=1", "https://h/v1?x=1"),
            ("http://u:pw@h/", "http://u:pw@h/", "http://h/"),
            ("http://[::1]:80/", "http://[::1]/", "http://[::1]/"),
            (
                "http://${HOST}:1",
                "http://gateway.internal:1/",
                "http://${HOST}:1",
            ),
        ] {
            let target = check(text).unwrap();
            assert_eq!((target.base.as_str(), target.shown.as_str()), (base, shown));
        }
    }

    #[test]
    fn bad_urls_say_what_would_be_right() {
        for (text, part) in [
            ("", "must be a URL"),
            (
                "localhost:4000",
                "--a localhost:4000: a URL begins with http:// or https://, as in http://localhost:4000",
            ),
            ("example.com/v1", "as in http://example.com/v1"),
            ("//h", "as in http://h"),
            ("http:h", "begins with http://"),
            ("ftp://h", "must begin with http:// or https://"),
            ("http://", "no host"),
            ("http:///v1", "no host"),
            ("http://:80", "no host"),
            ("http://h:99999", "invalid port"),
            ("http://h:0", "port 0"),
            ("http://h/#x", "never sent"),
            ("http://h/a b", "no spaces"),
            ("http://${NOPE}/", "NOPE is not set"),
        ] {
            let error = check(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        for text in [
            "ftp://u:sesame@h",
            "http://u:sesame@",
            "u:sesame@h",
            "http://u:sesame@h:0/?key=sesame",
        ] {
            assert!(!check(text).unwrap_err().contains("sesame"), "{text}");
        }
    }

    #[test]
    fn paths_are_appended_with_one_slash() {
        for (base, path, whole) in [
            ("http://h", "/v1/chat", "http://h/v1/chat"),
            ("http://h/", "v1", "http://h/v1"),
            ("http://h/api/", "/v1", "http://h/api/v1"),
            ("http://h/api", "", "http://h/api"),
            ("http://h/api/", "/", "http://h/api/"),
            ("http://h/api?k=1", "/v1?s=2", "http://h/api/v1?k=1&s=2"),
            ("http://h", "/v1?s=a/b", "http://h/v1?s=a/b"),
            ("http://h", "/a%20b c", "http://h/a%20b%20c"),
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!(append(&base, path).as_str(), whole);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), path in any::<String>()) {
            if let Ok(target) = check(&text) {
                let _ = append(&target.base, &path);
            }
            let _ = check(&format!("http://{text}"));
            let _ = place(&text);
            let base = Url::parse("http://h/v1").unwrap();
            let whole = append(&base, &path);
            prop_assert_eq!(whole.host_str(), Some("h"));
        }
    }
}
