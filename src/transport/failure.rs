//! What went wrong, from an engine's error: the outcome it counts as, and the one cause that is worth showing.

use super::config::Timeouts;
use crate::outcome::Outcome;
use crate::text;
use http::Uri;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::client::legacy::connect::{HttpConnector, HttpInfo};
use std::error::Error;
use std::io;
use std::path::Path;
use std::time::Duration;
use tower::Service;

/// Longest error text, in characters.
const MAX_CHARS: usize = 199;

/// What is said of a request whose HTTP/2 connection has gone silent.
pub(super) const UNANSWERED_PING: &str = "a ping was not answered in time (h2_ping_timeout)";

/// What is said of a request that a server left out when it took its leave of an HTTP/2 connection.
pub(super) const FAREWELL: &str = "the server said farewell (GOAWAY) before it took the request";

/// What is said when there was no connection in time.
pub(super) const NO_CONNECTION_IN_TIME: &str = "no connection within the connect timeout";

/// The outcome and the text of a request that got no answer within `took`. `attempt`: those of the attempt to connect that it
/// waited for, where another request had made that.
pub(super) fn unanswered(
    error: &reqwest::Error,
    limits: &Timeouts,
    took: Duration,
    attempt: impl FnOnce() -> Option<(Outcome, String)>,
) -> (Outcome, String) {
    if let Some(what) = used_up(error) {
        return (Outcome::Client, what);
    }
    if !error.is_connect() {
        if let Some(text) = too_slow(error, limits, took) {
            return (Outcome::Timeout, text);
        }
        if is_farewell(error) {
            return (Outcome::Protocol, FAREWELL.to_owned());
        }
        // With TLS 1.3 a server can refuse the client's certificate only after the client's side of the handshake.
        let mut causes = chain(error);
        let outcome = match causes.find_map(|error| error.downcast_ref::<rustls::Error>()) {
            Some(_) => Outcome::Tls,
            None => Outcome::Protocol,
        };
        return (outcome, cause(error));
    }
    if error.is_timeout() {
        return (Outcome::Connect, NO_CONNECTION_IN_TIME.to_owned());
    }
    let (outcome, text) = unconnected(error);
    // Over HTTP/2 requests wait for one attempt together, and the engine's words for when that fails say nothing.
    if text == "request was canceled" {
        return attempt().unwrap_or_else(|| {
            let text = "the attempt to connect that it waited for has failed";
            (Outcome::Connect, text.to_owned())
        });
    }
    (outcome, text)
}

/// The outcome and the text of an attempt that has come to no connection.
pub(super) fn unconnected(error: &(dyn Error + 'static)) -> (Outcome, String) {
    if let Some(what) = used_up(error) {
        return (Outcome::Client, what);
    }
    let outcome = if is_tls(error) {
        Outcome::Tls
    } else {
        Outcome::Connect
    };
    (outcome, cause(error))
}

/// What is said of a failure to connect, where that was to a Unix socket: the URL would name the wrong place.
pub(super) fn at_socket(path: Option<&Path>, text: String) -> String {
    let Some(path) = path else {
        return text;
    };
    text::printable(
        &format!("the Unix socket {}: {text}", path.display()),
        MAX_CHARS,
    )
}

/// The TCP connection that a request failed on, if the engine says.
pub(super) fn connection(error: &reqwest::Error) -> Option<HttpInfo> {
    let mut causes = chain(error);
    let known = causes.find_map(|error| error.downcast_ref::<legacy::Error>()?.connect_info())?;
    let mut extras = http::Extensions::new();
    known.get_extras(&mut extras);
    extras.remove()
}

/// Whether the server has closed an HTTP/2 connection in good order, and not taken the request.
fn is_farewell(error: &reqwest::Error) -> bool {
    let mut causes = chain(error);
    causes
        .find_map(|error| error.downcast_ref::<h2::Error>())
        .is_some_and(|error| {
            error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR)
        })
}

/// Which of the transport's own time limits a request has missed after `took`, if that is why it failed.
pub(crate) fn too_slow(
    error: &reqwest::Error,
    limits: &Timeouts,
    took: Duration,
) -> Option<String> {
    if !error.is_timeout() {
        return None;
    }
    // The engine's own clock is behind the other limits; its HTTP/2 has but this one.
    let unanswered_ping = |error: &hyper::Error| error.is_timeout();
    if chain(error).any(|error| error.downcast_ref().is_some_and(unanswered_ping)) {
        return Some(UNANSWERED_PING.to_owned());
    }
    let total = limits.total.filter(|limit| took >= *limit);
    Some(match (total, limits.read) {
        (None, Some(limit)) => {
            format!("no byte for {} (read_timeout)", text::setting(limit))
        }
        (Some(limit), _) => not_ended(limit),
        (None, None) => "timed out".to_owned(),
    })
}

