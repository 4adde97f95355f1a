//! Which headers pass. Hop-by-hop headers belong to one connection and stop here (RFC 9110, section 7.6.1).

use http::header::{
    CONNECTION, EXPECT, FORWARDED, HOST, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderValue};
use std::net::IpAddr;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How the gateway names itself.
const VIA_HERE: &str = "1.1 dragstrip";

/// Turns a client's request headers into those for the upstream. `host` is the authority of an HTTP/2 request.
pub(super) fn to_upstream(headers: &mut HeaderMap, client: IpAddr, host: Option<&str>) {
    remove_hop_by_hop(headers);
    // The client has been told to continue, or has not waited.
    headers.remove(EXPECT);
    let host = match headers.remove(HOST) {
        Some(host) => Some(host),
        None => host.and_then(|host| HeaderValue::from_str(host).ok()),
    };
    if let Some(host) = host {
        headers.entry(X_FORWARDED_HOST).or_insert(host);
    }
    if !headers.contains_key(FORWARDED) {
        append(headers, X_FORWARDED_FOR, &client.to_string());
    }
    headers
        .entry(X_FORWARDED_PROTO)
        .or_insert(HeaderValue::from_static("http"));
    append(headers, VIA, VIA_HERE);
}

/// Turns the upstream's answer headers into those for the client.
pub(super) fn to_client(headers: &mut HeaderMap) {
    remove_hop_by_hop(headers);
    append(headers, VIA, VIA_HERE);
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    // Whatever Connection lists is hop-by-hop too.
    let listed: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in listed {
        headers.remove(name);
    }
    for name in [
        CONNECTION,
        KEEP_ALIVE,
        PROXY_CONNECTION,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ] {
        headers.remove(name);
    }
}

/// Adds an item to a comma-separated header.
fn append(headers: &mut HeaderMap, name: HeaderName, item: &str) {
    let before = headers
        .get_all(&name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect::<Vec<_>>()
        .join(", ");
    let value = if before.is_empty() {
        item.to_owned()
    } else {
        format!("{before}, {item}")
    };
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{AUTHORIZATION, CONTENT_TYPE};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn what_belongs_to_one_connection_stops() {
        let mut map = headers(&[
            ("connection", "keep-alive, X-Private"),
            ("connection", "close"),
            ("keep-alive", "timeout=5"),
            ("x-private", "1"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("proxy-authorization", "Basic x"),
            ("expect", "100-continue"),
            ("authorization", "Bearer k"),
            ("content-type", "application/json"),
            ("host", "gateway.example:4001"),
        ]);
        to_upstream(&mut map, [127, 0, 0, 1].into(), None);
        assert_eq!(map[AUTHORIZATION], "Bearer k");
        assert_eq!(map[CONTENT_TYPE], "application/json");
        assert_eq!(map[X_FORWARDED_FOR], "127.0.0.1");
        assert_eq!(map[X_FORWARDED_HOST], "gateway.example:4001");
        assert_eq!(map[X_FORWARDED_PROTO], "http");
        assert_eq!(map[VIA], "1.1 dragstrip");
        assert_eq!(map.len(), 6, "{map:?}");
    }

    #[test]
    fn earlier_proxies_stay_in_the_lists() {
        let mut map = headers(&[
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-for", "192.0.2.2"),
            ("x-forwarded-host", "first.example"),
            ("via", "1.0 first"),
        ]);
        to_upstream(&mut map, [127, 0, 0, 1].into(), Some("second.example"));
        assert_eq!(map[X_FORWARDED_FOR], "192.0.2.1, 192.0.2.2, 127.0.0.1");
        assert_eq!(map[X_FORWARDED_HOST], "first.example");
        assert_eq!(map[VIA], "1.0 first, 1.1 dragstrip");
    }
}
