//! Transports in words: what tells one from the other, for the names of variants.

use crate::transport::{SETTINGS, TransportConfig};

/// A setting in words, as somebody chose it or as it is without that.
struct Word {
    key: &'static str,
    value: String,
    chosen: bool,
}

/// What tells each of two transports from the other, e.g. `max_connections 7` and `max_connections unlimited`; empty where
/// they are alike.
pub(super) fn differences(a: &TransportConfig, b: &TransportConfig) -> (String, String) {
    let (of_a, of_b): (Vec<Word>, Vec<Word>) = words(a)
        .zip(words(b))
        .filter(|(a, b)| a.value != b.value)
        .unzip();
    (name(&of_a), name(&of_b))
}

/// The settings that somebody chose; the defaults only where there is nothing else to say.
fn name(words: &[Word]) -> String {
    let chosen: Vec<&Word> = words.iter().filter(|word| word.chosen).collect();
    let all = words.iter().collect();
    let said = if chosen.is_empty() { all } else { chosen };
    let said: Vec<String> = said
        .iter()
        .map(|word| format!("{} {}", word.key, word.value))
        .collect();
    said.join(", ")
}

/// Every setting, in the order of the table. No secrets.
fn words(config: &TransportConfig) -> impl Iterator<Item = Word> {
    SETTINGS.iter().map(|setting| {
        let value = (setting.value)(config);
        Word {
            key: setting.key,
            chosen: value.is_some(),
            value: value.unwrap_or_else(|| setting.unset.to_owned()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::transport::tests::read;
    use super::*;
    use crate::transport::{AtLimit, HttpVersion, Limits, Socket, Timeouts};
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
                "proxy http://u:***@p:1/",
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
            (count(), count(), count()),
            (time(), time(), time()),
            proxy,
        )
            .prop_map(
                |(
                    http,
                    [keep_alive, nodelay],
                    (pool, limit, streams),
                    (idle, connect, patience),
                    proxy,
                )| {
                    let shared = http == HttpVersion::H2c && keep_alive;
                    let streams = streams.filter(|_| shared);
                    let limited = if shared {
                        streams.is_some()
                    } else {
                        limit.is_some()
                    };
                    let kept =
                        |pool: &usize| keep_alive && limit.map_or(!shared, |most| *pool <= most);
                    TransportConfig {
                        http,
                        keep_alive,
                        pool: pool.filter(kept),
                        pool_idle: idle.filter(|_| keep_alive),
                        limits: Limits {
                            connections: limit,
                            streams,
                            at_limit: match patience.filter(|_| limited) {
                                Some(time) => AtLimit::WaitFor(time),
                                None => AtLimit::Wait,
                            },
                        },
                        timeouts: Timeouts {
                            connect,
                            ..Timeouts::default()
                        },
                        socket: Socket {
                            nodelay,
                            ..Socket::default()
                        },
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
                .filter(|word| word.chosen || word.key == "http")
                .map(|word| format!("{}={}", word.key, word.value))
                .collect();
            prop_assert_eq!(read(&spec.join(","), "http://h"), Ok(config));
        }
    }
}
