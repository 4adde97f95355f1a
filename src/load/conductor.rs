//! The conductor leads a run through its phases, ten times a second has the figures collected, and publishes the picture.
//!
//! ```text
//! ramp ──► warm-up ──► measuring ──► draining ──► done        (pause: from and back to any of the first three)
//! ```
//!
//! It does nothing by itself: whoever drives it calls [`Conductor::step`] when it asks for that, in real time or simulated
//! (see `engine` and `simulation`). The load threads never wait for it.

use super::control::LoadState;
use super::lane::{Protocol, protocol_name};
use super::spec::{LoadModel, LoadSpec, Warmup};
use super::standstill::{Standstill, Standstills};
use crate::clock::{Clock, Tick};
use crate::metrics::snapshot::{Notice, NoticeLevel, Phase, Snapshot};
use crate::metrics::{Aggregator, ConnectionReading, Distribution, Moment};
use crate::transport::ConnectionCounters;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;

/// How long a load thread may take to give up once the run is cancelled; the program never waits longer.
const GRACE: Duration = Duration::from_millis(500);

/// Automatic warm-up: at least, at most, and in cycles of think time and mean response.
const WARMUP_S: (f64, f64, f64) = (5.0, 30.0, 3.0);

/// Settling after a pause or a standstill: at least, at most, and in cycles.
const SETTLING_S: (f64, f64, f64) = (1.0, 30.0, 2.0);

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
    Ramp {
        until: Tick,
    },
    WarmUp {
        since: Tick,
    },
    Measuring {
        until: Option<Tick>,
    },
    /// Back under load after it was held; `left` is what is still to be measured.
    Settling {
        until: Tick,
        left: Option<Duration>,
    },
    Paused {
        resume: Resume,
    },
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

/// What a conductor is made of.
pub(super) struct ConductorSetup {
    pub(super) spec: LoadSpec,
    /// Users beyond this number cannot be added.
    pub(super) most_users: u32,
    pub(super) clock: Clock,
    pub(super) aggregator: Aggregator,
    pub(super) connections: Vec<(Arc<ConnectionCounters>, Protocol)>,
    /// Tells the load threads.
    pub(super) load: watch::Sender<LoadState>,
    pub(super) notices: Vec<Notice>,
    /// The time between two pictures.
    pub(super) beat: Duration,
    /// `None` in simulated time, in which nothing ever stands still.
    pub(super) standstills: Option<Arc<Standstills>>,
}

pub(super) struct Conductor {
    setup: ConductorSetup,
    load: LoadState,
    publish: watch::Sender<Arc<Snapshot>>,
    stage: Stage,
    cancelled_at: Option<Tick>,
    next_beat: Tick,
    /// Standstills that it has acted upon.
    known: usize,
}

impl Conductor {
    pub(super) fn new(mut setup: ConductorSetup) -> (Self, watch::Receiver<Arc<Snapshot>>) {
        let (publish, snapshots) =
            watch::channel(Arc::new(setup.aggregator.snapshot(Moment::default())));
        let conductor = Conductor {
            load: LoadState::of(&setup.spec),
            setup,
            publish,
            stage: Stage::Ramp { until: Tick(0) },
            cancelled_at: None,
            next_beat: Tick(0),
            known: 0,
        };
        (conductor, snapshots)
    }

    /// The load begins now. Returns the instant that the load threads must be told.
    pub(super) fn start(&mut self) -> Tick {
        let origin = self.setup.clock.now();
        self.stage = Stage::Ramp {
            until: origin + self.setup.spec.ramp,
        };
        self.announce_run();
        self.next_beat = origin;
        origin
    }

    /// Does what is due. `idle`: all load threads have ended. Returns when to call again, at the latest; `None` when the run
    /// is over and its last picture published.
    pub(super) fn step(&mut self, idle: bool) -> Option<Tick> {
        let now = self.setup.clock.now();
        if let Some(standstills) = &self.setup.standstills {
            for standstill in standstills.look(now, self.known) {
                self.known += 1;
                self.stood_still(standstill, now);
            }
        }
        self.advance(idle);
        let now = self.setup.clock.now();
        if self.stage == Stage::Done {
            self.collect(now);
            self.setup.aggregator.enter(Phase::Done);
            self.publish(now);
            return None;
        }
        if now >= self.next_beat {
            self.collect(now);
            self.publish(now);
            // Beats are absolute, so that seconds roll on time; those that were missed are left out.
            let beat = self.setup.beat.as_nanos() as u64;
            self.next_beat = Tick((now.0 / beat + 1) * beat);
        }
        let wake = self
            .phase_end()
            .map_or(self.next_beat, |end| end.min(self.next_beat));
        Some(wake)
    }

