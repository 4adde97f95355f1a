//! What the built-in endpoints have seen of two gateways that were sent the same few requests: four in turn, then four at
//! once.
//!
//! Only what cannot be chance counts as a difference: the HTTP version; connections that are kept by one and never by the
//! other; headers that came the same way with every request of one, and another way with every request of the other, down to
//! the case of their names. What two processes of one program may do differently does not: the order of headers, which may
//! be that of a hash table, and what a `user-agent` says besides the names of products. (LiteLLM 1.71.1 sends `Host`, `Accept-Encoding` and `Content-Length` through httpx, and the same
//! names in small letters through aiohttp; nothing else tells the two apart.) Four connections against three are nothing.

use super::product;
use super::send::{Reply, Sender};
use crate::gateway::{SeenConnection, ServerCounters};
use crate::text;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Requests in turn, and as many at once.
const ROUND: usize = 4;
/// How long the requests to one gateway may take together.
const LIMIT: Duration = Duration::from_secs(20);

/// What an endpoint has seen of one gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Requests that came while they were sent in turn.
    requests: u64,
    /// Connections opened meanwhile.
    opened: u64,
    /// Connections that carried more than one request in all.
    kept: usize,
    /// All that came since the preflight began.
    connections: Vec<SeenConnection>,
}

/// How A and B differ in what they send upstream, or why that is not known.
pub(super) async fn compare(
    senders: [&Rc<Sender>; 2],
    endpoints: [&Arc<ServerCounters>; 2],
) -> Result<String, String> {
    let [of_a, of_b] = [0, 1].map(|at| probe(senders[at], endpoints[at]));
    // One after the other: they may share a machine, or more.
    let (a, b) = (of_a.await?, of_b.await?);
    difference(&a, &b).ok_or_else(|| "their upstream connections and headers look alike".to_owned())
}

async fn probe(sender: &Rc<Sender>, endpoint: &Arc<ServerCounters>) -> Result<Seen, String> {
    let before = endpoint.totals();
    let in_turn = async {
        for _ in 0..ROUND {
            whole(&sender.once().await)?;
        }
        let after = endpoint.totals();
        let mut at_once = tokio::task::JoinSet::new();
        for _ in 0..ROUND {
            let sender = Rc::clone(sender);
            at_once.spawn_local(async move { whole(&sender.once().await) });
        }
        for sent in at_once.join_all().await {
            sent?;
        }
        Ok::<_, String>(after)
    };
    let after = tokio::time::timeout(LIMIT, in_turn)
        .await
        .map_err(|_| "a few requests took too long to tell".to_owned())??;
    let connections = endpoint.seen().connections();
    Ok(Seen {
        requests: after.requests - before.requests,
        opened: after.opened - before.opened,
        kept: connections.iter().filter(|seen| seen.requests > 1).count(),
        connections,
    })
}

fn whole(reply: &Reply) -> Result<(), String> {
    match reply {
        Reply::Answered(_) | Reply::Counted(..) => Ok(()),
        Reply::Failed(..) => Err("a request failed while that was looked at".to_owned()),
    }
}

/// How the two differ beyond chance.
fn difference(a: &Seen, b: &Seen) -> Option<String> {
    if a.requests < ROUND as u64 || b.requests < ROUND as u64 {
        // Somebody answers for the endpoint.
        return None;
    }
    let (version_a, version_b) = (a.version()?, b.version()?);
    if version_a != version_b {
        return Some(format!(
            "A speaks {version_a} to its endpoint, B {version_b}"
        ));
    }
    match (a.reuse(), b.reuse()) {
        (Some(true), Some(false)) => {
            return Some(
                "A keeps its upstream connections, B opens one for each request".to_owned(),
            );
        }
        (Some(false), Some(true)) => {
            return Some(
                "A opens an upstream connection for each request, B keeps them".to_owned(),
            );
        }
        _ => {}
    }
    headers(a, b)
}

