//! Which tests show that a key takes effect. A new key needs one.

use super::super::{limits as crowds, proxied};
use super::{compression, engine, http2, limits, names, proxies, reuse, times, tls, trust};
use dragstrip::transport::SETTINGS;

#[cfg(target_os = "linux")]
use super::sockets;

/// A key, and the tests in which a server sees what it does.
type Shown = (&'static str, &'static [fn()]);

const SHOWN: &[Shown] = &[
    (
        "engine",
        &[engine::either_engine_sends_the_same_request_and_only_one_knows_of_closes],
    ),
    (
        "http",
        &[reuse::the_server_is_spoken_to_in_the_version_that_was_chosen],
    ),
    (
        "keep_alive",
        &[reuse::a_connection_is_kept_or_closed_after_each_request_in_every_version],
    ),
    (
        "pool",
        &[reuse::as_many_idle_connections_are_kept_as_the_pool_holds],
    ),
    (
        "pool_idle",
        &[reuse::an_idle_connection_is_closed_after_its_time_and_not_before],
    ),
    (
        "max_connections",
        &[
            limits::http_1_has_as_many_connections_as_there_may_be,
            limits::http_2_spreads_over_as_many_connections_as_there_may_be,
            crowds::the_limit_on_connections_is_never_exceeded,
        ],
    ),
    (
        "streams",
        &[limits::one_http_2_connection_carries_as_many_streams_as_it_may],
    ),
    (
        "at_limit",
        &[limits::who_finds_no_place_waits_or_is_dropped_at_once_or_in_time],
    ),
    (
        "connect_timeout",
        &[times::a_connection_that_takes_too_long_to_make_is_given_up],
    ),
    (
        "read_timeout",
        &[
            times::a_server_that_says_nothing_for_too_long_is_given_up,
            times::each_byte_gives_an_answer_more_time_to_be_read_but_not_in_all,
        ],
    ),
    (
        "timeout",
        &[
            times::an_answer_that_takes_too_long_in_all_is_given_up,
            times::each_byte_gives_an_answer_more_time_to_be_read_but_not_in_all,
        ],
    ),
    #[cfg(target_os = "linux")]
    ("nodelay", &[sockets::small_packets_wait_or_do_not]),
    #[cfg(target_os = "linux")]
    (
        "tcp_keepalive",
        &[sockets::a_peer_is_asked_whether_it_is_there_or_never],
    ),
    #[cfg(target_os = "linux")]
    (
        "local_address",
        &[sockets::connections_come_from_the_address_that_was_chosen],
    ),
    #[cfg(target_os = "linux")]
    (
        "unix_socket",
        &[
            sockets::a_unix_socket_is_connected_to_in_place_of_host_and_port,
            sockets::without_keep_alive_a_unix_socket_is_connected_to_for_each_request,
        ],
    ),
    (
        "resolve",
        &[names::a_name_that_nobody_has_leads_to_the_address_that_was_given],
    ),
    (
        "dns",
        &[names::a_name_is_looked_up_for_each_connection_or_once],
    ),
    ("tls_verify", &[trust::only_who_checks_is_choosy]),
    (
        "roots",
        &[
            trust::the_bundled_authorities_do_not_know_ours,
            trust::the_systems_authorities_are_trusted_unless_the_bundled_ones_are_wanted,
        ],
    ),
    (
        "ca",
        &[trust::the_authorities_of_the_file_are_trusted_and_no_others],
    ),
    (
        "cert",
        &[
            trust::the_server_sees_the_very_certificate_that_was_chosen,
            trust::a_wrong_certificate_or_none_is_refused,
        ],
    ),
    (
        "key",
        &[trust::the_server_sees_the_very_certificate_that_was_chosen],
    ),
    (
        "sni",
        &[
            names::the_server_is_told_the_name_that_was_chosen_and_must_have_it,
            names::a_server_may_be_told_no_name_and_must_have_the_urls,
            names::another_name_works_for_an_address_in_the_url_too,
        ],
    ),
    ("tls_min", &[tls::no_version_beyond_the_bounds_is_agreed_on]),
    ("tls_max", &[tls::no_version_beyond_the_bounds_is_agreed_on]),
    (
        "tls_resumption",
        &[tls::sessions_are_taken_up_again_or_never],
    ),
    (
        "proxy",
        &[
            proxied::clear_text_is_sent_on_by_the_proxy,
            proxied::tls_passes_through_a_tunnel,
            proxied::a_login_is_demanded_and_a_wrong_one_refused,
            proxied::the_proxy_itself_may_speak_tls,
            proxies::tls_goes_through_a_tunnel_within_the_proxys_own,
            proxies::a_socks_proxy_gets_an_address_or_a_name_as_it_was_told,
            proxies::a_name_for_a_socks_proxy_is_looked_up_here,
            proxies::a_socks_proxy_is_told_the_login,
        ],
    ),
    (
        "compression",
        &[
            compression::the_server_is_asked_for_the_codes_that_were_chosen_and_they_are_decoded,
            compression::what_was_not_asked_for_is_not_decoded_and_what_was_must_be_whole,
        ],
    ),
    (
        "h2_stream_window",
        &[http2::the_server_is_told_of_the_windows_that_were_chosen],
    ),
    (
        "h2_connection_window",
        &[http2::the_server_is_told_of_the_windows_that_were_chosen],
    ),
    (
        "h2_adaptive_window",
        &[http2::adaptive_windows_start_small_and_measure_with_pings],
    ),
    (
        "h2_ping",
        &[http2::an_idle_peer_is_asked_again_and_again_or_never],
    ),
    (
        "h2_ping_timeout",
        &[
            http2::a_peer_that_answers_no_ping_is_given_up,
            http2::an_idle_connection_to_a_peer_that_answers_no_ping_is_replaced,
        ],
    ),
];

/// Only Linux shows what the client's sockets are like.
#[cfg(target_os = "linux")]
#[test]
fn every_key_is_shown_to_take_effect() {
    let shown: Vec<_> = SHOWN.iter().map(|(key, _)| *key).collect();
    let all: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
    assert_eq!(shown, all);
    assert!(SHOWN.iter().all(|(_, tests)| !tests.is_empty()));
}
