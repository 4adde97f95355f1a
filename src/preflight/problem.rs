//! Why nothing is to be started, or what must be known before it is: in words, with what to do about it.

use super::excerpt::excerpt;
use super::secrets::Secrets;
use super::send::Answer;
use crate::outcome::Outcome;
use crate::text;
use http::header::{ALLOW, AUTHORIZATION, LOCATION, RETRY_AFTER};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// Headers by which keys are sent.
const KEYS: &[&str] = &["x-api-key", "api-key", "x-goog-api-key"];

/// What is to be made of a status.
pub(super) enum Judgement {
    /// Nothing.
    Good,
    /// It must be known.
    Warning(String),
    /// Nothing is started.
    Refusal(String),
}

/// Why a request that got no whole answer got none, as a clause after who did not give it.
pub(super) fn unanswered(outcome: Outcome, why: &str) -> String {
    let why = text::printable(why, 200);
    match outcome {
        Outcome::Connect => format!("cannot be reached: {why}"),
        Outcome::Tls => format!("the TLS handshake failed: {why}"),
        Outcome::Protocol => format!("gave no valid answer: {why}"),
        Outcome::Body => format!("its answer did not arrive whole: {why}"),
        Outcome::Client => format!("the request could not be sent from here: {why}"),
        _ => why,
    }
}

/// `401 Unauthorized`
pub(super) fn named(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// What was asked for: it decides what may be wrong with it.
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    pub(super) headers: &'a HeaderMap,
    pub(super) url: &'a Url,
}

/// Judges an answer by its status.
pub(super) fn judge(answer: &Answer, asked: &Asked<'_>, secrets: &Secrets) -> Judgement {
    let said = excerpt(&answer.body, secrets);
    let status = answer.status;
    let quote = match said {
        Some(said) if !answer.stopped => format!("; it says: {said}"),
        _ => String::new(),
    };
    if status.is_success() {
        return Judgement::Good;
    }
    if status.is_server_error() {
        return Judgement::Warning(format!("answered {}{quote}", named(status)));
    }
    let hint = match status.as_u16() {
        300..400 => return Judgement::Refusal(redirected(answer, asked.url, secrets)),
        _ if is_unknown_key(&answer.body) => {
            "the key was refused (a LiteLLM without a database says so of keys that it does not know); check the authorization \
             header"
                .to_owned()
        }
        401 | 403 if !sends_key(asked.headers) => {
            "no key was sent; give one with --header 'Authorization: Bearer ${NAME}'".to_owned()
        }
        401 => "the key was refused; check the authorization header".to_owned(),
        403 => "the key was refused, or may not do this; check the authorization header".to_owned(),
        404 => "there is nothing at this path, or no such model; check the URL and --path".to_owned(),
        405 => {
            let allowed = noted(&answer.headers, &ALLOW, secrets);
            let allowed = allowed.map_or(String::new(), |allowed| format!(" (it takes {allowed})"));
            format!("{} is not possible here; check --method{allowed}", asked.method)
        }
        407 => "the proxy wants a login; check the transport's proxy".to_owned(),
        400 | 422 => "it does not understand the request; check the body and the headers".to_owned(),
        408 => "it has waited too long for the request".to_owned(),
        413 => "the body is too large for it".to_owned(),
        415 => "it does not take this kind of body; check the content-type header".to_owned(),
        429 => {
            let after = noted(&answer.headers, &RETRY_AFTER, secrets);
            let after = after.map_or(String::new(), |after| format!(" (retry-after: {after})"));
            format!("rate limited before any load{after}; wait, or raise its limit")
        }
        _ => "the request was refused".to_owned(),
    };
    Judgement::Refusal(format!("{}: {hint}{quote}", named(status)))
}

