//! The JSON of requests and answers.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The model that is listed, and assumed where a request names none.
pub(super) const MODEL: &str = "fake-openai-endpoint";

/// Sent as `system_fingerprint`.
pub(super) const FINGERPRINT: &str = "fp_dragstrip";

/// Every answer's words; in a stream each is one chunk.
pub(super) const WORDS: [&str; 8] = [
    "Hello",
    " from",
    " the",
    " built-in",
    " endpoint",
    " of",
    " dragstrip",
    ".",
];

/// What matters of a request; everything else is accepted and ignored.
#[derive(Debug)]
pub(super) struct Asked {
    /// The model, to be named in the answer.
    pub(super) model: String,
    /// Whether the answer is to be streamed.
    pub(super) stream: bool,
    /// Whether a stream is to tell the usage at its end.
    pub(super) include_usage: bool,
    /// The length of the request's body.
    pub(super) bytes: usize,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

impl Asked {
    /// Reads a request's body.
    pub(super) fn read(body: &[u8]) -> serde_json::Result<Asked> {
        let raw: Raw<'_> = serde_json::from_slice(body)?;
        let options = raw.stream_options;
        Ok(Asked {
            model: raw.model.unwrap_or(Cow::Borrowed(MODEL)).into_owned(),
            stream: raw.stream == Some(true),
            include_usage: options.is_some_and(|options| options.include_usage == Some(true)),
            bytes: body.len(),
        })
    }
}

/// Token counts: about one token for four bytes of the request, one for each word of the answer.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the API's")]
pub(super) struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
}

impl Usage {
    pub(super) fn of(request_bytes: usize, completion_tokens: u64) -> Usage {
        let prompt_tokens = (request_bytes as u64).div_ceil(4).max(1);
        Usage {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens + completion_tokens,
        }
    }
}

/// The answer to `/chat/completions` and `/completions`.
#[derive(Serialize)]
pub(super) struct Completion<'a, Choice> {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) created: u64,
    pub(super) model: &'a str,
    pub(super) system_fingerprint: &'static str,
    pub(super) choices: [Choice; 1],
    pub(super) usage: Usage,
}

#[derive(Serialize)]
pub(super) struct ChatChoice {
    index: u32,
    message: Message,
    logprobs: Option<()>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: String,
}

#[derive(Serialize)]
pub(super) struct TextChoice {
    index: u32,
    text: String,
    logprobs: Option<()>,
    finish_reason: &'static str,
}

pub(super) fn chat_choice() -> ChatChoice {
    ChatChoice {
        index: 0,
        message: Message {
            role: "assistant",
            content: WORDS.concat(),
        },
        logprobs: None,
        finish_reason: "stop",
    }
}

pub(super) fn text_choice() -> TextChoice {
    TextChoice {
        index: 0,
        text: WORDS.concat(),
        logprobs: None,
        finish_reason: "stop",
    }
}

/// The answer to `/embeddings`.
#[derive(Serialize)]
pub(super) struct Embeddings<'a> {
    object: &'static str,
    data: [Embedding; 1],
    model: &'a str,
    usage: Usage,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the API's")]
struct Embedding {
    object: &'static str,
    index: u32,
    embedding: [f32; 8],
}

pub(super) fn embeddings(model: &str, usage: Usage) -> Embeddings<'_> {
    Embeddings {
        object: "list",
        data: [Embedding {
            object: "embedding",
            index: 0,
            embedding: [0.5, -0.5, 0.25, -0.25, 0.125, -0.125, 0.0, 1.0],
        }],
        model,
        usage,
    }
}

/// The answer to `/models`.
#[derive(Serialize)]
pub(super) struct Models {
    object: &'static str,
    data: [Model; 1],
}

#[derive(Serialize)]
struct Model {
    id: &'static str,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

pub(super) fn models(created: u64) -> Models {
    Models {
        object: "list",
        data: [Model {
            id: MODEL,
            object: "model",
            created,
            owned_by: "dragstrip",
        }],
    }
}
