//! Values of the load that are set while the run goes on: what is offered from then on, to the request.

use super::simulated::{Gateway, close, load, serving, simulation};
use crate::support::{assert_conserved, closed, open};
use dragstrip::clock::Tick;
use dragstrip::load::{LoadChange, LoadModel, LoadSpec, Order, Overflow, Simulation, ThinkTime};
use dragstrip::metrics::snapshot::{Check, CheckLevel, Snapshot};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// A run against one gateway that answers after 100 ms, and when its requests come.
fn begun(model: LoadModel, ramp_s: u64, seconds: f64) -> (Simulation, Rc<RefCell<Vec<Tick>>>) {
    let arrivals = Rc::default();
    let gateway = Gateway::new(&serving("fixed:100ms")).noting(&arrivals);
    let spec = LoadSpec {
        ramp: Duration::from_secs(ramp_s),
        ..load(model, seconds)
    };
    (
        simulation(spec, &[gateway], Duration::from_millis(100)),
        arrivals,
    )
}

/// Requests that came in these seconds.
fn came(arrivals: &Rc<RefCell<Vec<Tick>>>, from: f64, until: f64) -> usize {
    let arrivals = arrivals.borrow();
    let within = |at: &&Tick| (from..until).contains(&at.as_secs_f64());
    arrivals.iter().filter(within).count()
}

