//! Starting a run, steering it, and waiting for its end.

use super::conductor::{Command, Conductor, ConductorSetup};
use super::control::LoadState;
use super::crew::Crew;
use super::heart::Vitals;
use super::lane::Protocol;
use super::spec::{LoadSpec, MostUsers};
use super::standstill::Standstills;
use super::steering::Control;
use super::thread::{self, Setup};
use crate::clock::{Clock, Tick};
use crate::cpu::{CpuMeter, CpuProbe, Work};
use crate::metrics::snapshot::{Host, Notice, Phase, PlanRecord, Snapshot};
use crate::metrics::{
    Aggregator, Client, Pulse, RunFacts, Shard, UpstreamLens, Variant, VariantNames,
};
use crate::pacer::Pacer;
use crate::transport::{
    AnyTransport, ConnectionCounters, RequestSpec, Share, Transport, TransportConfig,
};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// The time between two pictures.
const BEAT: Duration = Duration::from_millis(100);

/// Everything that a run needs to know.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// The load.
    pub load: LoadSpec,
    /// A, or A and B.
    pub variants: Vec<VariantLoad>,
    /// The plan as snapshots keep it.
    pub plan: Arc<PlanRecord>,
    /// The start of the run, RFC 3339.
    pub started_at: String,
    /// Users beyond this number cannot be added while the run goes on.
    pub most_users: MostUsers,
    /// What a reader of every snapshot must know.
    pub notices: Vec<Notice>,
    /// The same while both variants are under load at once.
    pub together_notices: Vec<Notice>,
}

/// One variant's request and transport.
#[derive(Debug, Clone)]
pub struct VariantLoad {
    /// How it is called.
    pub names: VariantNames,
    /// What is sent.
    pub request: RequestSpec,
    /// How.
    pub transport: TransportConfig,
    /// Who sees its gateway from behind, where there is somebody.
    pub upstream: Option<Arc<dyn UpstreamLens>>,
}

/// What a load thread's transport for one variant is made from.
#[derive(Debug)]
pub struct Making<'a> {
    /// Which variant: 0 is A.
    pub index: usize,
    /// Its request and transport.
    pub variant: &'a VariantLoad,
    /// The thread's part of limits and pools.
    pub share: Share,
    /// Where its connections are counted.
    pub counters: &'a Arc<ConnectionCounters>,
    /// The run's clock, and a way to wait by it.
    pub pacer: &'a Arc<Pacer>,
}

/// Why a run could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
    /// A load thread could not be set up.
    #[error("{0}")]
    Setup(String),
}

/// A run under way. Dropped, it ends.
#[derive(Debug)]
pub struct Engine {
    control: Control,
    cpu: CpuMeter,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    conductor: Option<JoinHandle<()>>,
}

/// What the load threads and the conductor of a run share, before either is started.
pub(super) struct Parts {
    pub(super) clock: Clock,
    variants: Arc<[VariantLoad]>,
    counters: Arc<[Arc<ConnectionCounters>]>,
    protocols: Vec<Protocol>,
    shards: Vec<Vec<Arc<Shard>>>,
    load: LoadSpec,
    follow: watch::Receiver<LoadState>,
}

impl Parts {
    /// Lays out a run; without `standstills` in simulated time.
    pub(super) fn lay_out(
        config: EngineConfig,
        clock: Clock,
        beat: Duration,
        client: Client,
        standstills: Option<Arc<Standstills>>,
    ) -> (Parts, Conductor, watch::Receiver<Arc<Snapshot>>) {
        let EngineConfig {
            load,
            variants,
            plan,
            started_at,
            most_users,
            notices,
            together_notices,
        } = config;
        let counters: Arc<[Arc<ConnectionCounters>]> =
            variants.iter().map(|_| Arc::default()).collect();
        let protocols: Vec<Protocol> = variants.iter().map(|_| Protocol::default()).collect();
        let shards: Vec<Vec<Arc<Shard>>> = variants
            .iter()
            .map(|_| (0..load.threads.max(1)).map(|_| Arc::default()).collect())
            .collect();
        let state = LoadState::of(&load, variants.len());
        let (publish, follow) = watch::channel(state);
        let facts = RunFacts {
            plan,
            started_at,
            host: Host {
                os: std::env::consts::OS.to_owned(),
                cores: client.cores(),
            },
            seed: load.seed,
        };
        let measured = variants
            .iter()
            .zip(&shards)
            .map(|(variant, shards)| Variant::new(variant.names.clone(), shards.clone()))
            .collect();
        let (conductor, snapshots) = Conductor::new(ConductorSetup {
            spec: load.clone(),
            most_users,
            clock: clock.clone(),
            aggregator: Aggregator::new(facts, measured, state.epoch(Tick(0)), client),
            connections: counters.iter().cloned().zip(protocols.clone()).collect(),
            upstreams: variants.iter().map(|it| it.upstream.clone()).collect(),
            load: publish,
            notices,
            together_notices,
            beat,
            standstills,
        });
        let parts = Parts {
            clock,
            variants: variants.into(),
            counters,
            protocols,
            shards,
            load,
            follow,
        };
        (parts, conductor, snapshots)
    }

    pub(super) fn threads(&self) -> usize {
        self.load.threads.max(1)
    }

