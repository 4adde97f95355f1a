//! Changing the load while it runs: what the conductor tells the load threads, and how a thread's tasks see it.

use super::spec::{LoadChange, LoadModel, LoadSpec, Order, ThinkTime};
use crate::clock::Tick;
use crate::metrics::snapshot::Epoch;
use crate::text;
use std::cell::Cell;
use tokio::sync::Notify;

/// The load as it should be now. The conductor publishes it; every load thread follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LoadState {
    /// Users per variant (closed loop).
    pub users: u32,
    /// The users' pauses (closed loop).
    pub think: ThinkTime,
    /// Arrivals per second and variant (open loop).
    pub rate_hz: f64,
    /// How the variants share the time; `None` in a solo run.
    pub order: Option<Order>,
    /// When A and when B are under load; `None`: no new requests for the time being.
    pub turns: [Option<Turn>; 2],
    /// No request is intended from here on.
    pub stop_at: Option<Tick>,
    /// Give up what is open, now.
    pub cancel: bool,
}

/// A stretch of time in which a variant is under load: its requests are intended from `from` on, until before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    pub from: Tick,
    /// `None`: not known yet.
    pub until: Option<Tick>,
    /// Arrivals are drawn by this number: in the two slots of a pair the same ones. `None`: they go on as they come.
    pub draw: Option<u64>,
}

impl Turn {
    /// From `from` on, without a known end.
    pub(super) fn begin(from: Tick) -> Turn {
        Turn {
            from,
            until: None,
            draw: None,
        }
    }

    fn is_over_at(self, tick: Tick) -> bool {
        self.until.is_some_and(|until| tick >= until)
    }
}

impl LoadState {
    /// What `spec` says for so many variants; nobody is under load yet.
    pub(super) fn of(spec: &LoadSpec, variants: usize) -> Self {
        let (users, think, rate_hz) = match spec.model {
            LoadModel::Closed { users, think } => (users, think, 0.0),
            LoadModel::Open { rate_hz, .. } => (0, ThinkTime::NONE, rate_hz),
        };
        LoadState {
            users,
            think,
            rate_hz,
            order: (variants == 2).then_some(spec.order),
            turns: [None; 2],
            stop_at: None,
            cancel: false,
        }
    }

    /// The same load, one step of about a tenth higher or lower.
    pub(super) fn stepped(self, up: bool, most_users: u32) -> Self {
        let users = if self.users == 0 {
            0
        } else {
            step(f64::from(self.users), up).round().max(1.0) as u32
        };
        let rate_hz = if self.rate_hz > 0.0 {
            step(self.rate_hz, up)
        } else {
            0.0
        };
        LoadState {
            users: users.min(most_users.max(self.users)),
            rate_hz: rate_hz.min(MOST_RATE_HZ),
            ..self
        }
    }

    /// The same load with one value changed. What belongs to the other kind of loop changes nothing.
    pub(super) fn with(self, change: LoadChange, most_users: u32) -> Self {
        let closed = self.users > 0;
        match change {
            LoadChange::Users(users) if closed => LoadState {
                users: users.clamp(1, most_users.max(self.users)),
                ..self
            },
            LoadChange::Think(think) if closed => LoadState { think, ..self },
            LoadChange::RateHz(rate_hz) if !closed && rate_hz > 0.0 => LoadState {
                rate_hz: rate_hz.min(MOST_RATE_HZ),
                ..self
            },
            _ => self,
        }
    }

    /// The epoch that this load begins at `start`.
    pub(super) fn epoch(&self, start: Tick) -> Epoch {
        let load = match self.users {
            0 => format!("{} req/s", text::figure(self.rate_hz)),
            1 => "1 user".to_owned(),
            users => format!("{} users", text::count(u64::from(users))),
        };
        Epoch {
            t: start.as_secs_f64(),
            load,
            users: (self.users > 0).then_some(self.users),
            think_s: (self.users > 0).then(|| self.think.seconds()),
            rate: (self.rate_hz > 0.0).then_some(self.rate_hz),
            order: self.order.map(|order| order.word().to_owned()),
        }
    }
}

/// The highest rate that can be set.
const MOST_RATE_HZ: f64 = 1_000_000.0;

/// `value` changed by the round figure (1, 2 or 5 times a power of ten) next to a tenth of it. A whole value stays whole.
fn step(value: f64, up: bool) -> f64 {
    let tenth = value / 10.0;
    let power = 10f64.powf(tenth.log10().floor());
    let lead = tenth / power;
    let round = power
        * if lead < 1.5 {
            1.0
        } else if lead < 3.5 {
            2.0
        } else if lead < 7.5 {
            5.0
        } else {
            10.0
        };
    let round = if value.fract() == 0.0 {
        round.max(1.0)
    } else {
        round
    };
    let stepped = if up { value + round } else { value - round };
    if stepped > 0.0 { stepped } else { value }
}

