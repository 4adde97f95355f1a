//! From shards to snapshots: takes what the load threads recorded, keeps windows, runs and history, and paints the picture.
//!
//! The aggregator has no thread and no timer of its own; the conductor of the run calls it. It never waits for anything.

use super::comparison::compare;
use super::notices;
use super::snapshot::{Epoch, Host, Meta, Notice, Phase, PlanRecord, SCHEMA, Snapshot, Variants};
use super::variant::{ConnectionReading, Variant};
use crate::clock::Tick;
use std::sync::Arc;

/// What does not change during a run.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// The plan without secrets.
    pub plan: Arc<PlanRecord>,
    /// The run's start, RFC 3339.
    pub started_at: String,
    /// The machine.
    pub host: Host,
    /// The seed of every random choice.
    pub seed: u64,
}

/// What the conductor knows of a moment and the aggregator cannot.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    /// Seconds until the phase ends.
    pub phase_left_s: Option<f64>,
    /// Ramp + warm-up + duration in seconds.
    pub total_s: Option<f64>,
    /// What the rest of the program has to say.
    pub notices: Vec<Notice>,
}

/// Collects the figures of one or two variants.
#[derive(Debug)]
pub struct Aggregator {
    facts: RunFacts,
    variants: Vec<Variant>,
    epochs: Vec<Epoch>,
    phase: Phase,
    last: Tick,
    seconds_rolled: u64,
}

/// Epochs kept; a held arrow key must not grow memory.
const MAX_EPOCHS: usize = 200;

impl Aggregator {
    /// An aggregator for `variants` (A, or A and B), whose time starts at tick 0.
    pub fn new(facts: RunFacts, variants: Vec<Variant>, load: Epoch) -> Self {
        let epochs = vec![load];
        Aggregator {
            facts,
            variants,
            epochs,
            phase: Phase::Ramp,
            last: Tick(0),
            seconds_rolled: 0,
        }
    }

    /// What the run is doing.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// One or two variants.
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// Takes everything recorded until `now`; the time since the last call belongs to the present phase.
    pub fn collect(&mut self, now: Tick, connections: impl IntoIterator<Item = ConnectionReading>) {
        let seconds = now.since(self.last).as_secs_f64();
        self.last = now;
        let measured = self.phase == Phase::Measuring;
        for (variant, reading) in self.variants.iter_mut().zip(connections) {
            variant.collect(seconds, measured, reading);
        }
        let second = now.0 / 1_000_000_000;
        if second > self.seconds_rolled {
            self.seconds_rolled = second;
            self.roll();
        }
    }

    fn roll(&mut self) {
        let t = self.last.as_secs_f64();
        self.variants
            .iter_mut()
            .for_each(|variant| variant.roll_second(t));
    }

    /// Enters `phase`. [`Aggregator::collect`] must have been called at that very instant.
    pub fn enter(&mut self, phase: Phase) {
        if phase == Phase::Done && self.phase != Phase::Done {
            self.roll();
        }
        if self.phase == Phase::Paused {
            self.variants.iter_mut().for_each(Variant::clear_window);
        }
        self.phase = phase;
    }

    /// Run figures start with the requests intended from `from` on.
    pub fn start_run(&mut self, from: Tick) {
        self.variants
            .iter_mut()
            .for_each(|variant| variant.start_run(from));
    }

    /// The load has changed: a new epoch. The live window restarts, and with `restart` the run.
    pub fn start_epoch(&mut self, now: Tick, load: Epoch, restart: bool) {
        if self.epochs.len() == MAX_EPOCHS {
            self.epochs.remove(1);
        }
        self.epochs.push(load);
        self.variants.iter_mut().for_each(Variant::clear_window);
        if restart {
            self.start_run(now);
        }
    }

    /// The longest mean response of the variants, in seconds.
    pub fn mean_response_s(&self, now: Tick) -> f64 {
        self.variants
            .iter()
            .map(|variant| variant.mean_response_s(now))
            .fold(0.0, f64::max)
    }

    /// The picture at the time of the last [`Aggregator::collect`].
    pub fn snapshot(&self, moment: Moment) -> Snapshot {
        let mut pictures = self
            .variants
            .iter()
            .map(|variant| variant.snapshot(self.last));
        let Some(a) = pictures.next() else {
            unreachable!("a run has at least one variant")
        };
        let b = pictures.next();
        let load = &self.facts.plan.load;
        let comparison = b
            .as_ref()
            .map(|b| compare(&load.order, &a, b, load.timeout_s));
        let shown: Vec<_> = std::iter::once(&a).chain(&b).collect();
        let checks = notices::checks(&shown, self.variants.iter().map(Variant::clamped).sum());
        let mut all = moment.notices;
        all.extend(notices::notices(
            self.phase,
            load,
            &shown,
            self.epochs.last().and_then(|epoch| epoch.users),
        ));
        Snapshot {
            schema: SCHEMA.to_owned(),
            meta: Meta {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                started_at: self.facts.started_at.clone(),
                elapsed_s: self.last.as_secs_f64(),
                total_s: moment.total_s,
                phase: self.phase,
                phase_left_s: moment.phase_left_s,
                host: self.facts.host.clone(),
                seed: self.facts.seed,
            },
            plan: Arc::clone(&self.facts.plan),
            comparison,
            checks,
            epochs: self.epochs.clone(),
            blocks: Vec::new(),
            annotations: Vec::new(),
            gaps: Vec::new(),
            notices: all,
            variants: Variants { a, b },
        }
    }
}
