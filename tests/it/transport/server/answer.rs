//! What the server answers, by the path alone.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame};
use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The length of what `/text` says, uncompressed.
pub(crate) const TEXT_BYTES: usize = 10_000;

pub(super) async fn answer<B: Body>(request: Request<B>) -> Response<BoxBody<Bytes, Infallible>> {
    let path = request.uri().path().to_owned();
    let (head, body) = request.into_parts();
    // A client that breaks off gets no answer in any case.
    let length = body.collect().await.map_or(0, |all| all.to_bytes().len());
    let (name, value) = match path[1..].split_once('/') {
        Some((name, value)) => (name, value.parse().unwrap()),
        None => (&path[1..], 0),
    };
    match name {
        "slow" => tokio::time::sleep(Duration::from_millis(20)).await,
        "wait" => tokio::time::sleep(Duration::from_millis(value)).await,
        "never" => std::future::pending().await,
        _ => {}
    }
    let body = match name {
        "echo-headers" => format!("{:?}", head.headers),
        "length" => "x".repeat(length),
        "bytes" => "x".repeat(value as usize),
        "text" => return text(&head.headers),
        _ => "hello".to_owned(),
    };
    let body = match name {
        "drip" => Drip::every(Duration::from_millis(value.max(1))).boxed(),
        _ => Full::from(body).boxed(),
    };
    let mut response = Response::new(body);
    if name == "status" {
        *response.status_mut() = StatusCode::from_u16(value as u16).unwrap();
    }
    response
}

/// [`TEXT_BYTES`] letters, in the first encoding of the client's list that is known here.
fn text(headers: &HeaderMap) -> Response<BoxBody<Bytes, Infallible>> {
    let plain = [b'a'; TEXT_BYTES];
    let accepted = headers.get(ACCEPT_ENCODING);
    let accepted = accepted.map_or("", |value| value.to_str().unwrap());
    let mut names = accepted
        .split(',')
        .map(|name| name.split(';').next().unwrap_or_default().trim());
    let encoded = names.find_map(|name| Some((name, encode(name, &plain)?)));
    let mut response = Response::new(Full::from(plain.to_vec()).boxed());
    if let Some((name, body)) = encoded {
        *response.body_mut() = Full::from(body).boxed();
        let name = HeaderValue::from_str(name).unwrap();
        response.headers_mut().insert(CONTENT_ENCODING, name);
    }
    response
}

fn encode(name: &str, plain: &[u8; TEXT_BYTES]) -> Option<Vec<u8>> {
    let level = Compression::fast();
    match name {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(plain).unwrap();
            Some(encoder.finish().unwrap())
        }
        // What HTTP calls deflate is zlib's format.
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(plain).unwrap();
            Some(encoder.finish().unwrap())
        }
        // One block that stands uncompressed: its length less one from the fifth bit on, then the mark of such a block.
        "br" => {
            let mut encoded = vec![0xf0, 0x70, 0x12];
            encoded.extend_from_slice(plain);
            encoded.push(0x03);
            Some(encoded)
        }
        // Magic number, a frame in one segment of 256 + 9,744 bytes, and a last block that repeats one byte 10,000 times.
        "zstd" => Some(vec![
            0x28, 0xb5, 0x2f, 0xfd, 0x60, 0x10, 0x26, 0x83, 0x38, 0x01, b'a',
        ]),
        _ => None,
    }
}

/// Two parts, the second a moment after the first, and the end a moment later.
struct Drip {
    parts: usize,
    moment: Duration,
    pause: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Drip {
    fn every(moment: Duration) -> Drip {
        Drip {
            parts: 0,
            moment,
            pause: None,
        }
    }
}

impl Body for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
        }
        self.parts += 1;
        self.pause = Some(Box::pin(tokio::time::sleep(self.moment)));
        match self.parts {
            1 | 2 => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"part"))))),
            _ => Poll::Ready(None),
        }
    }
}
