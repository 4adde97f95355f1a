//! A server that answers with given bytes, and keeps the heads of what it was asked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it does with one request.
pub(super) enum Then {
    /// Sends these bytes, and goes on.
    Answer(Vec<u8>),
    /// Closes the connection.
    Close,
}

/// A server on a port of the system's choice.
pub(super) struct Canned {
    pub(super) addr: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    /// Answers each request by its number, from 0, and its head.
    pub(super) fn start(answer: impl Fn(usize, &str) -> Then + Send + Sync + 'static) -> Canned {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let bodies = Arc::<Mutex<Vec<String>>>::default();
        let (kept, answer) = ((Arc::clone(&heads), Arc::clone(&bodies)), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &kept.0, &kept.1, &*answer));
            }
        });
        Canned {
            addr,
            heads,
            bodies,
        }
    }

    /// Answers everything with that status, these headers and this body.
    pub(super) fn always(status: &str, headers: &[&str], body: &str) -> Canned {
        let bytes = answer(status, headers, body);
        Canned::start(move |_, _| Then::Answer(bytes.clone()))
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The heads of all requests so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The bodies of all requests so far.
    pub(super) fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }
}

/// The bytes of an answer.
pub(super) fn answer(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let length = format!("content-length: {}", body.len());
    let status = format!("HTTP/1.1 {status}");
    let head = [&[status.as_str(), &length], headers].concat().join("\r\n");
    format!("{head}\r\n\r\n{body}").into_bytes()
}

/// An answer of JSON.
pub(super) fn json(status: &str, body: &str) -> Vec<u8> {
    answer(status, &["content-type: application/json"], body)
}

fn serve(
    mut stream: TcpStream,
    heads: &Mutex<Vec<String>>,
    bodies: &Mutex<Vec<String>>,
    answer: &(impl Fn(usize, &str) -> Then + ?Sized),
) {
    let mut bytes = Vec::new();
    loop {
        let Some((head, body)) = request(&mut stream, &mut bytes) else {
            return;
        };
        bodies.lock().unwrap().push(body);
        let number = {
            let mut heads = heads.lock().unwrap();
            heads.push(head.clone());
            heads.len() - 1
        };
        match answer(number, &head) {
            Then::Answer(answer) if stream.write_all(&answer).is_ok() => {}
            _ => return,
        }
    }
}

/// The head of [`request`].
pub(super) fn head(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<String> {
    request(stream, bytes).map(|(head, _)| head)
}

/// Takes one request, head and body, out of what comes; `None` when nothing more does.
fn request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<(String, String)> {
    let mut more = |bytes: &mut Vec<u8>| {
        let mut part = [0; 4096];
        let n = stream.read(&mut part).unwrap_or(0);
        bytes.extend_from_slice(&part[..n]);
        (n > 0).then_some(())
    };
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        more(bytes)?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().unwrap())
    });
    let whole = end + length.unwrap_or(0);
    while bytes.len() < whole {
        more(bytes)?;
    }
    let body = String::from_utf8(bytes[end..whole].to_vec()).unwrap();
    bytes.drain(..whole);
    Some((head, body))
}
