//! One load thread: a `current_thread` runtime that carries its part of every variant, follows the conductor, and drains.

use super::closed::Users;
use super::control::{Gate, LoadState};
use super::engine::{Making, VariantLoad};
use super::heart::{Heart, Vitals};
use super::lane::{Lane, Protocol};
use super::open::OpenLoop;
use super::schedule::{Part, Schedule};
use super::spec::{LoadModel, LoadSpec};
use crate::clock::{Clock, Tick};
use crate::cpu::CpuProbe;
use crate::metrics::Shard;
use crate::pacer::{self, Pacer};
use crate::transport::{ConnectionCounters, Share, Transport};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::{spawn_local, yield_now};

/// What a load thread is given.
pub(super) struct Setup<F> {
    pub(super) spec: LoadSpec,
    pub(super) share: Share,
    /// Makes the transport of a variant for this thread.
    pub(super) factory: F,
    /// The variants' requests and transports, and where their connections are counted.
    pub(super) loads: Arc<[VariantLoad]>,
    pub(super) counters: Arc<[Arc<ConnectionCounters>]>,
    /// For each variant: where to record, and where to tell the HTTP version.
    pub(super) variants: Vec<(Arc<Shard>, Protocol)>,
    /// `None` in simulated time.
    pub(super) vitals: Option<Vitals>,
    pub(super) state: watch::Receiver<LoadState>,
    /// Gives the instant at which the load starts.
    pub(super) go: oneshot::Receiver<Tick>,
    /// Told when the thread is ready, or why it cannot be.
    pub(super) ready: std::sync::mpsc::Sender<Result<(), String>>,
}

/// The loops of one variant on this thread.
enum Loop<T: Transport> {
    Closed(Users<T>),
    Open(Rc<OpenLoop<T>>),
}

/// How long a thread that has stood still waits to be told of a new end, before it takes the old one for true.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often a load thread publishes what it has used.
const ACCOUNT: Duration = Duration::from_millis(100);

/// Runs a load thread to its end.
pub(super) fn run<T, E, F>(setup: Setup<F>, clock: Clock, cpu: CpuProbe)
where
    T: Transport,
    E: std::fmt::Display,
    F: Fn(Making<'_>) -> Result<T, E>,
{
    let ready = setup.ready.clone();
    pacer::be_punctual();
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ready.send(Err(format!("cannot start a load thread: {error}")));
            return;
        }
    };
    // Dropping the runtime at the end drops its tasks, and with them what is still open: it counts as cancelled.
    runtime.block_on(async {
        let pacer = match Pacer::new(clock) {
            Ok(pacer) => pacer,
            Err(error) => {
                let _ = ready.send(Err(format!("cannot make a timer: {error}")));
                return;
            }
        };
        spawn_local(publish(cpu, Arc::clone(&pacer)));
        if let Err(reason) = drive(setup, pacer).await {
            let _ = ready.send(Err(reason));
        }
    });
}

async fn publish(cpu: CpuProbe, pacer: Arc<Pacer>) {
    loop {
        cpu.publish();
        pacer.sleep_until(pacer.clock().now() + ACCOUNT).await;
    }
}

/// The load of one thread, from its start to its last answer. Everything it needs of the world is `pacer` and the transport:
/// it runs in simulated time as well.
pub(super) async fn drive<T, E, F>(setup: Setup<F>, pacer: Arc<Pacer>) -> Result<(), String>
where
    T: Transport,
    E: std::fmt::Display,
    F: Fn(Making<'_>) -> Result<T, E>,
{
    let Setup {
        spec,
        share,
        factory,
        loads,
        counters,
        variants,
        vitals,
        mut state,
        go,
        ready,
    } = setup;
    let shards = variants.iter().map(|(s, _)| Arc::clone(s)).collect();
    let heart = Heart::new(pacer.clock().clone(), vitals, shards);
    spawn_local(Rc::clone(&heart).beat(Arc::clone(&pacer)));
    let gate = Rc::new(Gate::new(*state.borrow_and_update()));
    let mut lanes = Vec::new();
    for (index, (shard, protocol)) in variants.into_iter().enumerate() {
        let making = Making {
            index,
            variant: &loads[index],
            share,
            counters: &counters[index],
            pacer: &pacer,
        };
        let transport = factory(making).map_err(|error| error.to_string())?;
        lanes.push(Rc::new(Lane::new(
            transport,
            Rc::clone(&heart),
            Arc::clone(&pacer),
            Rc::clone(&gate),
            shard,
            spec.timeout,
            protocol,
        )));
    }
    let _ = ready.send(Ok(()));
    let Ok(origin) = go.await else { return Ok(()) };

    let loops: Vec<Loop<T>> = lanes
        .iter()
        .enumerate()
        .map(|(variant, lane)| start(&spec, lane, variant, share, origin))
        .collect();
    loop {
        let now = *state.borrow_and_update();
        gate.set(now);
        if now.cancel {
            return Ok(());
        }
        for users in loops.iter().filter_map(|l| {
            if let Loop::Closed(users) = l {
                Some(users)
            } else {
                None
            }
        }) {
            users.resize(now.users, heart.now());
        }
        let finished = async {
            let Some(stop) = now.stop_at else {
                return std::future::pending().await;
            };
            pacer.sleep_until(stop).await;
            heart.now();
            if let Some(resumed) = heart.resumed() {
                // Time stood still: the end is put off, and the conductor is about to say until when.
                pacer.sleep_until(resumed + PATIENCE).await;
            }
            // Those who were due just before the end begin first.
            yield_now().await;
            for l in &loops {
                if let Loop::Open(open) = l {
                    open.passed().await;
                }
            }
            while lanes.iter().any(|lane| !lane.is_drained()) {
                for lane in &lanes {
                    lane.drained().await;
                }
            }
        };
        tokio::select! {
            changed = state.changed() => if changed.is_err() { return Ok(()) },
            () = finished => return Ok(()),
        }
    }
}

fn start<T: Transport>(
    spec: &LoadSpec,
    lane: &Rc<Lane<T>>,
    variant: usize,
    share: Share,
    origin: Tick,
) -> Loop<T> {
    let part = Part {
        variant,
        thread: share.index,
        threads: share.of,
    };
    match spec.model {
        LoadModel::Closed {
            users: number,
            think,
        } => {
            let users = Users::new(Rc::clone(lane), think, part, spec.seed);
            users.start(number, origin, spec.ramp);
            Loop::Closed(users)
        }
        LoadModel::Open {
            rate_hz,
            arrivals,
            max_in_flight,
            overflow,
        } => {
            let schedule = Schedule::new(arrivals, rate_hz, spec.ramp, origin, part, spec.seed);
            let open = OpenLoop::new(
                Rc::clone(lane),
                share.part(max_in_flight as usize),
                overflow,
            );
            spawn_local(Rc::clone(&open).run(schedule, share.of));
            Loop::Open(open)
        }
    }
}