    /// This process did not run for a while: nothing of that belongs to the measurement.
    fn stood_still(&mut self, standstill: Standstill, now: Tick) {
        let (gap, settle) = (standstill.length(), self.settle(now));
        self.setup
            .aggregator
            .stood_still(standstill.from, now, readings(&self.setup.connections));
        let stage = match self.stage {
            Stage::Ramp { until } => Stage::Ramp { until: until + gap },
            Stage::WarmUp { since } => Stage::WarmUp { since: since + gap },
            Stage::Measuring { until } => Stage::Settling {
                until: now + settle,
                left: until.map(|until| until.since(standstill.from)),
            },
            Stage::Settling { left, .. } => Stage::Settling {
                until: now + settle,
                left,
            },
            stage @ (Stage::Paused { .. } | Stage::Draining | Stage::Done) => stage,
        };
        // Told even if nothing changes: users who saw the old end pass have left and are called back.
        self.enter(stage, now);
        self.announce_run();
        // The load threads have yet to act on it; until then no picture is true.
        self.next_beat = now + self.setup.beat;
    }

    /// How long the load settles after it has been held: two cycles, at least a second.
    fn settle(&self, now: Tick) -> Duration {
        let (least, most, cycles) = SETTLING_S;
        Duration::from_secs_f64((cycles * self.cycle_s(now)).clamp(least, most))
    }

    /// Mean think time and response.
    fn cycle_s(&self, now: Tick) -> f64 {
        let think = match self.setup.spec.model {
            LoadModel::Closed { think, .. } => think.mean().as_secs_f64(),
            LoadModel::Open { .. } => 0.0,
        };
        think + self.setup.aggregator.mean_response_s(now)
    }

    /// Goes on to the next phase if the present one is over.
    fn advance(&mut self, idle: bool) {
        let now = self.setup.clock.now();
        match self.stage {
            Stage::Ramp { until } if now >= until => {
                self.enter(Stage::WarmUp { since: until }, now);
            }
            Stage::WarmUp { since } if now >= since + self.warmup(now) => {
                let from = match self.setup.spec.warmup {
                    Warmup::Fixed(duration) => since + duration,
                    Warmup::Auto => now,
                };
                let until = self.setup.spec.duration.map(|duration| from + duration);
                self.enter(Stage::Measuring { until }, now);
                if self.setup.spec.warmup == Warmup::Auto {
                    self.setup.aggregator.start_run(from, now);
                }
            }
            Stage::Settling { until, left } if now >= until => {
                let until = left.map(|left| until + left);
                self.enter(Stage::Measuring { until }, now);
            }
            Stage::Measuring { until: Some(until) } if now >= until => {
                self.enter(Stage::Draining, now);
            }
            Stage::Draining if idle || self.cancelled_at.is_some_and(|at| now >= at + GRACE) => {
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
            Stage::WarmUp { .. } | Stage::Settling { .. } => (Phase::WarmUp, None),
            Stage::Measuring { until } => (Phase::Measuring, until),
            Stage::Paused { .. } => (Phase::Paused, None),
            Stage::Draining | Stage::Done => (Phase::Draining, self.load.stop_at.or(Some(now))),
        };
        self.setup.aggregator.enter(phase);
        self.change_load(LoadState {
            stop_at,
            paused: phase == Phase::Paused,
            ..self.load
        });
    }

    /// Where the run's start is known beforehand the shards are told beforehand, so that not one request around it is
    /// counted on the wrong side.
    fn announce_run(&mut self) {
        if let Stage::Settling { until, .. } = self.stage {
            self.setup.aggregator.resume_run(until);
        }
        let Warmup::Fixed(warmup) = self.setup.spec.warmup else {
            return;
        };
        let now = self.setup.clock.now();
        match self.stage {
            Stage::Ramp { until } => self.setup.aggregator.start_run(until + warmup, now),
            Stage::WarmUp { since } => self.setup.aggregator.start_run(since + warmup, now),
            _ => {}
        }
    }

    fn change_load(&mut self, load: LoadState) {
        self.load = load;
        self.setup.load.send_replace(load);
    }

    pub(super) fn obey(&mut self, command: Command) {
        let now = self.setup.clock.now();
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
                let load = self.load.stepped(up, self.setup.most_users);
                if load != self.load {
                    self.collect(now);
                    let measuring = matches!(
                        stage,
                        Stage::Measuring { .. }
                            | Stage::Settling { .. }
                            | Stage::Paused {
                                resume: Resume::Measuring { .. }
                            }
                    );
                    self.setup
                        .aggregator
                        .start_epoch(now, load.epoch(now), measuring);
                    self.change_load(load);
                    if let Stage::Settling { .. } = stage {
                        self.announce_run();
                    }
                    // An automatic warm-up settles anew under the new load; a fixed one is the user's own choice.
                    if self.setup.spec.warmup == Warmup::Auto
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
                    Resume::Measuring { left } => Stage::Settling {
                        until: now + self.settle(now),
                        left,
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
                    Stage::Settling { left, .. } => Resume::Measuring { left },
                    Stage::Paused { .. } | Stage::Draining | Stage::Done => return,
                };
                self.enter(Stage::Paused { resume }, now);
            }
        }
    }

