//! From shards to snapshots: takes what the load threads recorded, keeps windows, runs and history, and paints the picture.
//!
//! The aggregator has no thread and no timer of its own; the conductor of the run calls it. It never waits for anything.

use super::client::Client;
use super::incidents::Incidents;
use super::journal::{Journal, tenths};
use super::judge::{Change, Duet, Judge};
use super::notes::Notes;
use super::snapshot::{Epoch, Gap, GapReason, Host, Notice, NoticeLevel, Phase, PlanRecord, Side};
use super::turns::Turns;
use super::variant::{Activity, ConnectionReading, UpstreamReading, Variant};
use super::window::{LENGTHS, stepped};
use crate::clock::Tick;
use crate::stats::{Pace, settling_s};
use std::sync::Arc;
use std::time::Duration;

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
    pub(super) facts: RunFacts,
    pub(super) variants: Vec<Variant>,
    pub(super) client: Client,
    pub(super) turns: Turns,
    /// The present order, as a plan's record calls it.
    pub(super) order: String,
    /// `None` in a solo run. It is kept where it has nothing to say for a while: see [`Aggregator::judging`].
    pub(super) judge: Option<Judge>,
    /// The windows of variants that run together.
    pub(super) duet: Option<Duet>,
    pub(super) epochs: Vec<Epoch>,
    pub(super) gaps: Vec<Gap>,
    pub(super) phase: Phase,
    pub(super) phase_since: Tick,
    /// When shards were collected last.
    pub(super) last: Tick,
    seconds_rolled: u64,
    /// Which of the lengths the live window has.
    window: usize,
    /// A self-check was red in the last picture.
    pub(super) distrusted: bool,
    pub(super) notes: Notes,
    pub(super) journal: Journal,
    pub(super) incidents: Incidents,
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
        let mut aggregator = Aggregator {
            order: facts.plan.load.order.clone(),
            turns: Turns::default(),
            judge: (variants.len() == 2).then(Judge::new),
            duet: None,
            window: 0,
            distrusted: false,
            facts,
            variants,
            client,
            epochs,
            gaps: Vec::new(),
            notes: Notes::default(),
            journal: Journal::default(),
            incidents: Incidents::default(),
            phase: Phase::Ramp,
            phase_since: Tick(0),
            last: Tick(0),
            seconds_rolled: 0,
        };
        aggregator.arrange(0);
        aggregator
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
        let measured = (0..self.variants.len()).any(|i| self.is_measured(i));
        self.take(now, seconds, connections);
        self.client.collect(now, seconds, measured);
        let second = now.0 / 1_000_000_000;
        if second > self.seconds_rolled {
            let passed = second - std::mem::replace(&mut self.seconds_rolled, second);
            self.roll(passed);
        }
        self.judge_windows();
    }

    /// What was seen of a variant's gateway from behind.
    pub fn upstream(&mut self, variant: usize, reading: UpstreamReading) {
        if let Some(variant) = self.variants.get_mut(variant) {
            variant.seen_upstream(reading);
        }
    }

    fn take(
        &mut self,
        now: Tick,
        seconds: f64,
        connections: impl IntoIterator<Item = ConnectionReading>,
    ) {
        for (i, (variant, reading)) in self.variants.iter_mut().zip(connections).enumerate() {
            let activity = self.turns.activity(i, self.phase);
            variant.collect(now, seconds, activity, reading);
        }
    }

    fn is_measured(&self, i: usize) -> bool {
        self.turns.activity(i, self.phase) == Activity::Measured
    }

    /// A second is over, or several if we were held up.
    fn roll(&mut self, seconds: u64) {
        let t = self.last.as_secs_f64();
        let held = self.phase == Phase::Paused;
        for (i, variant) in self.variants.iter_mut().enumerate() {
            variant.roll_second(t, held, self.turns.activity(i, self.phase));
        }
        self.client.roll(self.phase == Phase::Measuring);
        let measured = [Side::A, Side::B].map(|side| self.is_measured(side.index()));
        if let Some(judge) = &mut self.judge {
            for (side, measured) in [Side::A, Side::B].into_iter().zip(measured) {
                if measured {
                    judge.second(side, self.variants[side.index()].last_second());
                }
            }
        }
        let pace = self.pace();
        if let Some(duet) = &mut self.duet {
            duet.seconds(seconds, self.last, pace, &mut self.variants);
        }
    }

    /// Judges the windows whose last request has ended.
    fn judge_windows(&mut self) {
        let (Some(judge), Some(duet)) = (&mut self.judge, &mut self.duet) else {
            return;
        };
        // At the very end nothing is to come any more.
        let now = if self.phase == Phase::Done {
            Tick(u64::MAX)
        } else {
            self.last
        };
        while let Some((number, pair)) = duet.next(now, &mut self.variants) {
            judge.pair(number, pair);
        }
    }

    /// The pace of the slower variant.
    pub(super) fn pace(&self) -> Pace {
        let per_second = self.variants.iter().map(Variant::intended_per_s);
        let think = self.thinks_s();
        let think_s = think.map_or(0.0, |[low, high]| low.midpoint(high));
        Pace {
            cycle_s: think_s + self.mean_response_s(self.last),
            per_second: per_second.reduce(f64::min).unwrap_or(0.0),
        }
    }

    /// The shortest and the longest think time at present, in seconds (closed loop).
    pub(super) fn thinks_s(&self) -> Option<[f64; 2]> {
        let present = self.epochs.last().and_then(|epoch| epoch.think_s);
        present.or(self.facts.plan.load.think_s)
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
        self.take(now, before, connections);
        self.client.stood_still(now);
        self.cut(from);
        self.variants.iter_mut().for_each(Variant::restart_laws);
        self.seconds_rolled = now.0 / 1_000_000_000;
        self.mark(from, now, GapReason::Suspended);
        let length = tenths(now.since(from).as_secs_f64());
        let said = format!("this process did not run for {length}: left out of the measurement");
        self.journal
            .write(now.as_secs_f64(), NoticeLevel::Warning, "run", &said);
    }

    /// The live window starts afresh; what was in its last second until `end` is kept in the history.
    fn cut(&mut self, end: Tick) {
        for variant in &mut self.variants {
            variant.roll_part(end.as_secs_f64());
            variant.clear_window();
        }
        if self.phase == Phase::Paused {
            self.hold_windows();
        }
    }

    /// What is shown stays what it was before the pause.
    fn hold_windows(&mut self) {
        let now = self.last;
        self.variants.iter_mut().for_each(|v| v.hold_window(now));
    }

    /// The live window takes the next of its lengths.
    pub fn cycle_window(&mut self) {
        self.show_window((self.window + 1) % LENGTHS.len());
    }

    /// The live window takes the next longer or shorter of its lengths; at either end it stays as it is.
    pub fn step_window(&mut self, longer: bool) {
        let wanted = stepped(LENGTHS[self.window], longer);
        let place = LENGTHS.iter().position(|length| *length == wanted);
        self.show_window(place.unwrap_or(self.window));
    }

    fn show_window(&mut self, window: usize) {
        self.window = window;
        for variant in &mut self.variants {
            variant.show(LENGTHS[window]);
        }
    }

    /// How long the live window is when it is full, in seconds.
    pub(super) fn window_s(&self) -> u32 {
        LENGTHS[self.window] as u32
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
        if (phase == Phase::Measuring) != (self.phase == Phase::Measuring) {
            self.measure(phase == Phase::Measuring);
        }
        let was = std::mem::replace(&mut self.phase, phase);
        if was == Phase::Paused && phase != Phase::Paused {
            self.cut(self.last);
            self.variants.iter_mut().for_each(Variant::restart_laws);
            self.end_pause();
        }
        if phase == Phase::Paused && was != Phase::Paused {
            self.mark(self.last, self.last, GapReason::Paused);
            self.hold_windows();
        }
        if phase != was {
            self.phase_since = self.last;
        }
        self.judge_windows();
    }

    /// Measuring begins, or is over or interrupted.
    fn measure(&mut self, begins: bool) {
        let planned = self
            .facts
            .plan
            .load
            .duration_s
            .map_or(0.0, |seconds| seconds * self.pace().per_second);
        let Some(judge) = &mut self.judge else { return };
        if begins && judge.pairs() == 0 {
            judge.plan(planned);
        }
        if let Some(duet) = &mut self.duet {
            if begins {
                duet.resume();
            } else {
                duet.interrupt(self.last, &mut self.variants);
            }
        }
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
        let change = match self.epochs.last() {
            Some(last) if last.order != load.order => Change::Order,
            Some(last) if last.is_like(&load) => Change::Nothing,
            _ => Change::Load,
        };
        let anew = match (restart, self.variants.len()) {
            (false, _) => "",
            (true, 1) => "figures begin anew",
            (true, _) => "figures and comparison begin anew",
        };
        let colon = if restart { ": " } else { "" };
        match change {
            Change::Order => {
                let said = format!("order changed to {}{colon}{anew}", self.order);
                self.journal.load_changes(load.t, &said);
            }
            Change::Load => {
                let said = format!("load changed to {}{colon}{anew}", load.load);
                self.journal.load_changes(load.t, &said);
            }
            Change::Nothing if restart => {
                self.journal.write(load.t, NoticeLevel::Info, "run", anew);
            }
            Change::Nothing => {}
        }
        self.epochs.push(load);
        if restart {
            self.journal.begin_anew();
            self.start_run(now, now);
            self.begin_anew(now, change);
        }
    }

    /// What was collected is not to be judged any more.
    fn begin_anew(&mut self, now: Tick, change: Change) {
        let settled = now + Duration::from_secs_f64(settling_s(self.pace().cycle_s));
        if let Some(judge) = &mut self.judge {
            judge.begin_anew(now.as_secs_f64(), change);
        }
        if let Some(duet) = &mut self.duet {
            duet.begin_anew(settled, &mut self.variants);
        }
        let pieces = self.is_in_pieces();
        if pieces {
            // What is due from now on is nobody's, until a block is opened.
            self.variants.iter_mut().for_each(|v| v.hold_run(now));
        }
        self.turns.begin_anew(pieces);
    }

    /// The longest mean response of the variants, in seconds.
    pub fn mean_response_s(&self, now: Tick) -> f64 {
        self.variants
            .iter()
            .map(|variant| variant.mean_response_s(now))
            .fold(0.0, f64::max)
    }
}
