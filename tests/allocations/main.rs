//! In steady state an exchange of the direct engine allocates nothing, counted by dhat over thousands of them: content-length,
//! chunks with trailers, an interim answer, no body, a large body, bodies that vary; with time limits, and with a limit of
//! connections; for one user and for many at once. It is sent as a lane of the load engine sends it: a slot, then the exchange
//! within [`Pacer::timeout_at`].
//!
//! A process has one allocator, so this is a program of its own, and one test in it: dhat counts all threads. The servers do
//! not allocate while they answer. One that speaks TLS does, so it is this program again, in a process of its own. Over TLS
//! rustls allocates a block for each record that it writes or reads: two for an exchange, and no more.
//!
//! The reader of streams of events allocates nothing either, once it has read one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where something is wrong, and the lints know only those that have a harness"
)]

mod servers;

use dragstrip::clock::Clock;
use dragstrip::content::{Choice, Content, Template};
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::sse::{ChatReader, Ending};
use dragstrip::transport::{
    AnyTransport, ConnectionCounters, EngineKind, HttpVersion, RequestSpec, Share, Transport,
    TransportConfig,
};
use http::{HeaderMap, Method};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::LocalSet;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// Exchanges of each user before the count begins: every buffer has its size then.
const BEFORE: usize = 50;
/// Exchanges that are counted, of all users together.
const COUNTED: usize = 10_000;
/// Blocks that rustls allocates for these: one for the record with the request, one for that with the answer, and now and then
/// room for more of them.
const MOST_OVER_TLS: u64 = 2 * COUNTED as u64 + 50;
/// The time limit of a request, as the load engine has one.
const TIMEOUT: Duration = Duration::from_secs(30);

fn main() {
    if servers::is_asked_for() {
        return servers::serve_tls();
    }
    let _profiler = dhat::Profiler::builder().testing().build();
    let mut wrong = Vec::new();
    let mut hold = |name: String, blocks: u64, most: u64| {
        if blocks > most {
            wrong.push(format!("{name}: {blocks} blocks, not {most}"));
        }
    };
    for (name, answer) in servers::ANSWERS {
        for (users, limits) in [(1, false), (1, true), (50, false), (50, true)] {
            let url = servers::serve(answer, users);
            let config = config(|config| {
                if limits {
                    config.timeouts.read = Some(TIMEOUT);
                    config.timeouts.total = Some(TIMEOUT);
                    config.limits.connections = Some(users);
                }
            });
            let blocks = blocks(&url, &config, users, Content::default());
            let name = format!("{name}, {users} at once, more limits: {limits}");
            hold(name, blocks, 0);
        }
    }
    for users in [1, 50] {
        let url = servers::serve(servers::ANSWERS[0].1, users);
        // The server takes what ends like a head for a whole request.
        let text = "{{seq}} {{uuid}} {{random:2k}}\r\n\r\n";
        let template = Template::parse(text).unwrap();
        let body = Content::from(template).seeded(1, false);
        let blocks = blocks(&url, &config(|_| {}), users, body);
        hold(format!("bodies made anew, {users} at once"), blocks, 0);
    }
    for users in [1, 50] {
        let url = servers::serve(servers::ANSWERS[0].1, users);
        let lines = ["1\r\n\r\n", "{{random:3k}}\r\n\r\n", "[{{seq}}, 3]\r\n\r\n"];
        let templates = lines.map(|line| Template::parse(line).unwrap());
        let body = Content::of(templates.to_vec(), Choice::Sample { seed: 1 });
        let blocks = blocks(&url, &config(|_| {}), users, body);
        hold(format!("one of several bodies, {users} at once"), blocks, 0);
    }
    for users in [1, 50] {
        let tls = servers::Tls::start();
        let config = config(|config| config.tls.ca = Some(tls.ca()));
        let blocks = blocks(&tls.url(), &config, users, Content::default());
        hold(format!("over TLS, {users} at once"), blocks, MOST_OVER_TLS);
    }
    hold("streams of events".to_owned(), stream_blocks(), 0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many blocks of memory are allocated while streams are read, each event in two reads, after a first stream.
fn stream_blocks() -> u64 {
    let stream: &[u8] = br#"event: message
data: {"choices":[{"index":0,"delta":{"content":"\"\u00fc\""},"logprobs":{"content":[{"top_logprobs":[{"token":"a"}]}]}}]}

: keep-alive

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"{\"a\":"}}]},"finish_reason":"stop"}]}

