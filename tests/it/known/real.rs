//! The mechanisms behind the simulated answers, for a few seconds each in real time: the built-in endpoint over real sockets.
//!
//! A machine that was busy with something else proves nothing against the program. So where what is asserted of a run does
//! not hold, and the run's own self-checks say that it was disturbed, it is repeated, up to [`ATTEMPTS`] times; what is
//! asserted of the last one is asserted without excuse. A defect shows in every attempt.

use super::simulated::{close, ms, serving};
use crate::support::{assert_conserved, closed, config, open, spec, variant};
use dragstrip::gateway::endpoint::{self, EndpointConfig};
use dragstrip::gateway::{Freeze, ServerHandle, ServiceSpec, listen};
use dragstrip::load::{Engine, LoadSpec, Overflow, Warmup};
use dragstrip::metrics::snapshot::{CheckLevel, Percentile, Snapshot};
use dragstrip::transport::{Limits, TransportConfig};
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Runs at most.
const ATTEMPTS: usize = 5;

/// An endpoint that serves as `service` says; freezes count from the first request.
pub(crate) fn serve(service: ServiceSpec) -> ServerHandle {
    let config = EndpointConfig {
        service,
        freeze_from_first_request: true,
        ..EndpointConfig::default()
    };
    let any = "127.0.0.1:0".parse().expect("an address");
    endpoint::spawn(config, listen(any).expect("a port")).expect("starts")
}

/// Whether the machine let the client do its work.
pub(crate) fn was_quiet(snapshot: &Snapshot) -> bool {
    let calm = |name| {
        let check = snapshot.checks.iter().find(|check| check.name == name);
        check.is_some_and(|check| check.level == CheckLevel::Ok)
    };
    snapshot.gaps.is_empty() && calm("heartbeat") && calm("client lag")
}

/// Runs until what is asserted of a run holds. A run in which it does not fails the test, unless the machine was busy and there
/// are attempts left.
pub(crate) fn until_undisturbed<R>(
    run: impl Fn() -> (Arc<Snapshot>, R),
    judge: impl Fn(&Snapshot, &R),
) {
    for _ in 1..ATTEMPTS {
        let (last, notes) = run();
        if was_quiet(&last) {
            return judge(&last, &notes);
        }
        if catch_unwind(AssertUnwindSafe(|| judge(&last, &notes))).is_ok() {
            return;
        }
    }
    let (last, notes) = run();
    judge(&last, &notes);
}

/// Runs `load` against endpoints that serve as `services` say, until what `judge` asserts holds.
fn run(
    load: &LoadSpec,
    services: &[ServiceSpec],
    transport: &TransportConfig,
    judge: impl Fn(&Snapshot),
) {
    let once = || {
        let servers: Vec<ServerHandle> = services.iter().cloned().map(serve).collect();
        let variants = servers
            .iter()
            .map(|server| {
                let url = format!("{}/v1/chat/completions", server.url());
                variant(&url, transport.clone())
            })
            .collect();
        let engine = Engine::start(config(load.clone(), variants)).expect("starts");
        let last = engine.join();
        assert_conserved(&last);
        (last, ())
    };
    until_undisturbed(once, |last, ()| judge(last));
}

fn any() -> TransportConfig {
    TransportConfig::default()
}

fn freezing(profile: &str, at_ms: u64, length_ms: u64) -> ServiceSpec {
    ServiceSpec {
        freezes: vec![Freeze {
            at: Duration::from_millis(at_ms),
            length: Duration::from_millis(length_ms),
        }],
        ..serving(profile)
    }
}

fn one_server(profile: &str) -> ServiceSpec {
    ServiceSpec {
        servers: NonZeroU32::new(1),
        ..serving(profile)
    }
}

fn within(what: &str, value: f64, expected: f64, tolerance: f64) {
    assert!(
        (value - expected).abs() <= tolerance,
        "{what}: {value} ms, expected {expected} ± {tolerance}"
    );
}

