//! Error answers in the form that `OpenAI` clients understand: `{"error": {message, type, param, code}}`.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde::Serialize;

/// What an error answer says.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// `invalid_request_error`, `server_error`, …
    pub(crate) kind: &'static str,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Detail<'a>,
}

#[derive(Serialize)]
struct Detail<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: &'a str,
}

impl Problem {
    /// The caller did something wrong.
    pub(crate) fn invalid(status: StatusCode, code: &'static str, message: String) -> Problem {
        Problem {
            status,
            kind: "invalid_request_error",
            code,
            message,
        }
    }

    /// The answer to send.
    pub(crate) fn response(&self) -> Response<Bytes> {
        json(
            self.status,
            &Envelope {
                error: Detail {
                    message: &self.message,
                    r#type: self.kind,
                    param: None,
                    code: self.code,
                },
            },
        )
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response<Bytes> {
    // Only maps with keys that are not strings, and types that refuse, cannot be serialised; none of ours is either.
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
