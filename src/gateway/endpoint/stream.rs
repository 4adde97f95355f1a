//! A streamed answer: server-sent events, each a frame of its own, in the order that `OpenAI` sends them.
//!
//! The role; one content chunk per word; an empty chunk with the finish reason; the usage, if asked for; `[DONE]`.

use super::completion::{FINGERPRINT, Usage, WORDS};
use super::created;
use crate::clock::Tick;
use crate::pacer::{Pacer, Sleep};
use bytes::Bytes;
use serde::Serialize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The events of a streamed answer.
pub(super) struct Events {
    /// What all chunks begin with, up to the value of `choices`.
    head: String,
    usage: Option<Usage>,
    next: Event,
    pauses: Pauses,
}

/// The pauses between words. They are absolute, so a stream keeps its pace.
pub(super) struct Pauses {
    pacer: Arc<Pacer>,
    gap: Duration,
    /// When the last word was due; unknown before the first.
    last: Option<Tick>,
    pause: Option<Sleep>,
}

impl Pauses {
    /// Pauses of the length `gap`.
    pub(super) fn new(pacer: &Arc<Pacer>, gap: Duration) -> Pauses {
        Pauses {
            pacer: Arc::clone(pacer),
            gap,
            last: None,
            pause: None,
        }
    }

    /// A word has been sent, and another will follow.
    fn begin(&mut self) {
        if self.gap.is_zero() {
            return;
        }
        let next = self.last.unwrap_or_else(|| self.pacer.clock().now()) + self.gap;
        self.last = Some(next);
        self.pause = Some(self.pacer.sleep_until(next));
    }

    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(pause) = &mut self.pause {
            ready!(Pin::new(pause).poll(cx));
            self.pause = None;
        }
        Poll::Ready(())
    }
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
    pub(super) fn new(id: &str, model: &str, usage: Option<Usage>, pauses: Pauses) -> Events {
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
            pauses,
        }
    }

    /// The bytes of all events together.
    pub(super) fn length(&self) -> u64 {
        let mut length = 0;
        let mut next = Event::Role;
        while let Some((text, after)) = self.event(next) {
            length += text.len() as u64;
            next = after;
        }
        length
    }

    /// The next event, when it is due; `None` after the last.
    pub(super) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        ready!(self.pauses.poll_over(cx));
        let Some((text, next)) = self.event(self.next) else {
            return Poll::Ready(None);
        };
        self.next = next;
        if let Event::Word(1..) = next {
            self.pauses.begin();
        }
        Poll::Ready(Some(Bytes::from(text)))
    }

    /// Whether the last event has been taken.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.next, Event::End)
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