/// A load thread's own copy of the [`LoadState`], for one variant's tasks to look at and wait on.
#[derive(Debug)]
pub(super) struct Gate {
    variant: usize,
    state: Cell<LoadState>,
    changed: Notify,
    /// The think time has changed.
    rethink: Notify,
}

impl Gate {
    /// For variant `variant` (0 is A).
    pub(super) fn new(variant: usize, state: LoadState) -> Self {
        Gate {
            variant,
            state: Cell::new(state),
            changed: Notify::new(),
            rethink: Notify::new(),
        }
    }

    pub(super) fn state(&self) -> LoadState {
        self.state.get()
    }

    /// When this variant is under load, if it is.
    pub(super) fn turn(&self) -> Option<Turn> {
        self.state.get().turns[self.variant]
    }

    /// Whose arrivals this variant makes. Only who shares the time must be out of step; who takes turns is treated alike.
    pub(super) fn part(&self) -> usize {
        match self.state.get().order {
            Some(order) if !order.takes_turns() => self.variant,
            _ => 0,
        }
    }

    pub(super) fn set(&self, state: LoadState) {
        let before = self.state.replace(state);
        self.changed.notify_waiters();
        if before.think != state.think {
            self.rethink.notify_waiters();
        }
    }

    /// Waits for the next change of the think time after the call.
    pub(super) fn rethink(&self) -> tokio::sync::futures::Notified<'_> {
        self.rethink.notified()
    }

    /// Waits for the next change after the call (not after the first poll).
    pub(super) fn changed(&self) -> tokio::sync::futures::Notified<'_> {
        self.changed.notified()
    }

    /// Whether a request intended at `tick` must not be sent any more.
    pub(super) fn stopped_by(&self, tick: Tick) -> bool {
        self.state.get().stop_at.is_some_and(|stop| tick >= stop)
    }

    /// Whether no request intended at `tick` or later is made, as far as is known.
    pub(super) fn holds(&self, tick: Tick) -> bool {
        self.turn().is_none_or(|turn| turn.is_over_at(tick))
    }

    /// Waits while a request intended at `tick` must be held back. Returns when the variant came under load again; `None` if
    /// there was nothing to wait for, or if the load stops before `tick`.
    pub(super) async fn while_held(&self, tick: Tick) -> Option<Tick> {
        loop {
            let changed = self.changed();
            if self.stopped_by(tick) {
                return None;
            }
            match self.turn() {
                Some(turn) if tick < turn.from => return Some(turn.from),
                Some(turn) if !turn.is_over_at(tick) => return None,
                _ => changed.await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn state(users: u32, rate_hz: f64) -> LoadState {
        LoadState {
            users,
            think: ThinkTime::NONE,
            rate_hz,
            order: None,
            turns: [None; 2],
            stop_at: None,
            cancel: false,
        }
    }

    #[test]
    fn a_value_is_changed_alone_and_only_where_it_belongs() {
        let think = ThinkTime {
            low: Duration::from_millis(200),
            high: Duration::from_secs(1),
        };
        let closed = state(20, 0.0);
        let changed = closed.with(LoadChange::Users(300), 1_000);
        assert_eq!(
            changed,
            LoadState {
                users: 300,
                ..closed
            }
        );
        let paused = changed.with(LoadChange::Think(think), 1_000);
        assert_eq!(paused, LoadState { think, ..changed });
        assert_eq!(paused.epoch(Tick(0)).think_s, Some([0.2, 1.0]));
        assert_eq!(closed.with(LoadChange::RateHz(5.0), 1_000), closed);
        assert_eq!(closed.with(LoadChange::Users(5_000), 1_000).users, 1_000);
        let open = state(0, 10.0);
        let faster = open.with(LoadChange::RateHz(150.0), 0);
        assert_eq!(
            faster,
            LoadState {
                rate_hz: 150.0,
                ..open
            }
        );
        assert_eq!(open.with(LoadChange::Users(5), 1_000), open);
        assert_eq!(open.with(LoadChange::Think(think), 1_000), open);
        assert_eq!(open.epoch(Tick(0)).think_s, None);
    }

    #[test]
    fn steps_are_round_and_come_back() {
        assert_eq!(state(200, 0.0).stepped(true, 1_000).users, 220);
        assert_eq!(state(220, 0.0).stepped(false, 1_000).users, 200);
        assert_eq!(
            (
                state(1, 0.0).stepped(false, 10).users,
                state(1, 0.0).stepped(true, 10).users
            ),
            (1, 2)
        );
        assert_eq!(state(10, 0.0).stepped(true, 10).users, 10);
        assert!((state(0, 150.0).stepped(true, 0).rate_hz - 170.0).abs() < 1e-9);
        assert!((state(0, 0.5).stepped(false, 0).rate_hz - 0.45).abs() < 1e-9);
    }
}
