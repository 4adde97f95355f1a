//! `nodelay`, `tcp_keepalive`, `local_address`, `unix_socket`: what the system's sockets are like.

use super::{Pair, VERSIONS, clear, in_turn, one, transport, trusting, with};
use crate::support::{closed, spec, start_with, variant};
use crate::transport::certificates::{Authority, Terms};
use crate::transport::server::{Server, on_unix_socket};
use crate::transport::socket::{self, Row};
use dragstrip::transport::{EngineKind, HttpVersion, TransportConfig};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// The client's end of a connection that is kept, in each version.
async fn ends(change: impl Fn(&mut TransportConfig), look: impl AsyncFn(&dyn Fn() -> Row)) {
    let pair = Pair::start();
    for version in VERSIONS {
        let (mut config, server, url) = pair.speaking(version);
        change(&mut config);
        let lane = transport(&format!("{url}/ok"), &config);
        in_turn(&lane, 1).await;
        let peer = server.seen.connections().pop().unwrap().peer.unwrap();
        look(&|| socket::client(peer, server.addr)).await;
    }
}

#[tokio::test]
pub(super) async fn small_packets_wait_or_do_not() {
    ends(|_| {}, async |end| assert!(end().nodelay())).await;
    ends(
        |config| config.socket.nodelay = false,
        async |end| assert!(!end().nodelay()),
    )
    .await;
}

#[tokio::test]
pub(super) async fn a_peer_is_asked_whether_it_is_there_or_never() {
    ends(
        |_| {},
        async |end| assert_eq!((end().keep_alive(), end().probe_in), (None, None)),
    )
    .await;
    let idle = Duration::from_secs(17);
    ends(
        |config| config.socket.keepalive = Some(idle),
        async |end| {
            assert_eq!(end().keep_alive(), Some((idle, idle)));
            let due = loop {
                match end().probe_in {
                    Some(due) => break due,
                    // What was sent is not acknowledged yet: that timer goes first.
                    None => tokio::time::sleep(Duration::from_millis(1)).await,
                }
            };
            assert!(due <= idle && due > idle / 2, "{due:?}");
        },
    )
    .await;
}

#[tokio::test]
pub(super) async fn connections_come_from_the_address_that_was_chosen() {
    let pair = Pair::start();
    let chosen = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    for version in VERSIONS {
        for from in [None, Some(chosen)] {
            let (mut config, server, url) = pair.speaking(version);
            config.socket.local_address = from;
            one(&format!("{url}/ok"), &config).await;
            let peer = server.seen.connections().pop().unwrap().peer.unwrap();
            assert_eq!(peer.ip() == chosen, from.is_some(), "{version:?} {peer}");
        }
    }
}

#[tokio::test]
pub(super) async fn a_unix_socket_is_connected_to_in_place_of_host_and_port() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let path = |name: &str| folder.path().join(name);
    let clear = on_unix_socket(&path("clear"), None);
    let tls = authority.server_named(&["target.invalid"]);
    let secure = on_unix_socket(&path("secure"), Some(tls.serve(&Terms::default())));
    for (version, seen, name) in [
        (HttpVersion::Http11, &clear, "clear"),
        (HttpVersion::H2c, &clear, "clear"),
        (HttpVersion::Http11, &secure, "secure"),
        (HttpVersion::Http2, &secure, "secure"),
    ] {
        let config = trusting(&authority, |config| {
            config.http = version;
            config.socket.unix = Some(path(name));
        });
        let scheme = if name == "clear" { "http" } else { "https" };
        let before = seen.opened();
        // Nobody has that name: it is host and server name, and nothing else.
        let lane = transport(&format!("{scheme}://target.invalid:81/ok"), &config);
        let reused: Vec<_> = in_turn(&lane, 3)
            .await
            .iter()
            .map(|one| one.reused)
            .collect();
        assert_eq!(reused, [Some(false), Some(true), Some(true)], "{version:?}");
        let all = seen.connections().split_off(before);
        assert_eq!((all.len(), all[0].served), (1, 3), "{version:?} {scheme}");
        assert_eq!(all[0].requests[0].host(), Some("target.invalid:81"));
        let sni = all[0].hello.as_ref().and_then(|hello| hello.sni.as_deref());
        assert_eq!(sni, (scheme == "https").then_some("target.invalid"));
        assert_eq!(lane.counters.totals().openings.dns_us.len(), 0);
    }
}

#[tokio::test]
async fn the_most_requests_on_one_unix_socket_are_not_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let seen = on_unix_socket(&path, None);
    for version in [HttpVersion::Http11, HttpVersion::H2c] {
        let config = with(|config| {
            config.http = version;
            config.socket.unix = Some(path.clone());
        });
        let lane = transport("http://target.invalid/ok", &config);
        in_turn(&lane, 5).await;
        assert_eq!(seen.connections().pop().unwrap().served, 5);
        let totals = lane.counters.totals();
        assert_eq!((totals.opened, totals.answered, totals.reused), (1, 5, 4));
        assert_eq!(totals.most_answered, None, "{version:?}");
    }
}

#[tokio::test]
pub(super) async fn without_keep_alive_a_unix_socket_is_connected_to_for_each_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let seen = on_unix_socket(&path, None);
    let config = with(|config| {
        config.socket.unix = Some(path);
        config.keep_alive = false;
    });
    let lane = transport("http://target.invalid/ok", &config);
    in_turn(&lane, 3).await;
    assert_eq!((seen.opened(), lane.counters.totals().opened), (3, 3));
    let other = Server::start(None);
    one(&format!("{}/ok", clear(&other)), &config).await;
    assert_eq!((seen.opened(), other.seen.opened()), (4, 0));
}

#[test]
fn a_unix_socket_that_cannot_be_connected_to_is_named_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nobody");
    for engine in [EngineKind::Reqwest, EngineKind::Direct] {
        let config = with(|config| {
            config.engine = engine;
            config.socket.unix = Some(path.clone());
        });
        let load = spec(closed(1, (5, 5)), 100);
        let last = start_with(load, vec![variant("http://target.invalid/", config)]).join();
        let errors = &last.variants.a.errors;
        let texts: Vec<_> = errors.iter().map(|error| error.text.as_str()).collect();
        let expected = format!("the Unix socket {}: No such file", path.display());
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert!(texts[0].starts_with(&expected), "{texts:?}");
        assert_eq!(errors[0].outcome, "connect");
    }
}
