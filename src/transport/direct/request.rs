//! The request, made once but for bodies that vary.

use crate::content::{Content, Maker};
use crate::transport::config::TransportConfig;
use crate::transport::error::TransportError;
use crate::transport::login::take_login;
use crate::transport::{RequestSpec, Share};
use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{Method, Uri};
use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Write as _;
use std::sync::Arc;
use url::Url;

/// Header fields of HTTP/1.1's connections, which HTTP/2 does not have.
const OF_CONNECTIONS: [HeaderName; 5] = [
    CONNECTION,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Room for a body that a new room has from the beginning, in bytes at most. One for longer ones grows as they come.
const FORESEEN: usize = 16 << 10;
/// Room for the content-length and the end of the head.
const LENGTH: usize = 48;

/// A request, ready to be sent. All forms are what the other engine sends, but for the order of the fields.
pub(super) struct Request {
    /// All of it as HTTP/1.1 has it; where bodies vary, all but the content-length and what follows.
    bytes: Bytes,
    /// It is answered without a body.
    pub(super) bodiless: bool,
    /// It as the later versions have it, the body empty where bodies vary.
    message: Message,
    /// What makes bodies that vary.
    maker: Option<Maker>,
    /// Room for requests whose bodies vary, to be used again.
    rooms: RefCell<Vec<Vec<u8>>>,
    /// The size of a new one.
    roomy: usize,
}

/// One request as HTTP/2 and HTTP/3 have it.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) head: http::Request<()>,
    pub(super) body: Bytes,
}

/// The bytes of one request as HTTP/1.1 has it.
pub(super) struct Written<'a> {
    request: &'a Request,
    room: Option<Vec<u8>>,
}

impl Written<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        self.room.as_deref().unwrap_or(&self.request.bytes)
    }
}

impl Drop for Written<'_> {
    fn drop(&mut self) {
        if let Some(room) = self.room.take() {
            self.request.rooms.borrow_mut().push(room);
        }
    }
}

impl Request {
    pub(super) fn new(
        spec: &RequestSpec,
        config: &TransportConfig,
        share: Share,
    ) -> Result<Request, TransportError> {
        let mut url = spec.url.clone();
        let mut headers = spec.headers.clone();
        if let Some(login) = take_login(&mut url) {
            headers.entry(AUTHORIZATION).or_insert(login);
        }
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("*/*"));
        let (body, maker) = match &spec.body {
            Content::Fixed(body) => (body.clone(), None),
            Content::Varied(varied) => {
                let maker = Maker::new(Arc::clone(varied), share.index, share.of);
                (Bytes::new(), Some(maker))
            }
        };
        let announces =
            !body.is_empty() || matches!(spec.method, Method::POST | Method::PUT | Method::PATCH);
        if maker.is_none() && announces {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        let mut bytes = http1(spec, &url, headers.clone(), config.keep_alive);
        if maker.is_none() {
            bytes.extend_from_slice(b"\r\n");
            bytes.extend_from_slice(&body);
        }
        let longest = (spec.body.longest() as usize).min(FORESEEN);
        Ok(Request {
            roomy: bytes.len() + LENGTH + longest,
            bytes: bytes.into(),
            bodiless: spec.method == Method::HEAD,
            message: Message {
                head: http2(spec, &url, headers)?,
                body,
            },
            maker,
            rooms: RefCell::default(),
        })
    }

    /// The next request for HTTP/1.1. Nothing is allocated once there is room for as many as are written at once, each with one of
    /// the longest bodies.
    pub(super) fn written(&self) -> Written<'_> {
        let room = self.maker.as_ref().map(|maker| {
            let room = self.rooms.borrow_mut().pop();
            let mut room = room.unwrap_or_else(|| Vec::with_capacity(self.roomy));
            self.write(maker, &mut room);
            room
        });
        Written {
            request: self,
            room,
        }
    }

    /// The body comes first, since only then its length is known, and is then moved to behind the head.
    fn write(&self, maker: &Maker, room: &mut Vec<u8>) {
        room.clear();
        maker.write(room);
        let length = room.len();
        room.extend_from_slice(&self.bytes);
        // A Vec takes everything.
        let _ = write!(room, "content-length: {length}\r\n\r\n");
        room.rotate_left(length);
    }

    /// The next request for the later versions.
    pub(super) fn message(&self) -> Cow<'_, Message> {
        let Some(maker) = &self.maker else {
            return Cow::Borrowed(&self.message);
        };
        let mut body = Vec::new();
        maker.write(&mut body);
        let mut message = self.message.clone();
        let length = HeaderValue::from(body.len());
        message.head.headers_mut().insert(CONTENT_LENGTH, length);
        message.body = body.into();
        Cow::Owned(message)
    }
}

