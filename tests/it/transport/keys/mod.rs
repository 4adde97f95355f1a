//! That each key of a transport takes effect, as seen from the server's side.

mod compression;
pub(crate) mod curt;
mod engine;
pub(crate) mod http2;
mod lens;
mod limits;
mod names;
mod proxies;
mod reuse;
#[cfg(target_os = "linux")]
mod sockets;
mod table;
mod times;
mod tls;
mod trust;

use super::certificates::{Authority, Terms};
use super::limits::at_once;
use super::server::{Connection, Server};
use super::{Lane, http, once, transport};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{Exchange, HttpVersion, Transport, TransportConfig};
use std::net::SocketAddr;

/// The default settings, but for a few.
pub(crate) fn with(change: impl FnOnce(&mut TransportConfig)) -> TransportConfig {
    let mut config = TransportConfig::default();
    change(&mut config);
    config
}

/// The same, and that authority is trusted.
pub(crate) fn trusting(
    authority: &Authority,
    change: impl FnOnce(&mut TransportConfig),
) -> TransportConfig {
    with(|config| {
        config.tls.ca = Some(authority.file());
        change(config);
    })
}

/// One server in clear text and one that speaks TLS, and the settings for each version that one of them is spoken to in.
pub(crate) struct Pair {
    pub(crate) authority: Authority,
    pub(crate) clear: Server,
    pub(crate) secure: Server,
}

impl Pair {
    pub(crate) fn start() -> Pair {
        let authority = Authority::new();
        let tls = authority.server().serve(&Terms::default());
        Pair {
            authority,
            clear: Server::start(None),
            secure: Server::start(Some(tls)),
        }
    }

    /// Settings that force `version`, the server that goes with it, and its URL without a path.
    pub(crate) fn speaking(&self, version: HttpVersion) -> (TransportConfig, &Server, String) {
        match version {
            HttpVersion::Http2 => {
                let config = trusting(&self.authority, |config| config.http = version);
                let url = format!("https://{}", self.secure.addr);
                (config, &self.secure, url)
            }
            _ => (http(version), &self.clear, clear(&self.clear)),
        }
    }
}

/// The URL of a server in clear text, without a path.
pub(crate) fn clear(server: &Server) -> String {
    clear_text_of(server.addr)
}

fn clear_text_of(addr: SocketAddr) -> String {
    format!("http://{addr}")
}

/// The versions that are sure to be spoken.
pub(crate) const VERSIONS: [HttpVersion; 3] =
    [HttpVersion::Http11, HttpVersion::H2c, HttpVersion::Http2];

fn assert_ok(exchanges: &[Exchange]) {
    for exchange in exchanges {
        assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
    }
}

/// `n` requests one after another, each of which goes well.
async fn in_turn(lane: &Lane, n: usize) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    for _ in 0..n {
        exchanges.push(lane.transport.exchange().await);
    }
    assert_ok(&exchanges);
    exchanges
}

/// `n` requests at once, each of which goes well.
pub(crate) async fn together(lane: &Lane, n: usize) -> Vec<Exchange> {
    let exchanges = at_once(&lane.transport, n).await;
    assert_ok(&exchanges);
    exchanges
}

/// One request that goes well over a transport of its own.
async fn one(url: &str, config: &TransportConfig) -> Exchange {
    let exchange = once(url, config).await;
    assert_ok(std::slice::from_ref(&exchange));
    exchange
}

/// One request that fails, over a transport of its own: how, and what is said of it.
async fn failing(url: &str, config: &TransportConfig) -> (Outcome, String) {
    let exchange = once(url, config).await;
    let text = exchange.error.clone();
    (
        exchange.outcome,
        text.unwrap_or_else(|| panic!("{exchange:?}")),
    )
}

fn are_closed(all: &[Connection]) -> bool {
    all.iter().all(|one| one.closed.is_some())
}
