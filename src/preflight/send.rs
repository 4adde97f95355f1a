//! Sending: the plan's request through a variant's own transport settings, and what came of it.
//!
//! The client is the one that the reqwest engine and the gateway use, since it hands out head and body. Where the settings are
//! possible with the direct engine alone, the engine's own exchange must do: outcome and time, no more.

use super::{MOST_BYTES, Subject};
use crate::clock::{Clock, Tick};
use crate::content::{Content, Maker};
use crate::outcome::Outcome;
use crate::pacer::Pacer;
use crate::text;
use crate::transport::{
    Aim, AnyTransport, BodyError, Connecting, ConnectionCounters, Decoding, EngineKind, Exchange,
    HttpVersion, RequestSpec, Share, Sni, Tally, Timeouts, Transport, TransportConfig, cause,
    take_login, too_slow, watched,
};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use http_body_util::BodyExt;
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Sends to one variant.
pub(super) struct Sender {
    spec: RequestSpec,
    config: TransportConfig,
    /// Shared by all that send to one variant, so that no number comes twice.
    maker: Option<Rc<Maker>>,
    /// `None` where only the direct engine can send.
    client: Option<Client>,
    counters: Arc<ConnectionCounters>,
    clock: Clock,
    timeout: Duration,
}

struct Client {
    http: reqwest::Client,
    aim: Aim,
    decoding: Decoding,
    tally: Arc<Tally>,
    timeouts: Timeouts,
}

/// What came of one request.
#[derive(Debug)]
pub(super) enum Reply {
    /// An answer, its body whole or read as far as was wanted.
    Answered(Answer),
    /// Of an answer only this is known: its outcome, which is ok or a status, its length, its version and the time it took.
    Counted(Exchange, Duration),
    /// No answer, or none that was whole.
    Failed(Outcome, String),
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) version: Version,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// There was more of the body than was read.
    pub(super) stopped: bool,
    /// From the send to the last byte that was read.
    pub(super) took: Duration,
}

impl Sender {
    pub(super) fn new(subject: &Subject, timeout: Duration) -> Result<Sender, String> {
        // Other bodies than those of the load: a gateway that remembers answers must not know them already.
        let seed = RandomState::new().hash_one(subject.name);
        let maker = match subject.request.body.seeded(seed, false) {
            Content::Fixed(_) => None,
            Content::Varied(varied) => Some(Rc::new(Maker::beside_the_load(varied))),
        };
        Sender::making(subject, timeout, maker)
    }

    /// The same in `subject`'s way, which is the same variant's: its connections are new ones, and its bodies go on counting.
    pub(super) fn afresh(&self, subject: &Subject) -> Result<Sender, String> {
        Sender::making(subject, self.timeout, self.maker.clone())
    }

    fn making(
        subject: &Subject,
        timeout: Duration,
        maker: Option<Rc<Maker>>,
    ) -> Result<Sender, String> {
        let mut spec = subject.request.clone();
        let config = subject.transport.clone();
        let clock = Clock::monotonic();
        let counters = Arc::<ConnectionCounters>::default();
        if let Some(login) = take_login(&mut spec.url) {
            spec.headers.entry(AUTHORIZATION).or_insert(login);
        }
        let client = if only_direct(&config) {
            None
        } else {
            let tally = Tally::new(Arc::clone(&counters), clock.clone(), &config);
            let connecting = Connecting::new(&spec.url, &config, Arc::clone(&tally));
            let connecting = connecting.map_err(|error| error.to_string())?;
            Some(Client {
                http: connecting.client(None).map_err(|error| error.to_string())?,
                aim: connecting.aim(),
                decoding: Decoding::new(config.compression),
                timeouts: config.timeouts,
                tally,
            })
        };
        Ok(Sender {
            spec,
            config,
            maker,
            client,
            counters,
            clock,
            timeout,
        })
    }