fn authority(url: &Url) -> &str {
    &url[url::Position::BeforeHost..url::Position::AfterPort]
}

fn target(url: &Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}

/// The head without the empty line at its end.
fn http1(spec: &RequestSpec, url: &Url, mut headers: HeaderMap, keep_alive: bool) -> Vec<u8> {
    let host = headers.remove(HOST);
    let host = host.or_else(|| HeaderValue::from_str(authority(url)).ok());
    if !keep_alive {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let mut bytes = format!("{} {} HTTP/1.1\r\n", spec.method, target(url)).into_bytes();
    // First, as HTTP asks for.
    if let Some(host) = &host {
        write(&mut bytes, &HOST, host);
    }
    for (name, value) in &headers {
        write(&mut bytes, name, value);
    }
    bytes
}

fn http2(
    spec: &RequestSpec,
    url: &Url,
    mut headers: HeaderMap,
) -> Result<http::Request<()>, TransportError> {
    for name in OF_CONNECTIONS {
        headers.remove(name);
    }
    // What HTTP/1.1 calls the host is the authority here.
    let host = headers.remove(HOST);
    let host = host.as_ref().and_then(|host| host.to_str().ok());
    let uri = Uri::builder()
        .scheme(url.scheme())
        .authority(host.unwrap_or_else(|| authority(url)))
        .path_and_query(target(url))
        .build();
    let mut head = http::Request::new(());
    *head.uri_mut() = uri.map_err(|error| TransportError::Client {
        reason: error.to_string(),
    })?;
    *head.method_mut() = spec.method.clone();
    *head.headers_mut() = headers;
    *head.version_mut() = http::Version::HTTP_2;
    Ok(head)
}

fn write(bytes: &mut Vec<u8>, name: &HeaderName, value: &HeaderValue) {
    bytes.extend_from_slice(name.as_str().as_bytes());
    bytes.extend_from_slice(b": ");
    bytes.extend_from_slice(value.as_bytes());
    bytes.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(url: &str, method: Method, body: &'static str, keep_alive: bool) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-a", HeaderValue::from_static("b"));
        let spec = RequestSpec {
            url: url.parse().unwrap(),
            method,
            headers,
            body: Bytes::from_static(body.as_bytes()).into(),
        };
        let config = TransportConfig {
            keep_alive,
            ..TransportConfig::default()
        };
        let request = Request::new(&spec, &config, Share::WHOLE).unwrap();
        String::from_utf8(request.written().bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_request_is_written_as_it_goes_over_the_wire() {
        assert_eq!(
            text("http://h:81/p/q?r=s#t", Method::POST, "body", true),
            "POST /p/q?r=s HTTP/1.1\r\nhost: h:81\r\nx-a: b\r\naccept: */*\r\ncontent-length: 4\r\n\r\nbody"
        );
        assert_eq!(
            text("http://h/", Method::GET, "", false),
            "GET / HTTP/1.1\r\nhost: h\r\nx-a: b\r\naccept: */*\r\nconnection: close\r\n\r\n"
        );
        let login = text("http://me:pw@[::1]:8080/", Method::PUT, "", true);
        assert!(login.contains("\r\nhost: [::1]:8080\r\n"), "{login}");
        assert!(
            login.contains("\r\nauthorization: Basic bWU6cHc=\r\n"),
            "{login}"
        );
        assert!(login.contains("\r\ncontent-length: 0\r\n"), "{login}");
        assert!(!login.contains("pw"), "{login}");
    }
}
