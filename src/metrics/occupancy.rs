//! Time integrals over a variant's requests and users: what Little's law and the closed-loop law are checked with.
//!
//! An integral over time is kept by adding (how many) × (time since the last change) at each change. Sums of instants make it
//! exact at any moment, edges included: the ages of all open requests at t sum to n·t − Σ intended, without looking at any
//! of them.

use crate::clock::Tick;

/// What one shard has added up since the start.
#[derive(Debug, Default)]
pub(super) struct Occupancy {
    last: Tick,
    in_flight: u64,
    in_flight_ns: u128,
    intended_sum: u128,
    response_ns: u128,
    ended: u64,
    thinking: u64,
    until_sum: u128,
    think_ns: u128,
    users: u64,
}

/// The integrals from the start to one instant. Differences of two readings are the integrals between them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OccupancyReading {
    /// ∫ requests in flight dt, in request-nanoseconds, by the instants at which requests were really begun and ended.
    pub in_flight_ns: i128,
    /// Response times of all requests that have ended, with the ages of those that are open, ns: the same integral, by what
    /// the samples claim.
    pub response_ns: i128,
    /// ∫ users thinking dt, in user-nanoseconds, by the think times that were drawn.
    pub thinking_ns: i128,
    /// Requests that have ended.
    pub ended: u64,
    /// Users that are alive.
    pub users: u64,
}

impl OccupancyReading {
    /// Adds another shard's reading of the same instant.
    pub(super) fn add(&mut self, other: &OccupancyReading) {
        self.in_flight_ns += other.in_flight_ns;
        self.response_ns += other.response_ns;
        self.thinking_ns += other.thinking_ns;
        self.ended += other.ended;
        self.users += other.users;
    }

    /// What happened since `earlier`. `users` is the present number.
    pub(super) fn since(&self, earlier: &OccupancyReading) -> OccupancyReading {
        OccupancyReading {
            in_flight_ns: self.in_flight_ns - earlier.in_flight_ns,
            response_ns: self.response_ns - earlier.response_ns,
            thinking_ns: self.thinking_ns - earlier.thinking_ns,
            ended: self.ended - earlier.ended,
            users: self.users,
        }
    }
}

impl Occupancy {
    fn pass_to(&mut self, now: Tick) {
        // Instants of different tasks may arrive a little out of order.
        let passed = now.0.saturating_sub(self.last.0);
        self.in_flight_ns += u128::from(self.in_flight) * u128::from(passed);
        self.last = self.last.max(now);
    }

    /// A request that was due at `intended` begins at `now`.
    pub(super) fn begin(&mut self, intended: Tick, now: Tick) {
        self.pass_to(now);
        self.in_flight += 1;
        self.intended_sum += u128::from(intended.0);
    }

    /// It ends at `done`.
    pub(super) fn end(&mut self, intended: Tick, done: Tick) {
        self.pass_to(done);
        self.in_flight -= 1;
        self.intended_sum -= u128::from(intended.0);
        self.response_ns += u128::from(done.0.saturating_sub(intended.0));
        self.ended += 1;
    }

    /// A user starts to think at `from` and will be done at `until`.
    pub(super) fn think(&mut self, from: Tick, until: Tick) {
        self.thinking += 1;
        self.until_sum += u128::from(until.0);
        self.think_ns += u128::from(until.0.saturating_sub(from.0));
    }

    /// A user who wanted to think until `until` is done, early or not.
    pub(super) fn thought(&mut self, until: Tick) {
        self.thinking -= 1;
        self.until_sum -= u128::from(until.0);
    }

    /// Nothing ran between these instants: nothing of it is counted, and what was to end later ends so much later.
    pub(super) fn stand_still(&mut self, from: Tick, until: Tick) {
        self.pass_to(from);
        self.last = self.last.max(until);
        let gap = until.since(from).as_nanos();
        self.intended_sum += u128::from(self.in_flight) * gap;
        self.until_sum += u128::from(self.thinking) * gap;
    }

    /// A user comes to life, or leaves.
    pub(super) fn user(&mut self, alive: bool) {
        self.users = if alive {
            self.users + 1
        } else {
            self.users.saturating_sub(1)
        };
    }

    /// The integrals up to `now`.
    pub(super) fn read(&mut self, now: Tick) -> OccupancyReading {
        self.pass_to(now);
        let at = i128::from(now.0);
        let ages = i128::from(self.in_flight) * at - self.intended_sum.cast_signed();
        let remaining = self.until_sum.cast_signed() - i128::from(self.thinking) * at;
        OccupancyReading {
            in_flight_ns: self.in_flight_ns.cast_signed(),
            response_ns: self.response_ns.cast_signed() + ages,
            thinking_ns: self.think_ns.cast_signed() - remaining,
            ended: self.ended,
            users: self.users,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_littles_law_agree_at_any_edge() {
        let mut occupancy = Occupancy::default();
        occupancy.begin(Tick(0), Tick(0));
        occupancy.begin(Tick(10), Tick(10));
        let early = occupancy.read(Tick(15));
        assert_eq!((early.in_flight_ns, early.response_ns), (20, 20));
        occupancy.end(Tick(0), Tick(30));
        let late = occupancy.read(Tick(40)).since(&early);
        assert_eq!(
            (late.in_flight_ns, late.response_ns, late.ended),
            (40, 40, 1)
        );
    }

    #[test]
    fn a_request_begun_late_shows_on_one_side_alone() {
        let mut occupancy = Occupancy::default();
        occupancy.begin(Tick(0), Tick(8));
        occupancy.end(Tick(0), Tick(10));
        let reading = occupancy.read(Tick(10));
        assert_eq!((reading.in_flight_ns, reading.response_ns), (2, 10));
    }

    #[test]
    fn users_are_thinking_or_in_flight_at_every_instant() {
        let mut occupancy = Occupancy::default();
        occupancy.user(true);
        occupancy.begin(Tick(0), Tick(0));
        occupancy.end(Tick(0), Tick(7));
        occupancy.think(Tick(7), Tick(20));
        let reading = occupancy.read(Tick(15));
        assert_eq!(reading.response_ns + reading.thinking_ns, 15);
        occupancy.thought(Tick(20));
        occupancy.begin(Tick(20), Tick(20));
        let reading = occupancy.read(Tick(26));
        assert_eq!(reading.response_ns + reading.thinking_ns, 26);
        assert_eq!(reading.users, 1);
    }
}
