//! The body of the endpoint's answers: whole, or a stream of events; and either may break off half-way.

use super::stream::Events;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The body of an answer.
pub(super) struct EndpointBody {
    content: Content,
    cut: Option<Cut>,
}

enum Content {
    Whole(Full<Bytes>),
    Events(Events),
}

/// How a body breaks off.
struct Cut {
    /// The bytes that are still sent.
    left: u64,
    /// Whether the connection has been given the time to send them.
    sent: bool,
}

/// Breaks the connection off.
#[derive(Debug, thiserror::Error)]
#[error("the body is cut off")]
pub(super) struct CutOff;

impl EndpointBody {
    pub(super) fn whole(bytes: Bytes) -> EndpointBody {
        EndpointBody {
            content: Content::Whole(Full::new(bytes)),
            cut: None,
        }
    }

    pub(super) fn events(events: Events) -> EndpointBody {
        EndpointBody {
            content: Content::Events(events),
            cut: None,
        }
    }

    /// The same, but the connection is closed after half of it. The length is announced as if it came whole.
    pub(super) fn cut(self) -> EndpointBody {
        let length = match &self.content {
            Content::Whole(body) => body.size_hint().lower(),
            Content::Events(events) => events.length(),
        };
        EndpointBody {
            cut: Some(Cut {
                left: length / 2,
                sent: false,
            }),
            ..self
        }
    }
}

impl Content {
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self {
            Content::Whole(body) => Pin::new(body)
                .poll_frame(cx)
                .map(|frame| frame?.ok()?.into_data().ok()),
            Content::Events(events) => events.poll_event(cx),
        }
    }
}

impl Body for EndpointBody {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let this = &mut *self;
        if let Some(cut @ Cut { left: 0, .. }) = &mut this.cut {
            if cut.sent {
                return Poll::Ready(Some(Err(CutOff)));
            }
            // An error discards what the connection has not written yet. It writes whenever it has to wait for the body.
            cut.sent = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(mut data) = ready!(this.content.poll_data(cx)) else {
            return Poll::Ready(None);
        };
        if let Some(cut) = &mut this.cut {
            data.truncate(usize::try_from(cut.left).unwrap_or(usize::MAX));
            cut.left -= data.len() as u64;
        }
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.cut.is_none()
            && match &self.content {
                Content::Whole(body) => body.is_end_stream(),
                Content::Events(events) => events.is_over(),
            }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(body) => body.size_hint(),
            Content::Events(_) => SizeHint::default(),
        }
    }
}
