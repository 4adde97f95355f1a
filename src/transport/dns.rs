//! How a transport's names become addresses: looked up for each connection, or once, or fixed; each look-up timed.

use super::config::TransportConfig;
use super::notes;
use crate::clock::Clock;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// A name's addresses, once they are known.
type Entry = Arc<OnceCell<Vec<SocketAddr>>>;

/// What one variant has looked up once and for all, on whichever load thread. The target's name and the proxy's: two entries
/// at most.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<HashMap<String, Entry>>);

impl Known {
    fn entry(&self, name: &str) -> Entry {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(entries.entry(name.to_owned()).or_default())
    }
}

/// The engine's view of [`Names`].
pub(super) struct Resolver(Arc<Names>);

/// The names of one transport on one load thread.
pub(super) struct Names {
    clock: Clock,
    /// The target's host, as the engine asks for it.
    host: String,
    /// The name that is looked up in its place, where it is asked for by another (`sni`).
    true_name: Option<String>,
    fixed: Option<IpAddr>,
    /// What has been looked up; `None`: look up each time.
    known: Option<Arc<Known>>,
}

impl Resolver {
    pub(super) fn new(names: Names) -> Resolver {
        Resolver(Arc::new(names))
    }
}

impl Names {
    /// `host` is what is asked for; `true_name` what it stands for, if that is something else. `known` is shared with the
    /// variant's other load threads.
    pub(super) fn new(
        config: &TransportConfig,
        host: String,
        true_name: Option<String>,
        clock: Clock,
        known: &Arc<Known>,
    ) -> Names {
        Names {
            clock,
            host,
            true_name,
            fixed: config.dns.resolve,
            known: config.dns.cached.then(|| Arc::clone(known)),
        }
    }

    /// The addresses of `name`, with port 0.
    pub(super) async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        let is_target = name.eq_ignore_ascii_case(&self.host);
        if let Some(address) = self.fixed.filter(|_| is_target) {
            return Ok(vec![SocketAddr::new(address, 0)]);
        }
        let name = match &self.true_name {
            Some(name) if is_target => name.as_str(),
            _ => name,
        };
        if let Ok(address) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, 0)]);
        }
        let Some(known) = &self.known else {
            return self.look_up(name).await;
        };
        let entry = known.entry(name);
        // Whoever comes first asks; the others wait for that answer. A failure is not kept.
        let known = entry.get_or_try_init(|| self.look_up(name)).await?;
        Ok(known.clone())
    }

    /// Asks the system, as the engine itself would.
    async fn look_up(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        let asked = self.clock.now();
        let found = tokio::net::lookup_host((name, 0)).await?.collect();
        let took = self.clock.now().since(asked);
        notes::note(|notes| notes.dns = Some(took));
        Ok(found)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let names = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await?;
            Ok::<Addrs, _>(Box::new(addresses.into_iter()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::Dns;
    use super::*;

    fn resolver(dns: Dns, true_name: Option<&str>) -> Resolver {
        sharing(&Arc::default(), dns, true_name)
    }

    fn sharing(known: &Arc<Known>, dns: Dns, true_name: Option<&str>) -> Resolver {
        let config = TransportConfig {
            dns,
            ..TransportConfig::default()
        };
        let true_name = true_name.map(str::to_owned);
        let (host, clock) = ("target".to_owned(), Clock::monotonic());
        Resolver::new(Names::new(&config, host, true_name, clock, known))
    }

    /// The addresses of a name, and whether somebody was asked.
    async fn asked(resolver: &Resolver, name: &str) -> (io::Result<Vec<SocketAddr>>, bool) {
        let (found, notes) = notes::noted(Clock::monotonic(), resolver.0.addresses(name)).await;
        (found, notes.dns.is_some())
    }

    #[tokio::test]
    async fn a_fixed_address_is_the_targets_alone() {
        let fixed = Dns {
            resolve: Some([127, 0, 0, 9].into()),
            cached: false,
        };
        let resolver = resolver(fixed, None);
        let (found, was_asked) = asked(&resolver, "TARGET").await;
        assert_eq!(found.unwrap(), [SocketAddr::from(([127, 0, 0, 9], 0))]);
        assert!(!was_asked);
        let (found, was_asked) = asked(&resolver, "localhost").await;
        assert!(
            found
                .unwrap()
                .iter()
                .all(|address| address.ip().is_loopback())
        );
        assert!(was_asked);
    }

    #[tokio::test]
    async fn a_name_is_asked_for_each_time_or_once() {
        for (cached, expected) in [(false, [true, true]), (true, [true, false])] {
            let dns = Dns {
                resolve: None,
                cached,
            };
            let resolver = resolver(dns, None);
            for again in expected {
                let (found, was_asked) = asked(&resolver, "localhost").await;
                assert!(!found.unwrap().is_empty());
                assert_eq!(was_asked, again, "cached: {cached}");
            }
        }
    }

    #[tokio::test]
    async fn what_one_load_thread_has_looked_up_the_others_know() {
        for (cached, expected) in [(false, true), (true, false)] {
            let known = Arc::default();
            let dns = Dns {
                resolve: None,
                cached,
            };
            let (one, other) = (sharing(&known, dns, None), sharing(&known, dns, None));
            let (first, was_asked) = asked(&one, "localhost").await;
            assert!(was_asked);
            let (second, was_asked) = asked(&other, "localhost").await;
            assert_eq!(was_asked, expected, "cached: {cached}");
            assert_eq!(first.unwrap(), second.unwrap());
        }
    }

    #[tokio::test]
    async fn another_name_stands_for_the_target() {
        let resolver = resolver(Dns::default(), Some("127.0.0.5"));
        let (found, was_asked) = asked(&resolver, "target").await;
        assert_eq!(found.unwrap(), [SocketAddr::from(([127, 0, 0, 5], 0))]);
        assert!(!was_asked);
    }
}
