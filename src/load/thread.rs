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
use tokio::sync::watch;
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
    /// Says when which variant is to be under load.
    pub(super) state: watch::Receiver<LoadState>,
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
        ready,
    } = setup;
    let shards = variants.iter().map(|(s, _)| Arc::clone(s)).collect();
    let heart = Heart::new(pacer.clock().clone(), vitals, shards);
    spawn_local(Rc::clone(&heart).beat(Arc::clone(&pacer)));
    let held = *state.borrow_and_update();
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
            Gate::new(index, held),
            shard,
            spec.timeout,
            protocol,
        )));
    }
    let _ = ready.send(Ok(()));

    // A variant's loops begin with its first turn, and with it the variant's ramp.
    let mut loops: Vec<Option<Loop<T>>> = lanes.iter().map(|_| None).collect();
    loop {
        let now = *state.borrow_and_update();
        lanes.iter().for_each(|lane| lane.gate.set(now));
        if now.cancel {
            break;
        }
        for (lane, begun) in lanes.iter().zip(&mut loops) {
            match (&begun, lane.gate.turn()) {
                (None, Some(turn)) => {
                    *begun = Some(start(&spec, &now, lane, share, turn.from));
                }
                (Some(Loop::Closed(users)), _) => users.resize(now.users, heart.now()),
                _ => {}
            }
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
            for begun in loops.iter().flatten() {
                if let Loop::Open(open) = begun {
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
            changed = state.changed() => if changed.is_err() { break },
            // Unless the conductor has thought better of it at the last moment.
            () = finished => if !state.has_changed().unwrap_or(false) { break },
        }
    }
    for lane in &lanes {
        lane.transport.close().await;
    }
    Ok(())
}

/// Begins a variant's load at `origin`, with its ramp.
fn start<T: Transport>(
    spec: &LoadSpec,
    state: &LoadState,
    lane: &Rc<Lane<T>>,
    share: Share,
    origin: Tick,
) -> Loop<T> {
    let part = Part {
        variant: lane.gate.part(),
        thread: share.index,
        threads: share.of,
    };
    match spec.model {
        LoadModel::Closed { .. } => {
            let users = Users::new(Rc::clone(lane), part, spec.seed);
            users.start(state.users, origin, spec.ramp);
            Loop::Closed(users)
        }
        LoadModel::Open {
            arrivals,
            max_in_flight,
            overflow,
            ..
        } => {
            let rate_hz = state.rate_hz;
            let schedule = Schedule::new(arrivals, rate_hz, spec.ramp, origin, part, spec.seed);
            let open = OpenLoop::new(
                Rc::clone(lane),
                share.part(max_in_flight as usize),
                overflow,
            );
            spawn_local(Rc::clone(&open).run(schedule, origin));
            Loop::Open(open)
        }
    }
}
