//! What nginx does with connections, and what it sees of the settings that govern them.

use super::{Nginx, Site, connections};
use crate::transport::{http, socket, transport};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{HttpVersion, Transport, TransportConfig};
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
        assert_eq!(lane.counters.totals().opened, 20 / 5);
    }
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
