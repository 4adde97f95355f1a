//! Bodies that are made anew for each request, as the server gets them.

use super::server::on_a_thread;
use super::spec;
use dragstrip::clock::Clock;
use dragstrip::content::{Choice, Content, Template, Varied};
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::transport::{
    AnyTransport, EngineKind, HttpVersion, Share, Transport, TransportConfig,
};
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use tokio::task::LocalSet;

/// Each body that came, with the content-length that was announced.
pub(super) type Came = Arc<Mutex<Vec<(String, String)>>>;

/// A server of both versions that keeps what is sent to it.
pub(super) fn keeping() -> (SocketAddr, Came) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = listener.local_addr().unwrap();
    let came = Came::default();
    let keep = Arc::clone(&came);
    on_a_thread(async move || {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let keep = Arc::clone(&keep);
            let service = service_fn(move |request: Request<Incoming>| {
                let keep = Arc::clone(&keep);
                async move {
                    let length = request.headers()["content-length"]
                        .to_str()
                        .unwrap()
                        .to_owned();
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    let body = String::from_utf8(body.to_vec()).unwrap();
                    keep.lock().unwrap().push((body, length));
                    Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
                }
            });
            tokio::spawn(async move {
                // A client may leave at any time.
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    (addr, came)
}

#[tokio::test]
async fn every_request_has_a_body_of_its_own_with_either_engine_over_every_version() {
    let body = r#"{"n": {{seq}}, "id": "{{uuid}}", "text": "{{random:2k}}"}"#;
    let local = LocalSet::new();
    let sent = Box::pin(async {
        for engine in [EngineKind::Reqwest, EngineKind::Direct] {
            for http in [HttpVersion::Http11, HttpVersion::H2c] {
                let (addr, came) = keeping();
                let mut spec = spec(&format!("http://{addr}/"));
                spec.body = Content::Varied(Arc::new(Varied {
                    templates: [Template::parse(body).unwrap()].into(),
                    choice: Choice::Cycle,
                    seed: 5,
                }));
                let config = TransportConfig {
                    engine,
                    http,
                    ..TransportConfig::default()
                };
                let pacer = Pacer::new(Clock::monotonic()).unwrap();
                for index in 0..2 {
                    let share = Share { index, of: 2 };
                    let transport =
                        AnyTransport::new(&spec, &config, share, Arc::default(), &pacer).unwrap();
                    for _ in 0..6 {
                        let exchange = transport.exchange().await;
                        assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
                    }
                }
                let came = came.lock().unwrap();
                let (mut numbers, mut ids, mut texts) =
                    (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
                for (body, length) in &*came {
                    assert_eq!(&body.len().to_string(), length);
                    let json: serde_json::Value = serde_json::from_str(body).unwrap();
                    numbers.insert(json["n"].as_u64().unwrap());
                    ids.insert(json["id"].to_string());
                    texts.insert(json["text"].as_str().unwrap().to_owned());
                }
                assert_eq!(numbers, (1..=12).collect());
                assert_eq!((ids.len(), texts.len()), (12, 12));
                assert!(texts.iter().all(|text| text.len() == 2_048));
            }
        }
    });
    local.run_until(sent).await;
}
