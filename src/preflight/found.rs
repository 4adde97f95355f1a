//! What was found of one variant.

use super::Subject;
use super::body::Parsed;
use super::problem::{self, Asked, Judgement};
use super::readiness::Readiness;
use super::secrets::Secrets;
use super::send::{Answer, Reply};
use super::telling;
use crate::outcome::Outcome;
use crate::text;
use http::Method;
use http::{StatusCode, Version};
use std::time::Duration;

/// What was found of one variant. Every text is printable and holds no secret.
#[derive(Clone, Debug)]
pub struct Found {
    /// `A`, `B` or `the gateway`.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// The URL of the request, as it may be shown.
    pub shown_url: String,
    /// What it has answered; `None` if nothing that was whole.
    pub answer: Option<Answered>,
    /// What it has said of itself, if it is a LiteLLM proxy and was asked.
    pub readiness: Option<Readiness>,
    /// What must be known of it, each as a sentence without a full stop.
    pub warnings: Vec<String>,
    /// Why nothing may start, as a clause after its name and URL.
    pub problem: Option<String>,
    /// Whether it is a LiteLLM proxy, if it may be one: `false` if it does not say so.
    pub(super) may_be_litellm: Option<bool>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status; `None` if the engine tells only that it was one of success.
    pub status: Option<StatusCode>,
    /// The HTTP version.
    pub version: &'static str,
    /// From the send to the last byte that was read, the connection's opening included.
    pub took: Duration,
    /// What the body is.
    pub body: Parsed,
    /// How much of it was read, in bytes.
    pub bytes: u64,
    /// Headers that tell who has answered, and how: name and value.
    pub telling: Vec<(&'static str, String)>,
}

impl Found {
    /// What came of the request, and why it was sent a second time if it was.
    pub(super) fn new(subject: &Subject, reply: Reply, again: Option<String>) -> Found {
        let secrets = Secrets::of(subject);
        let mut found = Found::nothing(subject);
        match reply {
            Reply::Failed(outcome, why) => {
                let why = problem::unanswered(outcome, &why);
                let twice = if again.is_some() { ", twice" } else { "" };
                found.problem = Some(format!("{why}{twice}"));
            }
            Reply::Counted(exchange, took) => {
                let status = match exchange.outcome {
                    Outcome::Http(status) => StatusCode::from_u16(status).ok(),
                    _ => None,
                };
                let version = exchange.version.unwrap_or_default();
                let answer = Answer {
                    status: status.unwrap_or_default(),
                    version,
                    headers: http::HeaderMap::new(),
                    body: Vec::new(),
                    stopped: false,
                    took,
                };
                found.judge(subject, &answer, &secrets);
                found.answer = Some(Answered {
                    status,
                    version: name_of(version),
                    took,
                    body: Parsed::Unread,
                    bytes: exchange.bytes,
                    telling: Vec::new(),
                });
            }
            Reply::Answered(answer) => {
                found.judge(subject, &answer, &secrets);
                // An answer to HEAD has the headers of a body that does not come.
                let body = if subject.request.method == Method::HEAD {
                    Parsed::Nothing
                } else {
                    Parsed::of(&answer.headers, &answer.body, answer.stopped)
                };
                if found.problem.is_none()
                    && let Some(wrong) = body.wrong()
                {
                    let wrong = text::printable(&secrets.redact(&wrong), 300);
                    found.warnings.push(format!("{}'s {wrong}", found.name));
                }
                found.may_be_litellm = if telling::is_litellm(&answer.headers) {
                    Some(true)
                } else {
                    telling::may_be_litellm(&answer.headers).then_some(false)
                };
                found.answer = Some(Answered {
                    status: Some(answer.status),
                    version: name_of(answer.version),
                    took: answer.took,
                    body,
                    bytes: answer.body.len() as u64,
                    telling: telling::telling(&answer.headers, &secrets),
                });
            }
        }
        if let Some(why) = again.filter(|_| found.problem.is_none()) {
            let why = text::printable(&why, 200);
            let warning = format!("{}'s first answer broke off: {why}", found.name);
            found.warnings.insert(0, warning);
        }
        found
    }

    /// A request could not even be made.
    pub(super) fn impossible(subject: &Subject, reason: String) -> Found {
        Found {
            problem: Some(reason),
            ..Found::nothing(subject)
        }
    }

    fn nothing(subject: &Subject) -> Found {
        Found {
            name: subject.name,
            label: text::printable(&subject.label, 60),
            shown_url: text::printable(&subject.shown_url, 300),
            answer: None,
            readiness: None,
            warnings: Vec::new(),
            problem: None,
            may_be_litellm: None,
        }
    }

    fn judge(&mut self, subject: &Subject, answer: &Answer, secrets: &Secrets) {
        let asked = Asked {
            method: &subject.request.method,
            headers: &subject.request.headers,
            url: &subject.request.url,
        };
        match problem::judge(answer, &asked, secrets) {
            Judgement::Good => {}
            Judgement::Warning(words) => {
                let words = format!("before the load {} {words}", self.name);
                self.warnings.push(words);
            }
            Judgement::Refusal(words) => self.problem = Some(words),
        }
    }

    /// `200 OK after 183 ms, JSON, 413 bytes, HTTP/1.1, server uvicorn`; `None` if there was no answer.
    pub(super) fn in_short(&self) -> Option<String> {
        let answer = self.answer.as_ref()?;
        let mut words = format!(
            "{} after {}, {}, {}",
            answer.status_words(),
            answer.took_words(),
            answer.body.words(answer.bytes),
            answer.version
        );
        for (name, value) in telling::identity(&answer.telling) {
            words.push_str(&format!(", {name} {value}"));
        }
        if let Some(readiness) = &self.readiness {
            words.push_str(&format!(", {}", readiness.words()));
        }
        Some(words)
    }
}

impl Answered {
    /// `200 OK`
    pub(super) fn status_words(&self) -> String {
        self.status.map_or("success".to_owned(), problem::named)
    }

    /// `183 ms`
    pub(super) fn took_words(&self) -> String {
        text::latency(self.took.as_micros() as f64)
    }
}

pub(super) fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 | Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}
