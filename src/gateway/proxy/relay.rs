//! An answer's body on its way to the client, together with its right to a connection.

use crate::transport::{AnswerBody, BodyError, Lease};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The body of the gateway's answers.
pub(super) enum Relay {
    /// The gateway's own words.
    Own(Full<Bytes>),
    /// The upstream's.
    Upstream(Upstream),
}

/// An upstream body. The lease ends when the body does, or when the client has gone and this is dropped.
pub(super) struct Upstream {
    body: Option<AnswerBody>,
    lease: Option<Lease>,
}

impl Upstream {
    pub(super) fn new(body: AnswerBody, lease: Lease) -> Self {
        Upstream {
            body: Some(body),
            lease: Some(lease),
        }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let Some(lease) = self.lease.take() else {
            return;
        };
        // A body of known length counts as relayed with its last byte: nobody asks for more.
        let whole = self.body.take().is_some_and(|body| body.is_end_stream());
        if whole {
            lease.finish_soon();
        }
    }
}

impl Body for Relay {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let upstream = match &mut *self {
            Relay::Own(body) => {
                return Pin::new(body)
                    .poll_frame(cx)
                    .map_err(|never| match never {});
            }
            Relay::Upstream(upstream) => upstream,
        };
        let Some(body) = &mut upstream.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(cx);
        if let Poll::Ready(None | Some(Err(_))) = polled {
            let whole = matches!(polled, Poll::Ready(None));
            // The answer first: the connection is returned or closed with it.
            upstream.body = None;
            if let Some(lease) = upstream.lease.take().filter(|_| whole) {
                lease.finish_soon();
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Relay::Own(body) => body.is_end_stream(),
            Relay::Upstream(Upstream { body, .. }) => body.as_ref().is_none_or(Body::is_end_stream),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Relay::Own(body) => body.size_hint(),
            Relay::Upstream(Upstream { body, .. }) => match body {
                Some(body) => body.size_hint(),
                None => SizeHint::with_exact(0),
            },
        }
    }
}
