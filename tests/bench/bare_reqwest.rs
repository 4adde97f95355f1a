//! The least that a closed loop over reqwest can cost: the same client and the same requests as dragstrip's, and nothing
//! recorded but a count. `tests/bench/peers.py` runs it beside dragstrip.
//!
//! Usage: `bare_reqwest URL USERS SECONDS [close]`; prints the number of requests answered. With `close` each request has
//! a connection of its own.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark stops where something is wrong"
)]

use bytes::Bytes;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{LocalSet, spawn_local};

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    // `cargo test --benches` and `cargo bench` call it without arguments: there is nothing to measure then.
    let [url, users, seconds, more @ ..] = arguments.as_slice() else {
        return;
    };
    let close = more.first().is_some_and(|word| word == "close");
    let url: reqwest::Url = url.parse().expect("a URL");
    let users: usize = users.parse().expect("a number of users");
    let time = Duration::from_secs(seconds.parse().expect("a number of seconds"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let answered = Rc::new(Cell::new(0u64));
    LocalSet::new().block_on(&runtime, async {
        // Never used over http://, but reqwest insists on one.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .http1_only()
            .pool_max_idle_per_host(if close { 0 } else { usize::MAX })
            .build()
            .expect("a client");
        let end = Instant::now() + time;
        let tasks: Vec<_> = (0..users)
            .map(|_| {
                let (client, url, answered) = (client.clone(), url.clone(), Rc::clone(&answered));
                spawn_local(async move {
                    let body = Bytes::from_static(br#"{"model":"m","messages":[]}"#);
                    while Instant::now() < end {
                        let mut request = client
                            .post(url.clone())
                            .header("content-type", "application/json")
                            .body(body.clone());
                        if close {
                            request = request.header("connection", "close");
                        }
                        let request = request.build().expect("a request");
                        let mut answer = client.execute(request).await.expect("an answer");
                        while answer.chunk().await.expect("a body").is_some() {}
                        answered.set(answered.get() + 1);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
    });
    println!("{}", answered.get());
}
