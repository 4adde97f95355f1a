//! `tls_min`, `tls_max`, `tls_resumption`: what a handshake comes to.

use super::{Pair, failing, in_turn, one, transport, trusting};
use crate::transport::certificates::{Authority, ONLY_TLS12, ONLY_TLS13, Terms};
use crate::transport::server::Server;
use dragstrip::outcome::Outcome;
use dragstrip::transport::{HttpVersion, TlsVersion};
use tokio_rustls::rustls::ProtocolVersion::{TLSv1_2, TLSv1_3};

#[tokio::test]
pub(super) async fn no_version_beyond_the_bounds_is_agreed_on() {
    let authority = Authority::new();
    let identity = authority.server();
    let both = Terms::default().versions;
    for (min, max, offered, agreed) in [
        (TlsVersion::V12, TlsVersion::V13, both, Some(TLSv1_3)),
        (TlsVersion::V12, TlsVersion::V12, both, Some(TLSv1_2)),
        (TlsVersion::V13, TlsVersion::V13, both, Some(TLSv1_3)),
        (TlsVersion::V12, TlsVersion::V13, ONLY_TLS12, Some(TLSv1_2)),
        (TlsVersion::V13, TlsVersion::V13, ONLY_TLS12, None),
        (TlsVersion::V12, TlsVersion::V12, ONLY_TLS13, None),
    ] {
        let server = Server::start(Some(identity.serve(&Terms {
            versions: offered,
            ..Terms::default()
        })));
        let url = format!("https://{}/ok", server.addr);
        let config = trusting(&authority, |config| {
            config.tls.min = min;
            config.tls.max = max;
        });
        if let Some(version) = agreed {
            one(&url, &config).await;
            assert_eq!(server.seen.only().agreed().version, version);
        } else {
            let (outcome, text) = failing(&url, &config).await;
            assert_eq!(outcome, Outcome::Tls, "{text}");
            server.seen.until_closed().await;
            let connection = server.seen.only();
            assert_eq!(connection.served, 0);
            assert!(connection.handshake.unwrap().is_err());
        }
    }
}

#[tokio::test]
pub(super) async fn sessions_are_taken_up_again_or_never() {
    let pair = Pair::start();
    let server = &pair.secure;
    for version in [HttpVersion::Http11, HttpVersion::Http2] {
        for max in [TlsVersion::V12, TlsVersion::V13] {
            for resumption in [true, false] {
                let config = trusting(&pair.authority, |config| {
                    config.http = version;
                    config.keep_alive = false;
                    config.tls.max = max;
                    config.tls.resumption = resumption;
                });
                let before = server.seen.opened();
                let lane = transport(&format!("https://{}/ok", server.addr), &config);
                in_turn(&lane, 4).await;
                let all = server.seen.connections().split_off(before);
                let resumed: Vec<_> = all.iter().map(|one| one.agreed().resumed).collect();
                let expected = [false, resumption, resumption, resumption];
                assert_eq!(resumed, expected, "{version:?} {max:?}");
                let openings = lane.counters.totals().openings;
                let counted = (openings.full_handshakes, openings.resumed_handshakes);
                assert_eq!(counted, if resumption { (1, 3) } else { (4, 0) });
            }
        }
    }
}
