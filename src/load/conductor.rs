//! The conductor leads a run through its phases, ten times a second has the figures collected, and publishes the picture.
//!
//! ```text
//! ramp ──► warm-up ──► measuring ──► draining ──► done        (pause: from and back to any of the first three)
//! ```
//!
//! It is a plain thread that waits for commands with a deadline; the load threads never wait for it.

use super::control::LoadState;
use super::lane::{Protocol, protocol_name};
use super::spec::{LoadModel, LoadSpec, Warmup};
use crate::clock::{Clock, Tick};
use crate::metrics::snapshot::{Notice, NoticeLevel, Phase, Snapshot};
use crate::metrics::{Aggregator, ConnectionReading, Distribution, Moment};
use crate::transport::ConnectionCounters;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The time between two pictures.
const BEAT: Duration = Duration::from_millis(100);

/// How long a load thread may take to give up once the run is cancelled; the program never waits longer.
const GRACE: Duration = Duration::from_millis(500);

/// Automatic warm-up: at least, at most, and in cycles of think time and mean response.
const WARMUP_S: (f64, f64, f64) = (5.0, 30.0, 3.0);

/// What a run can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    StepLoad { up: bool },
    TogglePause,
    Cancel,
}

/// Where a run stands, with the instants that its phases need.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Ramp { until: Tick },
    WarmUp { since: Tick },
    Measuring { until: Option<Tick> },
    Paused { resume: Resume },
    Draining,
    Done,
}

/// What a pause interrupted; the durations are what is left or has passed of it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Resume {
    Ramp { left: Duration },
    WarmUp { passed: Duration },
    Measuring { left: Option<Duration> },
}

pub(super) struct Conductor {
    spec: LoadSpec,
    most_users: u32,
    clock: Clock,
    aggregator: Aggregator,
    connections: Vec<(Arc<ConnectionCounters>, Protocol)>,
    load: LoadState,
    publish_load: watch::Sender<LoadState>,
    publish: watch::Sender<Arc<Snapshot>>,
    commands: Receiver<Command>,
    threads: Vec<JoinHandle<()>>,
    stage: Stage,
    cancelled_at: Option<Tick>,
    notices: Vec<Notice>,
}