#[test]
fn s03_s04_a_stall_is_in_the_response_time_and_hidden_in_the_service_time() {
    let load = spec(open(100.0, 1_000, Overflow::Queue), 2_000);
    let freeze = freezing("fixed:1ms", 995, 1_000);
    run(&load, std::slice::from_ref(&freeze), &any(), |last| {
        let times = &last.variants.a.run.response_us;
        for (name, expected) in [("p90", 800.0), ("p99", 980.0), ("max", 1_000.0)] {
            within(name, ms(times, name), expected, 30.0);
        }
    });

    let one = TransportConfig {
        limits: Limits {
            connections: Some(1),
            ..Limits::default()
        },
        ..any()
    };
    let load = LoadSpec { threads: 1, ..load };
    run(&load, &[freeze], &one, |last| {
        let run = &last.variants.a.run;
        assert!(ms(&run.service_us, "p99") < 10.0, "{:?}", run.service_us);
        within("service max", ms(&run.service_us, "max"), 1_000.0, 30.0);
        assert!(ms(&run.response_us, "p99") > 900.0);
        assert!(ms(&run.slot_wait_us, "p99") > 900.0);
    });
}

#[test]
fn s06_a_stall_at_the_end_is_drained() {
    let load = spec(open(100.0, 1_000, Overflow::Queue), 1_000);
    run(
        &load,
        &[freezing("fixed:1ms", 900, 1_000)],
        &any(),
        |last| {
            let run = &last.variants.a.run;
            assert_eq!((run.requests, run.ok), (100, 100));
            within("max", ms(&run.response_us, "max"), 1_000.0, 30.0);
        },
    );
}

/// 20 users who think for 50 to 100 ms, measured for 2 s after 1 s. The rates asserted are those of 100 requests or more whose
/// number is known but for one or two, or varies by 1 %: far less than the tolerances.
fn twenty_users() -> LoadSpec {
    LoadSpec {
        warmup: Warmup::Fixed(Duration::from_secs(1)),
        ..spec(closed(20, (50, 100)), 2_000)
    }
}

#[test]
fn s11_s12_users_are_served_at_once_or_queue_at_one_server() {
    let services = [serving("fixed:50ms"), one_server("fixed:20ms")];
    run(&twenty_users(), &services, &any(), |last| {
        let (a, b) = (
            &last.variants.a.run,
            &last.variants.b.as_ref().expect("B").run,
        );
        close("A", a.rps.expect("a rate"), 160.0, 0.05);
        close("B", b.rps.expect("a rate"), 50.0, 0.03);
        let mean = b.response_us.mean.expect("no failures") / 1e3;
        close("B's mean", mean, 325.0, 0.05);
    });
}

#[test]
fn s13_the_seed_ten_times_as_fast() {
    // A tenth of the users, think times and answers: the same 50.2 and 224 a second.
    let services = [one_server("fixed:19.92ms"), serving("fixed:14.3ms")];
    run(&twenty_users(), &services, &any(), |last| {
        let (a, b) = (
            &last.variants.a.run,
            &last.variants.b.as_ref().expect("B").run,
        );
        close("A", a.rps.expect("a rate"), 50.2, 0.03);
        close("B", b.rps.expect("a rate"), 224.0, 0.05);
    });
}

#[test]
fn s14_beyond_the_cap_arrivals_are_dropped() {
    let load = LoadSpec {
        threads: 1,
        ..spec(open(100.0, 5, Overflow::Drop), 2_000)
    };
    run(&load, &[serving("fixed:95ms")], &any(), |last| {
        let run = &last.variants.a.run;
        close("served", run.ok as f64 / 2.0, 50.0, 0.05);
        close("dropped", run.outcomes["dropped"] as f64 / 2.0, 50.0, 0.05);
    });
}

#[test]
fn s15_thirty_per_cent_timeouts() {
    let load = LoadSpec {
        timeout: Duration::from_millis(300),
        ..spec(open(300.0, 1_000, Overflow::Queue), 2_000)
    };
    let hanging = ServiceSpec {
        faults: super::simulated::faults("hang:30%"),
        ..serving("fixed:20ms")
    };
    run(&load, &[hanging], &any(), |last| {
        let run = &last.variants.a.run;
        assert_eq!(run.requests, 600);
        assert_eq!(run.failed, run.outcomes["timeout"]);
        // 600 draws with a fixed seed; five standard deviations are 0.094.
        assert!(
            (run.failed as f64 / 600.0 - 0.3).abs() < 0.094,
            "{}",
            run.failed
        );
        assert!(ms(&run.response_us, "p50") < 40.0);
        assert_eq!(run.response_us.get("p95"), Percentile::Beyond("timeout"));
    });
}
