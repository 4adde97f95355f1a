//! When a request is answered, and how: the endpoint's behaviour as plain arithmetic, without I/O and without a clock.
//!
//! A request that arrives at `a` is served by one of N servers, first in, first out:
//!
//! ```text
//! start = max(a, the instant at which the first server is free)
//! due   = start + service, service drawn from the profile
//! ```
//!
//! With one server that is Lindley's recursion; without a limit `start = a`. All instants are absolute, so nothing drifts:
//! under a backlog, one server with 19.92 ms per request completes exactly 1 / 0.01992 = 50.2 a second, however late anybody
//! wakes up. A freeze stops the servers' time (see [`Freeze`]).
//!
//! A request that has been admitted keeps its server to the end, even if its client leaves: that is what makes everything
//! known at its arrival.
//!
//! What holds always: the same spec and the same arrivals give the same answers; one [`Service::admit`] takes
//! O(log N + log freezes) and the memory is one number for each server that has ever been needed. Arrivals are served in the
//! order in which they are admitted; they should ascend, but may be out of order by a little, as the threads of a server
//! make them.

mod fault;
mod freeze;
mod servers;

pub use fault::{Fault, FaultError, FaultKind, Faults};
pub use freeze::{Freeze, FreezeError};

use super::delay::DelayProfile;
use crate::clock::Tick;
use freeze::Timetable;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use servers::Servers;
use std::num::NonZeroU32;
use std::time::Duration;

/// How requests are served.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// The time that a server takes for one request.
    pub profile: DelayProfile,
    /// How many are served at once; `None` for all.
    pub servers: Option<NonZeroU32>,
    /// When nothing is served, relative to the origin. They may overlap.
    pub freezes: Vec<Freeze>,
    /// What goes wrong.
    pub faults: Faults,
    /// The seed of everything that is drawn.
    pub seed: u64,
}

impl Default for ServiceSpec {
    /// Everything at once, without delay and without faults.
    fn default() -> Self {
        ServiceSpec {
            profile: DelayProfile::Instant,
            servers: None,
            freezes: Vec::new(),
            faults: Faults::default(),
            seed: 1,
        }
    }
}

/// Where the timetable of freezes begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// At this instant.
    At(Tick),
    /// When the first request arrives.
    FirstArrival,
}

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// When its answer is due.
    pub due: Tick,
    /// The time from its arrival to `due`: waiting, service and freezes.
    pub delay: Duration,
    /// The time that the server was given for it.
    pub service: Duration,
    /// What goes wrong with the answer. It takes its server's time all the same, so faults never change when the others are
    /// answered.
    pub fault: Option<FaultKind>,
}

/// The servers at work.
#[derive(Debug)]
pub struct Service {
    profile: DelayProfile,
    faults: Faults,
    rng: StdRng,
    /// In the servers' own time, which stands still in a freeze.
    servers: Servers,
    freezes: Vec<Freeze>,
    /// From the first arrival at the latest.
    timetable: Option<Timetable>,
}

impl Service {
    /// Servers that have nothing to do yet.
    pub fn new(spec: ServiceSpec, origin: Origin) -> Service {
        Service {
            profile: spec.profile,
            faults: spec.faults,
            rng: StdRng::seed_from_u64(spec.seed),
            servers: Servers::new(spec.servers),
            timetable: match origin {
                Origin::At(origin) => Some(Timetable::new(&spec.freezes, origin)),
                Origin::FirstArrival => None,
            },
            freezes: spec.freezes,
        }
    }

