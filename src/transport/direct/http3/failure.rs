//! Why an exchange over HTTP/3 failed, or a connection was not made.

use crate::outcome::Outcome;
use crate::transport::connections::Closed;
use crate::transport::direct::failure::Failure;
use crate::transport::failure::{FAREWELL, cause};
use h3::error::{Code, ConnectionError, LocalError, StreamError};

/// Alerts of TLS, among the codes of QUIC's errors (RFC 9001, 4.8).
const ALERTS: std::ops::RangeInclusive<u64> = 0x100..=0x1ff;

/// There is no answer, or no more of it. `ended`: why the connection ended, if it has; `fault`: what the server did wrong.
pub(super) fn unanswered(
    error: &StreamError,
    ended: Option<&quinn::ConnectionError>,
    fault: Option<&str>,
) -> Failure {
    match (error, ended) {
        // Turned away before it was looked at (RFC 9114, 4.1.1 and 5.2).
        (StreamError::RemoteTerminate { code }, _) if *code == Code::H3_REQUEST_REJECTED => {
            left_out()
        }
        (StreamError::RemoteClosing, _) => left_out(),
        (StreamError::RemoteTerminate { code }, _) => {
            let text = format!("the server reset the stream: {code}");
            Failure::new(Outcome::Protocol, &text)
        }
        (_, Some(ended)) => over(ended, fault),
        (StreamError::ConnectionError(error), None) => not_http3(fault.unwrap_or(&reason(error))),
        (StreamError::StreamError { code, reason }, None) => {
            not_http3(&format!("{reason} ({code})"))
        }
        (StreamError::Undefined(error), None) => not_http3(&cause(error.as_ref())),
        (error, None) => not_http3(&cause(error)),
    }
}

/// The server has said that it does not take the request.
pub(super) fn left_out() -> Failure {
    Failure {
        unprocessed: true,
        ..Failure::new(Outcome::Protocol, FAREWELL)
    }
}

/// What the library finds fault with, in its words.
pub(super) fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Local {
            error: LocalError::Application { code, reason, .. },
        } => format!("{reason} ({code})"),
        error => cause(error),
    }
}

fn not_http3(what: &str) -> Failure {
    Failure::new(Outcome::Protocol, &format!("not HTTP/3: {what}"))
}

/// The connection has ended.
pub(super) fn over(error: &quinn::ConnectionError, fault: Option<&str>) -> Failure {
    match error {
        quinn::ConnectionError::LocallyClosed => match fault {
            Some(fault) => not_http3(fault),
            None => Failure::new(Outcome::Protocol, "the connection was given up"),
        },
        quinn::ConnectionError::TimedOut => {
            let text = "the connection was silent for longer than the server allows (QUIC)";
            Failure::end(Outcome::Protocol, text)
        }
        quinn::ConnectionError::ApplicationClosed(close) => {
            let code = Code::from(close.error_code.into_inner());
            let text = format!("the server closed the connection: {code}");
            Failure::end(Outcome::Protocol, &text)
        }
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
