//! `compression`: what answers are asked for, and that they are decoded.

use super::{clear, failing, one, transport, with};
use crate::transport::server::{Server, TEXT_BYTES, raw};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{Compression, Transport};
use std::io::Write;

/// The names of codes in a header, sorted.
fn names(header: &str) -> Vec<&str> {
    let mut names: Vec<_> = header.split(',').map(str::trim).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
pub(super) async fn the_server_is_asked_for_the_codes_that_were_chosen_and_they_are_decoded() {
    let server = Server::start(None);
    let url = format!("{}/text", clear(&server));
    for (name, compression) in Compression::NAMES {
        let exchange = one(&url, &with(|config| config.compression = compression)).await;
        assert_eq!(exchange.bytes, TEXT_BYTES as u64, "{name}");
        let asked = server.seen.asked().pop().unwrap();
        let accepted = asked.header("accept-encoding");
        match compression {
            Compression::Off => assert_eq!(accepted, None),
            Compression::All => {
                assert_eq!(names(accepted.unwrap()), ["br", "deflate", "gzip", "zstd"]);
            }
            _ => assert_eq!(accepted, Some(name)),
        }
    }
}

/// A server that says `body` is in gzip.
fn in_gzip(body: &'static [u8]) -> String {
    let addr = raw(move |stream| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        // A client that has seen enough may be gone.
        let _ = stream.write_all(&[head.as_bytes(), body].concat());
    });
    super::clear_text_of(addr)
}

/// `hello` in gzip.
const HELLO: &[u8] = &[
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86, 0xa6, 0x10, 0x36,
    5, 0, 0, 0,
];

#[tokio::test]
pub(super) async fn what_was_not_asked_for_is_not_decoded_and_what_was_must_be_whole() {
    let gzip = with(|config| config.compression = Compression::Gzip);
    assert_eq!(one(&in_gzip(HELLO), &gzip).await.bytes, 5);
    let off = one(&in_gzip(HELLO), &with(|_| {})).await;
    assert_eq!(off.bytes, HELLO.len() as u64);
    for broken in [&HELLO[..12], b"hello"] {
        let (outcome, text) = failing(&in_gzip(broken), &gzip).await;
        assert_eq!(outcome, Outcome::Body, "{text}");
    }
    // An empty body is no code that breaks off.
    let lane = transport(&in_gzip(b""), &gzip);
    let exchange = lane.transport.exchange().await;
    assert_eq!((exchange.outcome, exchange.bytes), (Outcome::Ok, 0));
}
