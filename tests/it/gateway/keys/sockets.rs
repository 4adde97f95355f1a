//! `nodelay`, `tcp_keepalive`, `local_address`: what the gateway's own sockets are like.

use super::{VERSIONS, Way};
use crate::transport::keys::{Pair, clear, with};
use crate::transport::server::Server;
use crate::transport::socket;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

#[tokio::test]
pub(super) async fn sockets_are_as_they_were_asked_for() {
    let pair = Pair::start();
    let idle = Duration::from_secs(17);
    for version in VERSIONS {
        for (nodelay, keepalive) in [(true, None), (false, Some(idle))] {
            let (mut config, server, url) = pair.speaking(version);
            config.socket.nodelay = nodelay;
            config.socket.keepalive = keepalive;
            let way = Way::to(&url, config);
            way.in_turn("/ok", 1).await;
            let peer = server.seen.connections().pop().unwrap().peer.unwrap();
            let end = socket::client(peer, server.addr);
            assert_eq!(end.nodelay(), nodelay, "{version:?}");
            let asked = end.keep_alive();
            assert_eq!(asked, keepalive.map(|idle| (idle, idle)), "{version:?}");
        }
    }
}

#[tokio::test]
pub(super) async fn connections_come_from_the_address_that_was_chosen() {
    let server = Server::start(None);
    let chosen = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    for from in [None, Some(chosen)] {
        let config = with(|config| config.socket.local_address = from);
        Way::to(&clear(&server), config).in_turn("/ok", 1).await;
        let peer = server.seen.connections().pop().unwrap().peer.unwrap();
        assert_eq!(peer.ip() == chosen, from.is_some(), "{peer}");
    }
}
