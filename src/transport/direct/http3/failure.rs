//! Why an exchange over HTTP/3 failed, or a connection was not made.

use crate::outcome::Outcome;
use crate::transport::connections::Closed;
use crate::transport::direct::failure::Failure;
use crate::transport::failure::{FAREWELL, cause};
use h3::error::{Code, ConnectionError, StreamError};

/// Alerts of TLS, among the codes of QUIC's errors (RFC 9001, 4.8).
const ALERTS: std::ops::RangeInclusive<u64> = 0x100..=0x1ff;

/// There is no answer, or no more of it; `ended` is why the connection ended, if it has.
pub(super) fn unanswered(error: &StreamError, ended: Option<&quinn::ConnectionError>) -> Failure {
    // A server that takes no more requests has not looked at the ones that it turns away (RFC 9114, 4.1.1 and 5.2).
    let turned_away = match error {
        StreamError::RemoteTerminate { code } => *code == Code::H3_REQUEST_REJECTED,
        StreamError::RemoteClosing => true,
        _ => false,
    };
    if turned_away {
        return Failure {
            unprocessed: true,
            ..Failure::new(Outcome::Protocol, FAREWELL)
        };
    }
    match (error, ended) {
        (StreamError::RemoteTerminate { code }, _) => Failure::new(
            Outcome::Protocol,
            &format!("the server reset the stream: {code}"),
        ),
        (_, Some(ended)) => over(ended),
        (StreamError::ConnectionError(ConnectionError::Local { error }), None) => {
            Failure::new(Outcome::Protocol, &format!("not HTTP/3: {error:?}"))
        }
        (StreamError::Undefined(error), None) => {
            Failure::new(Outcome::Protocol, &cause(error.as_ref()))
        }
        (error, None) => Failure::new(Outcome::Protocol, &cause(error)),
    }
}

/// The connection has ended.
pub(super) fn over(error: &quinn::ConnectionError) -> Failure {
    match error {
        quinn::ConnectionError::LocallyClosed => {
            Failure::new(Outcome::Protocol, "what the server sent is not HTTP/3")
        }
        quinn::ConnectionError::TimedOut => Failure::end(
            Outcome::Protocol,
            "the connection was silent for too long (QUIC)",
        ),
        error => Failure {
            outcome: if is_alert(error) {
                Outcome::Tls
            } else {
                Outcome::Protocol
            },
            ..Failure::end(Outcome::Protocol, &cause(error))
        },
    }
}

/// There is no connection.
pub(super) fn connecting(error: &quinn::ConnectionError) -> Failure {
    let outcome = if is_alert(error) {
        Outcome::Tls
    } else {
        Outcome::Connect
    };
    Failure::new(outcome, &cause(error))
}

/// Whether TLS has failed, here or there.
fn is_alert(error: &quinn::ConnectionError) -> bool {
    let code = match error {
        quinn::ConnectionError::TransportError(error) => error.code,
        quinn::ConnectionError::ConnectionClosed(close) => close.error_code,
        _ => return false,
    };
    ALERTS.contains(&u64::from(code))
}

/// Who ended a connection: what we find fault with, we end.
pub(super) fn closed_by(error: &quinn::ConnectionError) -> Closed {
    match error {
        quinn::ConnectionError::LocallyClosed
        | quinn::ConnectionError::TransportError(_)
        | quinn::ConnectionError::CidsExhausted
        | quinn::ConnectionError::VersionMismatch => Closed::Us,
        // Silence ends a connection where the server has set a limit to it.
        quinn::ConnectionError::TimedOut
        | quinn::ConnectionError::ConnectionClosed(_)
        | quinn::ConnectionError::ApplicationClosed(_)
        | quinn::ConnectionError::Reset => Closed::Peer,
    }
}
