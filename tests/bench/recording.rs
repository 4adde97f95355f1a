//! What recording and watching cost, in turns of many batches: medians, with the goals beside them.
//!
//! `cargo bench --bench recording`, or with words that choose: `cargo bench --bench recording -- record picture`.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark stops where something is wrong"
)]

#[allow(
    dead_code,
    reason = "it belongs to the tests; one function is used here"
)]
#[path = "../it/support.rs"]
mod support;
mod traffic;

use dragstrip::clock::{Clock, Tick};
use dragstrip::load::{Making, Order, Simulation};
use dragstrip::metrics::{ConnectionReading, Moment, Shard};
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::transport::{Exchange, Transport, TransportConfig};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};
use traffic::{Traffic, measured, report, spec};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` calls it without the word that `cargo bench` adds: there is nothing to measure then.
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let chosen = |name: &str| {
        words.iter().all(|word| word.starts_with("--")) || words.iter().any(|word| word == name)
    };
    if chosen("record") {
        record();
    }
    if chosen("picture") {
        for (ended, open) in [(1_000, 100), (1_000, 10_000), (10_000, 10_000)] {
            picture(ended, open);
        }
    }
    if chosen("judge") {
        [200, 2_000].into_iter().for_each(judge);
    }
    if chosen("pacer") {
        [10, 1_000, 10_000].into_iter().for_each(pacer);
    }
    if chosen("simulation") {
        simulation();
    }
}

fn record() {
    const BATCH: u64 = 1_000;
    let shard = Arc::new(Shard::default());
    let _ = shard.start_run(Tick(0), Tick(0));
    let mut traffic = Traffic::new(shard, 100, Tick(0));
    let mut now = 0;
    let times = (0..4_000)
        .map(|batch| {
            let begun = Instant::now();
            for _ in 0..BATCH {
                now += 100_000;
                traffic.step(Tick(now));
            }
            let ns = begun.elapsed().as_nanos() as f64 / BATCH as f64;
            // As often as the aggregator does at 10,000 requests per second.
            if batch % 10 == 0 {
                let _ = traffic.shard.take(Tick(now));
            }
            ns
        })
        .collect();
    report(
        "record one sample, begin and end",
        times,
        "ns",
        ", goal 150",
    );
}

/// What a second costs with ten pictures of two variants, `ended` requests of each in it: judged in windows against not
/// judged, over 40 minutes of a run.
fn judge(ended: usize) {
    let mut seconds = [Vec::new(), Vec::new()];
    let orders = [Order::Together, Order::Sequential];
    let mut runs = orders.map(|order| {
        let (shards, aggregator) = measured(order, ended as f64);
        let lanes: Vec<Traffic> = shards
            .into_iter()
            .map(|shard| Traffic::new(shard, 10, Tick(0)))
            .collect();
        (aggregator, lanes)
    });
    for second in 0..2_400_u64 {
        for ((aggregator, lanes), seconds) in runs.iter_mut().zip(&mut seconds) {
            let mut spent = Duration::ZERO;
            for tenth in 1..=10 {
                let now = Tick((second * 10 + tenth) * 100_000_000);
                for lane in lanes.iter_mut() {
                    (0..ended / 20).for_each(|_| lane.step(now));
                }
                let begun = Instant::now();
                aggregator.collect(now, (0..2).map(|_| ConnectionReading::default()));
                black_box(aggregator.snapshot(Moment::default()));
                spent += begun.elapsed();
            }
            seconds.push(spent.as_secs_f64() * 1e3);
        }
    }
    let mean = |seconds: &[f64]| seconds.iter().sum::<f64>() / seconds.len() as f64;
    println!("{ended} requests of each variant in a second:");
    let [judged, plain] = seconds;
    let last = mean(&judged[1_800..]) - mean(&plain[1_800..]);
    let all = mean(&judged) - mean(&plain);
    let worst = judged.iter().copied().fold(0.0, f64::max);
    report("  ten pictures, judged", judged, "ms", "");
    report("  ten pictures, not judged", plain, "ms", "");
    println!(
        "  the statistics of a second: {all:.2} ms on average, {last:.2} in the last ten minutes; goal 3. Worst second {worst:.1} ms in all"
    );
}

/// Ten pictures a second of two variants on two threads: `ended` requests of each variant between two, `open` all the time.
fn picture(ended: usize, open: usize) {
    let (shards, mut aggregator) = measured(Order::Together, ended as f64 * 10.0);
    let mut lanes: Vec<Traffic> = shards
        .iter()
        .map(|shard| Traffic::new(Arc::clone(shard), open / 2, Tick(0)))
        .collect();
    let (mut take, mut collect, mut paint) = (Vec::new(), Vec::new(), Vec::new());
    for tick in 1..=600_u64 {
        let now = Tick(tick * 100_000_000);
        for lane in &mut lanes {
            (0..ended / 2).for_each(|_| lane.step(now));
        }
        let begun = Instant::now();
        aggregator.collect(now, (0..2).map(|_| ConnectionReading::default()));
        let collected = Instant::now();
        black_box(aggregator.snapshot(Moment::default()));
        collect.push((collected - begun).as_secs_f64() * 1e6);
        paint.push(collected.elapsed().as_secs_f64() * 1e6);
        // How long a load thread may have to wait, on a shard that is filled again.
        (0..ended / 2).for_each(|_| lanes[0].step(now));
        let begun = Instant::now();
        black_box(shards[0].take(now));
        take.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    let whole = collect.iter().zip(&paint).map(|(a, b)| a + b).collect();
    println!("{ended} ended per picture and variant, {open} open:");
    report("  take one shard", take, "µs", "");
    report("  collect 2 variants × 2 threads", collect, "µs", "");
    report("  paint the snapshot", paint, "µs", "");
    report("  both", whole, "µs", ", goal 2000");
}

/// Waiting for an instant, with `crowd` others who wait for later ones.
fn pacer(crowd: u64) {
    const BATCH: u64 = 1_000;
    let clock = Clock::manual();
    let pacer = Pacer::manual(clock.clone());
    let mut context = Context::from_waker(Waker::noop());
    let mut sleeps = VecDeque::new();
    let mut now = 0;
    let times = (0..1_000)
        .map(|_| {
            let begun = Instant::now();
            for _ in 0..BATCH {
                now += 1_000;
                let mut sleep = pacer.sleep_until(Tick(now + crowd * 1_000));
                let _ = Pin::new(&mut sleep).poll(&mut context);
                sleeps.push_back(sleep);
                clock.set(Tick(now));
                pacer.ring(Tick(now));
                if sleeps.len() as u64 > crowd {
                    sleeps.pop_front();
                }
            }
            begun.elapsed().as_nanos() as f64 / BATCH as f64
        })
        .collect();
    report(
        &format!("wait for an instant and wake, {crowd} waiting"),
        times,
        "ns",
        "",
    );
}

/// Answers after 20 ms of simulated time.
struct Slow(Arc<Pacer>);

impl Transport for Slow {
    type Slot = ();

    fn try_slot(&self) -> Option<()> {
        Some(())
    }

    async fn slot(&self) {}

    async fn exchange(&self) -> Exchange {
        let done = self.0.clock().now() + Duration::from_millis(20);
        self.0.sleep_until(done).await;
        Exchange {
            outcome: Outcome::Ok,
            ready: None,
            written: None,
            first_byte: Some(done),
            done,
            bytes: 1,
            opening: None,
            reused: None,
            version: None,
            held: None,
            error: None,
        }
    }
}

fn simulation() {
    const SECONDS: u64 = 10;
    for rate in [1_000, 20_000] {
        let times = (0..10)
            .map(|_| {
                let variants = (0..2)
                    .map(|_| support::variant("http://a/", TransportConfig::default()))
                    .collect();
                let config = support::config(spec(f64::from(rate), SECONDS * 1_000), variants);
                let begun = Instant::now();
                let run =
                    Simulation::start(config, Duration::from_millis(100), |making: Making<'_>| {
                        Ok::<_, Infallible>(Slow(Arc::clone(making.pacer)))
                    });
                let last = run.expect("starts").finish();
                let requests: u64 = last.variants.iter().map(|v| v.run.ok).sum();
                assert_eq!(requests, 2 * SECONDS * u64::from(rate as u32));
                requests as f64 / begun.elapsed().as_secs_f64() / 1e3
            })
            .collect();
        report(
            &format!("simulated, 2 × {rate}/s"),
            times,
            "thousand requests/s",
            "",
        );
    }
}
