//! That each key of a transport takes effect on the gateway's way to its upstream, as that upstream sees it.

mod connections;
mod http2;
mod names;
#[cfg(target_os = "linux")]
mod sockets;
mod tls;

use super::client::{get, until};
use super::proxy::gateway;
use super::upstream;
use crate::transport::keys::VERSIONS;
use dragstrip::gateway::ServerHandle;
use dragstrip::transport::{SETTINGS, TransportConfig};

/// A gateway, and what it is there for: requests through it that go well.
struct Way(ServerHandle);

impl Way {
    fn to(upstream: &str, config: TransportConfig) -> Way {
        Way(gateway(upstream, config))
    }

    /// `n` requests one after another.
    async fn in_turn(&self, path: &str, n: usize) {
        for _ in 0..n {
            assert_eq!(get(self.0.addr(), path).await.status, 200);
        }
    }

    /// `n` requests at once, each from a client of its own.
    async fn together(&self, path: &'static str, n: usize) {
        let addr = self.0.addr();
        let one = || tokio::spawn(async move { get(addr, path).await.status });
        let all: Vec<_> = (0..n).map(|_| one()).collect();
        for answered in all {
            assert_eq!(answered.await.unwrap(), 200);
        }
    }

    /// How a request ends that comes to no answer of the upstream: the gateway's own word for it.
    async fn in_vain(&self) -> String {
        let answer = get(self.0.addr(), "/ok").await;
        assert!(matches!(answer.status.as_u16(), 502 | 504), "{answer:?}");
        answer.json()["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// A key, and the tests in which an upstream sees what it does.
type Shown = (&'static str, &'static [fn()]);

const SHOWN: &[Shown] = &[
    (
        "http",
        &[upstream::the_upstream_is_spoken_to_in_the_version_that_was_chosen],
    ),
    (
        "keep_alive",
        &[connections::a_connection_is_kept_or_closed_after_each_request],
    ),
    (
        "pool",
        &[connections::as_many_idle_connections_are_kept_as_the_pool_holds],
    ),
    (
        "pool_idle",
        &[connections::an_idle_connection_is_closed_after_its_time_and_not_before],
    ),
    (
        "max_connections",
        &[
            connections::there_are_as_many_connections_and_streams_as_there_may_be,
            upstream::the_gateway_has_no_more_connections_open_than_it_may_whether_they_are_kept_or_not,
        ],
    ),
    (
        "streams",
        &[connections::there_are_as_many_connections_and_streams_as_there_may_be],
    ),
    (
        "at_limit",
        &[upstream::who_finds_no_connection_free_is_told_so_at_once_or_in_time],
    ),
    (
        "connect_timeout",
        &[connections::a_connection_that_takes_too_long_to_make_is_given_up],
    ),
    (
        "read_timeout",
        &[upstream::an_upstream_that_is_too_slow_is_a_gateway_timeout_or_breaks_off],
    ),
    (
        "timeout",
        &[upstream::an_upstream_that_is_too_slow_is_a_gateway_timeout_or_breaks_off],
    ),
    #[cfg(target_os = "linux")]
    ("nodelay", &[sockets::sockets_are_as_they_were_asked_for]),
    #[cfg(target_os = "linux")]
    (
        "tcp_keepalive",
        &[sockets::sockets_are_as_they_were_asked_for],
    ),
    #[cfg(target_os = "linux")]
    (
        "local_address",
        &[sockets::connections_come_from_the_address_that_was_chosen],
    ),
    #[cfg(target_os = "linux")]
    (
        "unix_socket",
        &[upstream::the_upstream_may_be_behind_a_unix_socket],
    ),
    (
        "resolve",
        &[names::a_name_that_nobody_has_leads_to_the_address_that_was_given],
    ),
    (
        "dns",
        &[names::a_name_is_looked_up_for_each_connection_or_once],
    ),
    ("tls_verify", &[tls::only_who_checks_is_choosy]),
    (
        "roots",
        &[tls::the_systems_authorities_are_trusted_unless_the_bundled_ones_are_wanted],
    ),
    ("ca", &[tls::only_who_checks_is_choosy]),
    (
        "cert",
        &[upstream::the_upstream_sees_the_gateways_certificate],
    ),
    (
        "key",
        &[upstream::the_upstream_sees_the_gateways_certificate],
    ),
    (
        "sni",
        &[names::the_upstream_is_told_the_name_that_was_chosen_or_none],
    ),
    ("tls_min", &[tls::no_version_beyond_the_bounds_is_agreed_on]),
    ("tls_max", &[tls::no_version_beyond_the_bounds_is_agreed_on]),
    (
        "tls_resumption",
        &[tls::sessions_are_taken_up_again_or_never],
    ),
    ("proxy", &[upstream::the_upstream_may_be_behind_a_proxy]),
    (
        "compression",
        &[upstream::what_is_compressed_between_gateway_and_upstream_is_plain_for_the_client],
    ),
    (
        "h2_stream_window",
        &[http2::the_upstream_is_told_of_the_windows_that_were_chosen],
    ),
    (
        "h2_connection_window",
        &[http2::the_upstream_is_told_of_the_windows_that_were_chosen],
    ),
    (
        "h2_adaptive_window",
        &[http2::the_upstream_is_told_of_the_windows_that_were_chosen],
    ),
    (
        "h2_ping",
        &[http2::an_idle_upstream_is_asked_again_and_again_or_never],
    ),
    (
        "h2_ping_timeout",
        &[http2::an_upstream_that_answers_no_ping_is_given_up],
    ),
];

/// Only Linux shows what the gateway's sockets are like.
#[cfg(target_os = "linux")]
#[test]
fn every_key_that_a_gateway_takes_is_shown_to_take_effect() {
    let shown: Vec<_> = SHOWN.iter().map(|(key, _)| *key).collect();
    let all = SETTINGS.iter().map(|setting| setting.key);
    // There is one engine only.
    let all: Vec<_> = all.filter(|key| *key != "engine").collect();
    assert_eq!(shown, all);
    assert!(SHOWN.iter().all(|(_, tests)| !tests.is_empty()));
}
