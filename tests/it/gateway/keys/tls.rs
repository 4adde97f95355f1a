//! `tls_verify`, `roots`, `ca`, `tls_min`, `tls_max`, `tls_resumption`: whom the gateway trusts, and what its handshakes come to.

use super::super::command_line::{Running, serving_at};
use super::{Way, get};
use crate::transport::certificates::{Authority, Identity, ONLY_TLS12, ONLY_TLS13, Terms};
use crate::transport::keys::{trusting, with};
use crate::transport::server::Server;
use dragstrip::transport::{HttpVersion, TlsVersion, TransportConfig};
use std::process::Command;
use std::sync::atomic::Ordering;
use tokio_rustls::rustls::ProtocolVersion::{TLSv1_2, TLSv1_3};

fn serve(identity: &Identity, terms: &Terms<'_>) -> (Server, String) {
    let server = Server::start(Some(identity.serve(terms)));
    let url = format!("https://{}", server.addr);
    (server, url)
}

/// The gateway refuses the upstream or is refused, and sends no request.
async fn refused(server: &Server, url: &str, config: TransportConfig) {
    let way = Way::to(url, config);
    assert_eq!(way.in_vain().await, "upstream_tls");
    server.seen.until_closed().await;
    let connection = server.seen.connections().pop().unwrap();
    assert_eq!(connection.served, 0);
    assert!(connection.handshake.unwrap().is_err());
}

#[tokio::test]
pub(super) async fn only_who_checks_is_choosy() {
    let (ours, strangers) = (Authority::new(), Authority::new());
    let (server, url) = serve(&ours.server(), &Terms::default());
    Way::to(&url, trusting(&ours, |_| {}))
        .in_turn("/ok", 1)
        .await;
    Way::to(&url, with(|config| config.tls.verify = false))
        .in_turn("/ok", 1)
        .await;
    assert_eq!(server.seen.requests.load(Ordering::SeqCst), 2);
    refused(&server, &url, trusting(&strangers, |_| {})).await;
}

#[tokio::test]
pub(super) async fn the_systems_authorities_are_trusted_unless_the_bundled_ones_are_wanted() {
    let authority = Authority::new();
    let (server, url) = serve(&authority.server(), &Terms::default());
    for (roots, status, served) in [("roots=system", 200, 1), ("roots=bundled", 502, 0)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragstrip"));
        command
            // The file in which the system's authorities stand.
            .env("SSL_CERT_FILE", authority.file())
            .env_remove("SSL_CERT_DIR")
            .args(["gateway", "--listen", "127.0.0.1:0", "--upstream", &url])
            .args(["--transport", roots]);
        let mut running = Running::start(&mut command);
        let (addr, _) = serving_at("gateway", &mut running);
        assert_eq!(get(addr, "/ok").await.status, status, "{roots}");
        let connection = server.seen.connections().pop().unwrap();
        assert_eq!(connection.served, served, "{roots}");
    }
}

#[tokio::test]
pub(super) async fn no_version_beyond_the_bounds_is_agreed_on() {
    let authority = Authority::new();
    let identity = authority.server();
    let both = Terms::default().versions;
    for (min, max, offered, agreed) in [
        (TlsVersion::V12, TlsVersion::V13, both, Some(TLSv1_3)),
        (TlsVersion::V12, TlsVersion::V12, both, Some(TLSv1_2)),
        (TlsVersion::V12, TlsVersion::V13, ONLY_TLS12, Some(TLSv1_2)),
        (TlsVersion::V13, TlsVersion::V13, ONLY_TLS12, None),
        (TlsVersion::V12, TlsVersion::V12, ONLY_TLS13, None),
    ] {
        let terms = Terms {
            versions: offered,
            ..Terms::default()
        };
        let (server, url) = serve(&identity, &terms);
        let config = trusting(&authority, |config| {
            config.tls.min = min;
            config.tls.max = max;
        });
        if let Some(version) = agreed {
            let way = Way::to(&url, config);
            way.in_turn("/ok", 1).await;
            assert_eq!(server.seen.only().agreed().version, version);
        } else {
            refused(&server, &url, config).await;
        }
    }
}

#[tokio::test]
pub(super) async fn sessions_are_taken_up_again_or_never() {
    let authority = Authority::new();
    let identity = authority.server();
    for version in [HttpVersion::Http11, HttpVersion::Http2] {
        for resumption in [true, false] {
            let (server, url) = serve(&identity, &Terms::default());
            let config = trusting(&authority, |config| {
                config.http = version;
                config.keep_alive = false;
                config.tls.resumption = resumption;
            });
            let way = Way::to(&url, config);
            way.in_turn("/ok", 3).await;
            let all = server.seen.connections();
            let resumed: Vec<_> = all.iter().map(|one| one.agreed().resumed).collect();
            assert_eq!(resumed, [false, resumption, resumption], "{version:?}");
        }
    }
}
