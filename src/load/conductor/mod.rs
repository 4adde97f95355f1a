//! The conductor leads a run through its phases, ten times a second has the figures collected, and publishes the picture.
//!
//! ```text
//! ramp ──► warm-up ──► measuring ──► draining ──► done        (pause: from and back to any of the first three)
//! ```
//!
//! Variants that take turns go through the first three one after the other: see `slots`.
//!
//! It does nothing by itself: whoever drives it calls [`Conductor::step`] when it asks for that, in real time or simulated
//! (see `engine` and `simulation`). The load threads never wait for it.

mod commands;
mod order;
mod slots;
mod stage;
mod times;
mod turns;

pub(super) use commands::Command;

use super::control::{LoadState, Turn};
use super::lane::{Protocol, protocol_name};
use super::spec::{LoadSpec, MostUsers, Order};
use super::standstill::Standstills;
use crate::clock::{Clock, Tick};
use crate::metrics::snapshot::{Agreed, ClosedBy, Notice, NoticeLevel, Phase, Side, Snapshot};
use crate::metrics::{Aggregator, ConnectionReading, Distribution, Moment, UpstreamLens};
use crate::transport::{ConnectionCounters, ConnectionTotals};
use stage::Stage;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use turns::Turns;

/// How long a load thread may take to give up once the run is cancelled; the program never waits longer.
const GRACE: Duration = Duration::from_millis(500);

/// What a conductor is made of.
pub(super) struct ConductorSetup {
    pub(super) spec: LoadSpec,
    /// Users beyond this number cannot be added.
    pub(super) most_users: MostUsers,
    pub(super) clock: Clock,
    pub(super) aggregator: Aggregator,
    pub(super) connections: Vec<(Arc<ConnectionCounters>, Protocol)>,
    /// Who sees the gateways of A and B from behind, where there is somebody.
    pub(super) upstreams: Vec<Option<Arc<dyn UpstreamLens>>>,
    /// Tells the load threads.
    pub(super) load: watch::Sender<LoadState>,
    pub(super) notices: Vec<Notice>,
    /// Those that hold while both variants are under load at once.
    pub(super) together_notices: Vec<Notice>,
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
    /// `None` if both variants are under load at once.
    turns: Option<Turns>,
    /// When the ramps of A and B end or ended; `None`: never under load so far.
    ramp_ends: [Option<Tick>; 2],
    /// Who has had its warm-up.
    warm: [bool; 2],
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
            load: LoadState::of(&setup.spec, setup.aggregator.variants().len()),
            turns: Turns::of(setup.spec.order, setup.aggregator.variants().len()),
            setup,
            publish,
            stage: Stage::Ramp { until: Tick(0) },
            ramp_ends: [None; 2],
            warm: [false; 2],
            cancelled_at: None,
            next_beat: Tick(0),
            known: 0,
        };
        (conductor, snapshots)
    }

    /// The load begins now.
    pub(super) fn start(&mut self) {
        let origin = self.setup.clock.now();
        for lens in self.setup.upstreams.iter().flatten() {
            lens.begin();
        }
        self.next_beat = origin;
        if self.turns.is_some() {
            self.begin_load(Side::A, origin);
            return;
        }
        self.stage = Stage::Ramp {
            until: origin + self.setup.spec.ramp,
        };
        self.announce_run();
        self.change_load(LoadState {
            turns: [Some(Turn::begin(origin)); 2],
            ..self.load
        });
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
            self.setup.aggregator.take_turn(None);
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
            .due(now)
            .map_or(self.next_beat, |end| end.min(self.next_beat));
        Some(wake)
    }

    fn collect(&mut self, now: Tick) {
        self.setup
            .aggregator
            .collect(now, readings(&self.setup.connections));
        for (variant, lens) in self.setup.upstreams.iter().enumerate() {
            if let Some(lens) = lens {
                self.setup.aggregator.upstream(variant, lens.reading());
            }
        }
    }

    fn publish(&mut self, now: Tick) {
        let (total_s, phase_left_s) = self.times(now);
        let mut notices = self.setup.notices.clone();
        if self.load.order == Some(Order::Together) {
            notices.extend_from_slice(&self.setup.together_notices);
        }
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
}

/// What the transports know of their connections.
fn readings(
    connections: &[(Arc<ConnectionCounters>, Protocol)],
) -> impl Iterator<Item = ConnectionReading> {
    connections
        .iter()
        .map(|(counters, protocol)| reading(&counters.totals(), protocol))
}

fn reading(totals: &ConnectionTotals, protocol: &Protocol) -> ConnectionReading {
    let openings = &totals.openings;
    let agreed = openings.agreements.iter().map(|(agreement, connections)| {
        let (tls, cipher) = agreement.tls.unzip();
        Agreed {
            http: agreement.http.to_owned(),
            tls: tls.map(str::to_owned),
            cipher: cipher.map(str::to_owned),
            connections: *connections,
        }
    });
    ConnectionReading {
        opened: totals.opened,
        failed: totals.failed,
        reused: Some(totals.reused),
        closed_by: totals
            .closed
            .map(|[peer, us, idle]| ClosedBy { peer, us, idle }),
        stale: totals.stale,
        resent: totals.resent,
        answered: Some(totals.answered),
        most_answered: totals.most_answered,
        limit: totals.limit,
        connect: Distribution::from_histogram(&openings.connect_us),
        dns: Distribution::from_histogram(&openings.dns_us),
        tcp: Distribution::from_histogram(&openings.tcp_us),
        tls: Distribution::from_histogram(&openings.tls_us),
        full_handshakes: openings.full_handshakes,
        resumed_handshakes: openings.resumed_handshakes,
        agreed: agreed.collect(),
        protocol: protocol_name(protocol.load(Ordering::Relaxed)),
    }
}
