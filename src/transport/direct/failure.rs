//! Why an exchange of this engine failed.

use super::connection::Progress;
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
}

impl Failure {
    pub(super) fn new(outcome: Outcome, text: &str) -> Failure {
        Failure {
            outcome,
            text: text::printable(text, MAX_CHARS),
            ended: false,
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
        self.ended && progress.first_byte.is_none()
    }

    /// The same failure of a connection that had been kept.
    pub(super) fn stale(self) -> Failure {
        Failure {
            text: text::printable(&format!("{STALE}: {}", self.text), MAX_CHARS),
            ..self
        }
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
}
