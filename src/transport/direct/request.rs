//! The request, made once.

use crate::transport::RequestSpec;
use crate::transport::config::TransportConfig;
use crate::transport::error::TransportError;
use crate::transport::login::take_login;
use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{Method, Uri};
use url::Url;

/// Header fields of HTTP/1.1's connections, which HTTP/2 does not have.
const OF_CONNECTIONS: [HeaderName; 5] = [
    CONNECTION,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// A request, ready to be sent. Both forms are what the other engine sends, but for the order of the fields.
pub(super) struct Request {
    /// All of it, as HTTP/1.1 has it.
    pub(super) bytes: Bytes,
    /// It is answered without a body.
    pub(super) bodiless: bool,
    /// Its head, as HTTP/2 has it.
    pub(super) head: http::Request<()>,
    /// Its body.
    pub(super) body: Bytes,
}

impl Request {
    pub(super) fn new(
        spec: &RequestSpec,
        config: &TransportConfig,
    ) -> Result<Request, TransportError> {
        let mut url = spec.url.clone();
        let mut headers = spec.headers.clone();
        if let Some(login) = take_login(&mut url) {
            headers.entry(AUTHORIZATION).or_insert(login);
        }
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("*/*"));
        let announces = !spec.body.is_empty()
            || matches!(spec.method, Method::POST | Method::PUT | Method::PATCH);
        if announces {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(spec.body.len()));
        }
        Ok(Request {
            bytes: http1(spec, &url, headers.clone(), config.keep_alive),
            bodiless: spec.method == Method::HEAD,
            head: http2(spec, &url, headers)?,
            body: spec.body.clone(),
        })
    }
}

fn authority(url: &Url) -> &str {
    &url[url::Position::BeforeHost..url::Position::AfterPort]
}

fn target(url: &Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}

fn http1(spec: &RequestSpec, url: &Url, mut headers: HeaderMap, keep_alive: bool) -> Bytes {
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
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&spec.body);
    bytes.into()
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
            body: Bytes::from_static(body.as_bytes()),
        };
        let config = TransportConfig {
            keep_alive,
            ..TransportConfig::default()
        };
        String::from_utf8(Request::new(&spec, &config).unwrap().bytes.to_vec()).unwrap()
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