    /// Takes in a request that arrives at `arrival`.
    pub fn admit(&mut self, arrival: Tick) -> Served {
        // Both are drawn for every request, so that a fault more or less changes no delay.
        let service = self.profile.draw(&mut self.rng);
        let fault = self.faults.pick(self.rng.random());
        let timetable = self
            .timetable
            .get_or_insert_with(|| Timetable::new(&self.freezes, arrival));
        let done = self.servers.serve(timetable.worked(arrival), service);
        let due = timetable.at(done).max(timetable.thawed(arrival));
        Served {
            due,
            delay: due.since(arrival),
            service,
            fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spec(profile: &str, servers: u32) -> ServiceSpec {
        ServiceSpec {
            profile: profile.parse().unwrap(),
            servers: NonZeroU32::new(servers),
            ..ServiceSpec::default()
        }
    }

    fn service(spec: &ServiceSpec) -> Service {
        Service::new(spec.clone(), Origin::At(Tick(0)))
    }

    fn at_ms(ms: f64) -> Tick {
        Tick((ms * 1e6).round() as u64)
    }

    /// When requests that arrive at these milliseconds are due.
    fn due_ms(service: &mut Service, arrivals: &[f64]) -> Vec<f64> {
        arrivals
            .iter()
            .map(|&ms| service.admit(at_ms(ms)).due.0 as f64 / 1e6)
            .collect()
    }

    #[test]
    fn a_backlog_is_served_at_exactly_the_rate_of_its_servers() {
        let mut one = service(&spec("fixed:19.92ms", 1));
        let last = (0..50_200).map(|_| one.admit(Tick(0))).last().unwrap();
        // 50,200 requests at 50.2 a second, 1 / 0.01992 = 50.2008: to the nanosecond, with no drift.
        assert_eq!(last.due, Tick(999_984_000_000));
        assert_eq!(last.delay, Duration::from_micros(19_920) * 50_200);
        assert_eq!(last.service, Duration::from_micros(19_920));
        let mut four = service(&spec("fixed:40ms", 4));
        let dues = due_ms(&mut four, &[0.0; 9]);
        assert_eq!(
            dues,
            [40.0, 40.0, 40.0, 40.0, 80.0, 80.0, 80.0, 80.0, 120.0]
        );
    }

    #[test]
    fn freezes_suspend_work_and_defer_arrivals() {
        // Frozen from 10 s to 20 s, as in Tene's experiment.
        let spec = ServiceSpec {
            freezes: vec!["10s+10s".parse().unwrap()],
            ..spec("fixed:1ms", 0)
        };
        let arrivals = [9_998.0, 9_999.5, 10_000.0, 15_000.0, 19_999.5, 20_000.0];
        let expected = [9_999.0, 20_000.5, 20_001.0, 20_001.0, 20_001.0, 20_001.0];
        assert_eq!(due_ms(&mut service(&spec), &arrivals), expected);
        // One server takes up where it was, one request after the other.
        let one = ServiceSpec {
            servers: NonZeroU32::new(1),
            ..spec.clone()
        };
        let expected = [9_999.0, 20_000.5, 20_001.5, 20_002.5, 20_003.5, 20_004.5];
        assert_eq!(due_ms(&mut service(&one), &arrivals), expected);
        // Without any delay those who come while it is frozen are answered when it ends.
        let instant = ServiceSpec {
            profile: DelayProfile::Instant,
            ..spec
        };
        let expected = [9_998.0, 9_999.5, 20_000.0, 20_000.0, 20_000.0, 20_000.0];
        assert_eq!(due_ms(&mut service(&instant), &arrivals), expected);
    }

    #[test]
    fn the_timetable_may_begin_with_the_first_request() {
        let spec = ServiceSpec {
            freezes: vec!["1s+1s".parse().unwrap()],
            ..spec("instant", 0)
        };
        let mut service = Service::new(spec, Origin::FirstArrival);
        let dues = due_ms(&mut service, &[7_000.0, 7_999.0, 8_000.0, 9_000.0]);
        assert_eq!(dues, [7_000.0, 7_999.0, 9_000.0, 9_000.0]);
    }

    #[test]
    fn the_same_seed_serves_alike_and_faults_change_no_delay() {
        let sound = spec("exp:10ms", 2);
        let faulty = ServiceSpec {
            faults: Faults::default()
                .and("503:10%".parse().unwrap())
                .and_then(|faults| faults.and("hang:20%".parse()?))
                .unwrap(),
            ..sound.clone()
        };
        let serve = |spec: &ServiceSpec| {
            let mut service = service(spec);
            (0..20_000)
                .map(|i| service.admit(at_ms(f64::from(i) * 6.0)))
                .collect::<Vec<_>>()
        };
        let (served, failing) = (serve(&sound), serve(&faulty));
        assert_eq!(serve(&faulty), failing);
        assert!(
            served
                .iter()
                .zip(&failing)
                .all(|(a, b)| (a.due, a.delay, a.service) == (b.due, b.delay, b.service))
        );
        // Four standard errors are 0.85 % of 20,000 for a share of 10 %, 1.13 % for 20 %.
        let share =
            |kind| failing.iter().filter(|served| served.fault == kind).count() as f64 / 20_000.0;
        let status = FaultKind::Status(http::StatusCode::SERVICE_UNAVAILABLE);
        assert!((share(Some(status)) - 0.1).abs() < 0.0085);
        assert!((share(Some(FaultKind::Hang)) - 0.2).abs() < 0.0113);
        let other = ServiceSpec { seed: 2, ..sound };
        assert_ne!(serve(&other), served);
    }

    /// The queue with Poisson arrivals, `lambda` a second, in milliseconds: mean, then the 50th, 95th and 99th percentile.
    fn queue(spec: &ServiceSpec, lambda: f64) -> [f64; 4] {
        let mut service = service(spec);
        let mut rng = StdRng::seed_from_u64(2);
        let mut now = 0.0;
        let mut delays: Vec<f64> = (0..300_000)
            .map(|_| {
                now -= (1.0 - rng.random::<f64>()).ln() / lambda * 1e3;
                service.admit(at_ms(now)).delay.as_secs_f64() * 1e3
            })
            .collect();
        delays.sort_by(f64::total_cmp);
        let at = |p: f64| delays[(p * delays.len() as f64) as usize];
        let mean = delays.iter().sum::<f64>() / delays.len() as f64;
        [mean, at(0.5), at(0.95), at(0.99)]
    }

    #[test]
    fn textbook_queues_have_their_textbook_delays() {
        for (spec, lambda, expected) in [
            // M/M/1 at load ½: exponential with mean 1 / (μ − λ) = 20 ms.
            (spec("exp:10ms", 1), 50.0, [20.0, 13.863, 59.915, 92.103]),
            // M/M/4 with μ = 40: Erlang's C is 0.3199, the mean 1 / μ + C / (4 μ − λ) = 25 + 5.33 ms.
            (spec("exp:25ms", 4), 100.0, [30.33, 22.55, 85.42, 126.7]),
            // M/D/1: Pollaczek and Khinchine, D (1 + ρ / (2 (1 − ρ))) = 15 ms; half of them find the server free.
            (spec("fixed:10ms", 1), 50.0, [15.0, 10.0, 30.51, 43.36]),
        ] {
            let found = queue(&spec, lambda);
            for (found, (expected, error)) in found
                .iter()
                .zip(expected.iter().zip([0.03, 0.03, 0.05, 0.07]))
            {
                assert!(
                    (found / expected - 1.0).abs() < error,
                    "{}: {found} {expected}",
                    spec.profile
                );
            }
        }
    }

    proptest! {
        /// Whatever arrives, in whatever order: nobody is answered before arrival and service, or within a freeze.
        #[test]
        fn nothing_is_done_too_early_or_in_a_freeze(
            arrivals in prop::collection::vec(0..5_000_000_000_u64, 0..60),
            freezes in prop::collection::vec((0..5_000_u64, 1..1_000_u64), 0..4),
            servers in 0..4_u32,
            profile in "(instant|fixed:7ms|exp:200ms)",
        ) {
            let ms = Duration::from_millis;
            let spec = ServiceSpec {
                freezes: freezes.into_iter().map(|(at, length)| Freeze { at: ms(at), length: ms(length) }).collect(),
                ..spec(&profile, servers)
            };
            let mut service = service(&spec);
            for arrival in arrivals {
                let served = service.admit(Tick(arrival));
                prop_assert!(served.due >= Tick(arrival) + served.service);
                prop_assert_eq!(served.delay, served.due.since(Tick(arrival)));
                for freeze in &spec.freezes {
                    let start = Tick(0) + freeze.at;
                    prop_assert!(served.due <= start || served.due >= start + freeze.length);
                }
            }
        }
    }
}
