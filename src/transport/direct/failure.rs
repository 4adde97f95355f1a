//! Why an exchange of this engine failed.

use super::progress::Progress;
use crate::outcome::Outcome;
use crate::text;
use crate::transport::{STALE, failure as common};
use std::io;

/// The longest reason, in characters.
const MAX_CHARS: usize = 199;

/// What an exchange that failed counts as, and why, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) outcome: Outcome,
    pub(super) text: String,
    /// The connection had ended or was reset.
    pub(super) ended: bool,
    /// The server said that it has not so much as looked at the request.
    pub(super) unprocessed: bool,
}

impl Failure {
    pub(super) fn new(outcome: Outcome, text: &str) -> Failure {
        Failure {
            outcome,
            text: text::printable(text, MAX_CHARS),
            ended: false,
            unprocessed: false,
        }
    }

    /// The connection has come to its end at a point where it should not.
    pub(super) fn end(outcome: Outcome, text: &str) -> Failure {
        Failure {
            ended: true,
            ..Failure::new(outcome, text)
        }
    }

    /// Whether the connection ended before the first byte of an answer.
    pub(super) fn is_early_end(&self, progress: &Progress) -> bool {
        self.ended && !progress.heard && progress.first_byte.is_none()
    }

    /// The connection had been kept, and the server had closed it.
    pub(super) fn make_stale(&mut self) {
        self.text = text::printable(&format!("{STALE}: {}", self.text), MAX_CHARS);
    }

    /// There is no connection, and TLS had not begun.
    pub(super) fn connecting(error: &io::Error) -> Failure {
        match common::used_up(error) {
            Some(what) => Failure::new(Outcome::Client, &what),
            None => Failure::new(Outcome::Connect, &common::cause(error)),
        }
    }

    /// There is a connection, and TLS failed on it.
    pub(super) fn in_handshake(error: &io::Error) -> Failure {
        Failure::new(Outcome::Tls, &common::cause(error))
    }

    /// The connection broke before an answer began, or what came is none.
    pub(super) fn unanswered(error: &io::Error) -> Failure {
        let outcome = if common::is_rustls(error) {
            Outcome::Tls
        } else {
            Outcome::Protocol
        };
        Failure {
            ended: outcome == Outcome::Protocol,
            ..Failure::new(outcome, &common::cause(error))
        }
    }

    /// HTTP/2 says why there is no answer, or no more of it.
    pub(super) fn over_http2(error: &h2::Error) -> Failure {
        if let Some(io) = error.get_io() {
            return Failure::unanswered(io);
        }
        // What a farewell leaves out was not processed, and may be sent again over another connection (RFC 9113, 6.8). One for
        // bad behaviour is meant for us.
        let farewell = error.is_go_away() && error.is_remote();
        if farewell && error.reason() == Some(h2::Reason::NO_ERROR) {
            return Failure {
                unprocessed: true,
                ..Failure::new(Outcome::Protocol, common::FAREWELL)
            };
        }
        // The same holds for a stream that was refused (RFC 9113, 8.7).
        let refused = error.is_reset() && error.is_remote();
        Failure {
            unprocessed: refused && error.reason() == Some(h2::Reason::REFUSED_STREAM),
            ..Failure::new(Outcome::Protocol, &common::cause(error))
        }
    }
}
