//! What the endpoint behind a gateway tells of the gateway's connections.

use super::super::snapshot::{Upstream, UpstreamClosed};
use super::Variant;
use std::fmt::Debug;

/// What was seen of a gateway's transport from behind it, since the load began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpstreamReading {
    /// Connections opened.
    pub opened: u64,
    /// Connections open now.
    pub open: u64,
    /// The most that were open at once.
    pub most_open: u64,
    /// Connections that have carried a request.
    pub used: u64,
    /// Requests that have come, by the version of HTTP.
    pub requests: Vec<(&'static str, u64)>,
    /// The most requests that one connection has carried.
    pub most_requests: u64,
    /// Requests in service now.
    pub in_service: u64,
    /// The most of them at once.
    pub most_in_service: u64,
    /// Connections closed, by how they ended.
    pub closed_by: UpstreamClosed,
    /// The longest that a connection had carried nothing when the gateway closed it, in µs; `None` if it closed none so.
    pub longest_idle_us: Option<u64>,
}

/// Who looks at a gateway from behind. It is asked ten times a second, on no load thread.
pub trait UpstreamLens: Debug + Send + Sync {
    /// The load begins: what was before is not counted.
    fn begin(&self);

    /// What was seen since then.
    fn reading(&self) -> UpstreamReading;
}

impl UpstreamReading {
    /// The same as shown and saved.
    pub(super) fn picture(&self) -> Upstream {
        let requests = self.requests.iter().map(|(_, count)| count).sum::<u64>();
        let http = self.requests.iter().filter(|(_, count)| *count > 0);
        Upstream {
            opened: self.opened,
            open: self.open,
            most_open: self.most_open,
            requests,
            requests_per_connection: (self.used > 0).then(|| requests as f64 / self.used as f64),
            most_requests: self.most_requests,
            in_service: self.in_service,
            most_in_service: self.most_in_service,
            closed_by: self.closed_by,
            longest_idle_s: self.longest_idle_us.map(|us| us as f64 / 1e6),
            http: http
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect(),
        }
    }
}

impl Variant {
    /// What was seen of its gateway from behind.
    pub(in crate::metrics) fn seen_upstream(&mut self, reading: UpstreamReading) {
        self.upstream = Some(reading);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_divided_by_the_connections_that_carried_any() {
        let nothing = UpstreamReading::default().picture();
        assert_eq!(nothing, Upstream::default());
        let picture = UpstreamReading {
            opened: 1,
            used: 4,
            requests: vec![("HTTP/1.0", 0), ("HTTP/1.1", 7), ("HTTP/2", 3)],
            longest_idle_us: Some(1_500_000),
            ..UpstreamReading::default()
        }
        .picture();
        assert_eq!(picture.requests, 10);
        assert_eq!(picture.requests_per_connection, Some(2.5));
        assert_eq!(picture.longest_idle_s, Some(1.5));
        let versions: Vec<_> = picture.http.keys().collect();
        assert_eq!(versions, ["HTTP/1.1", "HTTP/2"]);
    }
}