    /// The plan's request, and once more if its connection broke off: a gateway may fail now and then. With it, why the first
    /// one failed.
    pub(super) async fn twice_at_most(&self) -> (Reply, Option<String>) {
        match self.once().await {
            Reply::Failed(Outcome::Protocol | Outcome::Body, why) => (self.once().await, Some(why)),
            reply => (reply, None),
        }
    }

    /// The plan's request.
    pub(super) async fn once(&self) -> Reply {
        let Some(client) = &self.client else {
            return self.exchange().await;
        };
        let method = self.spec.method.clone();
        let mut request = reqwest::Request::new(method, self.spec.url.clone());
        request.headers_mut().clone_from(&self.spec.headers);
        let body = self.body();
        if !body.is_empty() {
            *request.body_mut() = Some(body.into());
        }
        self.send(client, request, MOST_BYTES, self.timeout).await
    }

    /// A GET of another place on the same host, with the plan's `authorization` header if `key`; at most `most` bytes of it.
    /// `None` where this transport cannot tell what it says.
    pub(super) async fn get(
        &self,
        path: &str,
        key: bool,
        most: usize,
        limit: Duration,
    ) -> Option<Reply> {
        let client = self.client.as_ref()?;
        let mut url: Url = self.spec.url.clone();
        url.set_path(path);
        url.set_query(None);
        let mut request = reqwest::Request::new(Method::GET, url);
        if let Some(value) = self.spec.headers.get(AUTHORIZATION).filter(|_| key) {
            request.headers_mut().insert(AUTHORIZATION, value.clone());
        }
        let limit = limit.min(self.timeout);
        Some(self.send(client, request, most, limit).await)
    }

    /// The head of the answer to a HEAD where the plan's request goes, with its headers and without its body: a model does
    /// nothing for it. `None` if there is no answer within `limit`, or where this transport cannot tell.
    pub(super) async fn head(&self, limit: Duration) -> Option<(Version, HeaderMap)> {
        let client = self.client.as_ref()?;
        let mut request = reqwest::Request::new(Method::HEAD, self.spec.url.clone());
        request.headers_mut().clone_from(&self.spec.headers);
        for name in [CONTENT_TYPE, CONTENT_LENGTH, TRANSFER_ENCODING] {
            request.headers_mut().remove(name);
        }
        client.aim.at(&mut request);
        let answer = client.http.execute(request);
        let answer = tokio::time::timeout(limit.min(self.timeout), answer).await;
        let answer = answer.ok()?.ok()?;
        Some((answer.version(), answer.headers().clone()))
    }

    fn body(&self) -> Bytes {
        match (&self.spec.body, &self.maker) {
            (Content::Fixed(bytes), _) => bytes.clone(),
            (Content::Varied(_), None) => Bytes::new(),
            (Content::Varied(_), Some(maker)) => {
                let mut body = Vec::new();
                maker.write(&mut body);
                body.into()
            }
        }
    }

