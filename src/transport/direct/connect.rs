//! Making a connection: the name, TCP or a Unix socket, TLS; each timed.

use super::failure::Failure;
#[cfg(feature = "http3")]
use super::http3;
use super::stream::Stream;
use crate::clock::Tick;
use crate::outcome::Outcome;
use crate::pacer::Pacer;
use crate::transport::config::{HttpVersion, Sni, Socket, TransportConfig};
#[cfg(feature = "http3")]
use crate::transport::connections::HTTP3;
use crate::transport::connections::{Agreement, ConnectionCounters, Opening};
use crate::transport::dns::Names;
use crate::transport::error::TransportError;
use crate::transport::{failure, notes, tls};
use rustls::HandshakeKind;
use rustls::pki_types::ServerName;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Url;

/// How to connect to one target.
pub(super) struct Connector {
    socket: Socket,
    names: Names,
    host: String,
    port: u16,
    secured: Secured,
    http: HttpVersion,
    timeout: Option<Duration>,
    counters: Arc<ConnectionCounters>,
    pacer: Arc<Pacer>,
}

/// How connections are encrypted, and the server's name.
enum Secured {
    No,
    Tls(TlsConnector, ServerName<'static>),
    #[cfg(feature = "http3")]
    Quic(http3::Dialer, ServerName<'static>),
}

#[cfg(feature = "http3")]
impl Connector {
    /// How long a server may take until HTTP/3 can be spoken with it, once there is a connection.
    pub(super) fn patience(&self) -> Duration {
        match &self.secured {
            Secured::Quic(dialer, _) => dialer.patience(),
            Secured::No | Secured::Tls(..) => Duration::MAX,
        }
    }
}

/// A connection that has just been opened, and is in the books.
pub(super) struct Opened {
    pub(super) link: Link,
    pub(super) opening: Opening,
}

/// What a connection is to be used for.
pub(super) enum Link {
    Http1(Stream),
    Http2(Stream),
    #[cfg(feature = "http3")]
    Http3(http3::Link),
}

/// What a stream becomes in clear text, and within TLS.
type Kinds<S> = (fn(S) -> Stream, fn(Box<TlsStream<S>>) -> Stream);

/// What TLS has agreed on.
pub(super) struct Agreed {
    /// The version of TLS and the cipher suite.
    pub(super) tls: (&'static str, &'static str),
    pub(super) resumed: bool,
    /// The server chose HTTP/2.
    pub(super) http2: bool,
}

/// One attempt to connect, counted as failed when it ends unless there is a connection by then.
struct Attempt<'a> {
    counters: &'a ConnectionCounters,
    failed: bool,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.failed {
            self.counters.count_failed();
        }
    }
}

impl Connector {
    pub(super) fn new(
        url: &Url,
        config: &TransportConfig,
        counters: Arc<ConnectionCounters>,
        pacer: Arc<Pacer>,
    ) -> Result<Connector, TransportError> {
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_matches(['[', ']']).to_owned();
        let secured = if url.scheme() == "https" {
            let name = match &config.tls.sni {
                Sni::Name(name) => name.clone(),
                Sni::Host | Sni::Off => host.clone(),
            };
            let name = ServerName::try_from(name).map_err(|e| TransportError::Client {
                reason: e.to_string(),
            })?;
            secured(config, name, &pacer)?
        } else {
            Secured::No
        };
        Ok(Connector {
            socket: config.socket.clone(),
            names: Names::new(
                config,
                host.clone(),
                None,
                pacer.clock().clone(),
                counters.known(),
            ),
            host,
            port: url.port_or_known_default().unwrap_or(80),
            secured,
            http: config.http,
            timeout: config.timeouts.connect,
            counters,
            pacer,
        })
    }

    /// Makes a connection, and counts it or the failure. Dropped before the end, with its request, it counts as failed.
    pub(super) async fn connect(&self) -> Result<Opened, Failure> {
        let mut attempt = Attempt {
            counters: &self.counters,
            failed: true,
        };
        let connected = match self.timeout {
            None => self.attempt().await,
            Some(limit) => {
                let deadline = self.now() + limit;
                let ended = self.pacer.timeout_at(deadline, self.attempt()).await;
                ended.unwrap_or_else(|| {
                    let text = failure::NO_CONNECTION_IN_TIME;
                    Err(Failure::new(Outcome::Connect, text))
                })
            }
        };
        attempt.failed = connected.is_err();
        connected.map_err(|failure| match failure.outcome {
            Outcome::Connect => Failure {
                text: failure::at_socket(self.socket.unix.as_deref(), failure.text),
                ..failure
            },
            _ => failure,
        })
    }

    fn now(&self) -> Tick {
        self.pacer.clock().now()
    }