    /// What load thread `index` is given.
    pub(super) fn thread<F>(
        &self,
        index: usize,
        vitals: Option<Vitals>,
        ready: mpsc::Sender<Result<(), String>>,
        factory: F,
    ) -> Setup<F> {
        Setup {
            spec: self.load.clone(),
            share: Share {
                index,
                of: self.threads(),
            },
            factory,
            loads: Arc::clone(&self.variants),
            counters: Arc::clone(&self.counters),
            variants: self
                .shards
                .iter()
                .zip(&self.protocols)
                .map(|(shards, protocol)| (Arc::clone(&shards[index]), Arc::clone(protocol)))
                .collect(),
            vitals,
            state: self.follow.clone(),
            ready,
        }
    }
}

impl Engine {
    /// Starts the load threads and the conductor.
    pub fn start(config: EngineConfig) -> Result<Engine, StartError> {
        Engine::start_with(config, |making: Making<'_>| {
            AnyTransport::new(
                &making.variant.request,
                &making.variant.transport,
                making.share,
                Arc::clone(making.counters),
                making.pacer,
            )
        })
    }

    /// Starts a run whose transports `factory` makes, on each load thread one for each variant.
    pub fn start_with<T, E, F>(config: EngineConfig, factory: F) -> Result<Engine, StartError>
    where
        T: Transport,
        E: std::fmt::Display + 'static,
        F: Fn(Making<'_>) -> Result<T, E> + Clone + Send + 'static,
    {
        let cpu = CpuMeter::default();
        let pulses: Vec<Arc<Pulse>> = (0..config.load.threads.max(1))
            .map(|_| Arc::default())
            .collect();
        let client = Client::new(cpu.clone(), pulses.clone());
        let standstills = Arc::<Standstills>::default();
        let (parts, mut conductor, snapshots) = Parts::lay_out(
            config,
            Clock::monotonic(),
            BEAT,
            client,
            Some(Arc::clone(&standstills)),
        );
        let (ready, told) = mpsc::channel();
        let mut crew = Crew::default();
        for (index, pulse) in pulses.into_iter().enumerate() {
            let vitals = Vitals {
                pulse,
                standstills: Arc::clone(&standstills),
            };
            let setup = parts.thread(index, Some(vitals), ready.clone(), factory.clone());
            let (clock, probe) = (parts.clock.clone(), cpu.probe(Work::Load));
            crew.add(
                std::thread::Builder::new()
                    .name(format!("load-{index}"))
                    .spawn(move || thread::run(setup, clock, probe))?,
            );
        }
        drop(ready);
        for _ in 0..crew.len() {
            told.recv()
                .unwrap_or_else(|_| Err("a load thread died".to_owned()))
                .map_err(StartError::Setup)?;
        }
        let (control, commands) = mpsc::channel();
        let (clock, probe) = (parts.clock.clone(), cpu.probe(Work::Watch));
        let conductor = std::thread::Builder::new()
            .name("conductor".to_owned())
            .spawn(move || {
                conductor.start();
                lead(&mut conductor, &clock, &commands, &mut crew, &probe);
            })?;
        Ok(Engine {
            control: Control(control),
            cpu,
            snapshots,
            conductor: Some(conductor),
        })
    }

    /// The accounts of what this run costs in processor time; whoever shows it opens one of his own.
    pub fn cpu(&self) -> &CpuMeter {
        &self.cpu
    }

    /// The pictures of the run, ten a second, the last one kept.
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// A handle to steer the run.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Whether the run is over and the last picture published.
    pub fn is_finished(&self) -> bool {
        let ended = self.conductor.as_ref().is_none_or(JoinHandle::is_finished);
        ended || self.snapshots.borrow().meta.phase == Phase::Done
    }

    /// Waits until the run is over (it may have no end: see [`Control::cancel`]) and returns its last picture.
    pub fn join(mut self) -> Arc<Snapshot> {
        if let Some(conductor) = self.conductor.take() {
            self.control.leave();
            // A panic there has already been reported by the panic hook; the last picture stands.
            let _ = conductor.join();
        }
        self.snapshots.borrow().clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(conductor) = self.conductor.take() {
            self.control.cancel();
            self.control.leave();
            let _ = conductor.join();
        }
    }
}

/// Drives a conductor in real time. When the run is over it stays, for notes that belong to its record, until it may leave.
pub(super) fn lead(
    conductor: &mut Conductor,
    clock: &Clock,
    commands: &Receiver<Command>,
    crew: &mut Crew,
    probe: &CpuProbe,
) {
    let mut may_leave = false;
    loop {
        probe.publish();
        let roll = crew.call_the_roll();
        if roll.lost {
            conductor.lose_a_thread();
        }
        let Some(wake) = conductor.step(roll.idle) else {
            break;
        };
        match commands.recv_timeout(wake.since(clock.now())) {
            Ok(Command::Leave) => may_leave = true,
            Ok(command) => conductor.obey(command),
            Err(RecvTimeoutError::Timeout) => {}
            // Nobody can steer the run any more: nobody is left to watch it either.
            Err(RecvTimeoutError::Disconnected) => conductor.obey(Command::Cancel),
        }
    }
    while !may_leave {
        match commands.recv() {
            Ok(Command::Leave) | Err(_) => may_leave = true,
            Ok(command) => conductor.obey(command),
        }
    }
}
