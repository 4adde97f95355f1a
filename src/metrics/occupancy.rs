//! Time integrals over a variant's requests and users: what Little's law and the closed-loop law are checked with.
//!
//! An integral over time is kept by adding (how many) × (time since the last change) at each change, by the instants at which
//! requests were really begun and ended. What the *samples* claim takes another way, through records, swaps and sums (see
//! `laws`), so that the two can be held against each other.

use crate::clock::Tick;

/// What one shard has added up since the start.
#[derive(Debug, Default)]
pub(super) struct Occupancy {
    last: Tick,
    in_flight: u64,
    in_flight_ns: u128,
    given_up: u64,
    given_up_ns: u128,
    thinking: u64,
    until_sum: u128,
    think_ns: u128,
    users: u64,
}

/// The integrals from the start to one instant. Differences of two readings are the integrals between them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OccupancyReading {
    /// ∫ requests in flight dt, in request-nanoseconds.
    pub in_flight_ns: i128,
    /// The same of requests that have been given up and are still on the wire: they keep their users from thinking.
    pub given_up_ns: i128,
    /// ∫ users thinking dt, in user-nanoseconds, by the think times that were drawn.
    pub thinking_ns: i128,
    /// Users that are alive.
    pub users: u64,
}

impl OccupancyReading {
    /// Adds another shard's reading of the same instant.
    pub(super) fn add(&mut self, other: &OccupancyReading) {
        self.in_flight_ns += other.in_flight_ns;
        self.given_up_ns += other.given_up_ns;
        self.thinking_ns += other.thinking_ns;
        self.users += other.users;
    }

    /// What happened since `earlier`. `users` is the present number.
    pub(super) fn since(&self, earlier: &OccupancyReading) -> OccupancyReading {
        OccupancyReading {
            in_flight_ns: self.in_flight_ns - earlier.in_flight_ns,
            given_up_ns: self.given_up_ns - earlier.given_up_ns,
            thinking_ns: self.thinking_ns - earlier.thinking_ns,
            users: self.users,
        }
    }
}

impl Occupancy {
    fn pass_to(&mut self, now: Tick) {
        // Instants of different tasks may arrive a little out of order.
        let passed = u128::from(now.0.saturating_sub(self.last.0));
        self.in_flight_ns += u128::from(self.in_flight) * passed;
        self.given_up_ns += u128::from(self.given_up) * passed;
        self.last = self.last.max(now);
    }

    /// A request begins at `now`.
    pub(super) fn begin(&mut self, now: Tick) {
        self.pass_to(now);
        self.in_flight += 1;
    }

    /// One ends at `done`.
    pub(super) fn end(&mut self, done: Tick) {
        self.pass_to(done);
        self.in_flight -= 1;
    }

    /// One that had been given up ends at `done`.
    pub(super) fn end_given_up(&mut self, done: Tick) {
        self.pass_to(done);
        self.given_up -= 1;
    }

    /// A user starts to think at `from` and will be done at `until`.
    pub(super) fn think(&mut self, from: Tick, until: Tick) {
        self.thinking += 1;
        self.until_sum += u128::from(until.0);
        self.think_ns += u128::from(until.0.saturating_sub(from.0));
    }

    /// A user who wanted to think until `before` will do so until `until`; neither has come yet.
    pub(super) fn rethink(&mut self, before: Tick, until: Tick) {
        let (before, until) = (u128::from(before.0), u128::from(until.0));
        self.until_sum = self.until_sum + until - before;
        self.think_ns = self.think_ns + until - before;
    }

    /// A user who wanted to think until `until` is done, early or not.
    pub(super) fn thought(&mut self, until: Tick) {
        self.thinking -= 1;
        self.until_sum -= u128::from(until.0);
    }

    /// Nothing ran between these instants: nothing of it is counted, all that was open is given up, and who thinks does so for
    /// what was left of it.
    pub(super) fn stand_still(&mut self, from: Tick, until: Tick) {
        self.pass_to(from);
        self.last = self.last.max(until);
        self.given_up += std::mem::take(&mut self.in_flight);
        self.until_sum += u128::from(self.thinking) * until.since(from).as_nanos();
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
        let remaining = self.until_sum.cast_signed() - i128::from(self.thinking) * at;
        OccupancyReading {
            in_flight_ns: self.in_flight_ns.cast_signed(),
            given_up_ns: self.given_up_ns.cast_signed(),
            thinking_ns: self.think_ns.cast_signed() - remaining,
            users: self.users,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_in_flight_are_counted_for_as_long_as_they_are() {
        let mut occupancy = Occupancy::default();
        occupancy.begin(Tick(0));
        occupancy.begin(Tick(10));
        let early = occupancy.read(Tick(15));
        assert_eq!(early.in_flight_ns, 20);
        occupancy.end(Tick(30));
        let late = occupancy.read(Tick(40)).since(&early);
        assert_eq!(late.in_flight_ns, 40);
    }

    #[test]
    fn who_thinks_for_a_shorter_or_a_longer_time_has_thought_as_much_as_before() {
        let mut occupancy = Occupancy::default();
        occupancy.think(Tick(0), Tick(100));
        occupancy.rethink(Tick(100), Tick(40));
        assert_eq!(occupancy.read(Tick(30)).thinking_ns, 30);
        occupancy.rethink(Tick(40), Tick(90));
        assert_eq!(occupancy.read(Tick(60)).thinking_ns, 60);
        occupancy.thought(Tick(90));
        assert_eq!(occupancy.read(Tick(95)).thinking_ns, 90);
    }

    #[test]
    fn users_are_thinking_or_in_flight_at_every_instant() {
        let mut occupancy = Occupancy::default();
        occupancy.user(true);
        occupancy.begin(Tick(0));
        occupancy.end(Tick(7));
        occupancy.think(Tick(7), Tick(20));
        let reading = occupancy.read(Tick(15));
        assert_eq!(reading.in_flight_ns + reading.thinking_ns, 15);
        occupancy.thought(Tick(20));
        occupancy.begin(Tick(20));
        let reading = occupancy.read(Tick(26));
        assert_eq!(reading.in_flight_ns + reading.thinking_ns, 26);
        assert_eq!(reading.users, 1);
    }

    #[test]
    fn a_standstill_is_no_time_at_all() {
        let mut occupancy = Occupancy::default();
        occupancy.begin(Tick(0));
        occupancy.think(Tick(0), Tick(30));
        occupancy.stand_still(Tick(10), Tick(1_010));
        let reading = occupancy.read(Tick(1_015));
        assert_eq!((reading.in_flight_ns, reading.given_up_ns), (10, 5));
        occupancy.end_given_up(Tick(1_020));
        occupancy.thought(Tick(1_030));
        let reading = occupancy.read(Tick(1_030));
        assert_eq!((reading.given_up_ns, reading.thinking_ns), (10, 30));
    }
}
