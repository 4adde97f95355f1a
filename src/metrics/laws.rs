//! Two laws that every correct measurement obeys, whatever the gateway does.
//!
//! *Little*: the time-average of requests in flight is throughput × mean response time. *Closed loop*: N users who think for Z
//! and wait for R pass X = N / (Z + R) requests a second. Both hold exactly over any stretch of time once its edges are
//! accounted for, so a difference is a mistake of ours: samples lost, instants wrong, users stuck.
//!
//! The two sides come by different ways. Requests in flight and users are counted where they begin and end (`occupancy`).
//! Response times are those that were recorded, taken out of the shards and merged, with the ages of what is open.

use super::occupancy::OccupancyReading;
use super::snapshot::{Check, CheckLevel};
use crate::text;

/// Measured time before a law is judged, in seconds and in cycles of the load.
const LEAST: (f64, f64) = (20.0, 5.0);

/// Shares by which the sides may differ.
const AMBER: f64 = 0.02;
const RED: f64 = 0.05;

/// Per request, so much may be our own lateness in beginning it, in seconds. It has a check of its own (client lag), and for a
/// gateway that answers in 50 µs it would be a large share of little.
const LATENESS_S: f64 = 0.000_2;

/// One variant's books since the start.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Books {
    /// What was counted where requests and users come and go.
    pub(super) occupancy: OccupancyReading,
    /// The response times of all requests that were recorded as ended, however they did, with the ages of those that are
    /// open, ns.
    pub(super) response_ns: i128,
    /// Requests that were recorded as ended.
    pub(super) ended: u64,
}

/// One variant's sums over the measured time of a run.
#[derive(Debug, Default)]
pub(super) struct Laws {
    previous: Books,
    counted: OccupancyReading,
    response_ns: i128,
    ended: u64,
    seconds: f64,
    /// The number of users is what it should be, so that the sums can begin.
    begun: bool,
}

impl Laws {
    /// What a stretch of `seconds` brought. Nothing is added unless it was `measured`, nor before the number of users is
    /// `users` (closed loop), as it takes a cycle after a change.
    pub(super) fn add(&mut self, books: Books, seconds: f64, measured: bool, users: Option<u32>) {
        if measured && self.begun {
            let counted = books.occupancy.since(&self.previous.occupancy);
            self.counted.add(&counted);
            self.response_ns += books.response_ns - self.previous.response_ns;
            self.ended += books.ended - self.previous.ended;
            self.seconds += seconds;
        }
        let there = users.is_none_or(|users| books.occupancy.users == u64::from(users));
        self.begun |= measured && there;
        self.previous = books;
    }

    /// Begins anew.
    pub(super) fn restart(&mut self) {
        *self = Laws {
            previous: self.previous,
            ..Laws::default()
        };
    }

    /// The time-average of requests in flight; `None` before it says much.
    pub(super) fn mean_in_flight(&self) -> Option<f64> {
        (self.seconds >= 1.0).then(|| self.counted.in_flight_ns as f64 / 1e9 / self.seconds)
    }

    /// The mean of `ns` over the requests that have ended, in seconds.
    fn mean(&self, ns: i128) -> f64 {
        ns as f64 / 1e9 / self.ended.max(1) as f64
    }

    fn ready(&self, cycle_s: f64) -> bool {
        let (least_s, least_cycles) = LEAST;
        self.ended > 0 && self.seconds >= least_s && self.seconds >= least_cycles * cycle_s
    }

    /// Little's law.
    pub(super) fn little(&self) -> Judged {
        let response = self.mean(self.response_ns);
        if !self.ready(response) {
            return Judged::NotYet;
        }
        let seen = self.counted.in_flight_ns as f64 / 1e9 / self.seconds;
        let claimed = self.response_ns as f64 / 1e9 / self.seconds;
        let apart = (seen - claimed).abs();
        Judged::Apart {
            share: apart / claimed.max(f64::MIN_POSITIVE),
            excused: apart * self.seconds / self.ended as f64 <= LATENESS_S,
            detail: format!(
                "in flight {}, throughput × response {}",
                text::figure(seen),
                text::figure(claimed)
            ),
        }
    }

    /// The law of the closed loop for `users` users.
    pub(super) fn closed(&self, users: u32) -> Judged {
        // A user whose request was given up waits for its end all the same.
        let response = self.mean(self.response_ns + self.counted.given_up_ns);
        let think = self.mean(self.counted.thinking_ns);
        if !self.ready(response + think) {
            return Judged::NotYet;
        }
        let cycle = f64::from(users) * self.seconds / self.ended as f64;
        let apart = (cycle - think - response).abs();
        Judged::Apart {
            share: apart / (think + response).max(f64::MIN_POSITIVE),
            excused: apart <= LATENESS_S,
            detail: format!(
                "users ÷ throughput {}, think + response {}",
                text::latency(cycle * 1e6),
                text::latency((think + response) * 1e6)
            ),
        }
    }
}

