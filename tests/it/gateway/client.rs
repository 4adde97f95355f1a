//! A client that shows answers as they came: one connection, no pool, no opinions.

use bytes::Bytes;
use dragstrip::gateway::endpoint::{self, EndpointConfig};
use dragstrip::gateway::{ServerHandle, ServiceSpec, listen};
use dragstrip::transport::HELD_HEADER;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tokio::net::TcpStream;

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// How long the endpoint says that it has held the answer.
    pub(crate) fn held(&self) -> Duration {
        let us = self.headers[HELD_HEADER].to_str().unwrap();
        Duration::from_micros(us.parse().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

pub(crate) fn request(method: Method, path: &str, body: &str) -> Request<Full<Bytes>> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "gateway.example")
        .body(Full::from(body.to_owned()))
        .unwrap()
}

/// Sends one request over HTTP/1.1 and returns the answer as soon as its head is there.
pub(crate) async fn begin(
    addr: SocketAddr,
    request: Request<Full<Bytes>>,
) -> hyper::Result<http::Response<Incoming>> {
    let stream = TcpStream::connect(addr).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    sender.send_request(request).await
}

pub(crate) async fn whole(response: http::Response<Incoming>) -> hyper::Result<Answer> {
    let (parts, body) = response.into_parts();
    Ok(Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await?.to_bytes(),
    })
}

pub(crate) async fn send(addr: SocketAddr, request: Request<Full<Bytes>>) -> Answer {
    whole(begin(addr, request).await.unwrap()).await.unwrap()
}

pub(crate) async fn get(addr: SocketAddr, path: &str) -> Answer {
    send(addr, request(Method::GET, path, "")).await
}

pub(crate) async fn post(addr: SocketAddr, path: &str, body: &str) -> Answer {
    send(addr, request(Method::POST, path, body)).await
}

/// The same over HTTP/2 in clear text.
pub(crate) async fn post_h2c(addr: SocketAddr, path: &str, body: &str) -> Answer {
    let stream = TcpStream::connect(addr).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("http://{addr}{path}"))
        .body(Full::<Bytes>::from(body.to_owned()))
        .unwrap();
    whole(sender.send_request(request).await.unwrap())
        .await
        .unwrap()
}

pub(crate) fn socket() -> TcpListener {
    listen("127.0.0.1:0".parse().unwrap()).unwrap()
}

pub(crate) fn endpoint(config: EndpointConfig) -> ServerHandle {
    endpoint::spawn(config, socket()).unwrap()
}

/// An endpoint's settings with this delay profile.
pub(crate) fn delayed(profile: &str) -> EndpointConfig {
    serving(ServiceSpec {
        profile: profile.parse().unwrap(),
        ..ServiceSpec::default()
    })
}

pub(crate) fn serving(service: ServiceSpec) -> EndpointConfig {
    EndpointConfig {
        service,
        ..EndpointConfig::default()
    }
}

/// Waits for a condition that another thread brings about; the test runner's own limit is the only one.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