/// Where an answer points to, which nobody follows.
fn redirected(answer: &Answer, from: &Url, secrets: &Secrets) -> String {
    let status = named(answer.status);
    let to = answer.headers.get(LOCATION).map(|value| {
        let value = String::from_utf8_lossy(value.as_bytes());
        match from.join(value.trim()) {
            Ok(mut url) => {
                // Fails only for URLs that have no login.
                let _ = url.set_username("");
                let _ = url.set_password(None);
                url.set_query(None);
                url.set_fragment(None);
                url.to_string()
            }
            Err(_) => "something that is no URL".to_owned(),
        }
    });
    match to {
        Some(to) => {
            let to = text::printable(&secrets.redact(&to), 200);
            format!("{status}: it points to {to}, and redirects are not followed; give that URL")
        }
        None => {
            format!("{status}: no answer that could be measured, and redirects are not followed")
        }
    }
}

fn noted(headers: &HeaderMap, name: &http::HeaderName, secrets: &Secrets) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(name)?.as_bytes());
    Some(text::printable(&secrets.redact(value.trim()), 60)).filter(|value| !value.is_empty())
}

fn sends_key(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) || KEYS.iter().any(|name| headers.contains_key(*name))
}

/// LiteLLM 1.71.1 looks for keys that are not its master key in a database, and complains of having none.
fn is_unknown_key(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body)
        .is_ok_and(|json| json["error"]["type"] == "no_db_connection")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Version;
    use std::time::Duration;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            version: Version::HTTP_11,
            headers: headers.collect(),
            body: body.as_bytes().to_vec(),
            stopped: false,
            took: Duration::ZERO,
        }
    }

    fn refusal(answer: &Answer, key: bool) -> String {
        let mut headers = HeaderMap::new();
        if key {
            headers.insert(AUTHORIZATION, "Bearer x".parse().unwrap());
        }
        let asked = Asked {
            method: &Method::GET,
            headers: &headers,
            url: &Url::parse("http://h/v1").unwrap(),
        };
        match judge(answer, &asked, &Secrets::default()) {
            Judgement::Refusal(words) => words,
            _ => panic!("not refused"),
        }
    }

    #[test]
    fn each_refusal_says_what_to_look_at() {
        for (answer, key, words) in [
            (
                answer(401, &[], r#"{"error":{"message":"bad key"}}"#),
                true,
                "401 Unauthorized: the key was refused; check the authorization header; it says: bad key",
            ),
            (
                answer(401, &[], ""),
                false,
                "401 Unauthorized: no key was sent; give one with --header 'Authorization: Bearer ${NAME}'",
            ),
            (
                answer(403, &[], ""),
                true,
                "403 Forbidden: the key was refused, or may not do this",
            ),
            (
                answer(
                    400,
                    &[],
                    r#"{"error":{"message":"No connected db.","type":"no_db_connection"}}"#,
                ),
                true,
                "400 Bad Request: the key was refused (a LiteLLM without a database",
            ),
            (
                answer(400, &[], ""),
                true,
                "400 Bad Request: it does not understand the request",
            ),
            (
                answer(404, &[], ""),
                true,
                "404 Not Found: there is nothing at this path",
            ),
            (
                answer(405, &[("allow", "POST")], ""),
                true,
                "405 Method Not Allowed: GET is not possible here; check --method (it takes POST)",
            ),
            (
                answer(429, &[("retry-after", "7")], ""),
                true,
                "429 Too Many Requests: rate limited before any load (retry-after: 7); wait",
            ),
            (
                answer(418, &[], "short and stout"),
                true,
                "418 I'm a teapot: the request was refused; it says: short and stout",
            ),
            (
                answer(302, &[("location", "https://u:sesame@h/x?key=sesame")], ""),
                true,
                "302 Found: it points to https://h/x, and redirects are not followed",
            ),
            (
                answer(307, &[("location", "/y")], ""),
                true,
                "it points to http://h/y,",
            ),
            (
                answer(304, &[], ""),
                true,
                "304 Not Modified: no answer that could be measured",
            ),
            (
                answer(101, &[], ""),
                true,
                "101 Switching Protocols: the request was refused",
            ),
            (answer(499, &[], ""), true, "499: the request was refused"),
        ] {
            let said = refusal(&answer, key);
            assert!(said.starts_with(words) || said.contains(words), "{said}");
        }
    }
}
