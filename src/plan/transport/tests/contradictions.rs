//! What does not go together is refused by both names, and what does is not.

use super::read;

/// What does not go together, with the two names that its error must hold.
const CONTRADICTIONS: &[(&str, &str, [&str; 2])] = &[
    ("https://h", "http=h2c", ["h2c", "https"]),
    ("http://h", "http=2", ["http=2", "https"]),
    ("http://h", "pool=0", ["pool=0", "keep_alive"]),
    (
        "http://h",
        "keep_alive=false,pool=2",
        ["pool=2", "keep_alive=false"],
    ),
    (
        "http://h",
        "max_connections=3,pool=4",
        ["pool=4", "max_connections=3"],
    ),
    (
        "http://h",
        "unix_socket=/a,proxy=http://p:1",
        ["proxy", "unix_socket"],
    ),
    (
        "http://h",
        "unix_socket=/a,resolve=::1",
        ["resolve=::1", "unix_socket"],
    ),
    (
        "http://h",
        "unix_socket=/a,local_address=::1",
        ["local_address=::1", "unix_socket"],
    ),
    (
        "http://h",
        "unix_socket=/a,nodelay=false",
        ["nodelay=false", "unix_socket"],
    ),
    (
        "http://h",
        "proxy=http://p:1,resolve=::1",
        ["resolve=::1", "proxy"],
    ),
    (
        "http://h",
        "resolve=::1,dns=cached",
        ["dns=cached", "resolve"],
    ),
    (
        "http://h",
        "http=h2c,keep_alive=false,streams=2",
        ["streams=2", "keep_alive=false"],
    ),
    ("http://h", "http=h2c,pool=3", ["pool=3", "http=h2c"]),
    ("https://h", "http=2,pool=3", ["pool=3", "max_connections"]),
    (
        "http://h",
        "http=h2c,streams=1001,max_connections=1000",
        ["streams=1001", "max_connections=1000"],
    ),
    (
        "https://h",
        "http=1.1,sni=a.example,proxy=http://p:1",
        ["sni=a.example", "proxy"],
    ),
    (
        "https://h",
        "http=1.1,sni=a.example,proxy=socks5h://127.0.0.1:1",
        ["sni=a.example", "proxy"],
    ),
    (
        "http://h",
        "dns=cached,proxy=socks5h://127.0.0.1:1",
        ["dns=cached", "proxy"],
    ),
    (
        "http://h",
        "dns=cached,proxy=http://[::1]:1",
        ["dns=cached", "proxy"],
    ),
    (
        "http://127.0.0.1",
        "dns=cached,proxy=socks5://127.0.0.1:1",
        ["dns=cached", "proxy"],
    ),
    (
        "http://127.0.0.1",
        "resolve=127.0.0.2,proxy=socks5://127.0.0.1:1",
        ["resolve=127.0.0.2", "URL"],
    ),
    (
        "http://h",
        "local_address=::1,proxy=socks5://127.0.0.1:1",
        ["local_address=::1", "the proxy at 127.0.0.1"],
    ),
    ("http://127.0.0.1", "resolve=::1", ["resolve=::1", "URL"]),
    ("http://127.0.0.1", "dns=cached", ["dns=cached", "URL"]),
    (
        "http://[::1]",
        "local_address=127.0.0.1",
        ["local_address=127.0.0.1", "::1"],
    ),
    (
        "http://h",
        "resolve=::1,local_address=127.0.0.1",
        ["local_address", "::1"],
    ),
    ("http://h", "tls_min=1.3", ["tls_min=1.3", "http://"]),
    ("http://h", "roots=bundled", ["roots=bundled", "http://"]),
    (
        "https://h",
        "tls_min=1.3,tls_max=1.2",
        ["tls_min=1.3", "tls_max=1.2"],
    ),
    (
        "https://h",
        "tls_verify=false,roots=bundled",
        ["roots=bundled", "tls_verify=false"],
    ),
    ("https://h", "sni=a.example", ["sni=a.example", "http=1.1"]),
    (
        "https://h",
        "sni=a.example,http=2",
        ["engine=reqwest", "HTTP/2"],
    ),
    ("https://127.0.0.1", "sni=off", ["sni=off", "URL"]),
    ("http://h", "streams=3", ["streams=3", "http=auto"]),
    ("http://h", "streams=3,http=1.1", ["streams=3", "http=1.1"]),
    ("https://h", "streams=3", ["streams=3", "http=auto"]),
    (
        "http://h",
        "at_limit=fail",
        ["at_limit=fail", "max_connections"],
    ),
    (
        "http://h",
        "http=h2c,at_limit=fail,max_connections=2",
        ["at_limit=fail", "streams"],
    ),
    (
        "http://h",
        "http=1.1,h2_ping=3s",
        ["h2_ping=3s", "http=1.1"],
    ),
    (
        "http://h",
        "http=h2c,h2_ping_timeout=3s",
        ["h2_ping_timeout=3s", "h2_ping"],
    ),
    (
        "http://h",
        "http=h2c,h2_adaptive_window=true,h2_stream_window=70000",
        ["h2_stream_window=70000", "h2_adaptive_window=true"],
    ),
    (
        "http://h",
        "timeout=1s,connect_timeout=2s",
        ["connect_timeout=2s", "timeout=1s"],
    ),
    (
        "http://h",
        "timeout=1s,read_timeout=1s",
        ["read_timeout=1s", "timeout=1s"],
    ),
];

#[test]
fn settings_that_contradict_each_other_are_refused_by_both_names() {
    for (url, spec, both) in CONTRADICTIONS {
        let error = read(spec, url).unwrap_err();
        for name in both {
            assert!(error.contains(name), "{spec}: {error} does not name {name}");
        }
    }
}

#[test]
fn what_takes_effect_together_is_not_refused() {
    for (url, spec) in [
        ("http://h", "http=h2c,pool=3,max_connections=4"),
        ("https://h", "pool=3"),
        ("http://h", "http=h2c,streams=1000,max_connections=1000"),
        (
            "http://h",
            "http=h2c,keep_alive=false,max_connections=2,at_limit=fail",
        ),
        ("https://h", "http=1.1,sni=a.example,proxy=socks5://p:1"),
        ("http://h", "dns=cached,proxy=socks5h://p:1"),
        ("http://h", "dns=cached,proxy=socks5://127.0.0.1:1"),
        ("http://h", "local_address=::1,proxy=socks5://[::1]:1"),
        ("http://h", "proxy=http://p:1/"),
    ] {
        let config = read(spec, url);
        assert!(config.is_ok(), "{spec}: {config:?}");
    }
}
