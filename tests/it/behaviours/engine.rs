//! Holds an engine against a row: what came of it, and what must hold whatever comes.

use super::certificates::AUTHORITY;
use super::row::{Expect, Row, Wire};
use super::server::Server;
use dragstrip::clock::Clock;
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::transport::{
    AnyTransport, ConnectionCounters, EngineKind, HttpVersion, Limits, RequestSpec, Share, Tls,
    Transport, TransportConfig,
};
use http::HeaderMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// An engine that sends requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Reqwest,
    Direct,
}

/// How an exchange ended.
#[derive(Debug)]
struct Ended {
    outcome: Outcome,
    /// `None` if it was cut off.
    bytes: Option<u64>,
    error: Option<String>,
    took: Duration,
}

/// Plays `row` with `engine`; the server runs on `servers`. Everything that was not as it must be, in words.
pub(super) async fn hold(engine: Engine, row: &Row, servers: &Handle) -> Vec<String> {
    let server = {
        let _servers = servers.enter();
        Server::start(row)
    };
    let mut wrong = Vec::new();
    let pacer = Pacer::new(Clock::monotonic()).unwrap();
    let transport = transport(engine, row, server.addr, &pacer);
    for (number, expected) in row.expected_of(engine).iter().enumerate() {
        if number > 0 && row.after_the_end {
            server.idle().await;
            // The end has come; the runtime looks for it between two turns.
            tokio::task::yield_now().await;
        }
        let ended = exchange(&transport, &pacer, expected.limit()).await;
        let found = compare(engine, expected, row.margin(), &ended);
        wrong.extend(found.map(|what| format!("exchange {}: {what}: {ended:?}", number + 1)));
    }
    drop(transport);
    match server.finish(row.hangs_up(engine)).await {
        Err(what) => wrong.push(what),
        Ok(total) => {
            let connections = row.connections_of(engine);
            if !connections.contains(&total.connections) {
                wrong.push(format!("not {connections:?} connections: {total:?}"));
            }
            if row.sends_at_most.is_some_and(|most| total.written > most) {
                wrong.push(format!("the client took too much: {total:?}"));
            }
        }
    }
    wrong
        .into_iter()
        .map(|what| format!("{}: {what}", row.name))
        .collect()
}

/// One exchange under a limit, as a lane of the load engine does it.
async fn exchange(transport: &impl Transport, pacer: &Arc<Pacer>, limit: Duration) -> Ended {
    let started = Instant::now();
    let _slot = transport.slot().await;
    let deadline = pacer.clock().now() + limit;
    let ended = pacer.timeout_at(deadline, transport.exchange()).await;
    let took = started.elapsed();
    match ended {
        None => Ended {
            outcome: Outcome::Timeout,
            bytes: None,
            error: Some(format!("no complete answer within {limit:?}")),
            took,
        },
        Some(exchange) => Ended {
            outcome: exchange.outcome,
            bytes: Some(exchange.bytes),
            error: exchange.error,
            took,
        },
    }
}

/// What is not as expected, and what should never be.
fn compare(
    engine: Engine,
    expected: &Expect,
    margin: Duration,
    ended: &Ended,
) -> impl Iterator<Item = String> {
    // The reasons in the table are in reqwest's words; the limit's own are everybody's.
    let same_words = engine == Engine::Reqwest || expected.outcome == Outcome::Timeout;
    let text = ended.error.as_deref().unwrap_or_default();
    let answered = matches!(ended.outcome, Outcome::Ok | Outcome::Http(_));
    let printable = text.chars().all(|c| !c.is_control()) && text.chars().count() <= 200;
    let cut_off = ended.bytes.is_none();
    let wanted = ended.outcome == expected.outcome || Some(ended.outcome) == expected.or;
    let counted = cut_off
        || expected
            .bytes
            .is_none_or(|bytes| ended.bytes == Some(bytes));
    [
        (!wanted, format!("not {}", expected.outcome)),
        (!counted, format!("not {:?} bytes", expected.bytes)),
        (
            same_words && !text.contains(expected.error),
            format!("not “{}”", expected.error),
        ),
        (
            answered != text.is_empty(),
            "a failure has a reason, and nothing else does".to_owned(),
        ),
        (!printable, "a reason that cannot be shown".to_owned()),
        (
            ended.took > expected.limit() + margin,
            "far beyond the limit".to_owned(),
        ),
    ]
    .into_iter()
    .filter_map(|(wrong, what)| wrong.then_some(what))
}

fn transport(engine: Engine, row: &Row, addr: SocketAddr, pacer: &Arc<Pacer>) -> AnyTransport {
    let scheme = row.wire.scheme();
    let spec = RequestSpec {
        url: format!("{scheme}://{addr}/").parse().unwrap(),
        method: row.method.clone(),
        headers: HeaderMap::new(),
        body: vec![b'x'; row.body].into(),
    };
    let counters = Arc::<ConnectionCounters>::default();
    AnyTransport::new(
        &spec,
        &config(engine, row.wire),
        Share::WHOLE,
        counters,
        pacer,
    )
    .unwrap()
}

/// The transport that speaks over `wire` and trusts the tests' authority.
fn config(engine: Engine, wire: Wire) -> TransportConfig {
    let http = match wire {
        Wire::Http | Wire::RawTls | Wire::Https(_) => HttpVersion::Auto,
        Wire::H2c => HttpVersion::H2c,
        Wire::H2 => HttpVersion::Http2,
    };
    TransportConfig {
        engine: match engine {
            Engine::Reqwest => EngineKind::Reqwest,
            Engine::Direct => EngineKind::Direct,
        },
        http,
        // So that a further exchange waits for the connection of the last, if that is kept.
        limits: Limits {
            connections: Some(1),
            ..Limits::default()
        },
        tls: Tls {
            ca: Some(AUTHORITY.file.path().to_owned()),
            ..Tls::default()
        },
        ..TransportConfig::default()
    }
}
