//! What the endpoint behind a gateway sees of the gateway's transport: the upstream lens.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The gateway's connections to an endpoint of its own, seen from there, since the load began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Upstream {
    /// Connections opened.
    pub opened: u64,
    /// Connections open now.
    pub open: u64,
    /// The most that were open at once; those from before the load count as long as they are open.
    pub most_open: u64,
    /// Requests that have come.
    pub requests: u64,
    /// Requests per connection that has carried one; `None` before there is one.
    pub requests_per_connection: Option<f64>,
    /// The most requests that one connection has carried.
    pub most_requests: u64,
    /// Requests in service now: they have come, and their answers are not over.
    pub in_service: u64,
    /// The most of them at once: the gateway's concurrency.
    pub most_in_service: u64,
    /// Connections closed, by how they ended.
    pub closed_by: UpstreamClosed,
    /// The longest that a connection had carried nothing when the gateway closed it, in seconds; `None` if it closed none so.
    pub longest_idle_s: Option<f64>,
    /// Requests by the version of HTTP, e.g. `HTTP/1.1`; only those that have occurred.
    pub http: BTreeMap<String, u64>,
}

/// Closed upstream connections by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamClosed {
    /// By the gateway, while no request was on it.
    pub idle: u64,
    /// By the gateway, before an answer was over: it gave up a request.
    pub mid_request: u64,
    /// After an answer, as the gateway's request had asked for (`Connection: close`, or HTTP/1.0).
    pub asked: u64,
    /// By the endpoint, unasked.
    pub endpoint: u64,
}

impl UpstreamClosed {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.idle + self.mid_request + self.asked + self.endpoint
    }
}

impl Upstream {
    /// The versions of HTTP, the commonest first, as people read them.
    pub fn versions(&self) -> String {
        let mut versions: Vec<_> = self.http.iter().collect();
        versions.sort_by_key(|(name, requests)| (std::cmp::Reverse(**requests), *name));
        let names: Vec<&str> = versions.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_version_comes_first() {
        let mut upstream = Upstream::default();
        assert_eq!(upstream.versions(), "");
        for (name, requests) in [("HTTP/1.0", 2), ("HTTP/1.1", 2), ("HTTP/2", 3)] {
            upstream.http.insert(name.to_owned(), requests);
        }
        assert_eq!(upstream.versions(), "HTTP/2, HTTP/1.0, HTTP/1.1");
    }
}