impl Conductor {
    #[expect(
        clippy::too_many_arguments,
        reason = "called once, by the engine that makes all of them"
    )]
    pub(super) fn new(
        spec: LoadSpec,
        most_users: u32,
        clock: Clock,
        aggregator: Aggregator,
        connections: Vec<(Arc<ConnectionCounters>, Protocol)>,
        publish_load: watch::Sender<LoadState>,
        commands: mpsc::Receiver<Command>,
        threads: Vec<JoinHandle<()>>,
        notices: Vec<Notice>,
    ) -> (Self, watch::Receiver<Arc<Snapshot>>) {
        let load = LoadState::of(&spec);
        let stage = Stage::Ramp { until: Tick(0) };
        let (publish, snapshots) = watch::channel(Arc::new(aggregator.snapshot(Moment::default())));
        let conductor = Conductor {
            spec,
            most_users,
            clock,
            aggregator,
            connections,
            load,
            publish_load,
            publish,
            commands,
            threads,
            stage,
            cancelled_at: None,
            notices,
        };
        (conductor, snapshots)
    }

    /// Leads the run to its end. `goes` start the load threads.
    pub(super) fn run(mut self, goes: Vec<oneshot::Sender<Tick>>) {
        let origin = self.clock.now();
        self.stage = Stage::Ramp {
            until: origin + self.spec.ramp,
        };
        self.announce_run();
        for go in goes {
            let _ = go.send(origin);
        }
        let mut beat = origin;
        while self.stage != Stage::Done {
            self.advance();
            let now = self.clock.now();
            if now >= beat {
                self.collect(now);
                self.publish(now);
                // Beats are absolute, so that seconds roll on time; those that were missed are left out.
                beat = Tick((now.0 / BEAT.as_nanos() as u64 + 1) * BEAT.as_nanos() as u64);
            }
            let wake = self.phase_end().map_or(beat, |end| end.min(beat));
            match self.commands.recv_timeout(wake.since(self.clock.now())) {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => {}
                // Nobody can steer the run any more: nobody is left to watch it either.
                Err(RecvTimeoutError::Disconnected) => self.obey(Command::Cancel),
            }
        }
        let now = self.clock.now();
        self.collect(now);
        self.aggregator.enter(Phase::Done);
        self.publish(now);
    }

    /// Goes on to the next phase if the present one is over.
    fn advance(&mut self) {
        let now = self.clock.now();
        match self.stage {
            Stage::Ramp { until } if now >= until => {
                self.enter(Stage::WarmUp { since: until }, now);
            }
            Stage::WarmUp { since } if now >= since + self.warmup(now) => {
                let from = match self.spec.warmup {
                    Warmup::Fixed(duration) => since + duration,
                    Warmup::Auto => now,
                };
                let until = self.spec.duration.map(|duration| from + duration);
                self.enter(Stage::Measuring { until }, now);
                if self.spec.warmup == Warmup::Auto {
                    self.aggregator.start_run(from);
                }
            }
            Stage::Measuring { until: Some(until) } if now >= until => {
                self.enter(Stage::Draining, now);
            }
            Stage::Draining
                if self.threads.iter().all(JoinHandle::is_finished)
                    || self.cancelled_at.is_some_and(|at| now >= at + GRACE) =>
            {
                self.stage = Stage::Done;
            }
            _ => {}
        }
    }

    fn enter(&mut self, stage: Stage, now: Tick) {
        self.collect(now);
        let resumed = matches!(self.stage, Stage::Paused { .. });
        self.stage = stage;
        if resumed {
            self.announce_run();
        }
        let (phase, stop_at) = match stage {
            Stage::Ramp { .. } => (Phase::Ramp, None),
            Stage::WarmUp { .. } => (Phase::WarmUp, None),
            Stage::Measuring { until } => (Phase::Measuring, until),
            Stage::Paused { .. } => (Phase::Paused, None),
            Stage::Draining | Stage::Done => (Phase::Draining, self.load.stop_at.or(Some(now))),
        };
        self.aggregator.enter(phase);
        self.change_load(LoadState {
            stop_at,
            paused: phase == Phase::Paused,
            ..self.load
        });
    }

    /// Where the run's start is known beforehand the shards are told beforehand, so that not one request around it is
    /// counted on the wrong side.
    fn announce_run(&mut self) {
        let Warmup::Fixed(warmup) = self.spec.warmup else {
            return;
        };
        match self.stage {
            Stage::Ramp { until } => self.aggregator.start_run(until + warmup),
            Stage::WarmUp { since } => self.aggregator.start_run(since + warmup),
            _ => {}
        }
    }

    fn change_load(&mut self, load: LoadState) {
        self.load = load;
        self.publish_load.send_replace(load);
    }

    fn obey(&mut self, command: Command) {
        let now = self.clock.now();
        if command == Command::Cancel {
            self.cancelled_at.get_or_insert(now);
        }
        match (command, self.stage) {
            (Command::Cancel, Stage::Draining | Stage::Done) => self.change_load(LoadState {
                cancel: true,
                ..self.load
            }),
            (Command::Cancel, _) => {
                self.enter(Stage::Draining, now);
                self.change_load(LoadState {
                    cancel: true,
                    ..self.load
                });
            }
            (_, Stage::Draining | Stage::Done) => {}
            (Command::StepLoad { up }, stage) => {
                let load = self.load.stepped(up, self.most_users);
                if load != self.load {
                    self.collect(now);
                    let measuring = matches!(
                        stage,
                        Stage::Measuring { .. }
                            | Stage::Paused {
                                resume: Resume::Measuring { .. }
                            }
                    );
                    self.aggregator.start_epoch(now, load.epoch(now), measuring);
                    self.change_load(load);
                    // An automatic warm-up settles anew under the new load; a fixed one is the user's own choice.
                    if self.spec.warmup == Warmup::Auto
                        && let Stage::WarmUp { .. } = stage
                    {
                        self.stage = Stage::WarmUp { since: now };
                    }
                }
            }
            (Command::TogglePause, Stage::Paused { resume }) => {
                let stage = match resume {
                    Resume::Ramp { left } => Stage::Ramp { until: now + left },
                    Resume::WarmUp { passed } => Stage::WarmUp {
                        since: Tick(now.0.saturating_sub(passed.as_nanos() as u64)),
                    },
                    Resume::Measuring { left } => Stage::Measuring {
                        until: left.map(|left| now + left),
                    },
                };
                self.enter(stage, now);
            }
            (Command::TogglePause, stage) => {
                let resume = match stage {
                    Stage::Ramp { until } => Resume::Ramp {
                        left: until.since(now),
                    },
                    Stage::WarmUp { since } => Resume::WarmUp {
                        passed: now.since(since),
                    },
                    Stage::Measuring { until } => Resume::Measuring {
                        left: until.map(|until| until.since(now)),
                    },
                    Stage::Paused { .. } | Stage::Draining | Stage::Done => return,
                };
                self.enter(Stage::Paused { resume }, now);
            }
        }
    }

    fn collect(&mut self, now: Tick) {
        let readings = self.connections.iter().map(|(counters, protocol)| {
            let totals = counters.totals();
            ConnectionReading {
                opened: totals.opened,
                failed: totals.failed,
                reused: Some(totals.reused),
                closed: None,
                connect: Distribution::from_histogram(&totals.connect_us),
                protocol: protocol_name(protocol.load(Ordering::Relaxed)),
            }
        });
        self.aggregator.collect(now, readings);
    }

    fn publish(&mut self, now: Tick) {
        let (total_s, phase_left_s) = self.times(now);
        let mut notices = self.notices.clone();
        notices.extend(self.cancelled());
        let moment = Moment {
            phase_left_s,
            total_s,
            notices,
        };
        self.publish
            .send_replace(Arc::new(self.aggregator.snapshot(moment)));
    }

    /// What was still open when the run was ended is in no percentile, and that is said.
    fn cancelled(&self) -> Option<Notice> {
        let cancelled: u64 = self
            .aggregator
            .variants()
            .iter()
            .map(|v| v.lifetime().of(crate::outcome::Outcome::Cancelled))
            .sum();
        (cancelled > 0).then(|| Notice {
            level: NoticeLevel::Info,
            text: format!(
                "{} open requests were cancelled at the end; they are in no percentile",
                crate::text::count(cancelled)
            ),
        })
    }

    fn phase_end(&self) -> Option<Tick> {
        match self.stage {
            Stage::Ramp { until } => Some(until),
            Stage::WarmUp { since } => Some(since + self.warmup(self.clock.now())),
            Stage::Measuring { until } => until,
            Stage::Paused { .. } | Stage::Draining | Stage::Done => None,
        }
    }

    /// Seconds of the whole run and seconds left of this phase, where they are known.
    fn times(&self, now: Tick) -> (Option<f64>, Option<f64>) {
        let end = self.phase_end();
        let left = end.map(|end| end.since(now).as_secs_f64());
        let after = match self.stage {
            Stage::Ramp { until } => Some(until + self.warmup(now)),
            Stage::WarmUp { .. } => end,
            _ => None,
        };
        let total = match (self.stage, self.spec.duration) {
            (Stage::Measuring { until }, _) => until,
            (Stage::Ramp { .. } | Stage::WarmUp { .. }, Some(duration)) => {
                after.map(|after| after + duration)
            }
            (Stage::Draining | Stage::Done, Some(_)) => self.load.stop_at,
            _ => None,
        };
        (total.map(Tick::as_secs_f64), left)
    }

    fn warmup(&self, now: Tick) -> Duration {
        match self.spec.warmup {
            Warmup::Fixed(duration) => duration,
            Warmup::Auto => {
                let think = match self.spec.model {
                    LoadModel::Closed { think, .. } => think.mean().as_secs_f64(),
                    LoadModel::Open { .. } => 0.0,
                };
                let (least, most, cycles) = WARMUP_S;
                Duration::from_secs_f64(
                    (cycles * (think + self.aggregator.mean_response_s(now))).clamp(least, most),
                )
            }
        }
    }
}
