//! How requests and connections end over HTTP/3 when servers do not do as they should, or as one hopes.

use super::{Served, h3, locally, speaking};
use crate::transport::certificates::Authority;
use crate::transport::direct::Direct;
use crate::transport::server::http3;
use dragstrip::outcome::Outcome;
use dragstrip::transport::{Exchange, Transport, TransportConfig};
use std::net::UdpSocket;
use std::time::Duration;

async fn exchange(lane: &Direct) -> (Outcome, String) {
    let Exchange { outcome, error, .. } = lane.transport.exchange().await;
    (outcome, error.unwrap_or_default())
}

#[tokio::test]
async fn every_kind_of_answer_has_its_outcome() {
    locally(async {
        let served = Served::start();
        for (path, outcome, bytes, words) in [
            ("/hints", Outcome::Ok, 5, ""),
            ("/trailers", Outcome::Ok, 5, ""),
            ("/drip", Outcome::Ok, 8, ""),
            ("/status/503", Outcome::Http(503), 5, ""),
            ("/bytes/100000", Outcome::Ok, 100_000, ""),
            (
                "/short",
                Outcome::Body,
                5,
                "less body than its content-length",
            ),
            (
                "/long",
                Outcome::Body,
                5,
                "more body than its content-length",
            ),
            ("/reset", Outcome::Protocol, 0, "H3_INTERNAL_ERROR"),
            ("/half", Outcome::Body, 5, "H3_INTERNAL_ERROR"),
            (
                "/leave",
                Outcome::Body,
                5,
                "the server closed the connection: H3_NO_ERROR",
            ),
            ("/no-content", Outcome::Ok, 0, ""),
            ("/promise/0", Outcome::Ok, 0, ""),
            ("/promise/-1", Outcome::Protocol, 0, "content-length"),
            ("/promise/+5", Outcome::Protocol, 0, "content-length"),
            (
                "/promise/99999999999999999999",
                Outcome::Protocol,
                0,
                "content-length",
            ),
            ("/two-lengths", Outcome::Protocol, 0, "content-length"),
            (
                "/giant",
                Outcome::Protocol,
                0,
                "without receiving response headers",
            ),
        ] {
            let lane = served.lane(path, |_| {});
            let exchange = lane.transport.exchange().await;
            let error = exchange.error.unwrap_or_default();
            assert_eq!(
                (exchange.outcome, exchange.bytes),
                (outcome, bytes),
                "{path}: {error}"
            );
            assert!(error.contains(words), "{path}: {error}");
        }
    })
    .await;
}

#[tokio::test]
async fn one_stream_that_is_reset_leaves_the_others_alone() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/reset", |_| {});
        for _ in 0..3 {
            assert_eq!(exchange(&lane).await.0, Outcome::Protocol);
        }
        assert_eq!(lane.books(), (1, [0, 0, 0]));
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_given_up_is_reset_and_the_connection_stays() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/never", |config| {
            config.timeouts.total = Some(Duration::from_millis(60));
        });
        for _ in 0..3 {
            let (outcome, words) = exchange(&lane).await;
            assert_eq!(outcome, Outcome::Timeout);
            assert!(words.contains("not ended within 60ms"), "{words}");
        }
        assert_eq!(lane.books(), (1, [0, 0, 0]));
        assert_eq!(served.server.seen.only().served, 3);
        let lane = served.lane("/never", |config| {
            config.timeouts.read = Some(Duration::from_millis(60));
        });
        let (outcome, words) = exchange(&lane).await;
        assert_eq!(outcome, Outcome::Timeout);
        assert!(words.contains("no byte for 60ms"), "{words}");
    })
    .await;
}

#[tokio::test]
async fn a_request_that_the_server_turns_away_is_sent_again_and_counted() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/reject", |_| {});
        let (outcome, words) = exchange(&lane).await;
        assert_eq!(outcome, Outcome::Protocol);
        assert!(words.contains("farewell"), "{words}");
        assert_eq!(lane.counters.totals().resent, 10);
        assert_eq!(served.server.seen.asked().len(), 11);
    })
    .await;
}