    async fn send(
        &self,
        client: &Client,
        mut request: reqwest::Request,
        most: usize,
        limit: Duration,
    ) -> Reply {
        if !self.config.keep_alive {
            let close = HeaderValue::from_static("close");
            request.headers_mut().insert(CONNECTION, close);
        }
        client.decoding.ask(request.headers_mut());
        client.aim.at(&mut request);
        let began = self.clock.now();
        let mut head = false;
        let answer = async {
            let sent = pin!(client.http.execute(request));
            let (answer, opened) = watched(sent).await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    let timeouts = &client.timeouts;
                    let failed = client.tally.unanswered(&error, timeouts, began, opened);
                    return Reply::Failed(failed.0, failed.1);
                }
            };
            head = true;
            self.read(client, answer, began, most).await
        };
        match tokio::time::timeout(limit, answer).await {
            Ok(reply) => reply,
            Err(_) => Reply::Failed(Outcome::Timeout, self.too_late(head, limit)),
        }
    }

    async fn read(
        &self,
        client: &Client,
        answer: reqwest::Response,
        began: Tick,
        most: usize,
    ) -> Reply {
        let (head, mut body) = client.decoding.open(answer).await;
        let (mut bytes, mut stopped) = (Vec::new(), false);
        while let Some(frame) = body.frame().await {
            let data = match frame.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) => data,
                Ok(Err(_trailers)) => continue,
                Err(error) => return self.broken(client, &error, began),
            };
            let room = most.saturating_sub(bytes.len());
            bytes.extend_from_slice(&data[..data.len().min(room)]);
            if data.len() > room {
                stopped = true;
                break;
            }
        }
        Reply::Answered(Answer {
            status: head.status,
            version: head.version,
            headers: head.headers,
            body: bytes,
            stopped,
            took: self.clock.now().since(began),
        })
    }

    /// Why a body did not arrive whole.
    fn broken(&self, client: &Client, error: &BodyError, began: Tick) -> Reply {
        let took = self.clock.now().since(began);
        let engines = error.downcast_ref::<reqwest::Error>();
        match engines.and_then(|error| too_slow(error, &client.timeouts, took)) {
            Some(text) => Reply::Failed(Outcome::Timeout, text),
            None => Reply::Failed(Outcome::Body, cause(&**error)),
        }
    }

    /// What is said of an answer that was not there within `limit`.
    fn too_late(&self, head: bool, limit: Duration) -> String {
        let within = format!("within {} (the run's timeout)", text::setting(limit));
        if head {
            format!("its answer had not ended {within}")
        } else if self.client.is_some() && self.counters.totals().opened == 0 {
            format!("no connection {within}")
        } else {
            format!("no answer {within}")
        }
    }

    /// The direct engine's own exchange.
    async fn exchange(&self) -> Reply {
        let set_up = Pacer::new(self.clock.clone()).map_err(|error| error.to_string());
        let transport = set_up.and_then(|pacer| {
            let counters = Arc::clone(&self.counters);
            AnyTransport::new(&self.spec, &self.config, Share::WHOLE, counters, &pacer)
                .map_err(|error| error.to_string())
        });
        let transport = match transport {
            Ok(transport) => transport,
            Err(reason) => return Reply::Failed(Outcome::Client, reason),
        };
        let began = self.clock.now();
        let exchange = tokio::time::timeout(self.timeout, transport.exchange()).await;
        transport.close().await;
        let Ok(mut exchange) = exchange else {
            return Reply::Failed(Outcome::Timeout, self.too_late(false, self.timeout));
        };
        match exchange.outcome {
            Outcome::Ok | Outcome::Http(_) => {
                let took = exchange.done.since(began);
                Reply::Counted(exchange, took)
            }
            outcome => Reply::Failed(outcome, exchange.error.take().unwrap_or_default()),
        }
    }
}

/// Whether these settings are possible with the direct engine alone.
fn only_direct(config: &TransportConfig) -> bool {
    let other_name = matches!(config.tls.sni, Sni::Name(_)) && config.http != HttpVersion::Http11;
    config.engine == EngineKind::Direct && (config.http == HttpVersion::Http3 || other_name)
}

#[cfg(test)]
mod tests {
    use super::super::testing::subject;
    use super::*;
    use crate::content::{Choice, Template};

    #[test]
    fn all_that_send_to_one_variant_count_together() {
        let mut subject = subject("http://127.0.0.1:1/");
        let template = Template::parse("{{seq}}").unwrap();
        subject.request.body = Content::of(vec![template], Choice::Cycle);
        let first = Sender::new(&subject, Duration::from_secs(1)).unwrap();
        let again = first.afresh(&subject).unwrap();
        let bodies = [first.body(), again.body(), first.body()];
        let far_end = ["9007199254740991", "9007199254740990", "9007199254740989"];
        assert_eq!(bodies, far_end);
    }
}
