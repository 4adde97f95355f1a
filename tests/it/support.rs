//! What tests of whole runs share: loads, plans, waiting for a picture.

use bytes::Bytes;
use dragstrip::load::{
    Arrivals, Engine, EngineConfig, LoadModel, LoadSpec, MostUsers, Order, Overflow, ThinkTime,
    VariantLoad, Warmup,
};
use dragstrip::metrics::VariantNames;
use dragstrip::metrics::snapshot::{CheckLevel, LoadRecord, PlanRecord, RequestRecord, Snapshot};
use dragstrip::transport::{RequestSpec, TransportConfig};
use http::{HeaderMap, Method};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn closed(users: u32, think_ms: (u64, u64)) -> LoadModel {
    let think = ThinkTime {
        low: Duration::from_millis(think_ms.0),
        high: Duration::from_millis(think_ms.1),
    };
    LoadModel::Closed { users, think }
}

pub(crate) fn open(rate_hz: f64, max_in_flight: u32, overflow: Overflow) -> LoadModel {
    LoadModel::Open {
        rate_hz,
        arrivals: Arrivals::Constant,
        max_in_flight,
        overflow,
    }
}

pub(crate) fn spec(model: LoadModel, duration_ms: u64) -> LoadSpec {
    LoadSpec {
        model,
        order: Order::Together,
        ramp: Duration::ZERO,
        warmup: Warmup::Fixed(Duration::ZERO),
        duration: (duration_ms > 0).then(|| Duration::from_millis(duration_ms)),
        until_decided: false,
        timeout: Duration::from_secs(30),
        threads: 2,
        seed: 1,
    }
}

pub(crate) fn variant(url: &str, transport: TransportConfig) -> VariantLoad {
    VariantLoad {
        names: VariantNames {
            label: url.to_owned(),
            url: url.to_owned(),
            transport: transport.describe(),
            keeps_connections: transport.keep_alive,
            time_limits: Vec::new(),
            one_request_each: None,
        },
        request: RequestSpec {
            url: url.parse().expect("a URL"),
            method: Method::POST,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"{}").into(),
        },
        transport,
        upstream: None,
    }
}

pub(crate) fn start(load: LoadSpec, urls: &[&str]) -> Engine {
    start_with(
        load,
        urls.iter()
            .map(|url| variant(url, TransportConfig::default()))
            .collect(),
    )
}

pub(crate) fn start_with(load: LoadSpec, variants: Vec<VariantLoad>) -> Engine {
    Engine::start(config(load, variants)).expect("starts")
}

pub(crate) fn config(load: LoadSpec, variants: Vec<VariantLoad>) -> EngineConfig {
    let (users, think_s, rate, max_in_flight) = match load.model {
        LoadModel::Closed { users, think } => (
            Some(users),
            Some([think.low.as_secs_f64(), think.high.as_secs_f64()]),
            None,
            None,
        ),
        LoadModel::Open {
            rate_hz,
            max_in_flight,
            ..
        } => (None, None, Some(rate_hz), Some(max_in_flight)),
    };
    let record = LoadRecord {
        model: if users.is_some() { "closed" } else { "open" }.to_owned(),
        users,
        think_s,
        rate,
        arrivals: None,
        max_in_flight,
        overflow: None,
        order: load.order.word().to_owned(),
        aa: false,
        margin_pct: None,
        until_decided: load.until_decided,
        ramp_s: load.ramp.as_secs_f64(),
        warmup_s: None,
        duration_s: load.duration.map(|duration| duration.as_secs_f64()),
        timeout_s: load.timeout.as_secs_f64(),
        threads: load.threads,
    };
    let request = RequestRecord {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: BTreeMap::new(),
        body_bytes: 2,
        bodies: None,
        bodies_order: None,
    };
    EngineConfig {
        load,
        variants,
        plan: Arc::new(PlanRecord {
            title: "test".to_owned(),
            load: record,
            request,
            launches: Vec::new(),
        }),
        started_at: String::new(),
        most_users: MostUsers {
            any: 1_000,
            who_never_think: 500,
        },
        notices: Vec::new(),
        together_notices: Vec::new(),
    }
}

/// Waits for a picture that satisfies `wanted`.
pub(crate) fn wait(
    engine: &Engine,
    what: &str,
    wanted: impl Fn(&Snapshot) -> bool,
) -> Arc<Snapshot> {
    let mut snapshots = engine.snapshots();
    let start = Instant::now();
    loop {
        let snapshot = snapshots.borrow_and_update().clone();
        if wanted(&snapshot) {
            return snapshot;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "{what} did not come: {snapshot:#?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn assert_conserved(snapshot: &Snapshot) {
    for variant in snapshot.variants.iter() {
        let run = &variant.run;
        assert_eq!(
            run.requests,
            run.ok + run.failed + run.cancelled + run.in_flight,
            "{run:#?}"
        );
    }
    assert!(
        snapshot
            .checks
            .iter()
            .any(|check| check.name == "conservation" && check.level == CheckLevel::Ok)
    );
}

/// Lets what runs in real time go before the present test, which computes. On Linux a thread has a priority of its own, and
/// each test its own thread; elsewhere a process has one, so there it does nothing.
pub(crate) fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, 10);
}
