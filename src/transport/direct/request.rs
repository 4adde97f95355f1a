//! The request as bytes, made once.

use crate::transport::RequestSpec;
use crate::transport::config::TransportConfig;
use crate::transport::login::take_login;
use bytes::Bytes;
use http::Method;
use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue,
};

/// A request, ready to be written.
pub(super) struct Request {
    /// All of it.
    pub(super) bytes: Bytes,
    /// It is answered without a body.
    pub(super) bodiless: bool,
}

impl Request {
    /// The HTTP/1.1 form of `spec`: what the other engine sends for it, byte for byte but for the order of the fields.
    pub(super) fn http1(spec: &RequestSpec, config: &TransportConfig) -> Request {
        let mut url = spec.url.clone();
        let mut headers = spec.headers.clone();
        if let Some(login) = take_login(&mut url) {
            headers.entry(AUTHORIZATION).or_insert(login);
        }
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        if let Ok(host) = HeaderValue::from_str(authority) {
            headers.entry(HOST).or_insert(host);
        }
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("*/*"));
        if !config.keep_alive {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let announces = !spec.body.is_empty()
            || matches!(spec.method, Method::POST | Method::PUT | Method::PATCH);
        if announces {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(spec.body.len()));
        }
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut bytes = format!("{} {target} HTTP/1.1\r\n", spec.method).into_bytes();
        write(&mut bytes, &headers);
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&spec.body);
        Request {
            bytes: bytes.into(),
            bodiless: spec.method == Method::HEAD,
        }
    }
}

fn write(bytes: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
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
        String::from_utf8(Request::http1(&spec, &config).bytes.to_vec()).unwrap()
    }

    #[test]
    fn a_request_is_written_as_it_goes_over_the_wire() {
        assert_eq!(
            text("http://h:81/p/q?r=s#t", Method::POST, "body", true),
            "POST /p/q?r=s HTTP/1.1\r\nx-a: b\r\nhost: h:81\r\naccept: */*\r\ncontent-length: 4\r\n\r\nbody"
        );
        assert_eq!(
            text("http://h/", Method::GET, "", false),
            "GET / HTTP/1.1\r\nx-a: b\r\nhost: h\r\naccept: */*\r\nconnection: close\r\n\r\n"
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