/// How a law stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Judged {
    /// Too little has been measured.
    NotYet,
    /// The sides differ by this share; `excused` if it is no more than our own lateness may be.
    Apart {
        share: f64,
        excused: bool,
        detail: String,
    },
}

/// The check `name` over all variants: the worst of them.
pub(super) fn check(name: &str, judged: impl IntoIterator<Item = Judged>) -> Check {
    let mut worst: Option<(CheckLevel, f64, String)> = None;
    for judged in judged {
        let Judged::Apart {
            share,
            excused,
            detail,
        } = judged
        else {
            continue;
        };
        let (level, words) = match share {
            share if share > AMBER && excused => (CheckLevel::Ok, ", less than our own lateness"),
            share if share > RED => (CheckLevel::Red, ""),
            share if share > AMBER => (CheckLevel::Amber, ""),
            _ => (CheckLevel::Ok, ""),
        };
        if worst
            .as_ref()
            .is_none_or(|known| (level, share) > (known.0, known.1))
        {
            let apart = format!("{detail} ({:.1} % apart{words})", share * 100.0);
            worst = Some((level, share, apart));
        }
    }
    let (level, detail) = worst.map_or_else(
        || (CheckLevel::Ok, format!("not judged before {} s", LEAST.0)),
        |(level, _, detail)| (level, detail),
    );
    Check {
        name: name.to_owned(),
        level,
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i128 = 1_000_000_000;

    /// 20 users, 1 s cycles of 0.6 s thought and 0.4 s response, over `seconds`.
    fn books(seconds: i128) -> Books {
        Books {
            occupancy: OccupancyReading {
                in_flight_ns: 8 * seconds * S,
                given_up_ns: 0,
                thinking_ns: 12 * seconds * S,
                users: 20,
            },
            response_ns: 8 * seconds * S,
            ended: 20 * seconds as u64,
        }
    }

    fn laws(change: impl Fn(&mut Books)) -> Laws {
        let mut laws = Laws::default();
        laws.add(books(0), 5.0, true, Some(20));
        let mut books = books(30);
        change(&mut books);
        laws.add(books, 30.0, true, Some(20));
        laws
    }

    fn level(judged: Judged) -> CheckLevel {
        check("law", [judged]).level
    }

    #[test]
    fn a_correct_measurement_obeys_both() {
        let laws = laws(|_| {});
        assert_eq!(
            check("law", [laws.little()]).detail,
            "in flight 8.00, throughput × response 8.00 (0.0 % apart)"
        );
        assert_eq!(level(laws.closed(20)), CheckLevel::Ok);
        assert_eq!(laws.mean_in_flight(), Some(8.0));
    }

    #[test]
    fn lost_samples_stuck_users_and_wrong_numbers_show() {
        // Every tenth record lost on its way: what was in flight does not appear among the responses.
        let lossy = laws(|books| {
            books.ended = books.ended * 9 / 10;
            books.response_ns = books.response_ns * 9 / 10;
        });
        assert_eq!(level(lossy.little()), CheckLevel::Red);
        assert!(level(lossy.closed(20)) > CheckLevel::Ok);
        // Every response time a tenth too short.
        assert_eq!(
            level(laws(|books| books.response_ns = books.response_ns * 9 / 10).little()),
            CheckLevel::Red
        );
        assert!(level(laws(|_| {}).closed(21)) > CheckLevel::Ok);
        assert_eq!(level(laws(|_| {}).closed(22)), CheckLevel::Red);
    }

    #[test]
    fn our_own_lateness_is_said_and_not_held_against_the_law() {
        // 100,000 requests of 100 µs, of which 60 µs were seen in flight.
        let late = laws(|books| {
            books.ended = 100_000;
            books.response_ns = 10 * S;
            books.occupancy.in_flight_ns = 6 * S;
        });
        let check = check("law", [late.little()]);
        assert_eq!(check.level, CheckLevel::Ok);
        assert!(
            check
                .detail
                .ends_with("(40.0 % apart, less than our own lateness)")
        );
    }

    #[test]
    fn nothing_is_judged_early_or_before_all_users_are_there() {
        let mut laws = Laws::default();
        laws.add(books(1), 1.0, true, Some(20));
        laws.add(books(11), 10.0, true, Some(20));
        assert_eq!(laws.little(), Judged::NotYet);
        let mut late = Laws::default();
        for second in 0..40 {
            let mut books = books(second);
            books.occupancy.users = 19;
            late.add(books, 1.0, true, Some(20));
        }
        assert_eq!(late.closed(20), Judged::NotYet);
    }
}
