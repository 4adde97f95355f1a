//! Two laws that every correct measurement obeys, whatever the gateway does.
//!
//! *Little*: the time-average of requests in flight is throughput × mean response time. *Closed loop*: N users who think for Z
//! and wait for R pass X = N / (Z + R) requests a second. Both hold exactly over any stretch of time once its edges are
//! accounted for (see `occupancy`), so a difference is a mistake of ours: samples lost, instants wrong, users stuck.

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

/// One variant's integrals over the measured time of a run.
#[derive(Debug, Default)]
pub(super) struct Laws {
    previous: OccupancyReading,
    sum: OccupancyReading,
    seconds: f64,
    /// The number of users is what it should be, so that the sums can begin.
    begun: bool,
}

impl Laws {
    /// What a stretch of `seconds` brought. Nothing is added unless it was `measured`, nor before the number of users is
    /// `users` (closed loop), as it takes a cycle after a change.
    pub(super) fn add(
        &mut self,
        reading: &OccupancyReading,
        seconds: f64,
        measured: bool,
        users: Option<u32>,
    ) {
        if measured && self.begun {
            self.sum.add(&reading.since(&self.previous));
            self.seconds += seconds;
        }
        self.begun |= measured && users.is_none_or(|users| reading.users == u64::from(users));
        self.previous = *reading;
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
        (self.seconds >= 1.0).then(|| self.sum.in_flight_ns as f64 / 1e9 / self.seconds)
    }

    /// The mean think time that users really took, in seconds; `None` before it says much.
    fn mean(&self, ns: i128) -> f64 {
        ns as f64 / 1e9 / self.sum.ended.max(1) as f64
    }

    fn ready(&self, cycle_s: f64) -> bool {
        let (least_s, least_cycles) = LEAST;
        self.sum.ended > 0 && self.seconds >= least_s && self.seconds >= least_cycles * cycle_s
    }

    /// Little's law.
    pub(super) fn little(&self) -> Judged {
        let response = self.mean(self.sum.response_ns);
        if !self.ready(response) {
            return Judged::NotYet;
        }
        let seen = self.sum.in_flight_ns as f64 / 1e9 / self.seconds;
        let claimed = self.sum.response_ns as f64 / 1e9 / self.seconds;
        let apart = (seen - claimed).abs();
        let per_request = apart * self.seconds / self.sum.ended as f64;
        let share = apart / claimed.max(f64::MIN_POSITIVE);
        Judged::Apart {
            share: if per_request > LATENESS_S { share } else { 0.0 },
            detail: format!(
                "in flight {}, throughput × response {}",
                text::figure(seen),
                text::figure(claimed)
            ),
        }
    }

    /// The law of the closed loop for `users` users.
    pub(super) fn closed(&self, users: u32) -> Judged {
        let (response, think) = (
            self.mean(self.sum.response_ns),
            self.mean(self.sum.thinking_ns),
        );
        if !self.ready(response + think) {
            return Judged::NotYet;
        }
        let cycle = f64::from(users) * self.seconds / self.sum.ended as f64;
        Judged::Apart {
            share: (cycle - think - response).abs() / (think + response).max(f64::MIN_POSITIVE),
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
    /// The sides differ by this share.
    Apart { share: f64, detail: String },
}

/// The check `name` over all variants: the worst of them.
pub(super) fn check(name: &str, judged: impl IntoIterator<Item = Judged>) -> Check {
    let mut worst: Option<(f64, String)> = None;
    for judged in judged {
        if let Judged::Apart { share, detail } = judged
            && worst.as_ref().is_none_or(|(known, _)| share > *known)
        {
            worst = Some((share, detail));
        }
    }
    let (level, detail) = match worst {
        None => (CheckLevel::Ok, format!("not judged before {} s", LEAST.0)),
        Some((share, detail)) => {
            let level = if share > RED {
                CheckLevel::Red
            } else if share > AMBER {
                CheckLevel::Amber
            } else {
                CheckLevel::Ok
            };
            let apart = format!("{:.1} % apart", share * 100.0);
            (level, format!("{detail} ({apart})"))
        }
    };
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
    fn reading(seconds: i128) -> OccupancyReading {
        OccupancyReading {
            in_flight_ns: 8 * seconds * S,
            response_ns: 8 * seconds * S,
            thinking_ns: 12 * seconds * S,
            ended: 20 * seconds as u64,
            users: 20,
        }
    }

    fn laws(change: impl Fn(&mut OccupancyReading)) -> Laws {
        let mut laws = Laws::default();
        laws.add(
            &OccupancyReading {
                users: 20,
                ..OccupancyReading::default()
            },
            5.0,
            true,
            Some(20),
        );
        let mut reading = reading(30);
        change(&mut reading);
        laws.add(&reading, 30.0, true, Some(20));
        laws
    }

    fn level(judged: Judged) -> CheckLevel {
        check("law", [judged]).level
    }

    #[test]
    fn a_correct_measurement_obeys_both() {
        let laws = laws(|_| {});
        assert_eq!(
            laws.little(),
            Judged::Apart {
                share: 0.0,
                detail: "in flight 8.00, throughput × response 8.00".to_owned()
            }
        );
        assert_eq!(level(laws.closed(20)), CheckLevel::Ok);
        assert_eq!(laws.mean_in_flight(), Some(8.0));
    }

    #[test]
    fn lost_samples_stuck_users_and_wrong_numbers_show() {
        // Every tenth sample lost: what was in flight does not appear among the responses.
        let lossy = laws(|reading| {
            reading.ended = reading.ended * 9 / 10;
            reading.response_ns = reading.response_ns * 9 / 10;
            reading.thinking_ns = reading.thinking_ns * 9 / 10;
        });
        assert_eq!(level(lossy.little()), CheckLevel::Red);
        assert_eq!(level(lossy.closed(20)), CheckLevel::Red);
        assert!(level(laws(|_| {}).closed(21)) > CheckLevel::Ok);
        assert_eq!(level(laws(|_| {}).closed(22)), CheckLevel::Red);
    }

    #[test]
    fn nothing_is_judged_early_or_before_all_users_are_there() {
        let mut laws = Laws::default();
        laws.add(&reading(1), 1.0, true, Some(20));
        laws.add(&reading(11), 10.0, true, Some(20));
        assert_eq!(laws.little(), Judged::NotYet);
        let mut late = Laws::default();
        for second in 0..40 {
            late.add(
                &OccupancyReading {
                    users: 19,
                    ..reading(second)
                },
                1.0,
                true,
                Some(20),
            );
        }
        assert_eq!(late.closed(20), Judged::NotYet);
    }
}
