//! One load thread: a `current_thread` runtime that carries its part of every variant, follows the conductor, and drains.

use super::closed::Users;
use super::control::{Gate, LoadState};
use super::lane::{Lane, Protocol};
use super::open::OpenLoop;
use super::pacer::Pacer;
use super::schedule::{Part, Schedule};
use super::spec::{LoadModel, LoadSpec};
use crate::clock::{Clock, Tick};
use crate::metrics::Shard;
use crate::transport::{Share, Transport};
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::{oneshot, watch};
use tokio::task::{LocalSet, spawn_local, yield_now};

/// What a load thread is given.
pub(super) struct Setup<F> {
    pub(super) spec: LoadSpec,
    pub(super) share: Share,
    pub(super) clock: Clock,
    /// Makes the transport of a variant (0 is A) for this thread.
    pub(super) factory: F,
    /// For each variant: where to record, and where to tell the HTTP version.
    pub(super) variants: Vec<(Arc<Shard>, Protocol)>,
    pub(super) state: watch::Receiver<LoadState>,
    /// Gives the instant at which the load starts.
    pub(super) go: oneshot::Receiver<Tick>,
    /// Told when the thread is ready, or why it cannot be.
    pub(super) ready: std::sync::mpsc::Sender<Result<(), String>>,
}

/// The loops of one variant on this thread.
enum Loop<T: Transport> {
    Closed(Users<T>),
    Open,
}

/// Runs a load thread to its end.
pub(super) fn run<T, E, F>(setup: Setup<F>)
where
    T: Transport,
    E: std::fmt::Display,
    F: Fn(usize, Share) -> Result<T, E>,
{
    let ready = setup.ready.clone();
    be_punctual();
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ready.send(Err(format!("cannot start a load thread: {error}")));
            return;
        }
    };
    // Dropping the set at the end drops the tasks in it, and with them what is still open: it counts as cancelled.
    LocalSet::new().block_on(&runtime, async {
        if let Err(reason) = drive(setup).await {
            let _ = ready.send(Err(reason));
        }
    });
}

async fn drive<T, E, F>(setup: Setup<F>) -> Result<(), String>
where
    T: Transport,
    E: std::fmt::Display,
    F: Fn(usize, Share) -> Result<T, E>,
{
    let Setup {
        spec,
        share,
        clock,
        factory,
        variants,
        mut state,
        go,
        ready,
    } = setup;
    let pacer =
        Pacer::new(clock.clone()).map_err(|error| format!("cannot make a timer: {error}"))?;
    spawn_local(Rc::clone(&pacer).run());
    let gate = Rc::new(Gate::new(*state.borrow_and_update()));
    let mut lanes = Vec::new();
    for (variant, (shard, protocol)) in variants.into_iter().enumerate() {
        let transport = factory(variant, share).map_err(|error| error.to_string())?;
        let (pacer, gate) = (Rc::clone(&pacer), Rc::clone(&gate));
        lanes.push(Rc::new(Lane::new(
            transport,
            clock.clone(),
            pacer,
            gate,
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
            users.resize(now.users, clock.now());
        }
        let finished = async {
            let Some(stop) = now.stop_at else {
                return std::future::pending().await;
            };
            pacer.sleep_until(stop).await;
            // Those who were due just before the end begin first.
            yield_now().await;
            for lane in &lanes {
                lane.drained().await;
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
            spawn_local(open.run(schedule, share.of));
            Loop::Open
        }
    }
}

/// Timers of this thread ring when they should, not up to 50 µs later.
fn be_punctual() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
}
