//! A gateway in simulated time: the built-in endpoint's service model behind the engine's transport trait.

use crate::support::{config, give_way, variant};
use dragstrip::clock::Tick;
use dragstrip::gateway::{FaultKind, Faults, Origin, Service, ServiceSpec};
use dragstrip::load::{LoadModel, LoadSpec, Making, Order, Simulation, Warmup};
use dragstrip::metrics::snapshot::{Latency, LoadRecord, Percentile, Snapshot};
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::transport::{Exchange, Transport, TransportConfig};
use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A gateway, shared by all load threads of a variant.
#[derive(Clone)]
pub(crate) struct Gateway {
    service: Rc<RefCell<Service>>,
    connections: Option<Arc<Semaphore>>,
    arrivals: Option<Rc<RefCell<Vec<Tick>>>>,
    exchanges: Option<Rc<RefCell<Vec<Span>>>>,
}

/// A request's time at the gateway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Which variant's: 0 is A.
    pub(crate) variant: usize,
    pub(crate) from: Tick,
    pub(crate) until: Tick,
}

impl Gateway {
    /// Serves as `spec` says, its freezes counted from tick 0.
    pub(crate) fn new(spec: &ServiceSpec) -> Gateway {
        Gateway {
            service: Rc::new(RefCell::new(Service::new(
                spec.clone(),
                Origin::At(Tick(0)),
            ))),
            connections: None,
            arrivals: None,
            exchanges: None,
        }
    }

    /// At most `limit` connections, each with one request at a time.
    pub(crate) fn with_connections(self, limit: usize) -> Gateway {
        Gateway {
            connections: Some(Arc::new(Semaphore::new(limit))),
            ..self
        }
    }

    /// Notes in `exchanges` when requests came and when they were over.
    pub(crate) fn noting_exchanges(self, exchanges: &Rc<RefCell<Vec<Span>>>) -> Gateway {
        Gateway {
            exchanges: Some(Rc::clone(exchanges)),
            ..self
        }
    }

    /// Notes every arrival in `arrivals`.
    pub(crate) fn noting(self, arrivals: &Rc<RefCell<Vec<Tick>>>) -> Gateway {
        Gateway {
            arrivals: Some(Rc::clone(arrivals)),
            ..self
        }
    }
}

pub(crate) struct Simulated {
    variant: usize,
    gateway: Gateway,
    pacer: Arc<Pacer>,
}

/// Notes the time of an exchange, however it ends.
struct Noted<'a> {
    at: &'a Simulated,
    from: Tick,
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        if let Some(exchanges) = &self.at.gateway.exchanges {
            exchanges.borrow_mut().push(Span {
                variant: self.at.variant,
                from: self.from,
                until: self.at.pacer.clock().now(),
            });
        }
    }
}

impl Transport for Simulated {
    type Slot = Option<OwnedSemaphorePermit>;

    fn try_slot(&self) -> Option<Self::Slot> {
        match &self.gateway.connections {
            None => Some(None),
            Some(slots) => Arc::clone(slots).try_acquire_owned().ok().map(Some),
        }
    }

    async fn slot(&self) -> Self::Slot {
        match &self.gateway.connections {
            None => None,
            Some(slots) => Arc::clone(slots).acquire_owned().await.ok(),
        }
    }

    async fn exchange(&self) -> Exchange {
        let arrival = self.pacer.clock().now();
        let _noted = Noted {
            at: self,
            from: arrival,
        };
        if let Some(arrivals) = &self.gateway.arrivals {
            arrivals.borrow_mut().push(arrival);
        }
        let served = self.gateway.service.borrow_mut().admit(arrival);
        if served.fault == Some(FaultKind::Hang) {
            std::future::pending::<()>().await;
        }
        self.pacer.sleep_until(served.due).await;
        let done = self.pacer.clock().now();
        let outcome = match served.fault {
            None | Some(FaultKind::Hang) => Outcome::Ok,
            Some(FaultKind::Status(status)) => Outcome::Http(status.as_u16()),
            Some(FaultKind::Cut) => Outcome::Body,
            Some(FaultKind::Reset) => Outcome::Protocol,
        };
        Exchange {
            outcome,
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

/// A load of `model` for `seconds`, without ramp and warm-up, on one load thread.
pub(crate) fn load(model: LoadModel, seconds: f64) -> LoadSpec {
    LoadSpec {
        model,
        order: Order::Together,
        ramp: Duration::ZERO,
        warmup: Warmup::Fixed(Duration::ZERO),
        duration: Some(Duration::from_secs_f64(seconds)),
        until_decided: false,
        timeout: Duration::from_secs(3_600),
        threads: 1,
        seed: 1,
    }
}

/// The run of `load` against one or two gateways, laid out. A picture every `beat`.
pub(crate) fn simulation(load: LoadSpec, gateways: &[Gateway], beat: Duration) -> Simulation {
    simulation_with(load, gateways, beat, |_| ())
}

/// The same, with what else the plan says.
pub(crate) fn simulation_with(
    load: LoadSpec,
    gateways: &[Gateway],
    beat: Duration,
    said: impl FnOnce(&mut LoadRecord),
) -> Simulation {
    give_way();
    let variants = gateways
        .iter()
        .map(|_| variant("http://simulated/", TransportConfig::default()))
        .collect();
    let gateways: Rc<[Gateway]> = gateways.into();
    let mut config = config(load, variants);
    said(&mut Arc::make_mut(&mut config.plan).load);
    Simulation::start(config, beat, move |making: Making<'_>| {
        Ok::<_, Infallible>(Simulated {
            variant: making.index,
            gateway: gateways[making.index].clone(),
            pacer: Arc::clone(making.pacer),
        })
    })
    .expect("starts")
}

/// The same, to its end.
pub(crate) fn run(load: LoadSpec, gateways: &[Gateway]) -> Arc<Snapshot> {
    simulation(load, gateways, Duration::from_millis(100)).finish()
}

/// The profile called `name`.
pub(crate) fn serving(profile: &str) -> ServiceSpec {
    ServiceSpec {
        profile: profile.parse().expect("a profile"),
        ..ServiceSpec::default()
    }
}

/// The figure called `name`, in ms.
pub(crate) fn ms(latency: &Latency, name: &str) -> f64 {
    match latency.get(name) {
        Percentile::Exactly(us) => us as f64 / 1e3,
        other => panic!("{name} is {other:?} in {latency:#?}"),
    }
}

/// Asserts that `value` is `expected` within the share `tolerance`.
pub(crate) fn close(what: &str, value: f64, expected: f64, tolerance: f64) {
    assert!(
        (value - expected).abs() <= tolerance * expected,
        "{what}: {value}, expected {expected} ± {} %",
        tolerance * 100.0
    );
}

/// One fault, as on the command line.
pub(crate) fn faults(fault: &str) -> Faults {
    Faults::default()
        .and(fault.parse().expect("a fault"))
        .expect("at most all")
}
