//! The body of an answer: as the server sent it, or decoded where that was asked for.
//!
//! What holds always: a body that comes to its end is whole; one that was cut off ends with an error. The engine itself does
//! not decode: its way of doing so hides whether a body is whole. What decodes here is what the engine would use.

use super::config::Compression;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderName};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, Version};
use hyper::body::{Body, Frame, SizeHint};
use std::error::Error;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tower::{Service, service_fn};
use tower_http::decompression::{Decompression, DecompressionBody};

/// Why a body did not arrive whole: an error of the engine, of the code, or of neither.
pub(crate) type BodyError = Box<dyn Error + Send + Sync>;

/// Which codes are asked for and undone.
#[derive(Clone, Debug)]
pub(crate) struct Decoding {
    compression: Compression,
    /// What `Accept-Encoding` says.
    accepted: Option<HeaderValue>,
}

impl Decoding {
    pub(crate) fn new(compression: Compression) -> Decoding {
        let known = Compression::NAMES.iter();
        let names: Vec<_> = known
            .filter(|(_, one)| !matches!(one, Compression::Off | Compression::All))
            .filter(|(_, one)| compression.includes(*one))
            .map(|(name, _)| *name)
            .collect();
        Decoding {
            compression,
            accepted: HeaderValue::from_str(&names.join(", "))
                .ok()
                .filter(|_| compression != Compression::Off),
        }
    }

    /// Whether anything is decoded at all.
    pub(crate) fn is_on(&self) -> bool {
        self.accepted.is_some()
    }

    /// Puts what is asked for into a request's headers, unless they ask for something themselves.
    pub(crate) fn ask(&self, headers: &mut HeaderMap) {
        if let Some(accepted) = &self.accepted {
            headers.entry(ACCEPT_ENCODING).or_insert(accepted.clone());
        }
    }

    /// The head of an answer and its body; of what is decoded, neither the code nor the length is in the head any more.
    pub(crate) async fn open(&self, answer: reqwest::Response) -> (Parts, AnswerBody) {
        let (head, body) = Response::<reqwest::Body>::from(answer).into_parts();
        let body = Whole::new(&head, body);
        if !self.is_on() {
            return (head, AnswerBody::AsSent(body));
        }
        let mut answer = Some(Response::from_parts(head, body));
        let answered = service_fn(move |_: Request<()>| ready(answer.take().ok_or(())));
        let wanted = self.compression;
        let decoded = Decompression::new(answered)
            .gzip(wanted.includes(Compression::Gzip))
            .br(wanted.includes(Compression::Brotli))
            .deflate(wanted.includes(Compression::Deflate))
            .zstd(wanted.includes(Compression::Zstd))
            .call(Request::new(()))
            .await;
        let Ok(decoded) = decoded else {
            unreachable!("it is called once")
        };
        let (head, body) = decoded.into_parts();
        (head, AnswerBody::Decoded(Box::pin(body)))
    }
}

/// The body of an answer.
pub(crate) enum AnswerBody {
    /// As the server sent it.
    AsSent(Whole),
    /// Decoded, if it was in one of the codes that were asked for.
    Decoded(Pin<Box<DecompressionBody<Whole>>>),
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            AnswerBody::AsSent(body) => Pin::new(body).poll_frame(cx),
            AnswerBody::Decoded(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            AnswerBody::AsSent(body) => body.is_end_stream(),
            AnswerBody::Decoded(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            AnswerBody::AsSent(body) => body.size_hint(),
            AnswerBody::Decoded(body) => body.size_hint(),
        }
    }
}

/// The engine's body, with an error at its end where it was cut off.
pub(crate) struct Whole {
    body: reqwest::Body,
    http2: bool,
    promised: Option<u64>,
    bytes: u64,
}

impl Whole {
    fn new(head: &Parts, body: reqwest::Body) -> Whole {
        Whole {
            body,
            http2: head.version == Version::HTTP_2,
            promised: number(&head.headers, &CONTENT_LENGTH),
            bytes: 0,
        }
    }

    /// Whether a body that came to an end did so without the server's having said that this is its end. hyper takes HTTP/2's
    /// `NO_ERROR` for an end, in a reset and in a farewell (GOAWAY) that leaves the request out. A server may say so once its
    /// answer is whole and it wants no more of the request; then only the length tells.
    fn is_cut_off(&self) -> bool {
        self.http2 && !self.body.is_end_stream() && self.promised != Some(self.bytes)
    }
}

impl Body for Whole {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Poll::Ready(match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(Ok(frame)) => {
                self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                Some(Ok(frame))
            }
            Some(Err(error)) => Some(Err(error.into())),
            None if self.is_cut_off() => Some(Err("the stream ended before the body did".into())),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What a header says, if it is a number.
pub(super) fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}
