//! An HTTP proxy: tunnels, and requests that name a whole URL.

use super::{Desk, Kind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::error::Error;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};

type Answer = Response<BoxBody<Bytes, hyper::Error>>;

pub(super) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    desk: Desk,
) {
    let service = service_fn(|request| fulfil(request, desk.clone()));
    // A client may leave at any time.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

async fn fulfil(
    request: Request<Incoming>,
    desk: Desk,
) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let login = login(request.headers());
    let target = request.uri().to_string();
    let kind = if request.method() == Method::CONNECT {
        Kind::Connect
    } else {
        Kind::Forward
    };
    if !desk.grants(kind, target, login) {
        let mut answer = empty(StatusCode::PROXY_AUTHENTICATION_REQUIRED);
        let scheme = HeaderValue::from_static("Basic realm=\"test\"");
        answer.headers_mut().insert(PROXY_AUTHENTICATE, scheme);
        return Ok(answer);
    }
    let mut upstream = desk.upstream().await?;
    if kind == Kind::Connect {
        tokio::spawn(async move {
            if let Ok(client) = hyper::upgrade::on(request).await {
                let _ = copy_bidirectional(&mut TokioIo::new(client), &mut upstream).await;
            }
        });
        return Ok(empty(StatusCode::OK));
    }
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(upstream)).await?;
    tokio::spawn(connection);
    let answer = sender.send_request(to_origin(request)).await?;
    Ok(answer.map(BodyExt::boxed))
}

/// The request as the server itself is sent it: only the path is left of the URL.
fn to_origin(mut request: Request<Incoming>) -> Request<Incoming> {
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
    request.headers_mut().remove(PROXY_AUTHORIZATION);
    request
}

fn login(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(PROXY_AUTHORIZATION)?.to_str().ok()?;
    let login = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    String::from_utf8(login).ok()
}

fn empty(status: StatusCode) -> Answer {
    let body = Empty::new().map_err(|never| match never {}).boxed();
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    answer
}