impl Seen {
    /// The version of all requests.
    fn version(&self) -> Option<&'static str> {
        let mut versions = self.connections.iter().filter_map(|seen| {
            let asked = seen.requests > 0;
            asked.then_some(seen.first.version)
        });
        let first = versions.next()?;
        versions.all(|version| version == first).then_some(first)
    }

    /// Whether connections are kept: all requests in turn went over one that was there, or each over a new one. `None` where it
    /// is neither.
    fn reuse(&self) -> Option<bool> {
        if self.opened == 0 || (self.opened == 1 && self.requests >= ROUND as u64) {
            Some(true)
        } else if self.opened >= self.requests && self.kept == 0 {
            Some(false)
        } else {
            None
        }
    }

    /// The first request on any connection, if all on all of them were alike.
    fn steady(&self) -> Option<&SeenConnection> {
        let asked: Vec<_> = self.connections.iter().filter(|s| s.requests > 0).collect();
        let first = asked.first()?;
        let alike = |seen: &&SeenConnection| seen.steady && seen.first == first.first;
        asked.iter().all(alike).then_some(*first)
    }

    /// Header names as they are spelt, if that is so on every connection that was watched from its beginning.
    fn spelt(&self) -> Option<&[String]> {
        let mut spelt = self
            .connections
            .iter()
            .filter_map(|seen| seen.spelt.as_deref());
        let first = spelt.next()?;
        spelt.all(|names| names == first).then_some(first)
    }
}

/// What a value says, without what may be chance.
type Said = fn(&str) -> BTreeSet<String>;

/// How the headers differ, where each of the two always sends the same.
fn headers(a: &Seen, b: &Seen) -> Option<String> {
    let (one, two) = (&a.steady()?.first, &b.steady()?.first);
    let values: [(_, _, _, Said); 3] = [
        (
            "user-agent",
            &one.user_agent,
            &two.user_agent,
            product::names,
        ),
        (
            "accept-encoding",
            &one.accept_encoding,
            &two.accept_encoding,
            listed,
        ),
        ("connection", &one.connection, &two.connection, listed),
    ];
    for (name, a, b, said) in values {
        if a.as_deref().map(said) != b.as_deref().map(said) {
            return Some(format!(
                "A sends {} upstream, B {}",
                header(name, a.as_deref()),
                header(name, b.as_deref())
            ));
        }
    }
    let missing = |names: &[String], others: &[String]| {
        let missing = names.iter().find(|name| !others.contains(name));
        missing.map(|name| text::printable(name, 60))
    };
    if let Some(name) = missing(&one.names, &two.names) {
        return Some(format!("A sends the header {name} upstream, B does not"));
    }
    if let Some(name) = missing(&two.names, &one.names) {
        return Some(format!("B sends the header {name} upstream, A does not"));
    }
    let (a, b) = (a.spelt()?, b.spelt()?);
    let mut only_a = a.iter().filter(|name| !b.contains(name));
    let other = only_a.find_map(|name| {
        let other = b.iter().find(|other| other.eq_ignore_ascii_case(name))?;
        Some((name, other))
    });
    other.map(|(a, b)| {
        let (a, b) = (text::printable(a, 60), text::printable(b, 60));
        format!("A writes the header {a} upstream, B writes {b}: two HTTP clients")
    })
}

/// What a header lists, in whatever order.
fn listed(value: &str) -> BTreeSet<String> {
    let parts = value
        .split(',')
        .map(|part| part.trim().to_ascii_lowercase());
    parts.filter(|part| !part.is_empty()).collect()
}

