//! A streamed answer: server-sent events, each a frame of its own, in the order that `OpenAI` sends them.
//!
//! The role; one content chunk per word; an empty chunk with the finish reason; the usage, if asked for; `[DONE]`.

use super::completion::{FINGERPRINT, Usage, WORDS};
use super::created;
use bytes::Bytes;
use hyper::body::{Body, Frame};
use serde::Serialize;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// The body of a streamed answer.
pub(super) struct Events {
    /// What all chunks begin with, up to the value of `choices`.
    head: String,
    usage: Option<Usage>,
    next: Event,
    gap: Duration,
    pause: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy)]
enum Event {
    Role,
    Word(usize),
    Finish,
    Usage,
    Done,
    End,
}

#[derive(Serialize)]
struct Head<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    system_fingerprint: &'static str,
}

impl Events {
    /// The events of one answer; `usage` only if it was asked for.
    pub(super) fn new(id: &str, model: &str, usage: Option<Usage>, gap: Duration) -> Events {
        let head = Head {
            id,
            object: "chat.completion.chunk",
            created: created(),
            model,
            system_fingerprint: FINGERPRINT,
        };
        let mut head = to_json(&head);
        // Open the object again.
        head.pop();
        Events {
            head,
            usage,
            next: Event::Role,
            gap,
            pause: None,
        }
    }

    /// One chunk with one choice.
    fn chunk(&self, delta: &str, finish_reason: &str) -> String {
        // Where usage is asked for, every chunk has the field.
        let usage = self.usage.map_or("", |_| ",\"usage\":null");
        format!(
            "data: {},\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish_reason}}}]{usage}}}\n\n",
            self.head
        )
    }

    /// The text of an event, and the event after it.
    fn event(&self, event: Event) -> Option<(String, Event)> {
        Some(match event {
            Event::Role => (
                self.chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
                Event::Word(0),
            ),
            Event::Word(i) => {
                let next = if i + 1 < WORDS.len() {
                    Event::Word(i + 1)
                } else {
                    Event::Finish
                };
                let delta = format!("{{\"content\":{}}}", to_json(WORDS[i]));
                (self.chunk(&delta, "null"), next)
            }
            Event::Finish => (
                self.chunk("{}", "\"stop\""),
                match self.usage {
                    Some(_) => Event::Usage,
                    None => Event::Done,
                },
            ),
            Event::Usage => {
                let usage = to_json(&self.usage);
                (
                    format!("data: {},\"choices\":[],\"usage\":{usage}}}\n\n", self.head),
                    Event::Done,
                )
            }
            Event::Done => ("data: [DONE]\n\n".to_owned(), Event::End),
            Event::End => return None,
        })
    }
}

/// Strings, numbers and plain structs: what cannot be serialised is not among them.
fn to_json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let Some((text, next)) = self.event(self.next) else {
            return Poll::Ready(None);
        };
        self.next = next;
        if let Event::Word(1..) = next
            && !self.gap.is_zero()
        {
            self.pause = Some(Box::pin(tokio::time::sleep_until(
                Instant::now() + self.gap,
            )));
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(text)))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.next, Event::End)
    }
}
