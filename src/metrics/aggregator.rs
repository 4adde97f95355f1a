//! From shards to snapshots: takes what the load threads recorded, keeps windows, runs and history, and paints the picture.
//!
//! The aggregator has no thread and no timer of its own; the conductor of the run calls it. It never waits for anything.

use super::checks::{self, Checked};
use super::client::Client;
use super::comparison::compare;
use super::notices::{self, Noticed};
use super::snapshot::{
    Epoch, Gap, GapReason, Host, Meta, Notice, Phase, PlanRecord, SCHEMA, Snapshot, Variants,
};
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
    client: Client,
    epochs: Vec<Epoch>,
    gaps: Vec<Gap>,
    phase: Phase,
    last: Tick,
    seconds_rolled: u64,
}

/// Epochs and gaps kept; a held key must not grow memory.
const MAX_MARKS: usize = 200;

impl Aggregator {
    /// An aggregator for `variants` (A, or A and B), whose time starts at tick 0.
    pub fn new(facts: RunFacts, mut variants: Vec<Variant>, load: Epoch, client: Client) -> Self {
        let limit = facts.plan.load.max_in_flight.map(u64::from);
        variants
            .iter_mut()
            .for_each(|variant| variant.expect(load.users, limit));
        let epochs = vec![load];
        Aggregator {
            facts,
            variants,
            client,
            epochs,
            gaps: Vec::new(),
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
        self.take(now, seconds, measured, connections);
        self.client.collect(now, seconds, measured);
        let second = now.0 / 1_000_000_000;
        if second > self.seconds_rolled {
            self.seconds_rolled = second;
            self.roll();
        }
    }

    fn take(
        &mut self,
        now: Tick,
        seconds: f64,
        measured: bool,
        connections: impl IntoIterator<Item = ConnectionReading>,
    ) {
        for (variant, reading) in self.variants.iter_mut().zip(connections) {
            variant.collect(now, seconds, measured, reading);
        }
    }

    fn roll(&mut self) {
        let t = self.last.as_secs_f64();
        let held = self.phase == Phase::Paused;
        self.variants
            .iter_mut()
            .for_each(|variant| variant.roll_second(t, held));
        self.client.roll(self.phase == Phase::Measuring);
    }

    /// This process stood still from `from` until about `now`. That time is measured by nobody, and what it did to the live
    /// window is forgotten.
    pub fn stood_still(
        &mut self,
        from: Tick,
        now: Tick,
        connections: impl IntoIterator<Item = ConnectionReading>,
    ) {
        let before = from.since(self.last).as_secs_f64();
        self.last = now;
        self.take(now, before, self.phase == Phase::Measuring, connections);
        self.client.stood_still(now);
        self.cut(from);
        self.variants.iter_mut().for_each(Variant::restart_laws);
        self.seconds_rolled = now.0 / 1_000_000_000;
        self.mark(from, now, GapReason::Suspended);
    }

    /// The live window starts afresh; what was in its last second until `end` is kept in the history.
    fn cut(&mut self, end: Tick) {
        for variant in &mut self.variants {
            variant.roll_part(end.as_secs_f64());
            variant.clear_window();
        }
    }

    /// The run goes on with the requests intended from `from` on; those before are outside of it.
    pub fn resume_run(&mut self, from: Tick) {
        self.variants
            .iter_mut()
            .for_each(|variant| variant.resume_run(from));
    }

    fn mark(&mut self, from: Tick, until: Tick, reason: GapReason) {
        if self.gaps.len() == MAX_MARKS {
            self.gaps.remove(0);
        }
        self.gaps.push(Gap {
            t: from.as_secs_f64(),
            seconds: until.since(from).as_secs_f64(),
            reason,
        });
    }

    /// Enters `phase`. [`Aggregator::collect`] must have been called at that very instant.
    pub fn enter(&mut self, phase: Phase) {
        if phase == Phase::Done && self.phase != Phase::Done {
            let t = self.last.as_secs_f64();
            self.variants
                .iter_mut()
                .for_each(|variant| variant.roll_part(t));
        }
        if self.phase == Phase::Paused && phase != Phase::Paused {
            self.cut(self.last);
            self.variants.iter_mut().for_each(Variant::restart_laws);
            self.end_pause();
        }
        if phase == Phase::Paused && self.phase != Phase::Paused {
            self.mark(self.last, self.last, GapReason::Paused);
        }
        self.phase = phase;
    }

    fn end_pause(&mut self) {
        let now = self.last.as_secs_f64();
        let pause = self
            .gaps
            .iter_mut()
            .rev()
            .find(|gap| gap.reason == GapReason::Paused);
        if let Some(gap) = pause {
            gap.seconds = now - gap.t;
        }
    }

    /// Run figures start with the requests intended from `from` on; it is `now`.
    pub fn start_run(&mut self, from: Tick, now: Tick) {
        self.variants
            .iter_mut()
            .for_each(|variant| variant.start_run(from, now));
        self.client.restart();
    }

    /// The load has changed: a new epoch. The live window restarts, and with `restart` the run.
    pub fn start_epoch(&mut self, now: Tick, load: Epoch, restart: bool) {
        if self.epochs.len() == MAX_MARKS {
            self.epochs.remove(1);
        }
        let limit = self.facts.plan.load.max_in_flight.map(u64::from);
        self.cut(now);
        for variant in &mut self.variants {
            variant.expect(load.users, limit);
            variant.restart_laws();
        }
        self.epochs.push(load);
        if restart {
            self.start_run(now, now);
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
        let shown: Vec<_> = std::iter::once(&a).chain(&b).collect();
        let users = self.epochs.last().and_then(|epoch| epoch.users);
        let checks = checks::checks(&Checked {
            variants: &self.variants,
            shown: &shown,
            client: &self.client,
            load,
            users,
        });
        let comparison = b.as_ref().map(|b| {
            let mut comparison = compare(&load.order, &a, b, load.timeout_s);
            let queue = notices::growing_queue(&self.variants, load);
            checks::withhold(&mut comparison, &checks, queue.as_deref());
            comparison
        });
        let mut all = moment.notices;
        all.extend(notices::notices(&Noticed {
            phase: self.phase,
            load,
            variants: &self.variants,
            shown: &shown,
            users,
        }));
        let mut gaps = self.gaps.clone();
        if self.phase == Phase::Paused
            && let Some(gap) = gaps
                .iter_mut()
                .rev()
                .find(|g| g.reason == GapReason::Paused)
        {
            gap.seconds = self.last.as_secs_f64() - gap.t;
        }
        Snapshot {
            schema: SCHEMA.to_owned(),
            meta: Meta {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                started_at: self.facts.started_at.clone(),
                elapsed_s: self.last.as_secs_f64(),
                total_s: moment.total_s,
                phase: self.phase,
                phase_left_s: moment.phase_left_s,
                slot: None,
                host: self.facts.host.clone(),
                seed: self.facts.seed,
            },
            plan: Arc::clone(&self.facts.plan),
            comparison,
            checks,
            epochs: self.epochs.clone(),
            blocks: Arc::default(),
            annotations: Vec::new(),
            gaps,
            notices: all,
            variants: Variants { a, b },
        }
    }
}
