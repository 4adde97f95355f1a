//! A server of either version that answers so many requests on each connection, and then no longer does.

use super::clear_text_of;
use crate::transport::server::{Frame, Reader};
use dragstrip::transport::HttpVersion;
use socket2::SockRef;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// What it does after its last answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It takes whatever comes and says nothing more, not even to a ping.
    Silence,
    /// It closes the connection at once.
    End,
    /// It resets the connection when the next request comes.
    Reset,
    /// It says farewell, in good order, to the next request (HTTP/2 only).
    Farewell,
    /// It begins an answer of unknown length and resets its stream, as if nothing were wrong (HTTP/2 only).
    CutOff,
}

pub(crate) struct Curt {
    pub(crate) addr: SocketAddr,
    pub(crate) version: HttpVersion,
    /// A word for each connection that has ended.
    pub(crate) ended: Receiver<()>,
}

impl Curt {
    pub(crate) fn start(version: HttpVersion, answers: usize, then: Then) -> Curt {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (end, ended) = channel();
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let end = end.clone();
                std::thread::spawn(move || {
                    serve(stream, version, answers, then);
                    // The test may be over.
                    let _ = end.send(());
                });
            }
        });
        Curt {
            addr,
            version,
            ended,
        }
    }

    pub(crate) fn url(&self) -> String {
        clear_text_of(self.addr)
    }
}

fn serve(mut stream: TcpStream, version: HttpVersion, answers: usize, then: Then) {
    let mut requests = Requests::of(version);
    if version.is_multiplexed() {
        // Settings, all as they are by default.
        let _ = stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]);
    }
    let (mut answered, mut bytes) = (0, [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut bytes) {
        for answer in requests.read(&bytes[..read]) {
            if answered < answers {
                answered += 1;
                let _ = stream.write_all(&answer);
            } else if then == Then::Reset {
                let at_once = Some(Duration::ZERO);
                SockRef::from(&stream).set_linger(at_once).unwrap();
                return;
            } else if then == Then::Farewell {
                let _ = stream.write_all(&farewell(answered));
            } else if then == Then::CutOff {
                let _ = stream.write_all(&cut_off(&answer));
            }
            if answered == answers && then == Then::End {
                return;
            }
        }
    }
}

/// Finds the requests in what a client sends, and knows the answers.
enum Requests {
    Http1(Vec<u8>),
    Http2(Reader),
}

impl Requests {
    fn of(version: HttpVersion) -> Requests {
        if version.is_multiplexed() {
            Requests::Http2(Reader::default())
        } else {
            Requests::Http1(Vec::new())
        }
    }

    /// An answer, with no body, for each request whose head (HTTP/2) or body (HTTP/1.1) is complete now.
    fn read(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        match self {
            Requests::Http1(text) => {
                text.extend_from_slice(bytes);
                let mut answers = Vec::new();
                let whole = |text: &[u8]| text.windows(BODY.len()).position(|part| part == BODY);
                while let Some(at) = whole(text) {
                    text.drain(..at + BODY.len());
                    answers.push(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
                }
                answers
            }
            Requests::Http2(reader) => {
                let frames = reader.read(bytes).into_iter();
                let heads = frames.filter_map(|frame| match frame {
                    Frame::Headers { stream } => Some(stream),
                    _ => None,
                });
                // `:status: 200` out of the static table, the end of the head and of the stream.
                let answer = |stream: u32| {
                    let head = [&[0, 0, 1, 1, 5], &stream.to_be_bytes()[..], &[0x88]];
                    head.concat()
                };
                heads.map(answer).collect()
            }
        }
    }
}

/// The end of an HTTP/2 connection for no reason, after so many requests.
fn farewell(answered: usize) -> Vec<u8> {
    let last = u32::try_from(answered * 2).unwrap().saturating_sub(1);
    let head = [0, 0, 8, 7, 0, 0, 0, 0, 0];
    [&head[..], &last.to_be_bytes(), &[0; 4]].concat()
}

/// An answer over HTTP/2 that says `hello` and then that its stream ends for no reason, made from a whole one.
fn cut_off(answer: &[u8]) -> Vec<u8> {
    let stream = &answer[5..9];
    let head = [&[0, 0, 1, 1, 4], stream, &[0x88]].concat();
    let data = [&[0, 0, 5, 0, 0], stream, b"hello"].concat();
    let reset = [&[0, 0, 4, 3, 0], stream, &[0; 4]].concat();
    [head, data, reset].concat()
}

/// What every request of these tests ends with.
const BODY: &[u8] = b"{\"a\":1}";
