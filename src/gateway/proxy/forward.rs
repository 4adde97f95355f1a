//! One request, to the upstream and back.

use super::GatewayConfig;
use super::headers;
use super::relay::{Relay, Upstream};
use crate::clock::Tick;
use crate::gateway::problem::Problem;
use crate::gateway::server::{Answer, HangUp};
use crate::outcome::Outcome;
use crate::transport::{
    Aim, Decoding, Lanes, Lease, Place, Tally, Timeouts, take_login, watched, without_login,
};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper_util::client::legacy::connect::HttpInfo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The gateway's side of every request.
pub(super) struct Forward {
    upstream: Url,
    /// The path of the upstream's URL, without a slash at its end.
    prefix: String,
    /// What the upstream's URL says about a login, for requests that bring none.
    login: Option<HeaderValue>,
    keep_alive: bool,
    decoding: Decoding,
    patience: Option<Duration>,
    place: Place,
    timeouts: Timeouts,
    aim: Aim,
    lanes: Lanes,
    tally: Arc<Tally>,
}

impl Forward {
    pub(super) fn new(
        config: &GatewayConfig,
        aim: Aim,
        lanes: Lanes,
        tally: Arc<Tally>,
    ) -> Forward {
        let mut upstream = config.upstream.clone();
        upstream.set_fragment(None);
        Forward {
            login: take_login(&mut upstream),
            prefix: upstream.path().trim_end_matches('/').to_owned(),
            upstream,
            // The header is HTTP/1.1's.
            keep_alive: config.transport.keep_alive || config.transport.http.is_multiplexed(),
            decoding: Decoding::new(config.transport.compression),
            patience: config.transport.limits.at_limit.patience(),
            place: Place::of(&config.transport),
            timeouts: config.transport.timeouts,
            aim,
            lanes,
            tally,
        }
    }

    /// Where a request goes: the upstream's URL with the request's path and query.
    fn target(&self, uri: &http::Uri) -> Url {
        let mut target = self.upstream.clone();
        target.set_path(&format!("{}{}", self.prefix, uri.path()));
        target.set_query(uri.query());
        target
    }

    fn request(&self, request: Request<Incoming>, from: SocketAddr) -> reqwest::Request {
        let (mut parts, body) = request.into_parts();
        let host = parts.uri.authority().map(http::uri::Authority::as_str);
        headers::to_upstream(&mut parts.headers, from.ip(), host);
        if !self.keep_alive {
            parts
                .headers
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if self.decoding.is_on() {
            // What is decoded here is asked for here, whatever the client would take.
            parts.headers.remove(ACCEPT_ENCODING);
            self.decoding.ask(&mut parts.headers);
        }
        if let Some(login) = &self.login {
            parts.headers.entry(AUTHORIZATION).or_insert(login.clone());
        }
        let mut forwarded = reqwest::Request::new(parts.method, self.target(&parts.uri));
        *forwarded.headers_mut() = parts.headers;
        // An empty body must stay none: as a stream it would be announced as chunks.
        if !body.is_end_stream() {
            *forwarded.body_mut() = Some(reqwest::Body::wrap(body));
        }
        self.aim.at(&mut forwarded);
        forwarded
    }

    fn failed(&self, error: &reqwest::Error, began: Tick, opened: bool) -> Problem {
        let (outcome, cause) = self.tally.unanswered(error, &self.timeouts, began, opened);
        let upstream = without_login(&self.upstream);
        let (status, code, what) = match outcome {
            Outcome::Connect if error.is_timeout() => (
                StatusCode::GATEWAY_TIMEOUT,
                "upstream_timeout",
                "did not accept a connection in time",
            ),
            Outcome::Timeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "upstream_timeout",
                "did not answer in time",
            ),
            Outcome::Connect => (
                StatusCode::BAD_GATEWAY,
                "upstream_unreachable",
                "cannot be reached",
            ),
            Outcome::Tls => (
                StatusCode::BAD_GATEWAY,
                "upstream_tls",
                "failed the TLS handshake",
            ),
            _ => (
                StatusCode::BAD_GATEWAY,
                "upstream_protocol",
                "gave no valid answer",
            ),
        };
        Problem {
            status,
            kind: "server_error",
            code,
            message: format!("the upstream {upstream} {what}: {cause}"),
        }
    }
}

impl Forward {
    /// The right to a connection, waited for as long as the transport lets a request wait.
    async fn lease(&self) -> Option<Lease> {
        let lease = self.lanes.lease();
        match self.patience {
            None => Some(lease.await),
            Some(patience) => tokio::time::timeout(patience, lease).await.ok(),
        }
    }

    fn busy(&self) -> Problem {
        let upstream = without_login(&self.upstream);
        let places = match self.place {
            Place::Connection => "connection",
            Place::Stream => "stream",
        };
        Problem {
            status: StatusCode::SERVICE_UNAVAILABLE,
            kind: "server_error",
            code: "upstream_busy",
            message: format!("every {places} to the upstream {upstream} is in use (at_limit)"),
        }
    }
}

impl Answer for Forward {
    type Body = Relay;

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        from: SocketAddr,
    ) -> Result<Response<Relay>, HangUp> {
        let own = |problem: Problem| {
            let response = problem.response();
            Ok(response.map(|bytes| Relay::Own(Full::new(bytes))))
        };
        let Some(lease) = self.lease().await else {
            return own(self.busy());
        };
        let request = self.request(request, from);
        let began = self.tally.clock().now();
        let (answer, opened) = watched(lease.client().execute(request)).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                lease.finish().await;
                return own(self.failed(&error, began, opened));
            }
        };
        self.tally
            .served(answer.extensions().get::<HttpInfo>(), opened);
        let (mut parts, body) = self.decoding.open(answer).await;
        headers::to_client(&mut parts.headers);
        // The version and the connection's particulars are the upstream's; the client has its own.
        parts.version = http::Version::HTTP_11;
        parts.extensions.clear();
        let body = Relay::Upstream(Upstream::new(body, lease));
        Ok(Response::from_parts(parts, body))
    }
}
