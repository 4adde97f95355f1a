//! Verdicts of whole runs, in simulated time: from single requests to the words on the screen.

mod alternate;
mod together;
mod troubles;

use crate::known::simulated::{Gateway, faults, load, serving, simulation, simulation_with};
use dragstrip::gateway::ServiceSpec;
use dragstrip::load::{Arrivals, LoadModel, LoadSpec, Overflow, Simulation, ThinkTime, Warmup};
use dragstrip::metrics::snapshot::{Basis, Comparison, Metric, MetricName, Snapshot, Verdict};
use std::sync::Arc;
use std::time::Duration;

const BEAT: Duration = Duration::from_millis(100);

/// For runs of which nothing but the verdicts is looked at.
const SLOW_BEAT: Duration = Duration::from_millis(500);

/// 200 users as in the published benchmark.
fn seed_load(seconds: f64) -> LoadSpec {
    let think = ThinkTime {
        low: Duration::from_millis(500),
        high: Duration::from_secs(1),
    };
    LoadSpec {
        warmup: Warmup::Fixed(Duration::from_secs(10)),
        ..load(LoadModel::Closed { users: 200, think }, seconds)
    }
}

/// 20 users who think for 50 to 150 ms.
fn few_users(seconds: f64) -> LoadSpec {
    users(20, seconds)
}

/// So many of them.
fn users(users: u32, seconds: f64) -> LoadSpec {
    let think = ThinkTime {
        low: Duration::from_millis(50),
        high: Duration::from_millis(150),
    };
    load(LoadModel::Closed { users, think }, seconds)
}

/// Poisson arrivals at `rate_hz`.
fn arrivals(rate_hz: f64, seconds: f64) -> LoadSpec {
    let model = LoadModel::Open {
        rate_hz,
        arrivals: Arrivals::Poisson,
        max_in_flight: 10_000,
        overflow: Overflow::Queue,
    };
    load(model, seconds)
}

/// A gateway that serves everything at once, as `profile` says.
fn gateway(profile: &str, seed: u64) -> Gateway {
    Gateway::new(&ServiceSpec {
        seed,
        ..serving(profile)
    })
}

/// The demo's two gateways: A has 7 connections to its upstream, B as many as it wants.
fn seed_gateways(seed: u64) -> [Gateway; 2] {
    [
        gateway("seed", seed).with_connections(7),
        gateway("seed", seed + 1),
    ]
}

fn comparison(snapshot: &Snapshot) -> &Comparison {
    snapshot.comparison.as_ref().expect("two variants")
}

fn metric(snapshot: &Snapshot, name: MetricName) -> &Metric {
    let mut metrics = comparison(snapshot).metrics.iter();
    metrics.find(|metric| metric.name == name).expect("there")
}

fn verdict(snapshot: &Snapshot, name: MetricName) -> Verdict {
    metric(snapshot, name).verdict
}

const JUDGED: [MetricName; 4] = [
    MetricName::Rps,
    MetricName::P50,
    MetricName::P95,
    MetricName::P99,
];

fn is_decided(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::BBetter | Verdict::BWorse | Verdict::NotComparable
    )
}

/// Lets the run go on second by second; `look` sees each picture and says when it has seen enough.
fn watch(run: &mut Simulation, mut look: impl FnMut(&Snapshot) -> bool) -> Arc<Snapshot> {
    let mut second = 0;
    loop {
        second += 1;
        let snapshot = run.run_until(Duration::from_secs(second));
        let over = snapshot.meta.phase == dragstrip::metrics::snapshot::Phase::Done;
        if look(&snapshot) || over {
            return snapshot;
        }
        assert!(second < 10_000, "without end");
    }
}

/// Twenty runs of `load` in which both gateways serve alike, each with delays of its own.
fn assert_never_decided(load: &LoadSpec) {
    for seed in 0..20 {
        let gateways = [2 * seed, 2 * seed + 1].map(|seed| gateway("lognormal:60ms,0.4", seed));
        let load = LoadSpec {
            seed,
            ..load.clone()
        };
        let last = watch(&mut simulation(load, &gateways, SLOW_BEAT), |snapshot| {
            JUDGED
                .iter()
                .any(|name| is_decided(verdict(snapshot, *name)))
        });
        let verdicts = JUDGED.map(|name| verdict(&last, name));
        assert!(
            !verdicts.into_iter().any(is_decided),
            "seed {seed}: {verdicts:?}"
        );
        assert!(comparison(&last).pairs >= 15, "{}", comparison(&last).pairs);
    }
}
