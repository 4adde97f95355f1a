//! `engine`: which of the two sends.

use super::{clear, with};
use crate::transport::server::Server;
use dragstrip::clock::Clock;
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::transport::{AnyTransport, ConnectionCounters, EngineKind, Share, Transport};
use std::sync::Arc;
use tokio::task::LocalSet;

/// What tells the engines apart is what they know: only one of them counts closes. What the server sees is the same.
#[tokio::test]
pub(super) async fn either_engine_sends_the_same_request_and_only_one_knows_of_closes() {
    let local = LocalSet::new();
    local
        .run_until(Box::pin(async {
            let server = Server::start(None);
            let url = format!("{}/ok", clear(&server));
            let pacer = Pacer::new(Clock::monotonic()).unwrap();
            let mut sent = Vec::new();
            for engine in [EngineKind::Reqwest, EngineKind::Direct] {
                let counters = Arc::<ConnectionCounters>::default();
                let config = with(|config| config.engine = engine);
                let spec = crate::transport::spec(&url);
                let transport =
                    AnyTransport::new(&spec, &config, Share::WHOLE, Arc::clone(&counters), &pacer)
                        .unwrap();
                let exchange = transport.exchange().await;
                assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
                let knows = counters.totals().closed.is_some();
                assert_eq!(knows, engine == EngineKind::Direct);
                let asked = server.seen.asked().pop().unwrap();
                let mut headers: Vec<_> = asked
                    .headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value:?}"))
                    .collect();
                headers.sort();
                sent.push((asked.method, asked.uri, headers));
            }
            assert_eq!(sent[0], sent[1]);
        }))
        .await;
}
