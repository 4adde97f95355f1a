//! Transports in words: what tells one from the other, for the names of variants.

use super::{secrets, units};
use crate::text::printable;
use crate::transport::TransportConfig;

/// A setting in words, and what it is by default.
struct Word {
    key: &'static str,
    value: String,
    usual: String,
}

/// What tells each of two transports from the other, e.g. `max_connections 7` and `max_connections unlimited`; empty where
/// they are alike.
pub(super) fn differences(a: &TransportConfig, b: &TransportConfig) -> (String, String) {
    let (of_a, of_b): (Vec<Word>, Vec<Word>) = words(a)
        .into_iter()
        .zip(words(b))
        .filter(|(a, b)| a.value != b.value)
        .unzip();
    (name(&of_a), name(&of_b))
}

/// The settings that somebody chose; the defaults only where there is nothing else to say.
fn name(words: &[Word]) -> String {
    let chosen: Vec<&Word> = words
        .iter()
        .filter(|word| word.value != word.usual)
        .collect();
    let all = words.iter().collect();
    let said = if chosen.is_empty() { all } else { chosen };
    let said: Vec<String> = said
        .iter()
        .map(|word| format!("{} {}", word.key, word.value))
        .collect();
    said.join(", ")
}

/// Every setting, in the order of the keys of a SPEC. No secrets.
fn words(config: &TransportConfig) -> Vec<Word> {
    let usual = values(&TransportConfig::default());
    values(config)
        .into_iter()
        .zip(usual)
        .map(|((key, value), (_, usual))| Word { key, value, usual })
        .collect()
}

fn values(config: &TransportConfig) -> [(&'static str, String); 10] {
    let or = |value: Option<String>, none: &str| value.unwrap_or_else(|| none.to_owned());
    let number = |value: Option<usize>| value.map(|number| number.to_string());
    let ca = config
        .ca
        .as_ref()
        .map(|path| printable(&path.to_string_lossy(), 100));
    let proxy = config
        .proxy
        .as_ref()
        .map(|url| printable(&secrets::redact_text(url), 100));
    [
        ("http", config.http.name().to_owned()),
        ("keep_alive", config.keep_alive.to_string()),
        ("pool", or(number(config.pool), "default")),
        (
            "pool_idle",
            or(config.pool_idle.map(units::shown), "default"),
        ),
        (
            "max_connections",
            or(number(config.max_connections), "unlimited"),
        ),
        ("nodelay", config.nodelay.to_string()),
        (
            "connect_timeout",
            or(config.connect_timeout.map(units::shown), "none"),
        ),
        ("tls_verify", config.tls_verify.to_string()),
        ("ca", or(ca, "system")),
        ("proxy", or(proxy, "none")),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::transport::tests::read;
    use super::*;
    use crate::transport::HttpVersion;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn differences_are_what_was_chosen() {
        let name = |a: &str, b: &str| {
            let read = |spec| read(spec, "http://h").unwrap();
            differences(&read(a), &read(b))
        };
        for (a, b, of_a, of_b) in [
            (
                "http=1.1,max_connections=7",
                "http=1.1",
                "max_connections 7",
                "max_connections unlimited",
            ),
            (
                "http=1.1,pool=3",
                "nodelay=false",
                "http 1.1, pool 3",
                "nodelay false",
            ),
            (
                "pool=3,pool_idle=1h",
                "pool=3",
                "pool_idle 1h",
                "pool_idle default",
            ),
            (
                "proxy=http://u:pw@p:1",
                "http=auto",
                "proxy http://p:1",
                "proxy none",
            ),
            ("http=auto", "http=auto", "", ""),
        ] {
            assert_eq!(name(a, b), (of_a.to_owned(), of_b.to_owned()));
        }
    }

    fn configs() -> impl Strategy<Value = TransportConfig> {
        let version = prop_oneof![
            Just(HttpVersion::Auto),
            Just(HttpVersion::Http11),
            Just(HttpVersion::H2c)
        ];
        let time = || proptest::option::of((1..1_000_000_u64).prop_map(Duration::from_micros));
        let count = || proptest::option::of(1..1_000_usize);
        let proxy = proptest::option::of("http://[a-z]{1,9}:8080");
        (
            version,
            any::<[bool; 2]>(),
            (count(), count()),
            (time(), time()),
            proxy,
        )
            .prop_map(
                |(http, [keep_alive, nodelay], (pool, limit), (idle, connect_timeout), proxy)| {
                    let h2c = keep_alive && http == HttpVersion::H2c;
                    TransportConfig {
                        http: if keep_alive { http } else { HttpVersion::Auto },
                        keep_alive,
                        pool: pool.filter(|_| keep_alive),
                        pool_idle: idle.filter(|_| keep_alive),
                        max_connections: limit.filter(|_| !h2c),
                        nodelay,
                        connect_timeout,
                        proxy,
                        ..TransportConfig::default()
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn what_is_said_can_be_read_back(config in configs()) {
            let spec: Vec<String> = words(&config)
                .iter()
                .filter(|word| word.value != word.usual || word.key == "http")
                .map(|word| format!("{}={}", word.key, word.value))
                .collect();
            prop_assert_eq!(read(&spec.join(","), "http://h"), Ok(config));
        }
    }
}
