//! Proxies for the transport's tests: HTTP (CONNECT, and requests with a whole URL) and SOCKS5, each on a thread of its own,
//! that write down what they were asked for and how they were spoken to.
//!
//! Whatever is asked for, they connect to the one upstream that they were given: no name needs to exist.

mod http;
mod socks;

use super::server::on_a_thread;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// One wish of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) kind: Kind,
    /// `HOST:PORT`, and for [`Kind::Forward`] the whole URL.
    pub(crate) target: String,
    /// `USER:PASSWORD`, if the client gave a login.
    pub(crate) login: Option<String>,
    /// Whether it was fulfilled; a wrong or missing login is the only reason why not.
    pub(crate) granted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A tunnel through an HTTP proxy.
    Connect,
    /// A request that an HTTP proxy sends on.
    Forward,
    /// A SOCKS5 tunnel to a name that the proxy is to resolve.
    SocksName,
    /// A SOCKS5 tunnel to an address that the client has resolved.
    SocksAddress,
    /// The greeting of a client that a SOCKS5 proxy turned away before it could say where to; the target is empty.
    SocksGreeting,
}

pub(crate) struct Proxy {
    pub(crate) addr: SocketAddr,
    scheme: &'static str,
    wishes: Arc<Mutex<Vec<Wish>>>,
}

/// What every connection of a proxy knows.
#[derive(Clone)]
struct Desk {
    upstream: SocketAddr,
    login: Option<&'static str>,
    wishes: Arc<Mutex<Vec<Wish>>>,
}

impl Proxy {
    /// An HTTP proxy; with `login` (`USER:PASSWORD`) only for who knows it.
    pub(crate) fn http(upstream: SocketAddr, login: Option<&'static str>) -> Proxy {
        start("http", upstream, login, async |stream, desk| {
            http::serve(stream, desk).await;
        })
    }

    /// An HTTP proxy that is spoken to over TLS.
    pub(crate) fn https(
        upstream: SocketAddr,
        login: Option<&'static str>,
        tls: ServerConfig,
    ) -> Proxy {
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        start("https", upstream, login, async move |stream, desk| {
            if let Ok(stream) = acceptor.accept(stream).await {
                http::serve(stream, desk).await;
            }
        })
    }

    /// A SOCKS5 proxy; its URL has the scheme `socks5`.
    pub(crate) fn socks5(upstream: SocketAddr, login: Option<&'static str>) -> Proxy {
        start("socks5", upstream, login, async |stream, desk| {
            // A client may leave at any time.
            let _ = socks::serve(stream, &desk, 0).await;
        })
    }

    /// A SOCKS5 proxy that refuses every wish with this code (RFC 1928, 6).
    pub(crate) fn socks5_refusing(code: u8) -> Proxy {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        start("socks5", nowhere, None, async move |stream, desk| {
            let _ = socks::serve(stream, &desk, code).await;
        })
    }

    pub(crate) fn url(&self) -> String {
        self.url_of(self.scheme)
    }

    /// The URL with another scheme, as in `socks5h`.
    pub(crate) fn url_of(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.addr)
    }

    /// The URL with a login (`USER:PASSWORD`), right or wrong.
    pub(crate) fn url_with(&self, login: &str) -> String {
        format!("{}://{login}@{}", self.scheme, self.addr)
    }

    /// What it was asked for so far, in order.
    pub(crate) fn wishes(&self) -> Vec<Wish> {
        self.wishes.lock().unwrap().clone()
    }
}

fn start<S>(
    scheme: &'static str,
    upstream: SocketAddr,
    login: Option<&'static str>,
    serve: S,
) -> Proxy
where
    S: AsyncFn(TcpStream, Desk) + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = listener.local_addr().unwrap();
    let wishes = Arc::<Mutex<Vec<Wish>>>::default();
    let desk = Desk {
        upstream,
        login,
        wishes: Arc::clone(&wishes),
    };
    on_a_thread(async move || {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let serve = Rc::new(serve);
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (serve, desk) = (Rc::clone(&serve), desk.clone());
            tokio::task::spawn_local(async move { serve(stream, desk).await });
        }
    });
    Proxy {
        addr,
        scheme,
        wishes,
    }
}

impl Desk {
    /// Writes the wish down; true if it is to be fulfilled.
    fn grants(&self, kind: Kind, target: String, login: Option<String>) -> bool {
        let granted = self.login.is_none() || self.login == login.as_deref();
        self.wishes.lock().unwrap().push(Wish {
            kind,
            target,
            login,
            granted,
        });
        granted
    }

    async fn upstream(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(self.upstream).await
    }
}