/// `user-agent: x`, or `no user-agent`
fn header(name: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("{name}: {}", text::printable(value, 60)),
        None => format!("no {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::SeenRequest;

    /// What was seen of a gateway that has used so many connections, so many requests on each.
    fn seen(opened: u64, each: &[u64], names: &[&str]) -> Seen {
        let small = names.iter().map(|name| name.to_ascii_lowercase());
        let first = SeenRequest {
            version: "HTTP/1.1",
            names: small.collect(),
            user_agent: Some("x/1".to_owned()),
            ..SeenRequest::default()
        };
        let connections = each
            .iter()
            .enumerate()
            .map(|(at, requests)| SeenConnection {
                number: at as u64 + 1,
                requests: *requests,
                first: first.clone(),
                steady: true,
                spelt: Some(names.iter().map(|name| (*name).to_owned()).collect()),
            });
        Seen {
            requests: 4,
            opened,
            kept: each.iter().filter(|requests| **requests > 1).count(),
            connections: connections.collect(),
        }
    }

    #[test]
    fn kept_connections_against_none_are_a_difference_and_three_against_four_are_not() {
        let (keeps, never) = (
            seen(0, &[6, 1, 1, 1], &["Host"]),
            seen(4, &[1; 9], &["Host"]),
        );
        let said = difference(&keeps, &never).unwrap();
        assert_eq!(
            said,
            "A keeps its upstream connections, B opens one for each request"
        );
        let said = difference(&never, &keeps).unwrap();
        assert!(said.starts_with("A opens an upstream connection for each request"));
        assert_eq!(difference(&keeps, &seen(0, &[7, 1, 1], &["Host"])), None);
        let some = seen(2, &[3, 1, 1, 2, 2], &["Host"]);
        assert_eq!(difference(&some, &never), None);
        // Some of the answers came from somewhere else.
        let cached = Seen {
            requests: 0,
            ..keeps.clone()
        };
        assert_eq!(difference(&cached, &never), None);
    }

    #[test]
    fn header_names_tell_two_clients_apart_by_their_letters_alone() {
        // As LiteLLM 1.71.1 sends them.
        let httpx = seen(0, &[6, 1, 1], &["Host", "Accept-Encoding", "authorization"]);
        let aiohttp = seen(0, &[5, 2, 1], &["host", "accept-encoding", "authorization"]);
        assert_eq!(
            difference(&httpx, &aiohttp).as_deref(),
            Some("A writes the header Host upstream, B writes host: two HTTP clients")
        );
        assert_eq!(difference(&httpx, &httpx.clone()), None);
        let more = seen(
            0,
            &[8],
            &["Host", "Accept-Encoding", "authorization", "x-more"],
        );
        let said = difference(&httpx, &more).unwrap();
        assert_eq!(said, "B sends the header x-more upstream, A does not");
    }

    #[test]
    fn what_two_processes_of_one_program_may_do_differently_is_no_difference() {
        let one = seen(0, &[8], &["Host", "Accept-Encoding", "authorization"]);
        let names = &["authorization", "Accept-Encoding", "Host"];
        let mut other = seen(0, &[8], names);
        other.connections[0].first.user_agent = Some("x/1 (instance 7f3a)".to_owned());
        assert_eq!(difference(&one, &other), None);
        // Another spelling is found in another order, too.
        let names = &["authorization", "accept-encoding", "Host"];
        assert_eq!(
            difference(&one, &seen(0, &[8], names)).as_deref(),
            Some(
                "A writes the header Accept-Encoding upstream, B writes accept-encoding: two HTTP clients"
            )
        );
        let asking = |encodings: &str| {
            let mut seen = one.clone();
            seen.connections[0].first.accept_encoding = Some(encodings.to_owned());
            seen
        };
        assert_eq!(difference(&asking("gzip, br"), &asking("br,gzip")), None);
        assert!(difference(&asking("gzip, br"), &asking("br")).is_some());
    }

    #[test]
    fn what_is_not_the_same_with_every_request_is_no_difference() {
        let one = seen(0, &[8], &["Host"]);
        let mut changing = seen(0, &[8], &["host", "x-trace"]);
        changing.connections[0].steady = false;
        assert_eq!(difference(&one, &changing), None);
        let mut two_ways = seen(0, &[4, 4], &["host"]);
        two_ways.connections[1].first.user_agent = None;
        assert_eq!(difference(&one, &two_ways), None);
    }

    #[test]
    fn versions_and_values_are_named() {
        let one = seen(0, &[8], &["Host"]);
        let mut two = one.clone();
        two.connections[0].first.version = "HTTP/2";
        assert_eq!(
            difference(&one, &two).as_deref(),
            Some("A speaks HTTP/1.1 to its endpoint, B HTTP/2")
        );
        let mut two = one.clone();
        two.connections[0].first.user_agent = None;
        assert_eq!(
            difference(&one, &two).as_deref(),
            Some("A sends user-agent: x/1 upstream, B no user-agent")
        );
    }
}