    async fn attempt(&self) -> Result<Opened, Failure> {
        let began = self.now();
        #[cfg(unix)]
        if let Some(path) = &self.socket.unix {
            let stream = tokio::net::UnixStream::connect(path)
                .await
                .map_err(|error| Failure::connecting(&error))?;
            return self
                .finish(stream, (Stream::Unix, Stream::UnixTls), began, None)
                .await;
        }
        let (addresses, notes) =
            notes::noted(self.pacer.clock().clone(), self.names.addresses(&self.host)).await;
        let addresses = addresses.map_err(|error| Failure::connecting(&error))?;
        #[cfg(feature = "http3")]
        if let Secured::Quic(dialer, name) = &self.secured {
            let handshake = self.now();
            let addresses = self.usable(&addresses);
            // On the heap: the future is large, and the other versions should not pay for it.
            let server = name.to_str();
            let dialled = Box::pin(dialer.dial(addresses, &server, &self.pacer));
            let (link, agreed) = dialled.await?;
            let agreed = Some((self.now().since(handshake), agreed));
            return Ok(self.opened(Link::Http3(link), began, notes.dns, agreed));
        }
        let stream = self.tcp(&addresses).await?;
        self.finish(stream, (Stream::Tcp, Stream::Tls), began, notes.dns)
            .await
    }

    /// The first address that answers.
    async fn tcp(&self, addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
        let mut last = None;
        for address in self.usable(addresses) {
            match self.dial(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        Err(Failure::connecting(&last.unwrap_or_else(no_address)))
    }

    /// Those that can be reached from where connections are made, with the port.
    fn usable(&self, addresses: &[SocketAddr]) -> Vec<SocketAddr> {
        let local = self.socket.local_address;
        addresses
            .iter()
            .filter(|address| local.is_none_or(|local| local.is_ipv4() == address.is_ipv4()))
            .map(|address| SocketAddr::new(address.ip(), self.port))
            .collect()
    }

    async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        if let Some(local) = self.socket.local_address {
            socket.bind(SocketAddr::new(local, 0))?;
        }
        if let Some(idle) = self.socket.keepalive {
            let questions = socket2::TcpKeepalive::new()
                .with_time(idle)
                .with_interval(idle);
            socket2::SockRef::from(&socket).set_tcp_keepalive(&questions)?;
        }
        socket.set_nodelay(self.socket.nodelay)?;
        socket.connect(address).await
    }

    /// TLS, if it is to be; then the connection is complete, and counted.
    async fn finish<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        (bare, wrapped): Kinds<S>,
        began: Tick,
        dns: Option<Duration>,
    ) -> Result<Opened, Failure> {
        let Secured::Tls(connector, name) = &self.secured else {
            let link = self.link(bare(stream), None);
            return Ok(self.opened(link, began, dns, None));
        };
        let handshake = self.now();
        let stream = connector
            .connect(name.clone(), stream)
            .await
            .map_err(|error| Failure::in_handshake(&error))?;
        let took = self.now().since(handshake);
        let agreed = agreed(&stream);
        let link = self.link(wrapped(Box::new(stream)), Some(&agreed));
        Ok(self.opened(link, began, dns, Some((took, agreed))))
    }

    /// What a stream is to be used for.
    fn link(&self, stream: Stream, agreed: Option<&Agreed>) -> Link {
        match self.http {
            HttpVersion::Auto if agreed.is_some_and(|agreed| agreed.http2) => Link::Http2(stream),
            HttpVersion::Auto | HttpVersion::Http11 => Link::Http1(stream),
            // By prior knowledge: whether a server agreed, its answers will tell.
            HttpVersion::Http2 | HttpVersion::H2c | HttpVersion::Http3 => Link::Http2(stream),
        }
    }

    fn opened(
        &self,
        link: Link,
        began: Tick,
        dns: Option<Duration>,
        tls: Option<(Duration, Agreed)>,
    ) -> Opened {
        let opening = Opening {
            took: self.now().since(began),
            dns,
            tls: tls.as_ref().map(|(took, agreed)| (*took, agreed.resumed)),
            agreement: Agreement {
                http: match link {
                    Link::Http1(_) => "HTTP/1.1",
                    Link::Http2(_) => "HTTP/2",
                    #[cfg(feature = "http3")]
                    Link::Http3(_) => HTTP3,
                },
                tls: tls.map(|(_, agreed)| agreed.tls),
            },
        };
        self.counters.count_opened(&opening);
        Opened { link, opening }
    }
}

#[cfg_attr(
    not(feature = "http3"),
    expect(unused_variables, reason = "QUIC alone needs a clock")
)]
fn secured(
    config: &TransportConfig,
    name: ServerName<'static>,
    pacer: &Pacer,
) -> Result<Secured, TransportError> {
    if config.http == HttpVersion::Http3 {
        #[cfg(feature = "http3")]
        return Ok(Secured::Quic(
            http3::Dialer::new(config, pacer.clock().clone())?,
            name,
        ));
        #[cfg(not(feature = "http3"))]
        return Err(TransportError::Http3NotBuilt);
    }
    let tls = Arc::new(tls::client_config(config, true)?);
    Ok(Secured::Tls(TlsConnector::from(tls), name))
}

/// There is nowhere to connect to.
pub(super) fn no_address() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "the host has no usable address")
}

fn agreed<S>(stream: &TlsStream<S>) -> Agreed {
    let (_, session) = stream.get_ref();
    let version = match session.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS 1.3",
    };
    let suite = session.negotiated_cipher_suite();
    let cipher = suite.and_then(|suite| suite.suite().as_str());
    Agreed {
        tls: (version, cipher.unwrap_or("unknown cipher")),
        resumed: session.handshake_kind() == Some(HandshakeKind::Resumed),
        http2: session.alpn_protocol() == Some(b"h2"),
    }
}
