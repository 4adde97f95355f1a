//! Making a QUIC connection: a socket, and the handshake of QUIC and TLS in one.

use super::failure;
use super::handshake::Noting;
use crate::clock::Clock;
use crate::outcome::Outcome;
use crate::pacer::Pacer;
use crate::transport::config::{Socket, TransportConfig};
use crate::transport::direct::connect::{Agreed, no_address};
use crate::transport::direct::failure::Failure;
use crate::transport::error::TransportError;
use crate::transport::tls;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Endpoint, EndpointConfig, TokioRuntime, VarInt};
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// Windows: what the other versions offer a server.
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 5 << 20;
/// Streams that a server may open at once: HTTP/3 needs three, and may add such as mean nothing.
const SERVER_STREAMS: u32 = 16;

/// How long all addresses of a host may stay silent, where the configuration sets no limit.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much later each further address is tried (RFC 8305, 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// How to make connections to one target.
pub(in crate::transport::direct) struct Dialer {
    config: ClientConfig,
    local: Option<IpAddr>,
    timeout: Option<Duration>,
}

/// A connection that has just been made, and what keeps its socket.
pub(in crate::transport::direct) struct Link {
    pub(super) connection: quinn::Connection,
    pub(super) endpoint: Endpoint,
}

impl Dialer {
    pub(in crate::transport::direct) fn new(
        config: &TransportConfig,
        clock: Clock,
    ) -> Result<Dialer, TransportError> {
        let tls = tls::client_config(config, true)?;
        let inner = QuicClientConfig::try_from(tls).map_err(|error| TransportError::Client {
            reason: error.to_string(),
        })?;
        let inner = Arc::new(inner);
        let mut client = ClientConfig::new(Arc::new(Noting { inner, clock }));
        let mut transport = quinn::TransportConfig::default();
        transport
            // How long silence may last is for the server to say; here requests have their timeouts.
            .max_idle_timeout(None)
            .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
            .receive_window(VarInt::from_u32(CONNECTION_WINDOW))
            .max_concurrent_bidi_streams(VarInt::from_u32(0))
            .max_concurrent_uni_streams(VarInt::from_u32(SERVER_STREAMS))
            .datagram_receive_buffer_size(None);
        client.transport_config(Arc::new(transport));
        let Socket { local_address, .. } = config.socket;
        Ok(Dialer {
            config: client,
            local: local_address,
            timeout: config.timeouts.connect,
        })
    }

    /// Connects to whichever address answers first. A server that is not there says nothing over QUIC: the next address is
    /// tried a little later, and all together have a limit.
    pub(in crate::transport::direct) async fn dial(
        &self,
        addresses: Vec<SocketAddr>,
        name: &str,
        pacer: &Arc<Pacer>,
    ) -> Result<(Link, Agreed), Failure> {
        let mut attempts: Vec<_> = (0..)
            .zip(addresses)
            .map(|(number, address)| {
                Box::pin(async move {
                    let begin = pacer.clock().now() + HEAD_START * number;
                    pacer.sleep_until(begin).await;
                    self.dial_one(address, name).await
                })
            })
            .collect();
        let mut last = Failure::connecting(&no_address());
        let first = poll_fn(|cx| {
            let mut number = 0;
            while let Some(attempt) = attempts.get_mut(number) {
                match attempt.as_mut().poll(cx) {
                    Poll::Ready(Ok(connected)) => return Poll::Ready(Ok(connected)),
                    Poll::Ready(Err(failure)) => {
                        last = failure;
                        drop(attempts.remove(number));
                    }
                    Poll::Pending => number += 1,
                }
            }
            if attempts.is_empty() {
                return Poll::Ready(Err(last.clone()));
            }
            Poll::Pending
        });
        if self.timeout.is_some() {
            // Whoever asks for the connection keeps to it.
            return first.await;
        }
        let until = pacer.clock().now() + PATIENCE;
        let came = pacer.timeout_at(until, first).await;
        came.unwrap_or_else(|| {
            let limit = crate::text::setting(PATIENCE);
            let text = format!("no answer over QUIC (UDP) for {limit}");
            Err(Failure::new(Outcome::Connect, &text))
        })
    }

    /// How long a server may take until HTTP/3 can be spoken with it.
    pub(in crate::transport::direct) fn patience(&self) -> Duration {
        self.timeout.unwrap_or(PATIENCE)
    }

    async fn dial_one(&self, address: SocketAddr, name: &str) -> Result<(Link, Agreed), Failure> {
        let endpoint = self
            .endpoint(address)
            .map_err(|error| Failure::connecting(&error))?;
        let connecting = endpoint
            .connect_with(self.config.clone(), address, name)
            .map_err(|error| Failure::connecting(&io::Error::other(error)))?;
        let connection = connecting
            .await
            .map_err(|error| failure::connecting(&error))?;
        let agreed = connection.handshake_data();
        let agreed = agreed.and_then(|data| data.downcast::<Agreed>().ok());
        let Some(agreed) = agreed else {
            unreachable!("every session is one that notes");
        };
        let link = Link {
            connection,
            endpoint,
        };
        Ok((link, *agreed))
    }

    fn endpoint(&self, address: SocketAddr) -> io::Result<Endpoint> {
        let any: IpAddr = if address.is_ipv4() {
            Ipv4Addr::UNSPECIFIED.into()
        } else {
            Ipv6Addr::UNSPECIFIED.into()
        };
        let socket = UdpSocket::bind(SocketAddr::new(self.local.unwrap_or(any), 0))?;
        let config = EndpointConfig::default();
        Endpoint::new(config, None, socket, Arc::new(TokioRuntime))
    }
}
