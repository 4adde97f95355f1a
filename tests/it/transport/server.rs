//! Servers of known behaviour for the transport's tests, each on a thread of its own, on a port of the system's choice, that
//! write down what they see.

mod answer;
mod frames;
#[cfg(feature = "http3")]
pub(crate) mod http3;
mod lasting;
mod seen;
mod tap;

pub(crate) use answer::TEXT_BYTES;
pub(crate) use frames::{Frame, Reader, Setting};
pub(crate) use seen::{Connection, Seen};

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use lasting::Lasting;
use seen::{Asked, Handshake, Hello, Open};
use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Instant;
use tap::Tap;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::rustls::{HandshakeKind, ServerConfig};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

/// An HTTP server, of both versions, that answers by the path: `/ok`, `/status/503`, `/slow` (20 ms), `/wait/MS`, `/never`,
/// `/drip` and `/drip/MS` (a body in two parts), `/bytes/N`, `/length` (as long as the request), `/echo-headers`, `/text`
/// (compressed as the client likes it).
pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    pub(crate) seen: Arc<Seen>,
}

impl Server {
    pub(crate) fn start(tls: Option<ServerConfig>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let addr = listener.local_addr().unwrap();
        let seen = serve(tls, async move |host| {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, peer) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                host.welcome(stream, Some(peer));
            }
        });
        Server { addr, seen }
    }
}

/// The same server on a Unix socket at `path`.
#[cfg(unix)]
pub(crate) fn on_unix_socket(path: &std::path::Path, tls: Option<ServerConfig>) -> Arc<Seen> {
    let listener = std::os::unix::net::UnixListener::bind(path).unwrap();
    listener.set_nonblocking(true).unwrap();
    serve(tls, async move |host| {
        let listener = tokio::net::UnixListener::from_std(listener).unwrap();
        loop {
            host.welcome(listener.accept().await.unwrap().0, None);
        }
    })
}

/// Whoever accepts connections hands them to it.
struct Host {
    seen: Arc<Seen>,
    tls: Option<Arc<ServerConfig>>,
}

fn serve(tls: Option<ServerConfig>, accept: impl AsyncFnOnce(Host) + Send + 'static) -> Arc<Seen> {
    let seen = Arc::<Seen>::default();
    let host = Host {
        seen: Arc::clone(&seen),
        tls: tls.map(Arc::new),
    };
    on_a_thread(async move || accept(host).await);
    seen
}

/// Runs `run` on a thread and a runtime of its own, where tasks may be local.
pub(crate) fn on_a_thread(run: impl AsyncFnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, run());
    });
}

impl Host {
    fn welcome(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: Option<SocketAddr>,
    ) {
        let open = Arc::new(self.seen.enter(peer));
        let tls = self.tls.clone();
        tokio::spawn(async move {
            let Some(tls) = tls else {
                return connection(stream, &open).await;
            };
            match shake_hands(stream, tls, &open).await {
                Ok(stream) => {
                    open.handshake(Ok(agreed(&stream)));
                    connection(stream, &open).await;
                }
                Err(error) => open.handshake(Err(error.to_string())),
            }
        });
    }
}

async fn shake_hands<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    tls: Arc<ServerConfig>,
    open: &Open,
) -> io::Result<TlsStream<S>> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let hello = start.client_hello();
    let alpn = hello.alpn().into_iter().flatten().map(text);
    open.hello(Hello {
        sni: hello.server_name().map(str::to_owned),
        alpn: alpn.collect(),
    });
    start.into_stream(tls).await
}

fn agreed<S>(stream: &TlsStream<S>) -> Handshake {
    let tls = stream.get_ref().1;
    let certificate = tls.peer_certificates().and_then(<[_]>::first);
    Handshake {
        alpn: tls.alpn_protocol().map(text),
        version: tls.protocol_version().unwrap(),
        cipher: tls.negotiated_cipher_suite().unwrap().suite(),
        resumed: tls.handshake_kind() == Some(HandshakeKind::Resumed),
        client: certificate.map(|certificate| certificate.to_vec()),
    }
}

fn text(protocol: &[u8]) -> String {
    String::from_utf8(protocol.to_vec()).unwrap()
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    open: &Arc<Open>,
) {
    let mut reader = frames::Reader::default();
    let tapped = Arc::clone(open);
    let tap = Tap {
        stream,
        show: move |bytes: &[u8]| tapped.frames(reader.read(bytes)),
    };
    let service = service_fn(|request: Request<Incoming>| {
        let stream = open.asked(Asked {
            at: Instant::now(),
            version: request.version(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        });
        async move {
            let answer = answer::answer(request).await;
            // The body's end is the request's.
            Ok::<_, Infallible>(answer.map(|body| Lasting {
                body,
                _held: stream,
            }))
        }
    });
    // A client may leave at any time; that is the test's business.
    let _ = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(tap), service)
        .await;
}

/// A server that reads one request head per connection and then does as `act` says with the bare socket.
pub(crate) fn raw(act: impl Fn(&mut TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n > 0) {
                head.push(byte[0]);
            }
            act(&mut stream);
        }
    });
    addr
}

/// Writes all of `text`; the client may have gone already.
pub(crate) fn say(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}
