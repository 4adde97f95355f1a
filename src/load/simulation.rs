//! A whole run in simulated time: the same schedules, users, queues, records and phases as in real time, against a clock that
//! jumps from one deadline to the next.
//!
//! The event queue is a [`Pacer`] without an alarm. Everything that is due at one instant happens before the clock moves,
//! and nothing depends on the machine: the same plan and seed give the same run, bit by bit.

use super::conductor::{Command, Conductor};
use super::engine::{EngineConfig, Making, Parts, StartError};
use super::spec::LoadChange;
use super::thread;
use crate::clock::{Clock, Tick};
use crate::metrics::Client;
use crate::metrics::snapshot::{NoticeLevel, Snapshot};
use crate::pacer::Pacer;
use crate::transport::Transport;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::LocalSet;

/// A run in simulated time, under way.
pub struct Simulation {
    clock: Clock,
    pacer: Arc<Pacer>,
    threads: Vec<SimulatedThread>,
    conductor: Conductor,
    /// When the conductor wants to run again; `None` when the run is over.
    wake: Option<Tick>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
}

/// A load thread that is no thread: a future, and whether it wants to be polled.
struct SimulatedThread {
    /// `None` when it has ended.
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

impl Simulation {
    /// Lays out a run whose transports `factory` makes; they must wait by [`Making::pacer`] alone. `beat` is the time between
    /// two pictures (0.1 s in real time; more makes long runs quicker).
    pub fn start<T, E, F>(
        config: EngineConfig,
        beat: Duration,
        factory: F,
    ) -> Result<Simulation, StartError>
    where
        T: Transport,
        E: std::fmt::Display + 'static,
        F: Fn(Making<'_>) -> Result<T, E> + Clone + 'static,
    {
        let clock = Clock::manual();
        let pacer = Pacer::manual(clock.clone());
        let (parts, conductor, snapshots) =
            Parts::lay_out(config, clock.clone(), beat, Client::simulated(), None);
        let (ready, told) = mpsc::channel();
        let mut threads = Vec::new();
        for index in 0..parts.threads() {
            let setup = parts.thread(index, None, ready.clone(), factory.clone());
            let pacer = Arc::clone(&pacer);
            let (ready, tasks) = (ready.clone(), LocalSet::new());
            threads.push(SimulatedThread {
                future: Some(Box::pin(async move {
                    if let Err(reason) = tasks.run_until(thread::drive(setup, pacer)).await {
                        let _ = ready.send(Err(reason));
                    }
                    // Dropping the set drops what is still open in it: it counts as cancelled.
                    drop(tasks);
                })),
                woken: Arc::new(Woken(AtomicBool::new(true))),
            });
        }
        let mut simulation = Simulation {
            clock,
            pacer,
            threads,
            conductor,
            wake: Some(Tick(0)),
            snapshots,
        };
        simulation.settle();
        for _ in &simulation.threads {
            told.try_recv()
                .unwrap_or_else(|_| Err("a simulated load thread did not come up".to_owned()))
                .map_err(StartError::Setup)?;
        }
        simulation.conductor.start();
        simulation.settle();
        Ok(simulation)
    }

    /// Lets time pass until `until`, or until the run is over. Returns the latest picture.
    pub fn run_until(&mut self, until: Duration) -> Arc<Snapshot> {
        while self.wake.is_some() {
            let Some(next) = self.next_event().filter(|next| *next <= Tick(0) + until) else {
                break;
            };
            self.advance_to(next);
        }
        self.snapshots.borrow().clone()
    }

    /// Lets time pass until the run is over. Returns its last picture. The run must have an end.
    pub fn finish(mut self) -> Arc<Snapshot> {
        self.run_until(Duration::MAX)
    }

    /// Changes one value of the load at the present instant.
    pub fn set_load(&mut self, change: LoadChange) {
        self.command(Command::SetLoad(change));
    }

    /// Holds the load at the present instant, or lets it go on.
    pub fn toggle_pause(&mut self) {
        self.command(Command::TogglePause);
    }

    /// Users or rate one step up or down at the present instant.
    pub fn step_load(&mut self, up: bool) {
        self.command(Command::StepLoad { up, steps: 1 });
    }

    /// The figures begin anew at the present instant.
    pub fn reset(&mut self) {
        self.command(Command::Reset);
    }

    /// The variants share the time in another way from the present instant on.
    pub fn cycle_order(&mut self) {
        self.command(Command::CycleOrder);
    }

    /// The live window takes the next of its lengths.
    pub fn cycle_window(&mut self) {
        self.command(Command::CycleWindow);
    }

    /// The live window takes the next longer or shorter of its lengths; at either end it stays as it is.
    pub fn step_window(&mut self, longer: bool) {
        self.command(Command::StepWindow { longer });
    }

    /// Ends the run at the present instant.
    pub fn cancel(&mut self) {
        self.command(Command::Cancel);
    }

    /// Marks `at_s` (seconds since the start; `None`: the present instant) with `text`.
    pub fn annotate(&mut self, text: &str, at_s: Option<f64>) {
        let text = text.to_owned();
        self.command(Command::Annotate { text, at_s });
    }

    /// Writes a line into the log.
    pub fn log(&mut self, level: NoticeLevel, source: &str, text: &str) {
        let (source, text) = (source.to_owned(), text.to_owned());
        self.command(Command::Log {
            level,
            source,
            text,
        });
    }

    fn command(&mut self, command: Command) {
        self.conductor.obey(command);
        if self.wake.is_none() {
            return;
        }
        self.settle();
        self.wake = self.conductor.step(self.idle());
        self.settle();
    }

    fn next_event(&self) -> Option<Tick> {
        self.pacer
            .next_deadline()
            .into_iter()
            .chain(self.wake)
            .min()
    }

    fn advance_to(&mut self, next: Tick) {
        self.clock.set(next.max(self.clock.now()));
        self.pacer.ring(self.clock.now());
        self.settle();
        if self.wake.is_some_and(|wake| wake <= next) {
            self.wake = self.conductor.step(self.idle());
            self.settle();
        }
    }

    fn idle(&self) -> bool {
        self.threads.iter().all(|thread| thread.future.is_none())
    }

    /// Lets everything happen that can happen at this instant.
    fn settle(&mut self) {
        let mut moved = true;
        while moved {
            moved = false;
            for thread in &mut self.threads {
                moved |= thread.poll();
            }
        }
    }
}

impl SimulatedThread {
    /// Polls it if it wants that; whether it did.
    fn poll(&mut self) -> bool {
        let Some(future) = &mut self.future else {
            return false;
        };
        if !self.woken.0.swap(false, Ordering::AcqRel) {
            return false;
        }
        let waker = Waker::from(Arc::clone(&self.woken));
        if let Poll::Ready(()) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.future = None;
        }
        true
    }
}