fn think(low_ms: u64, high_ms: u64) -> ThinkTime {
    ThinkTime {
        low: Duration::from_millis(low_ms),
        high: Duration::from_millis(high_ms),
    }
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn check<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Check {
    let check = snapshot.checks.iter().find(|check| check.name == name);
    check.unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn a_rate_is_offered_from_the_very_moment_at_which_it_is_set() {
    let (mut run, arrivals) = begun(open(100.0, 1_000, Overflow::Queue), 0, 40.0);
    run.run_until(at(20.0));
    run.set_load(LoadChange::RateHz(250.0));
    // What an open loop does not have changes nothing, nor does what it has already.
    run.set_load(LoadChange::Users(7));
    run.set_load(LoadChange::Think(think(1, 1)));
    run.set_load(LoadChange::RateHz(250.0));
    let last = run.finish();
    assert_conserved(&last);
    assert_eq!(came(&arrivals, 10.0, 20.0), 1_000);
    assert!(came(&arrivals, 20.0, 30.0).abs_diff(2_500) <= 1);
    let epochs: Vec<_> = last
        .epochs
        .iter()
        .map(|e| (e.load.as_str(), e.rate))
        .collect();
    assert_eq!(
        epochs,
        [("100 req/s", Some(100.0)), ("250 req/s", Some(250.0))]
    );
    close("its begin", last.epochs[1].t, 20.0, 1e-9);
    let run = &last.variants.a.run;
    close("offered", run.offered_rps.expect("known"), 250.0, 1e-3);
    close("measured", run.seconds, 20.0, 1e-6);
}

#[test]
fn users_come_and_go_when_their_number_is_set() {
    let (mut run, arrivals) = begun(closed(10, (900, 900)), 9, 60.0);
    run.run_until(at(20.0));
    assert_eq!(came(&arrivals, 10.0, 20.0), 100);
    run.set_load(LoadChange::Users(300));
    run.run_until(at(35.0));
    assert_eq!(came(&arrivals, 25.0, 35.0), 3_000);
    run.set_load(LoadChange::Users(20));
    run.run_until(at(37.0));
    let last = run.finish();
    assert_conserved(&last);
    assert_eq!(came(&arrivals, 37.0, 47.0), 200);
    let loads: Vec<_> = last
        .epochs
        .iter()
        .map(|e| (e.load.as_str(), e.users))
        .collect();
    let users = [
        ("10 users", Some(10)),
        ("300 users", Some(300)),
        ("20 users", Some(20)),
    ];
    assert_eq!(loads, users);
    // Beyond what the run may have nothing is added.
    let (mut run, _) = begun(closed(10, (900, 900)), 0, 10.0);
    run.set_load(LoadChange::Users(5_000));
    assert_eq!(run.run_until(at(5.0)).epochs[1].users, Some(1_000));
    // Those who never think all need a connection at once: fewer can be had.
    let (mut run, _) = begun(closed(450, (0, 0)), 0, 10.0);
    run.run_until(at(1.0));
    run.set_load(LoadChange::Users(501));
    let last = run.run_until(at(2.0));
    assert_eq!(last.epochs[1].users, Some(500));
    run.step_load(true);
    assert_eq!(run.run_until(at(3.0)).epochs.len(), 2);
}

#[test]
fn who_thinks_when_the_think_time_is_set_thinks_for_the_same_share_of_the_new_one() {
    // Ten users, a second apart, each at 10 s in turn: at any time their pauses end one after another.
    let (mut run, arrivals) = begun(closed(10, (9_900, 9_900)), 10, 120.0);
    run.run_until(at(30.05));
    assert_eq!(came(&arrivals, 20.0, 30.0), 10);
    run.set_load(LoadChange::Think(think(900, 900)));
    let soon = run.run_until(at(31.05));
    assert!(
        (9..=11).contains(&came(&arrivals, 30.05, 31.05)),
        "nobody sleeps through it"
    );
    assert_eq!(soon.think_s(), Some([0.9, 0.9]));
    run.run_until(at(70.0));
    assert_eq!(came(&arrivals, 60.0, 70.0), 100);
    let gaps: Vec<u64> = arrivals
        .borrow()
        .windows(2)
        .filter(|two| two[0].as_secs_f64() > 31.0)
        .map(|two| two[1].0 - two[0].0)
        .collect();
    // As evenly spread as before.
    let most = gaps.iter().max().expect("requests");
    assert!(*most < 200_000_000, "{most} ns");
    let settled = run.run_until(at(75.0));
    assert_eq!(
        check(&settled, "closed-loop law").level,
        CheckLevel::Ok,
        "{settled:#?}"
    );
    let ceiling = check(&settled, "think-time ceiling");
    assert!(ceiling.detail.contains("at most 11.1"), "{ceiling:?}");
    let epoch = &settled.epochs[1];
    assert_eq!(
        (epoch.load.as_str(), epoch.users),
        ("10 users, think 0.9 s", Some(10))
    );
    // And back: whoever had a tenth of a second left has a second.
    run.set_load(LoadChange::Think(think(9_900, 9_900)));
    run.run_until(at(85.0));
    assert!((9..=11).contains(&came(&arrivals, 75.0, 85.0)));
    // None at all.
    run.set_load(LoadChange::Think(think(0, 0)));
    let last = run.finish();
    assert_conserved(&last);
    assert_eq!(came(&arrivals, 90.0, 100.0), 1_000);
    assert!(
        last.checks
            .iter()
            .all(|check| check.name != "think-time ceiling")
    );
    assert_eq!(check(&last, "closed-loop law").level, CheckLevel::Ok);
}

#[test]
fn in_turns_a_new_pair_begins_under_the_new_think_time() {
    let gateways = ["fixed:50ms", "fixed:60ms"].map(|p| Gateway::new(&serving(p)));
    let spec = LoadSpec {
        order: Order::Alternate,
        ..load(closed(20, (400, 600)), 60.0)
    };
    let mut run = simulation(spec, &gateways, Duration::from_millis(100));
    run.run_until(at(60.0));
    run.set_load(LoadChange::Think(think(100, 100)));
    let last = run.finish();
    assert_conserved(&last);
    let begun = last.epochs.last().expect("an epoch");
    assert_eq!((begun.think_s, last.epochs.len()), (Some([0.1, 0.1]), 2));
    let after = last.blocks.iter().filter(|block| block.t >= begun.t);
    let blocks: Vec<_> = after.collect();
    assert!(blocks.len() >= 4);
    for block in blocks {
        let cycle = 0.1 + [0.05, 0.06][block.variant.index()];
        close("a block's RPS", block.rps, 20.0 / cycle, 0.05);
    }
}
