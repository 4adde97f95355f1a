//! The headers of an answer that tell who has answered, and what it has cost them.
//!
//! What holds always: only headers of the list are noted, none of which carries a secret by its nature; values are short and
//! printable.

use super::secrets::Secrets;
use crate::text;
use http::HeaderMap;

/// Names that say who answers.
const IDENTITY: &[&str] = &["server", "via", "x-powered-by", "x-litellm-version"];

/// Names that say how the answer came about.
const COURSE: &[&str] = &[
    "x-litellm-response-duration-ms",
    "x-litellm-overhead-duration-ms",
    "x-litellm-attempted-retries",
    "x-litellm-attempted-fallbacks",
    "x-dragstrip-delay-us",
    "x-envoy-upstream-service-time",
    "x-kong-upstream-latency",
    "x-kong-proxy-latency",
    "x-cache",
    "cf-cache-status",
    "age",
    "content-encoding",
    "x-ratelimit-remaining-requests",
    "retry-after",
    "allow",
];

/// What these answers tell in numbers that say nothing when they are zero.
const ZERO: &[&str] = &[
    "x-litellm-attempted-retries",
    "x-litellm-attempted-fallbacks",
    "age",
];

/// The longest value, in characters.
const MOST_CHARS: usize = 60;

/// Name and value of what is telling, who before how.
pub(super) fn telling(headers: &HeaderMap, secrets: &Secrets) -> Vec<(&'static str, String)> {
    let names = IDENTITY.iter().chain(COURSE);
    names
        .filter_map(|name| Some((*name, value(headers, name, secrets)?)))
        .filter(|(name, value)| !(ZERO.contains(name) && value == "0"))
        .collect()
}

/// Name and value of what says who has answered.
pub(super) fn identity(noted: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let who = noted.iter().filter(|(name, _)| IDENTITY.contains(name));
    who.cloned().collect()
}

fn value(headers: &HeaderMap, name: &str, secrets: &Secrets) -> Option<String> {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let value = secrets.redact(values.join(", ").trim());
    let value = match value.parse::<f64>() {
        // LiteLLM writes sixteen digits of a millisecond.
        Ok(ms) if name.ends_with("-ms") => text::figure(ms),
        _ => value,
    };
    (!value.is_empty()).then(|| text::printable(&value, MOST_CHARS))
}

/// Whether a LiteLLM proxy has answered.
pub(super) fn is_litellm(headers: &HeaderMap) -> bool {
    headers
        .keys()
        .any(|name| name.as_str().starts_with("x-litellm-"))
}

/// Whether it may be one that does not say so here: its web servers are Python's.
pub(super) fn may_be_litellm(headers: &HeaderMap) -> bool {
    let server = headers.get("server").map(|value| {
        let value = String::from_utf8_lossy(value.as_bytes());
        value.to_ascii_lowercase()
    });
    match server {
        Some(server) => ["uvicorn", "gunicorn", "hypercorn", "granian"]
            .iter()
            .any(|python| server.contains(python)),
        None => !headers.contains_key("x-dragstrip-delay-us"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn what_tells_is_noted_and_nothing_else() {
        let long = "x".repeat(200);
        let noted = telling(
            &headers(&[
                ("set-cookie", "session=sesame"),
                ("x-litellm-attempted-retries", "0"),
                ("x-litellm-version", "1.71.1"),
                ("x-litellm-overhead-duration-ms", "74.17999999999999"),
                ("x-litellm-model-api-base", "http://internal"),
                ("via", "1.1 a"),
                ("via", "1.1 b"),
                ("server", &long),
            ]),
            &Secrets::default(),
        );
        let names: Vec<_> = noted.iter().map(|(name, _)| *name).collect();
        let overhead = "x-litellm-overhead-duration-ms";
        assert_eq!(names, ["server", "via", "x-litellm-version", overhead]);
        assert_eq!(noted[0].1.chars().count(), MOST_CHARS + 1);
        assert_eq!(noted[1].1, "1.1 a, 1.1 b");
        assert_eq!(noted[3].1, "74.2");
        assert_eq!(identity(&noted), noted[..3]);
    }

    #[test]
    fn litellm_is_known_by_its_headers_or_suspected_by_its_server() {
        assert!(is_litellm(&headers(&[("x-litellm-call-id", "1")])));
        assert!(!is_litellm(&headers(&[("server", "uvicorn")])));
        assert!(may_be_litellm(&headers(&[("server", "uvicorn")])));
        assert!(!may_be_litellm(&headers(&[("server", "nginx/1.22.1")])));
        assert!(!may_be_litellm(&headers(&[("x-dragstrip-delay-us", "1")])));
    }
}
