//! TLS that fails: in the handshake, by the certificate, and afterwards.

use super::certificates::Certificate;
use super::row::{
    Act, HELLO, Row, Wire, answers, answers_and_closes, broken, fails, no_answer, no_end, ok, say,
};
use dragstrip::outcome::Outcome;
use std::time::Duration;

pub(super) fn rows() -> Vec<Row> {
    [handshakes(), certificates(), afterwards()]
        .into_iter()
        .flatten()
        .collect()
}

/// A fatal alert in place of the server's hello.
fn alert(code: u8) -> Vec<Act> {
    vec![say([21, 3, 3, 0, 2, 2, code]), Act::Wait]
}

fn handshakes() -> Vec<Row> {
    let raw = |name, script: Vec<Act>, error| {
        Row::new(name, script, fails(Outcome::Tls, error)).over(Wire::RawTls)
    };
    vec![
        raw("the alert handshake_failure", alert(40), "HandshakeFailure"),
        raw("the alert protocol_version", alert(70), "ProtocolVersion"),
        raw("the alert internal_error", alert(80), "InternalError"),
        raw(
            "the alert unrecognized_name",
            alert(112),
            "UnrecognisedName",
        ),
        raw("an alert that nobody knows", alert(200), "AlertDescription"),
        raw(
            "clear text where TLS is spoken",
            vec![say(HELLO), Act::Wait],
            "InvalidContentType",
        ),
        raw(
            "a record of an unknown kind",
            vec![say([99, 3, 3, 0, 1, 0]), Act::Wait],
            "InvalidContentType",
        ),
        raw(
            "a record longer than allowed",
            vec![say([22, 3, 3, 255, 255, 0]), Act::Wait],
            "MessageTooLarge",
        ),
        raw(
            "an empty handshake record",
            vec![say([22, 3, 3, 0, 0]), Act::Wait],
            "InvalidEmptyPayload",
        ),
        raw(
            "zeros in place of a handshake",
            vec![Act::Endless(vec![0])],
            "InvalidContentType",
        )
        .sends_at_most(16 << 20),
        raw(
            "records of a handshake without an end",
            vec![
                say([22, 3, 3, 64, 0, 2, 255, 255, 255]),
                Act::Endless(vec![22]),
            ],
            "HandshakePayloadTooLarge",
        )
        .sends_at_most(16 << 20),
        raw("the end of the connection in the handshake", vec![], ""),
        raw(
            "half closed in the handshake",
            vec![Act::HalfClose, Act::Wait],
            "handshake eof",
        ),
        raw(
            "a reset in the handshake",
            vec![Act::ReadSome, Act::Reset],
            "Connection reset",
        ),
        Row::new("silence in the handshake", vec![Act::Wait], no_end()).over(Wire::RawTls),
        raw(
            "half a record and then the end",
            vec![say([22, 3, 3, 0, 100, 2]), Act::HalfClose, Act::Wait],
            "handshake eof",
        ),
    ]
}

fn certificates() -> Vec<Row> {
    let shown = |name, certificate, error| {
        Row::new(name, answers(HELLO), fails(Outcome::Tls, error)).over(Wire::Https(certificate))
    };
    vec![
        shown("an expired certificate", Certificate::Expired, "expired"),
        shown(
            "a certificate not yet valid",
            Certificate::NotYetValid,
            "not valid yet",
        ),
        shown(
            "a certificate for another host",
            Certificate::WrongHost,
            "not valid for name",
        ),
        shown(
            "a certificate that signed itself",
            Certificate::SelfSigned,
            "UnknownIssuer",
        ),
        shown(
            "a server that asks for a certificate",
            Certificate::AsksForOne,
            "CertificateRequired",
        ),
    ]
}

fn afterwards() -> Vec<Row> {
    let good =
        |name, script, expect| Row::new(name, script, expect).over(Wire::Https(Certificate::Good));
    let part = "HTTP/1.1 200 OK\r\n\r\nhello";
    let below = |bytes: &[u8]| Act::SayBelowTls(bytes.to_vec());
    vec![
        good("an answer over TLS", answers(HELLO), ok(5)),
        good(
            "a close_notify in place of an answer",
            vec![Act::ReadRequest, Act::HalfClose, Act::Wait],
            no_answer("closed before message"),
        ),
        good(
            "the end without a close_notify in place of an answer",
            vec![Act::ReadRequest],
            no_answer("close_notify"),
        ),
        good(
            "a close_notify at the end of a body",
            vec![Act::ReadRequest, say(part), Act::HalfClose, Act::Wait],
            ok(5),
        ),
        good(
            "the end without a close_notify in a body until the end",
            answers_and_closes(part),
            broken(5, "close_notify"),
        ),
        good(
            "the end without a close_notify after the whole answer",
            answers_and_closes(HELLO),
            ok(5),
        )
        .after_the_end()
        .then_anew(ok(5)),
        good(
            "a close_notify in the body",
            vec![
                Act::ReadRequest,
                say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello"),
                Act::HalfClose,
                Act::Wait,
            ],
            broken(5, "end of file"),
        ),
        good(
            "garbage in place of an answer's record",
            vec![Act::ReadRequest, below(b"garbage, not a record"), Act::Wait],
            fails(Outcome::Tls, "InvalidContentType"),
        ),
        good(
            "a record that cannot be decrypted",
            vec![
                Act::ReadRequest,
                below(&[
                    23, 3, 3, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                ]),
                Act::Wait,
            ],
            fails(Outcome::Tls, "cannot decrypt"),
        ),
        good(
            "garbage in the body",
            vec![
                Act::ReadRequest,
                say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello"),
                below(b"garbage, not a record"),
                Act::Wait,
            ],
            broken(5, "").or(Outcome::Tls),
        ),
        good(
            "an answer over TLS, byte by byte",
            vec![
                Act::ReadRequest,
                Act::Drip(HELLO.into(), Duration::from_millis(1)),
                Act::Wait,
            ],
            ok(5),
        ),
        good(
            "an endless body over TLS",
            vec![
                Act::ReadRequest,
                say("HTTP/1.1 200 OK\r\n\r\n"),
                Act::Endless(b"body".to_vec()),
            ],
            no_end(),
        ),
        good(
            "silence over TLS",
            vec![Act::ReadRequest, Act::Wait],
            no_end(),
        ),
    ]
}