#[tokio::test]
async fn after_a_farewell_requests_go_over_another_connection() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/farewell", |_| {});
        for number in 0..3 {
            lane.ok().await;
            lane.until(number + 1, [number + 1, 0, 0]).await;
        }
        assert_eq!(served.server.seen.opened(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_silent_for_longer_than_it_said_has_closed_the_connection() {
    locally(async {
        let authority = Authority::new();
        let mut limits = quinn::TransportConfig::default();
        limits.max_idle_timeout(Some(quinn::VarInt::from_u32(60).into()));
        let server = http3::start_with(authority.server().serve(&h3()), limits);
        let config = speaking(&authority, |_| {});
        let lane = Direct::new(&format!("https://{}/ok", server.addr), &config);
        lane.ok().await;
        lane.until(1, [1, 0, 0]).await;
        // No stale one: the connection is known to be gone.
        assert_eq!(lane.ok().await.reused, Some(false));
    })
    .await;
}

#[tokio::test]
async fn what_no_server_should_send_grows_no_memory_and_has_its_outcome() {
    let giant_headers = {
        // A HEADERS frame of 2^40 bytes.
        let mut bytes = vec![0x01];
        bytes.extend(((1_u64 << 40) | (3 << 62)).to_be_bytes());
        bytes
    };
    for (bytes, words) in [
        (giant_headers, "more than the 65,536 that are taken"),
        // DATA before HEADERS.
        (b"\x00\x05hello".to_vec(), "not HTTP/3"),
        // Header block of nonsense.
        (b"\x01\x04\xff\xff\xff\xff".to_vec(), "not HTTP/3"),
        // Half a frame.
        (b"\x01\x20\x00".to_vec(), "not HTTP/3"),
        // Nothing.
        (Vec::new(), "not HTTP/3"),
    ] {
        locally(async {
            let authority = Authority::new();
            let sent = bytes.clone();
            let addr = http3::raw(
                authority.server().serve(&h3()),
                async move |mut write, _| {
                    let _ = write.write_all(&sent).await;
                    let endless = sent.len() == 9;
                    while endless && write.write_all(&[0; 4_096]).await.is_ok() {}
                    let _ = write.finish();
                },
            );
            let config = speaking(&authority, |config| {
                config.timeouts.total = Some(Duration::from_secs(20));
            });
            let lane = Direct::new(&format!("https://{addr}/"), &config);
            let (outcome, error) = exchange(&lane).await;
            assert_eq!(outcome, Outcome::Protocol, "{bytes:x?}: {error}");
            assert!(error.contains(words), "{bytes:x?}: {error}");
        })
        .await;
    }
}

#[tokio::test]
async fn whoever_cannot_be_trusted_or_does_not_answer_is_no_connection() {
    locally(async {
        let authority = Authority::new();
        let strangers = Authority::new();
        let terms = super::Terms {
            clients: Some(&authority),
            ..h3()
        };
        let old = super::Terms {
            alpn: &["h2"],
            ..h3()
        };
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let one = |addr: std::net::SocketAddr, config: TransportConfig| async move {
            let lane = Direct::new(&format!("https://{addr}/"), &config);
            let ended = exchange(&lane).await;
            (ended, lane.counters.totals())
        };
        for (addr, outcome, words, failed) in [
            (
                http3::start(strangers.server().serve(&h3())).addr,
                Outcome::Tls,
                "UnknownIssuer",
                true,
            ),
            (
                http3::start(authority.expired_server().serve(&h3())).addr,
                Outcome::Tls,
                "expired",
                true,
            ),
            (
                http3::start(authority.server().serve(&old)).addr,
                Outcome::Tls,
                "known protocol",
                true,
            ),
            // With TLS 1.3 a server can refuse the client's certificate only after the client's side of the handshake.
            (
                http3::start(authority.server().serve(&terms)).addr,
                Outcome::Tls,
                "certificate",
                false,
            ),
            (
                silent.local_addr().unwrap(),
                Outcome::Connect,
                "connect timeout",
                true,
            ),
        ] {
            let config = speaking(&authority, |config| {
                config.timeouts.connect = Some(Duration::from_millis(300));
            });
            let ((ended, error), totals) = one(addr, config).await;
            assert_eq!(ended, outcome, "{words}: {error}");
            assert!(error.contains(words), "{words}: {error}");
            let counted = (totals.opened, totals.failed);
            assert_eq!(counted, if failed { (0, 1) } else { (1, 0) }, "{words}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_that_a_farewell_leaves_out_is_sent_again_and_counted() {
    locally(async {
        let authority = Authority::new();
        // Each connection says that it takes no request at all, and stays.
        let addr = http3::raw(
            authority.server().serve(&h3()),
            async move |mut write, quic| {
                let mut control = quic.open_uni().await.unwrap();
                control
                    .write_all(b"\x00\x04\x00\x07\x01\x00")
                    .await
                    .unwrap();
                quic.closed().await;
                let _ = write.finish();
            },
        );
        let config = speaking(&authority, |config| {
            config.timeouts.total = Some(Duration::from_secs(20));
        });
        let lane = Direct::new(&format!("https://{addr}/"), &config);
        let (outcome, words) = exchange(&lane).await;
        assert_eq!(outcome, Outcome::Protocol, "{words}");
        assert!(words.contains("farewell"), "{words}");
        assert_eq!(lane.counters.totals().resent, 10);
        assert_eq!(lane.counters.totals().stale, 0);
        lane.until(11, [11, 0, 0]).await;
    })
    .await;
}

#[tokio::test]
async fn connections_that_never_answered_are_not_stale() {
    locally(async {
        let authority = Authority::new();
        let addr = http3::raw(authority.server().serve(&h3()), async move |_, quic| {
            quic.close(0x100_u32.into(), b"");
        });
        let config = speaking(&authority, |_| {});
        let lane = Direct::new(&format!("https://{addr}/"), &config);
        for _ in 0..3 {
            let all = (0..8).map(|_| async { lane.transport.exchange().await });
            super::futures_all(all).await;
        }
        let totals = lane.counters.totals();
        assert_eq!((totals.stale, totals.answered), (0, 0));
        assert!(totals.opened >= 3);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_left_for_another_connection() {
    locally(async {
        let served = Served::start();
        // A path between the two that can be cut: what the client sends is passed on until then.
        let path = super::path::Path::to(served.server.addr);
        let config = served.config(|config| {
            config.timeouts.total = Some(Duration::from_millis(600));
        });
        let lane = Direct::new(&format!("https://{}/ok", path.addr), &config);
        lane.ok().await;
        path.cut();
        // What was on its way before the cut may count as a sign of life once.
        let mut lost = 0;
        while lane.books().1 != [0, 1, 0] {
            assert_eq!(exchange(&lane).await.0, Outcome::Timeout);
            lost += 1;
            assert!(lost < 6, "the connection is still taken for alive");
        }
        path.mend();
        // The new connection's first packets were lost as well, and are sent again.
        while exchange(&lane).await.0 != Outcome::Ok {
            lost += 1;
            assert!(lost < 12, "no other connection comes about");
        }
        assert_eq!(lane.books(), (2, [0, 1, 0]));
    })
    .await;
}

#[tokio::test]
async fn a_giant_frame_on_the_control_stream_is_the_servers_fault_and_said() {
    locally(async {
        let authority = Authority::new();
        let addr = http3::raw(
            authority.server().serve(&h3()),
            async move |_write, quic| {
                let mut control = quic.open_uni().await.unwrap();
                // SETTINGS of 2^30 bytes.
                let _ = control
                    .write_all(b"\x00\x04\xc0\x00\x00\x00\x40\x00\x00\x00")
                    .await;
                while control.write_all(&[0; 4_096]).await.is_ok() {}
            },
        );
        let config = speaking(&authority, |config| {
            config.timeouts.total = Some(Duration::from_secs(20));
        });
        let lane = Direct::new(&format!("https://{addr}/"), &config);
        let (outcome, words) = exchange(&lane).await;
        assert_eq!(outcome, Outcome::Protocol, "{words}");
        assert!(words.contains("a frame of 1073741824 bytes"), "{words}");
        lane.until(1, [0, 1, 0]).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_lets_no_stream_be_opened_is_no_connection_within_the_time_for_one() {
    locally(async {
        let authority = Authority::new();
        let mut limits = quinn::TransportConfig::default();
        limits.max_concurrent_uni_streams(0_u32.into());
        let server = http3::start_with(authority.server().serve(&h3()), limits);
        let config = speaking(&authority, |config| {
            config.timeouts.connect = Some(Duration::from_millis(300));
        });
        let lane = Direct::new(&format!("https://{}/ok", server.addr), &config);
        for _ in 0..2 {
            let (outcome, words) = exchange(&lane).await;
            assert_eq!(outcome, Outcome::Connect, "{words}");
            assert!(words.contains("let no HTTP/3 begin for 300ms"), "{words}");
        }
        lane.until(2, [0, 2, 0]).await;
    })
    .await;
}

#[tokio::test]
async fn hints_without_end_end_with_the_time_limit() {
    locally(async {
        let served = Served::start();
        let lane = served.lane("/endless-hints", |config| {
            config.timeouts.total = Some(Duration::from_millis(200));
        });
        assert_eq!(exchange(&lane).await.0, Outcome::Timeout);
        assert_eq!(lane.books(), (1, [0, 0, 0]));
    })
    .await;
}
