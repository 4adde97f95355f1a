//! The same server over HTTP/3, and one that writes whatever bytes it is told to.

use super::answer::answer;
use super::seen::{Asked, Handshake, Hello, Open, Seen};
use super::{Server, on_a_thread};
use bytes::{Buf, Bytes, BytesMut};
use h3::error::Code;
use h3::server::RequestStream;
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use quinn::crypto::rustls::{HandshakeData, QuicServerConfig};
use quinn::{Endpoint, EndpointConfig, Incoming, TokioRuntime, TransportConfig};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{CipherSuite, ProtocolVersion, ServerConfig};

type Connection = h3::server::Connection<h3_quinn::Connection, Bytes>;
type Stream = RequestStream<h3_quinn::BidiStream<Bytes>, Bytes>;

/// Starts it. Beyond the common paths it has `/hints` (103, then 200), `/endless-hints`, `/trailers`, `/short` and `/long`
/// (another length than announced), `/promise/X` (a content-length of X and no body), `/no-content` (204 with a content-length),
/// `/giant` (a header block of 20 KB, which the client has not allowed: the stream ends without one), `/reset` and `/reject` (the stream), `/half` (the stream, after half of the body), `/leave`
/// (the connection, likewise), `/farewell` (GOAWAY after the answer).
pub(crate) fn start(tls: ServerConfig) -> Server {
    start_with(tls, TransportConfig::default())
}

/// The same with other limits.
pub(crate) fn start_with(tls: ServerConfig, limits: TransportConfig) -> Server {
    let seen = Arc::<Seen>::default();
    let seeing = Arc::clone(&seen);
    let addr = listen(tls, limits, async move |incoming: Incoming| {
        let open = Arc::new(seeing.enter(Some(incoming.remote_address())));
        let quic = match incoming.await {
            Ok(quic) => quic,
            Err(error) => return open.handshake(Err(error.to_string())),
        };
        agreed(&quic, &open);
        // A client may leave at any time; that is the test's business.
        if let Ok(connection) = Connection::new(h3_quinn::Connection::new(quic.clone())).await {
            serve(connection, &quic, &open).await;
        }
        quic.closed().await;
    });
    Server { addr, seen }
}

/// A server that hands each stream of a connection to `act`, and knows nothing of HTTP.
pub(crate) fn raw(
    tls: ServerConfig,
    act: impl AsyncFn(quinn::SendStream, &quinn::Connection) + Clone + 'static + Send + Sync,
) -> SocketAddr {
    listen(tls, TransportConfig::default(), async move |incoming| {
        let Ok(connection) = incoming.await else {
            return;
        };
        while let Ok((write, _read)) = connection.accept_bi().await {
            act(write, &connection).await;
        }
    })
}

fn listen(
    tls: ServerConfig,
    limits: TransportConfig,
    welcome: impl AsyncFn(Incoming) + 'static + Send,
) -> SocketAddr {
    let tls = Arc::new(QuicServerConfig::try_from(tls).unwrap());
    let mut config = quinn::ServerConfig::with_crypto(tls);
    config.transport_config(Arc::new(limits));
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let addr = socket.local_addr().unwrap();
    on_a_thread(async move || {
        let runtime = Arc::new(TokioRuntime);
        let listening = EndpointConfig::default();
        let endpoint = Endpoint::new(listening, Some(config), socket, runtime).unwrap();
        let welcome = std::rc::Rc::new(welcome);
        while let Some(incoming) = endpoint.accept().await {
            let welcome = std::rc::Rc::clone(&welcome);
            tokio::task::spawn_local(async move { welcome(incoming).await });
        }
    });
    addr
}

