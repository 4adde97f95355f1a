//! What a run can be told, and how it obeys.

use super::Conductor;
use super::stage::{Resume, Stage};
use crate::clock::Tick;
use crate::load::control::LoadState;
use crate::load::spec::{LoadChange, Warmup};
use crate::metrics::snapshot::{Epoch, Notice, NoticeLevel};
use crate::metrics::{Incident, ProcessReading};
use crate::text;

/// What a run can be told.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::load) enum Command {
    /// So many steps of about a tenth.
    StepLoad {
        up: bool,
        steps: u32,
    },
    /// One value of the load.
    SetLoad(LoadChange),
    /// The run figures and the comparison begin anew under the same load.
    Reset,
    /// The variants share the time in another way.
    CycleOrder,
    /// The live window takes the next of its lengths.
    CycleWindow,
    /// The live window gets longer or shorter.
    StepWindow {
        longer: bool,
    },
    TogglePause,
    Cancel,
    /// Panics, for tests of what follows.
    #[cfg(debug_assertions)]
    BreakDown,
    /// A mark of the user's own at `at_s` seconds since the start; `None`: now.
    Annotate {
        text: String,
        at_s: Option<f64>,
    },
    /// A line for the log.
    Log {
        level: NoticeLevel,
        source: String,
        text: String,
    },
    /// Something happened to a launched command, called `who`.
    Incident {
        source: String,
        who: String,
        said: String,
        what: Incident,
    },
    /// A line that a launched gateway has written.
    Output {
        source: String,
        line: String,
    },
    /// What the processes of a variant's gateway use.
    Uses {
        variant: usize,
        reading: ProcessReading,
    },
    /// Nothing will be said after the end.
    Leave,
}

impl Conductor {
    pub(in crate::load) fn obey(&mut self, command: Command) {
        let now = self.setup.clock.now();
        match &command {
            Command::Annotate { text, at_s } => {
                self.setup.aggregator.annotate(text, *at_s, now);
                return self.show_if_over(now);
            }
            Command::Log {
                level,
                source,
                text,
            } => {
                self.setup.aggregator.log(*level, source, text, now);
                return self.show_if_over(now);
            }
            Command::Incident {
                source,
                who,
                said,
                what,
            } => {
                let aggregator = &mut self.setup.aggregator;
                aggregator.incident(source, (who, said), *what, now);
                return self.show_if_over(now);
            }
            Command::Output { source, line } => {
                self.setup.aggregator.output(source, line, now);
                return self.show_if_over(now);
            }
            Command::Uses { variant, reading } => {
                return self.setup.aggregator.uses(*variant, *reading, now);
            }
            _ => {}
        }
        if command == Command::Cancel {
            self.cancelled_at.get_or_insert(now);
        }
        match (command, self.stage) {
            (Command::Cancel, Stage::Draining | Stage::Done) => self.change_load(LoadState {
                cancel: true,
                ..self.load
            }),
            (Command::Cancel, _) => {
                // A pair under way is lost.
                self.collect(now);
                self.set_aside(now);
                self.enter(Stage::Draining, now);
                self.change_load(LoadState {
                    cancel: true,
                    ..self.load
                });
            }
            #[cfg(debug_assertions)]
            (Command::BreakDown, _) => unreachable!("as a test has asked for"),
            (Command::CycleWindow, _) => self.setup.aggregator.cycle_window(),
            (Command::StepWindow { longer }, _) => self.setup.aggregator.step_window(longer),
            (
                Command::Annotate { .. }
                | Command::Log { .. }
                | Command::Incident { .. }
                | Command::Output { .. }
                | Command::Uses { .. }
                | Command::Leave,
                _,
            )
            | (_, Stage::Draining | Stage::Done) => {}
            (Command::StepLoad { up, steps }, _) => {
                let most = self.setup.most_users.with(self.load.think);
                let load = (0..steps).fold(self.load, |load, _| load.stepped(up, most));
                if load != self.load {
                    self.begin_epoch(load, load.epoch(now), now);
                }
            }
            (Command::SetLoad(change), _) => self.set_load(change, now),
            (Command::CycleOrder, _) => self.cycle_order(),
            (Command::Reset, _) => self.begin_epoch(self.load, self.load.epoch(now), now),
            (Command::TogglePause, Stage::Paused { resume }) => {
                let stage = self.resumed(resume, now);
                self.enter(stage, now);
            }
            (Command::TogglePause, stage) => {
                self.collect(now);
                let aside = self.set_aside(now);
                let resume = match stage {
                    Stage::Ramp { until } => Some(Resume::Ramp {
                        left: until.since(now),
                    }),
                    Stage::WarmUp { since } => Some(Resume::WarmUp {
                        passed: now.since(since),
                    }),
                    Stage::Measuring { until } if aside.is_none() => Some(Resume::Measuring {
                        left: until.map(|until| until.since(now)),
                    }),
                    Stage::Settling { left, .. } => Some(Resume::Measuring { left }),
                    _ => aside,
                };
                if let Some(resume) = resume {
                    self.enter(Stage::Paused { resume }, now);
                }
            }
        }
    }

    /// A load thread is lost, and with it its part of the load: what were measured from now on would be another load.
    pub(in crate::load) fn lose_a_thread(&mut self) {
        self.setup.notices.push(Notice {
            level: NoticeLevel::Error,
            text: "a load thread failed, and the run was ended".to_owned(),
        });
        self.obey(Command::Cancel);
    }

    /// Where the run is when it goes on now as `resume` says.
    pub(super) fn resumed(&self, resume: Resume, now: Tick) -> Stage {
        match resume {
            Resume::Ramp { left } => Stage::Ramp { until: now + left },
            Resume::WarmUp { passed } => Stage::WarmUp {
                since: Tick(now.0.saturating_sub(passed.as_nanos() as u64)),
            },
            Resume::Measuring { left } => Stage::Settling {
                until: now + self.settle(now),
                left,
            },
            Resume::Clearing { next } => Stage::Clearing { since: now, next },
        }
    }

    /// What is written down after the end is in a picture at once: no beat is to come.
    fn show_if_over(&mut self, now: Tick) {
        if self.stage == Stage::Done {
            self.publish(now);
        }
    }

    fn set_load(&mut self, change: LoadChange, now: Tick) {
        let most = self.setup.most_users.with(self.load.think);
        let load = self.load.with(change, most);
        if load == self.load {
            return;
        }
        let mut epoch = load.epoch(now);
        if let LoadChange::Think(think) = change {
            let [low, high] = think.seconds();
            epoch.load = format!("{}, {}", epoch.load, text::think(low, high));
        }
        self.begin_epoch(load, epoch, now);
    }

    /// The load is `load` from now on, and the figures begin anew.
    fn begin_epoch(&mut self, load: LoadState, epoch: Epoch, now: Tick) {
        self.collect(now);
        if self.change_turns(load, &epoch, now) {
            return;
        }
        let measuring = matches!(
            self.stage,
            Stage::Measuring { .. }
                | Stage::Settling { .. }
                | Stage::Paused {
                    resume: Resume::Measuring { .. }
                }
        );
        let aggregator = &mut self.setup.aggregator;
        aggregator.start_epoch(now, epoch, measuring);
        self.change_load(load);
        if let Stage::Settling { .. } = self.stage {
            self.announce_run();
        }
        // An automatic warm-up settles anew under the new load; a fixed one is the user's own choice.
        if self.setup.spec.warmup == Warmup::Auto
            && let Stage::WarmUp { .. } = self.stage
        {
            self.stage = Stage::WarmUp { since: now };
        }
    }
}
