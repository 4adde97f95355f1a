//! Known answers 1 and 2: the endpoint's true delays against what is measured, request by request and as distributions.

use super::real::{serve, until_undisturbed};
use super::simulated::{ms, serving};
use crate::support::{assert_conserved, config, open, spec, variant};
use dragstrip::gateway::{DelayProfile, ServiceSpec};
use dragstrip::load::{Engine, LoadSpec, Making, Overflow};
use dragstrip::metrics::snapshot::Snapshot;
use dragstrip::pacer::Pacer;
use dragstrip::transport::{Exchange, ReqwestTransport, Slot, Transport, TransportConfig};
use std::sync::{Arc, Mutex};

/// The engine's own transport, with a note of every exchange: (measured, true delay), in µs.
struct Watched {
    inner: ReqwestTransport,
    pacer: Arc<Pacer>,
    notes: Arc<Mutex<Vec<(i64, i64)>>>,
}

impl Transport for Watched {
    type Slot = Slot;

    fn try_slot(&self) -> Option<Slot> {
        self.inner.try_slot()
    }

    async fn slot(&self) -> Slot {
        self.inner.slot().await
    }

    async fn exchange(&self) -> Exchange {
        let sent = self.pacer.clock().now();
        let exchange = self.inner.exchange().await;
        let held = exchange
            .held
            .expect("the endpoint says how long it held it");
        let measured = exchange.done.us_since(sent).cast_signed();
        let held = (held.as_micros() as u64).cast_signed();
        self.notes.lock().unwrap().push((measured, held));
        exchange
    }
}

fn open_for(rate_hz: f64, ms: u64) -> LoadSpec {
    spec(open(rate_hz, 10_000, Overflow::Queue), ms)
}

/// One run; the last picture and the notes of all exchanges.
fn watched(load: &LoadSpec, services: &[ServiceSpec]) -> (Arc<Snapshot>, Vec<(i64, i64)>) {
    let servers: Vec<_> = services.iter().cloned().map(serve).collect();
    let variants = servers
        .iter()
        .map(|server| {
            let url = format!("{}/v1/chat/completions", server.url());
            variant(&url, TransportConfig::default())
        })
        .collect();
    let notes: Arc<Mutex<Vec<(i64, i64)>>> = Arc::default();
    let keep = Arc::clone(&notes);
    let engine = Engine::start_with(config(load.clone(), variants), move |making: Making<'_>| {
        ReqwestTransport::new(
            &making.variant.request,
            &making.variant.transport,
            making.share,
            Arc::clone(making.counters),
            making.pacer.clock().clone(),
        )
        .map(|inner| Watched {
            inner,
            pacer: Arc::clone(making.pacer),
            notes: Arc::clone(&keep),
        })
    })
    .expect("starts");
    let last = engine.join();
    assert_conserved(&last);
    let notes = notes.lock().unwrap().clone();
    (last, notes)
}

#[test]
fn n01_what_is_measured_is_the_true_delay_and_next_to_nothing() {
    let profile = DelayProfile::quantiles(vec![
        (0.0, std::time::Duration::from_millis(20)),
        (1.0, std::time::Duration::from_millis(200)),
    ])
    .expect("a distribution");
    let service = ServiceSpec {
        profile,
        ..ServiceSpec::default()
    };
    // Seldom enough that one moment of a busy machine, 20 ms say, meets less than 1 % of the 1,000 requests.
    let load = open_for(200.0, 5_000);
    let run = || watched(&load, std::slice::from_ref(&service));
    until_undisturbed(run, |last, notes| {
        let mut added: Vec<i64> = notes
            .iter()
            .map(|(measured, held)| measured - held)
            .collect();
        added.sort_unstable();
        assert!(added[0] >= 0, "faster than true by {} µs", -added[0]);
        let (p50, p99) = (added[added.len() / 2], added[added.len() * 99 / 100]);
        let run = &last.variants.a.run;
        // A process that stood still gives requests up whose exchanges end all the same.
        if last.gaps.is_empty() {
            assert_eq!(notes.len() as u64, run.requests);
        }
        // What was recorded is what was noted, but for the instants between the two readings of the clock.
        let noted_us: i64 = notes.iter().map(|(measured, _)| measured).sum();
        let recorded = run.service_us.mean.expect("no failures") * notes.len() as f64;
        let apart = (recorded - noted_us as f64) / notes.len() as f64;
        assert!((-1.0..50.0).contains(&apart), "{apart} µs apart");
        assert!(p50 < 1_000 && p99 < 3_000, "p50 {p50} µs, p99 {p99} µs");
    });
}

/// The share of the run's answers that took no longer than `us`, in per cent.
fn rank(last: &Snapshot, us: u64) -> f64 {
    let buckets = last.variants.a.histogram.buckets();
    let below: u64 = buckets
        .iter()
        .filter(|(value, _)| *value <= us)
        .map(|(_, count)| count)
        .sum();
    100.0 * below as f64 / last.variants.a.run.ok as f64
}

/// Judges 4,000 answers of `profile`, whose mean is at least 100 ms, without a queue.
fn four_thousand(profile: &str, judge: impl Fn(&DelayProfile, &Snapshot)) {
    let service = serving(profile);
    assert!(service.profile.mean().as_millis() >= 100);
    let load = open_for(800.0, 5_000);
    let run = || watched(&load, std::slice::from_ref(&service));
    until_undisturbed(run, |last, notes| {
        assert_eq!((notes.len(), last.variants.a.run.ok), (4_000, 4_000));
        judge(&service.profile, last);
    });
}

#[test]
fn n02_the_true_quantiles_have_their_ranks() {
    for profile in ["exp:100ms", "lognormal:80ms,0.8"] {
        four_thousand(profile, |true_delays, last| {
            for (p, tolerance) in [(0.5, 3.9), (0.95, 1.7), (0.99, 0.85)] {
                let rank = rank(last, true_delays.quantile(p).as_micros() as u64);
                assert!(
                    (rank - 100.0 * p).abs() <= tolerance,
                    "{profile}: the true quantile of {p} has rank {rank}"
                );
            }
        });
    }
}

#[test]
fn n02_two_delays_stay_two() {
    // Its quantiles are its two delays, so a rank is taken half-way between them.
    four_thousand("bimodal:50ms,300ms,30%", |_, last| {
        let rank = rank(last, 175_000);
        assert!((rank - 70.0).abs() <= 3.9, "{rank}");
        let times = &last.variants.a.run.response_us;
        for (name, expected) in [("p50", 50.0), ("p95", 300.0), ("p99", 300.0)] {
            let measured = ms(times, name);
            assert!(
                (expected..expected + 10.0).contains(&measured),
                "{name}: {measured} ms"
            );
        }
    });
}