fn agreed(quic: &quinn::Connection, open: &Open) {
    let data = quic.handshake_data().unwrap();
    let data = data.downcast::<HandshakeData>().unwrap();
    let alpn = data.protocol.map(|name| String::from_utf8(name).unwrap());
    open.hello(Hello {
        sni: data.server_name,
        alpn: alpn.clone().into_iter().collect(),
    });
    let client = quic.peer_identity();
    let client = client.and_then(|all| all.downcast::<Vec<CertificateDer<'_>>>().ok());
    open.handshake(Ok(Handshake {
        alpn,
        version: ProtocolVersion::TLSv1_3,
        // QUIC's library tells neither of the two.
        cipher: CipherSuite::TLS13_AES_256_GCM_SHA384,
        resumed: false,
        client: client.map(|all| all[0].to_vec()),
    }));
}

async fn serve(mut connection: Connection, quic: &quinn::Connection, open: &Arc<Open>) {
    while let Ok(Some(resolver)) = connection.accept().await {
        let Ok((request, stream)) = resolver.resolve_request().await else {
            continue;
        };
        let held = open.asked(Asked {
            at: Instant::now(),
            version: Version::HTTP_3,
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        });
        if request.uri().path() == "/farewell" {
            let _ = connection.shutdown(0).await;
        }
        let quic = quic.clone();
        tokio::task::spawn_local(async move {
            // The client may give up before the end.
            let _ = respond(request, stream, &quic).await;
            drop(held);
        });
    }
}

async fn respond(
    request: Request<()>,
    mut stream: Stream,
    quic: &quinn::Connection,
) -> Result<(), h3::error::StreamError> {
    let head = |status: u16| {
        let mut head = Response::new(());
        *head.status_mut() = StatusCode::from_u16(status).unwrap();
        head
    };
    let promising = |length: &str| {
        let mut head = head(200);
        let length = length.parse().unwrap();
        head.headers_mut().insert("content-length", length);
        head
    };
    match request.uri().path() {
        "/hints" => {
            stream.send_response(head(103)).await?;
            stream.send_response(head(200)).await?;
            stream.send_data(Bytes::from_static(b"hello")).await?;
        }
        "/trailers" => {
            stream.send_response(head(200)).await?;
            stream.send_data(Bytes::from_static(b"hello")).await?;
            let mut trailers = http::HeaderMap::new();
            trailers.insert("x-end", "1".parse().unwrap());
            return stream.send_trailers(trailers).await;
        }
        "/endless-hints" => loop {
            stream.send_response(head(103)).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        },
        "/no-content" => {
            let mut head = promising("5");
            *head.status_mut() = StatusCode::NO_CONTENT;
            stream.send_response(head).await?;
        }
        "/giant" => {
            let mut head = head(200);
            let value = "x".repeat(20_000).parse().unwrap();
            head.headers_mut().insert("x-giant", value);
            stream.send_response(head).await?;
        }
        "/two-lengths" => {
            let mut head = promising("5");
            head.headers_mut()
                .append("content-length", "6".parse().unwrap());
            stream.send_response(head).await?;
        }
        path if path.starts_with("/promise/") => {
            stream.send_response(promising(&path[9..])).await?;
        }
        path @ ("/short" | "/long") => {
            let length = if path == "/short" { "6" } else { "4" };
            stream.send_response(promising(length)).await?;
            stream.send_data(Bytes::from_static(b"hello")).await?;
        }
        "/reset" => stream.stop_stream(Code::H3_INTERNAL_ERROR),
        "/reject" => stream.stop_stream(Code::H3_REQUEST_REJECTED),
        "/half" => {
            stream.send_response(promising("9")).await?;
            stream.send_data(Bytes::from_static(b"hello")).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            stream.stop_stream(Code::H3_INTERNAL_ERROR);
        }
        "/leave" => {
            stream.send_response(promising("9")).await?;
            stream.send_data(Bytes::from_static(b"hello")).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            quic.close(0x100_u32.into(), b"");
        }
        _ => {
            let mut body = BytesMut::new();
            while let Some(mut data) = stream.recv_data().await? {
                body.extend_from_slice(&data.copy_to_bytes(data.remaining()));
            }
            let request = request.map(|()| Full::new(body.freeze()));
            let (head, mut body) = answer(request).await.into_parts();
            stream.send_response(Response::from_parts(head, ())).await?;
            while let Some(frame) = body.frame().await {
                let Ok(data) = frame.unwrap().into_data() else {
                    continue;
                };
                stream.send_data(data).await?;
            }
        }
    }
    stream.finish().await
}
