//! Known answer 16: the client is starved on purpose. Its load threads are kept from running for 30 ms at a time, as another
//! process on their core would do it; here by the transport, so that it is the same on every machine.

use crate::support::{assert_conserved, config, open, spec, variant, wait};
use dragstrip::clock::Clock;
use dragstrip::load::{Engine, Making, Overflow};
use dragstrip::metrics::snapshot::{CheckLevel, Snapshot, Verdict};
use dragstrip::outcome::Outcome;
use dragstrip::transport::{Exchange, Transport, TransportConfig};
use std::cell::Cell;
use std::convert::Infallible;
use std::time::Duration;

/// How long the thread is kept from running, at each [`EVERY`]th request.
const KEPT: Duration = Duration::from_millis(30);
const EVERY: u32 = 10;

/// Answers after 5 ms; keeps its thread from running now and then.
struct Starving {
    clock: Clock,
    sent: Cell<u32>,
}

impl Transport for Starving {
    type Slot = ();

    fn try_slot(&self) -> Option<()> {
        Some(())
    }

    async fn slot(&self) {}

    async fn exchange(&self) -> Exchange {
        self.sent.set(self.sent.get() + 1);
        if self.sent.get().is_multiple_of(EVERY) {
            std::thread::sleep(KEPT);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = self.clock.now();
        Exchange {
            outcome: Outcome::Ok,
            ready: None,
            written: None,
            first_byte: Some(now),
            done: now,
            bytes: 1,
            opening: None,
            reused: None,
            held: None,
            version: None,
            error: None,
        }
    }
}

#[test]
fn n16_a_starved_client_gives_no_verdict_and_says_why() {
    let variants = ["http://a/", "http://b/"].map(|url| variant(url, TransportConfig::default()));
    let mut load = spec(open(100.0, 1_000, Overflow::Queue), 0);
    load.threads = 1;
    let engine = Engine::start_with(config(load, variants.into()), |making: Making<'_>| {
        Ok::<_, Infallible>(Starving {
            clock: making.pacer.clock().clone(),
            sent: Cell::new(0),
        })
    })
    .expect("starts");
    let red = |snapshot: &Snapshot, name: &str| {
        snapshot.checks.iter().any(|check| {
            check.name == name
                && check.level == CheckLevel::Red
                && check.detail.starts_with("CLIENT IS THE BOTTLENECK: ")
        })
    };
    let starved = wait(&engine, "both red checks", |snapshot| {
        red(snapshot, "client lag") && red(snapshot, "heartbeat")
    });
    assert_withheld(&starved);
    engine.control().cancel();
    let last = engine.join();
    assert_conserved(&last);
    assert_withheld(&last);
}

fn assert_withheld(snapshot: &Snapshot) {
    let metrics = &snapshot.comparison.as_ref().expect("two variants").metrics;
    assert_eq!(metrics.len(), 5);
    for metric in metrics {
        assert_eq!(metric.verdict, Verdict::Withheld, "{metric:?}");
        assert!(
            metric
                .text
                .starts_with("withheld: CLIENT IS THE BOTTLENECK: 1 % of sends are "),
            "{metric:?}"
        );
    }
}