    fn collect(&mut self, now: Tick) {
        self.setup
            .aggregator
            .collect(now, readings(&self.setup.connections));
    }

    fn publish(&mut self, now: Tick) {
        let (total_s, phase_left_s) = self.times(now);
        let mut notices = self.setup.notices.clone();
        notices.extend(self.cancelled());
        let moment = Moment {
            phase_left_s,
            total_s,
            notices,
        };
        self.publish
            .send_replace(Arc::new(self.setup.aggregator.snapshot(moment)));
    }

    /// What was still open when the run was ended is in no percentile, and that is said.
    fn cancelled(&self) -> Option<Notice> {
        let cancelled: u64 = self
            .setup
            .aggregator
            .variants()
            .iter()
            .map(|v| v.lifetime().of(crate::outcome::Outcome::Cancelled))
            .sum();
        (cancelled > 0).then(|| Notice {
            level: NoticeLevel::Info,
            text: format!(
                "{} requests were cancelled while open; percentiles know of them only that they took longer",
                crate::text::count(cancelled)
            ),
        })
    }

    fn phase_end(&self) -> Option<Tick> {
        match self.stage {
            Stage::Ramp { until } | Stage::Settling { until, .. } => Some(until),
            Stage::WarmUp { since } => Some(since + self.warmup(self.setup.clock.now())),
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
        let total = match (self.stage, self.setup.spec.duration) {
            (Stage::Measuring { until }, _) => until,
            (Stage::Settling { until, left }, _) => left.map(|left| until + left),
            (Stage::Ramp { .. } | Stage::WarmUp { .. }, Some(duration)) => {
                after.map(|after| after + duration)
            }
            (Stage::Draining | Stage::Done, Some(_)) => self.load.stop_at,
            _ => None,
        };
        (total.map(Tick::as_secs_f64), left)
    }

    fn warmup(&self, now: Tick) -> Duration {
        match self.setup.spec.warmup {
            Warmup::Fixed(duration) => duration,
            Warmup::Auto => {
                let (least, most, cycles) = WARMUP_S;
                Duration::from_secs_f64((cycles * self.cycle_s(now)).clamp(least, most))
            }
        }
    }
}

/// What the transports know of their connections.
fn readings(
    connections: &[(Arc<ConnectionCounters>, Protocol)],
) -> impl Iterator<Item = ConnectionReading> {
    connections.iter().map(|(counters, protocol)| {
        let totals = counters.totals();
        ConnectionReading {
            opened: totals.opened,
            failed: totals.failed,
            reused: Some(totals.reused),
            closed: None,
            connect: Distribution::from_histogram(&totals.connect_us),
            protocol: protocol_name(protocol.load(Ordering::Relaxed)),
        }
    })
}
