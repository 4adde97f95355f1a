//! Closed loops whose throughput follows from N = X·(Z + R).

use super::simulated::{Gateway, close, load, ms, run, serving};
use crate::support::{assert_conserved, closed};
use dragstrip::gateway::ServiceSpec;
use dragstrip::load::{LoadSpec, Warmup};
use dragstrip::metrics::snapshot::{CheckLevel, Snapshot};
use std::num::NonZeroU32;
use std::time::Duration;

/// 20 users who think for 50 to 100 ms, from a settled state.
fn twenty_users() -> LoadSpec {
    LoadSpec {
        warmup: Warmup::Fixed(Duration::from_secs(5)),
        threads: 2,
        ..load(closed(20, (50, 100)), 60.0)
    }
}

fn one_server(profile: &str) -> Gateway {
    Gateway::new(&ServiceSpec {
        servers: NonZeroU32::new(1),
        ..serving(profile)
    })
}

fn level(snapshot: &Snapshot, name: &str) -> CheckLevel {
    let check = snapshot.checks.iter().find(|check| check.name == name);
    check.unwrap_or_else(|| panic!("no check {name}")).level
}

#[test]
fn n11_users_who_are_served_at_once() {
    let last = run(twenty_users(), &[Gateway::new(&serving("fixed:50ms"))]);
    assert_conserved(&last);
    close("RPS", last.variants.a.run.rps.expect("a rate"), 160.0, 0.02);
    assert_eq!(level(&last, "closed-loop law"), CheckLevel::Ok);
    assert_eq!(level(&last, "Little's law"), CheckLevel::Ok);
}

#[test]
fn n12_users_who_queue_at_one_server() {
    let last = run(twenty_users(), &[one_server("fixed:20ms")]);
    assert_conserved(&last);
    let run = &last.variants.a.run;
    close("RPS", run.rps.expect("a rate"), 50.0, 0.01);
    close(
        "R",
        run.response_us.mean.expect("no failures") / 1e3,
        325.0,
        0.01,
    );
    assert!(
        last.notices.iter().any(|n| n.text.contains("is saturated")),
        "said at the end, too: {:?}",
        last.notices
    );
    assert_eq!(level(&last, "closed-loop law"), CheckLevel::Ok);
}

#[test]
fn n13_the_seed_replica() {
    let load = LoadSpec {
        ramp: Duration::from_secs(10),
        warmup: Warmup::Fixed(Duration::from_secs(10)),
        threads: 2,
        ..load(closed(200, (500, 1_000)), 120.0)
    };
    // 50.2 a second, first in, first out.
    let gateways = [
        one_server("fixed:19.92ms"),
        Gateway::new(&serving("fixed:143ms")),
    ];
    let last = run(load, &gateways);
    assert_conserved(&last);
    let (a, b) = (
        &last.variants.a.run,
        &last.variants.b.as_ref().expect("B").run,
    );
    close("A", a.rps.expect("a rate"), 50.2, 0.02);
    close("B", b.rps.expect("a rate"), 224.0, 0.02);
    let rps = &last.comparison.as_ref().expect("two").metrics[0];
    close("change", rps.change_pct.expect("known"), 346.0, 0.02);
    close("B's median", ms(&b.response_us, "p50"), 143.0, 0.001);
    assert_eq!(level(&last, "think-time ceiling"), CheckLevel::Amber);
}