/// What is said of a request that was not through within `timeout`.
pub(super) fn not_ended(limit: Duration) -> String {
    format!("not ended within {} (timeout)", text::setting(limit))
}

/// Whether the connection ended before an answer began, by a reset or an end. On a connection that was kept from earlier
/// requests this is what a server does that has just closed it. A GOAWAY is none: it says itself what it is for.
pub(super) fn ended_early(error: &reqwest::Error) -> bool {
    chain(error).any(|error| {
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            error.is_incomplete_message() || error.is_closed() || error.is_canceled()
        } else if let Some(error) = error.downcast_ref::<io::Error>() {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
            )
        } else {
            false
        }
    })
}

/// What this machine has run out of, if that is why it could not even try.
pub(super) fn used_up(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            let what = match io.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
                Some(rustix::io::Errno::ADDRNOTAVAIL) => {
                    Some("no local port, or no local address, to connect from")
                }
                Some(rustix::io::Errno::MFILE) => Some("this process has no file descriptor left"),
                Some(rustix::io::Errno::NFILE) => Some("this machine has no file descriptor left"),
                _ => None,
            };
            if let Some(what) = what {
                return Some(format!(
                    "{what} ({})",
                    text::printable(&io.to_string(), 100)
                ));
            }
        }
        next = inside(error);
    }
    None
}

/// The innermost cause in words that a terminal can show, at most 200 characters. URLs, and so passwords, are only in the
/// outer layers of an engine's error.
pub(crate) fn cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(inner) = inside(innermost) {
        innermost = inner;
    }
    if let Some(error) = innermost.downcast_ref::<reqwest::Error>() {
        // A reqwest error without a source: its kind is all there is, and its URL must not be shown.
        let kind = match () {
            () if error.is_connect() => "cannot connect",
            () if error.is_timeout() => "timed out",
            () if error.is_builder() => "the request cannot be built",
            () if error.is_body() || error.is_decode() => "the body did not arrive whole",
            () => "the request failed",
        };
        return kind.to_owned();
    }
    text::printable(&innermost.to_string(), MAX_CHARS)
}

/// Whether TLS is what went wrong.
pub(super) fn is_rustls(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(<dyn Error>::is::<rustls::Error>)
}

/// True if a failed connect got as far as the TLS handshake.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    let mut dialled = true;
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        if error.is::<Socks>() {
            // The proxy's own words come before TLS with the target.
            return false;
        }
        // The connector marks what failed before there was a TCP connection; it does not export the type of the mark.
        let words = error.to_string();
        if words.starts_with("tcp ") || words.starts_with("dns error") {
            dialled = false;
        }
        if let Some(io) = error.downcast_ref::<io::Error>() {
            let broke_off = matches!(
                io.kind(),
                io::ErrorKind::InvalidData
                    | io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
            );
            if broke_off && dialled {
                return true;
            }
        }
        next = inside(error);
    }
    false
}

/// The error and all that is inside of it, from the outside in.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| inside(*error))
}

/// What goes wrong with a SOCKS proxy. Its type has no public name but this one.
type Socks = <SocksV5<HttpConnector> as Service<Uri>>::Error;

/// The next error inwards. An `io::Error` that wraps another hides it from `source`, which skips to the one after; and SOCKS
/// has no `source` at all.
fn inside<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<Socks>() {
        Some(Socks::Inner(error)) => return Some(error),
        Some(Socks::Io(error)) => return Some(error),
        _ => {}
    }
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_cause_is_shown_harmless_and_short() {
        let inner = io::Error::new(io::ErrorKind::InvalidData, "bad \u{1b}[2J".repeat(100));
        let outer = io::Error::other(inner);
        let shown = cause(&outer);
        assert!(shown.starts_with("bad ·[2J"), "{shown}");
        assert_eq!(shown.chars().count(), 200);
    }

    #[test]
    fn running_out_of_ports_or_files_is_ours() {
        for (errno, what) in [
            (rustix::io::Errno::ADDRNOTAVAIL, "no local port"),
            (rustix::io::Errno::MFILE, "file descriptor"),
        ] {
            let error = io::Error::other(io::Error::from_raw_os_error(errno.raw_os_error()));
            assert!(used_up(&error).expect("known").contains(what));
        }
        assert_eq!(
            used_up(&io::Error::from(io::ErrorKind::ConnectionRefused)),
            None
        );
    }

    #[test]
    fn a_handshake_failure_is_found_inside_io_errors() {
        let certificate =
            rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let error = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, certificate));
        assert!(is_tls(&error));
        assert!(cause(&error).contains("UnknownIssuer"));
        assert!(!is_tls(&io::Error::from(io::ErrorKind::ConnectionRefused)));
    }
}
