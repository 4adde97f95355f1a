//! Starting a run, steering it, and waiting for its end.

use super::conductor::{Command, Conductor};
use super::control::LoadState;
use super::lane::Protocol;
use super::spec::LoadSpec;
use super::thread::{self, Setup};
use crate::clock::{Clock, Tick};
use crate::metrics::snapshot::{Host, Notice, PlanRecord, Snapshot};
use crate::metrics::{Aggregator, RunFacts, Shard, Variant, VariantNames};
use crate::transport::{ConnectionCounters, RequestSpec, ReqwestTransport, Share, TransportConfig};
use std::io;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};

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
    pub most_users: u32,
    /// What a reader of every snapshot must know.
    pub notices: Vec<Notice>,
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
    snapshots: watch::Receiver<Arc<Snapshot>>,
    conductor: Option<JoinHandle<()>>,
}

/// Steers a run from anywhere. Copies steer the same run; when it is over they do nothing.
#[derive(Debug, Clone)]
pub struct Control(mpsc::Sender<Command>);

impl Control {
    /// Users or rate one step of about a tenth up or down. A new epoch begins.
    pub fn step_load(&self, up: bool) {
        let _ = self.0.send(Command::StepLoad { up });
    }

    /// Holds the load, or lets it go on.
    pub fn toggle_pause(&self) {
        let _ = self.0.send(Command::TogglePause);
    }

    /// Ends the run now. What is open counts as cancelled.
    pub fn cancel(&self) {
        let _ = self.0.send(Command::Cancel);
    }
}

impl Engine {
    /// Starts the load threads and the conductor.
    pub fn start(config: EngineConfig) -> Result<Engine, StartError> {
        let EngineConfig {
            load,
            variants,
            plan,
            started_at,
            most_users,
            notices,
        } = config;
        let threads = load.threads.max(1);
        let clock = Clock::monotonic();
        let counters: Vec<Arc<ConnectionCounters>> =
            variants.iter().map(|_| Arc::default()).collect();
        let protocols: Vec<Protocol> = variants.iter().map(|_| Protocol::default()).collect();
        let shards: Vec<Vec<Arc<Shard>>> = variants
            .iter()
            .map(|_| (0..threads).map(|_| Arc::new(Shard::default())).collect())
            .collect();
        let state = LoadState::of(&load);
        let (publish, follow) = watch::channel(state);
        let (ready, told) = mpsc::channel();

        let (mut handles, mut goes) = (Vec::new(), Vec::new());
        for index in 0..threads {
            let (go, wait) = oneshot::channel();
            goes.push(go);
            let (parts, counters, own_clock) = (variants.clone(), counters.clone(), clock.clone());
            let setup = Setup {
                spec: load.clone(),
                share: Share { index, of: threads },
                clock: clock.clone(),
                factory: move |variant: usize, share: Share| {
                    let VariantLoad {
                        request, transport, ..
                    } = &parts[variant];
                    ReqwestTransport::new(
                        request,
                        transport,
                        share,
                        Arc::clone(&counters[variant]),
                        own_clock.clone(),
                    )
                },
                variants: shards
                    .iter()
                    .zip(&protocols)
                    .map(|(s, p)| (Arc::clone(&s[index]), Arc::clone(p)))
                    .collect(),
                state: follow.clone(),
                go: wait,
                ready: ready.clone(),
            };
            handles.push(
                std::thread::Builder::new()
                    .name(format!("load-{index}"))
                    .spawn(move || thread::run(setup))?,
            );
        }
        drop(ready);
        for _ in 0..threads {
            told.recv()
                .unwrap_or_else(|_| Err("a load thread died".to_owned()))
                .map_err(StartError::Setup)?;
        }

        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let host = Host {
            os: std::env::consts::OS.to_owned(),
            cores,
        };
        let facts = RunFacts {
            plan,
            started_at,
            host,
            seed: load.seed,
        };
        let measured = variants
            .into_iter()
            .zip(shards)
            .map(|(variant, shards)| Variant::new(variant.names, shards))
            .collect();
        let aggregator = Aggregator::new(facts, measured, state.epoch(Tick(0)));
        let (control, commands) = mpsc::channel();
        let connections = counters.into_iter().zip(protocols).collect();
        let (conductor, snapshots) = Conductor::new(
            load,
            most_users,
            clock,
            aggregator,
            connections,
            publish,
            commands,
            handles,
            notices,
        );
        let conductor = std::thread::Builder::new()
            .name("conductor".to_owned())
            .spawn(move || conductor.run(goes))?;
        Ok(Engine {
            control: Control(control),
            snapshots,
            conductor: Some(conductor),
        })
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
        self.conductor.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until the run is over (it may have no end: see [`Control::cancel`]) and returns its last picture.
    pub fn join(mut self) -> Arc<Snapshot> {
        if let Some(conductor) = self.conductor.take() {
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
            let _ = conductor.join();
        }
    }
}
