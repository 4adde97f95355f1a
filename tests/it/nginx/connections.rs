//! What nginx does with connections, and what it sees of the settings that govern them.

use super::{Nginx, Site, connections};
use crate::transport::keys::{together, with};
use crate::transport::limits::at_once;
use crate::transport::{http, once, socket, transport};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{Compression, HttpVersion, Transport, TransportConfig};
use std::time::Duration;

const LIMITED: Site = Site {
    http2: false,
    identity: None,
    clients: None,
    directives: "keepalive_requests 5;",
};

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_limit_on_requests_per_connection_costs_connections_and_no_request() {
    for http2 in [false, true] {
        let nginx = Nginx::start(&Site { http2, ..LIMITED });
        let version = if http2 {
            HttpVersion::H2c
        } else {
            HttpVersion::Auto
        };
        let lane = transport(&nginx.url("/"), &http(version));
        for _ in 0..20 {
            let exchange = lane.transport.exchange().await;
            assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
        }
        let entries = nginx.finish();
        let counted: Vec<_> = entries.iter().map(|one| one.connection_requests).collect();
        assert_eq!(counted, [1, 2, 3, 4, 5].repeat(4), "HTTP/2 {http2}");
        assert_eq!(connections(&entries).len(), 20 / 5);
        let totals = lane.counters.totals();
        assert_eq!((totals.opened, totals.stale), (20 / 5, 0));
        assert_eq!((totals.answered, totals.most_answered), (20, Some(5)));
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_limit_that_is_reached_by_many_at_once_is_a_farewell_and_nothing_is_stale() {
    let nginx = Nginx::start(&Site {
        http2: true,
        ..LIMITED
    });
    let lane = transport(&nginx.url("/"), &http(HttpVersion::H2c));
    let (mut answered, mut left_out) = (0, 0);
    for _ in 0..10 {
        for exchange in at_once(&lane.transport, 20).await {
            if exchange.outcome == Outcome::Ok {
                answered += 1;
            } else {
                let text = exchange.error.unwrap();
                assert!(text.starts_with("the server said farewell"), "{text}");
                left_out += 1;
            }
        }
    }
    assert!(left_out > 0, "{answered} answers");
    let totals = lane.counters.totals();
    assert_eq!((totals.answered, totals.stale), (answered, 0));
    assert_eq!(nginx.finish().len() as u64, answered);
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_connection_that_was_idle_too_long_is_replaced() {
    let nginx = Nginx::start(&Site {
        directives: "keepalive_timeout 20ms;",
        ..Site::default()
    });
    let lane = transport(&nginx.url("/"), &TransportConfig::default());
    for _ in 0..3 {
        let exchange = lane.transport.exchange().await;
        assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
        while !socket::clients_of(nginx.addr).is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let entries = nginx.finish();
    assert_eq!((entries.len(), connections(&entries).len()), (3, 3));
    assert_eq!(lane.counters.totals().opened, 3);
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn without_keep_alive_nginx_is_told_to_close() {
    let nginx = Nginx::start(&Site::default());
    let config = TransportConfig {
        keep_alive: false,
        ..TransportConfig::default()
    };
    let lane = transport(&nginx.url("/"), &config);
    for _ in 0..5 {
        let exchange = lane.transport.exchange().await;
        assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
    }
    let entries = nginx.finish();
    assert_eq!(connections(&entries).len(), 5);
    for entry in &entries {
        assert_eq!(entry.connection_requests, 1);
        assert_eq!(entry.http_connection, "close");
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn what_nginx_closes_under_a_request_is_stale_and_nothing_else_fails() {
    let nginx = Nginx::start(&Site {
        directives: "keepalive_timeout 1ms;",
        ..Site::default()
    });
    let lane = transport(&nginx.url("/"), &TransportConfig::default());
    let (mut answered, mut stale) = (0, 0);
    for pause in (0..200).map(|turn| Duration::from_micros(turn * 15)) {
        let exchange = lane.transport.exchange().await;
        if exchange.outcome == Outcome::Ok {
            answered += 1;
        } else {
            let text = exchange.error.unwrap();
            assert!(text.starts_with("stale keep-alive: "), "{text}");
            stale += 1;
        }
        tokio::time::sleep(pause).await;
    }
    let totals = lane.counters.totals();
    assert_eq!((totals.answered, totals.stale), (answered, stale));
    assert_eq!(nginx.finish().len() as u64, answered);
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn http_2_spreads_over_as_many_connections_as_there_may_be() {
    let nginx = Nginx::start(&Site {
        http2: true,
        ..Site::default()
    });
    let config = with(|config| {
        config.http = HttpVersion::H2c;
        config.limits.connections = Some(3);
    });
    let lane = transport(&nginx.url("/"), &config);
    together(&lane, 30).await;
    let entries = nginx.finish();
    let used = connections(&entries);
    assert_eq!((entries.len(), used.len()), (30, 3));
    for number in used {
        let requests = entries.iter().filter(|one| one.connection == number);
        assert_eq!(requests.count(), 10);
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn nginx_is_asked_for_the_codes_that_were_chosen() {
    for (name, compression) in Compression::NAMES {
        let nginx = Nginx::start(&Site {
            directives: "gzip on; gzip_types text/plain; gzip_min_length 1;",
            ..Site::default()
        });
        let config = with(|config| config.compression = compression);
        let exchange = once(&nginx.url("/"), &config).await;
        assert_eq!((exchange.outcome, exchange.bytes), (Outcome::Ok, 5));
        let expected = match compression {
            Compression::Off => "",
            Compression::All => "gzip, br, deflate, zstd",
            _ => name,
        };
        assert_eq!(nginx.finish()[0].http_accept_encoding, expected);
    }
}
