//! What the benchmarks share: traffic that needs no network, on shards of a run in simulated time.

use crate::support;
use dragstrip::clock::Tick;
use dragstrip::load::{LoadSpec, Order, Overflow};
use dragstrip::metrics::snapshot::{Epoch, Host, Phase};
use dragstrip::metrics::{Aggregator, Client, OpenRequest, RunFacts, Sample, Shard, Variant};
use dragstrip::outcome::Outcome;
use dragstrip::transport::TransportConfig;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution as _, LogNormal};
use std::collections::VecDeque;
use std::sync::Arc;

pub(crate) fn report(what: &str, mut times: Vec<f64>, unit: &str, goal: &str) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{what:58} {:>9.1} {unit} (p10 {:.1}, p90 {:.1}){goal}",
        at(0.5),
        at(0.1),
        at(0.9)
    );
}

/// Response times around 50 ms, as a gateway's are: nanoseconds.
fn responses() -> Vec<u64> {
    let law = LogNormal::new(50e6_f64.ln(), 0.5).expect("a law");
    law.sample_iter(SmallRng::seed_from_u64(1))
        .take(1 << 14)
        .map(|ns| ns as u64)
        .collect()
}

/// One variant on one thread: requests begin one after another, and as many are open all the time.
pub(crate) struct Traffic {
    pub(crate) shard: Arc<Shard>,
    responses: Vec<u64>,
    open: VecDeque<(OpenRequest, Tick)>,
    ended: usize,
}

impl Traffic {
    pub(crate) fn new(shard: Arc<Shard>, open: usize, now: Tick) -> Traffic {
        let open = (0..open)
            .map(|_| (shard.begin(now, now), now))
            .collect::<VecDeque<_>>();
        Traffic {
            shard,
            responses: responses(),
            open,
            ended: 0,
        }
    }

    /// The next request begins at `now`, and the oldest ends.
    pub(crate) fn step(&mut self, now: Tick) {
        self.open.push_back((self.shard.begin(now, now), now));
        let Some((request, intended)) = self.open.pop_front() else {
            return;
        };
        self.ended += 1;
        let response = self.responses[self.ended % self.responses.len()];
        let lag = response % 50_000;
        self.shard.end(
            request,
            &Sample {
                intended,
                granted: intended,
                sent: Some(Tick(intended.0 + lag)),
                ready: None,
                written: None,
                first_byte: Some(Tick(intended.0 + response - 1_000)),
                done: Tick(intended.0 + response),
                outcome: Outcome::Ok,
                bytes: 300,
                error: None,
            },
        );
    }
}

/// Two variants on two threads, measured in `order`: their shards and who collects them.
pub(crate) fn measured(order: Order, rate_hz: f64) -> (Vec<Arc<Shard>>, Aggregator) {
    let load = LoadSpec {
        order,
        ..spec(10_000.0, 1_000)
    };
    let config = support::config(
        load,
        vec![support::variant("http://a/", TransportConfig::default())],
    );
    let shards: Vec<Arc<Shard>> = (0..4).map(|_| Arc::default()).collect();
    let names = &config.variants[0].names;
    let variants = shards
        .chunks(2)
        .map(|shards| Variant::new(names.clone(), shards.to_vec()))
        .collect();
    let facts = RunFacts {
        plan: config.plan,
        started_at: String::new(),
        host: Host {
            os: String::new(),
            cores: 2,
        },
        seed: 1,
    };
    let load = Epoch {
        t: 0.0,
        load: String::new(),
        users: None,
        think_s: None,
        rate: Some(rate_hz),
        order: None,
    };
    let mut aggregator = Aggregator::new(facts, variants, load, Client::simulated());
    aggregator.start_run(Tick(0), Tick(0));
    aggregator.enter(Phase::Measuring);
    (shards, aggregator)
}

pub(crate) fn spec(rate_hz: f64, duration_ms: u64) -> LoadSpec {
    LoadSpec {
        threads: 1,
        ..support::spec(support::open(rate_hz, 10_000, Overflow::Queue), duration_ms)
    }
}