data: {"choices":[],"usage":{"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":[[0]]}}}

data: {"choices":

data: {"error":{"message":"overloaded"}}

data: [DONE]

"#;
    let mut reader = ChatReader::default();
    let mut read = || {
        reader.reset();
        let mut events = 0;
        for mut piece in stream.chunks(60) {
            while reader.next(&mut piece).is_some() {
                events += 1;
            }
        }
        assert_eq!((events, reader.end(true)), (6, Ending::Error));
    };
    read();
    let before = dhat::HeapStats::get().total_blocks;
    (0..COUNTED).for_each(|_| read());
    dhat::HeapStats::get().total_blocks - before
}

fn config(change: impl FnOnce(&mut TransportConfig)) -> TransportConfig {
    let mut config = TransportConfig {
        engine: EngineKind::Direct,
        http: HttpVersion::Http11,
        ..TransportConfig::default()
    };
    change(&mut config);
    config
}

/// How many blocks of memory are allocated while `users` make so many exchanges.
fn blocks(url: &str, config: &TransportConfig, users: usize, body: Content) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    LocalSet::new().block_on(&runtime, async {
        let pacer = Pacer::new(Clock::monotonic()).unwrap();
        let spec = RequestSpec {
            url: url.parse().unwrap(),
            method: Method::GET,
            headers: HeaderMap::new(),
            body,
        };
        let counters = Arc::<ConnectionCounters>::default();
        let transport =
            AnyTransport::new(&spec, config, Share::WHOLE, Arc::clone(&counters), &pacer).unwrap();
        let transport = Rc::new(transport);
        let course = Rc::new(Course {
            users,
            ..Course::default()
        });
        let all: Vec<_> = (0..users)
            .map(|_| {
                let (transport, pacer) = (Rc::clone(&transport), Arc::clone(&pacer));
                let course = Rc::clone(&course);
                tokio::task::spawn_local(async move {
                    user(&transport, &pacer, BEFORE).await;
                    // The runtime makes its list of those who yield when the first does, as the pacer's alarm may do later.
                    tokio::task::yield_now().await;
                    course.begin().await;
                    user(&transport, &pacer, COUNTED / users).await;
                    course.end();
                })
            })
            .collect();
        for one in all {
            one.await.unwrap();
        }
        let blocks = course.last.get() - course.first.get();
        assert_eq!(counters.totals().opened, users as u64);
        blocks
    })
}

/// What is counted lies between the last user's beginning and the last user's end.
#[derive(Default)]
struct Course {
    users: usize,
    begun: Cell<usize>,
    ended: Cell<usize>,
    all_begun: Notify,
    /// Blocks at the beginning and at the end.
    first: Cell<u64>,
    last: Cell<u64>,
}

impl Course {
    async fn begin(&self) {
        self.begun.set(self.begun.get() + 1);
        if self.begun.get() < self.users {
            return self.all_begun.notified().await;
        }
        self.first.set(dhat::HeapStats::get().total_blocks);
        self.all_begun.notify_waiters();
    }

    fn end(&self) {
        self.ended.set(self.ended.get() + 1);
        if self.ended.get() == self.users {
            self.last.set(dhat::HeapStats::get().total_blocks);
        }
    }
}

/// Sends so many requests, one after another, as a lane of the load engine does.
async fn user(transport: &AnyTransport, pacer: &Arc<Pacer>, requests: usize) {
    for _ in 0..requests {
        let deadline = pacer.clock().now() + TIMEOUT;
        let slot = match transport.try_slot() {
            Some(slot) => slot,
            None => transport.slot().await,
        };
        let exchange = pacer.timeout_at(deadline, transport.exchange()).await;
        drop(slot);
        let exchange = exchange.expect("in time");
        assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
    }
}
