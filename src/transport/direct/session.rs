//! A connection that many requests share, whichever version of HTTP it speaks.

use super::failure::Failure;
use super::http2;
#[cfg(feature = "http3")]
use super::http3;
use super::progress::{Progress, Waiting};
use super::request::Message;
use crate::clock::Tick;
use crate::transport::connections::Closed;

/// One connection, as its requests see it. It ends when the last of them lets go of it.
pub(super) enum Session {
    Http2(http2::Session),
    #[cfg(feature = "http3")]
    Http3(http3::Session),
}

/// Does the same with whichever it is.
macro_rules! with {
    ($session:expr, $it:ident => $act:expr) => {
        match $session {
            Session::Http2($it) => $act,
            #[cfg(feature = "http3")]
            Session::Http3($it) => $act,
        }
    };
}

impl Session {
    /// Whether it takes requests: it has not ended, and the server has not said farewell.
    pub(super) fn is_usable(&self) -> bool {
        with!(self, it => it.is_usable())
    }

    /// Why it ended, where that is known.
    pub(super) fn why_ended(&self) -> Option<Failure> {
        match self {
            Session::Http2(_) => None,
            #[cfg(feature = "http3")]
            Session::Http3(it) => it.why_ended(),
        }
    }

    /// When it was last used.
    pub(super) fn used(&self) -> Tick {
        with!(self, it => it.usage.last())
    }

    /// Says who ends it, for when its last request lets go of it.
    pub(super) fn end(&self, by: Closed) {
        with!(self, it => it.end(by));
    }

    /// Ends it now. Once other tasks have run, its socket is closed, or the server has been told.
    pub(super) async fn cut(&self) {
        with!(self, it => it.cut());
        tokio::task::yield_now().await;
    }

    /// Sends the request and reads the answer to its end. What has been learnt stands in `progress` also when it fails.
    /// Dropping the future gives the stream up and leaves the others alone.
    pub(super) async fn exchange(
        &self,
        message: &Message,
        waiting: &Waiting<'_>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        match self {
            Session::Http2(it) => it.exchange(message, waiting, progress).await,
            // On the heap: its future is large, and the other versions should not pay for it.
            #[cfg(feature = "http3")]
            Session::Http3(it) => Box::pin(it.exchange(message, waiting, progress)).await,
        }
    }
}
