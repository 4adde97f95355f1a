//! Changing the order of a run under way: from each to each, at any moment, and no request is lost by it.

use super::orders::{Race, SEED, models, pairs, race, turns};
use super::simulated::{Gateway, Span, load, serving, simulation};
use crate::support::{assert_conserved, closed};
use dragstrip::load::{LoadModel, LoadSpec, Order, Warmup};
use dragstrip::metrics::snapshot::{Basis, Phase, Snapshot};
use dragstrip::stats;
use std::time::Duration;

const ORDERS: [Order; 3] = [Order::Together, Order::Alternate, Order::Sequential];
const SECONDS: f64 = 10.0;
const PROFILES: [&str; 2] = ["fixed:50ms", "fixed:400ms"];

/// How often the key must be pressed to get from one order to another.
fn presses(from: Order, to: Order) -> usize {
    let place = |order| ORDERS.iter().position(|o| *o == order).expect("there");
    (place(to) + ORDERS.len() - place(from)) % ORDERS.len()
}

/// Changes the order of the run to `to`; the last picture before, and the first after.
fn change(race: &mut Race, from: Order, to: Order) {
    for _ in 0..presses(from, to) {
        race.simulation.cycle_order();
    }
    let after = race.pass(0.1);
    assert_eq!(after.order(), to.word());
    assert_conserved(&after);
}

/// The run to its end, each picture of it in order.
fn watch(race: &mut Race) {
    loop {
        let picture = race.pass(1.0);
        assert_conserved(&picture);
        assert!(picture.meta.elapsed_s < 1_000.0, "it does not end");
        if picture.meta.phase == Phase::Done {
            break;
        }
    }
}

/// Asserts that requests that begin after `t` meet none of the other variant, whenever that began.
fn assert_alone_after(exchanges: &[Span], t: f64) {
    let mut until = [0; 2];
    for span in exchanges {
        let other = until[1 - span.variant];
        assert!(
            span.from.as_secs_f64() < t + 1e-6 || span.from.0 >= other,
            "{span:?} meets one until {other}, changed at {t}"
        );
        until[span.variant] = until[span.variant].max(span.until.0);
    }
}

/// Whether requests of both variants are in flight at some instant after `t`.
fn meet_after(exchanges: &[Span], t: f64) -> bool {
    let mut until = [0; 2];
    exchanges
        .iter()
        .filter(|span| span.from.as_secs_f64() > t)
        .any(|span| {
            until[span.variant] = until[span.variant].max(span.until.0);
            span.from.0 < until[1 - span.variant]
        })
}

/// Asserts that the run measured all that was asked for under `order`, its last one, and nothing else.
fn assert_measured(
    last: &Snapshot,
    exchanges: &[Span],
    order: Order,
    model: LoadModel,
    case: &str,
) {
    let changed = last.epochs.last().expect("an epoch");
    assert_eq!(changed.order.as_deref(), Some(order.word()));
    assert!(changed.load.starts_with(&format!("{}, ", order.word())));
    let comparison = last.comparison.as_ref().expect("two variants");
    assert_eq!(comparison.order, order.word());
    let (basis, overlap) = match order {
        Order::Together => (Basis::Model, true),
        Order::Alternate => (Basis::Exact, false),
        Order::Sequential => (Basis::None, false),
    };
    assert_eq!(comparison.basis, basis);
    if overlap {
        assert!(meet_after(exchanges, changed.t), "{case}");
    } else {
        assert_alone_after(exchanges, changed.t);
    }
    for (i, variant) in last.variants.iter().enumerate() {
        let run = &variant.run;
        let own = |span: &&Span| span.variant == i && span.from.as_secs_f64() >= changed.t;
        let sent = exchanges.iter().filter(own).count() as u64;
        assert!(run.requests <= sent, "{} of {sent}", run.requests);
        assert_eq!(run.requests, run.ok, "nothing is lost: {case}");
        if order == Order::Alternate {
            let after = |t: f64| t >= changed.t;
            let blocks = last.blocks.iter().filter(|block| after(block.t));
            let own = blocks.filter(|block| block.variant.index() == i);
            let (seconds, requests) = own.fold((0.0, 0), |(seconds, requests), block| {
                (seconds + block.seconds, requests + block.requests)
            });
            assert!(seconds >= SECONDS - 1e-9, "{seconds} {case}");
            assert!((run.seconds - seconds).abs() < 1e-6, "{}", run.seconds);
            assert_eq!(run.requests, requests);
        } else {
            let off = (run.seconds - SECONDS).abs();
            assert!(off < 1e-6, "{} {case}", run.seconds);
            if let LoadModel::Open { rate_hz, .. } = model {
                assert_eq!(run.requests, (rate_hz * SECONDS) as u64, "{case}");
            }
        }
    }
}

/// When the order is changed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Ramp,
    WarmUp,
    Measuring,
    Paused,
    PausedWarmUp,
    Settling,
}

impl At {
    fn reach(self, race: &mut Race, from: Order) {
        match self {
            At::Ramp => drop(race.pass(0.5)),
            At::WarmUp => drop(race.pass(2.0)),
            At::PausedWarmUp => {
                race.pass(2.0);
                race.simulation.toggle_pause();
                race.pass(1.0);
            }
            // In the middle of a block of B's, where there are blocks.
            At::Measuring | At::Paused | At::Settling => {
                race.pass(match from {
                    Order::Together => 7.0,
                    Order::Alternate => 11.5,
                    Order::Sequential => 20.0,
                });
                if self != At::Measuring {
                    race.simulation.toggle_pause();
                    race.pass(1.0);
                }
                if self == At::Settling {
                    race.simulation.toggle_pause();
                    race.pass(0.3);
                }
            }
        }
    }
}

fn assert_changes(from: Order, to: Order, at: At, model: LoadModel) {
    let case = format!("{from:?} to {to:?} at {at:?} of {model:?}");
    let mut race = race(turns(from, model, SECONDS), PROFILES);
    at.reach(&mut race, from);
    change(&mut race, from, to);
    if matches!(at, At::Paused | At::PausedWarmUp) {
        assert_eq!(race.pass(1.0).meta.phase, Phase::Paused, "{case}");
        race.simulation.toggle_pause();
    }
    watch(&mut race);
    let (last, exchanges) = race.finish();
    assert_measured(&last, &exchanges, to, model, &case);
}

#[test]
fn from_each_order_to_each_other_one_at_any_moment() {
    use At::{Measuring, Paused, PausedWarmUp, Ramp, Settling, WarmUp};
    for at in [Ramp, WarmUp, Measuring, Paused, PausedWarmUp, Settling] {
        for (from, to) in ORDERS.into_iter().flat_map(|a| ORDERS.map(|b| (a, b))) {
            for model in models() {
                if from != to {
                    assert_changes(from, to, at, model);
                }
            }
        }
    }
}

#[test]
fn an_automatic_warm_up_settles_in_the_new_order_too() {
    for (from, to) in ORDERS.into_iter().flat_map(|a| ORDERS.map(|b| (a, b))) {
        for before_s in [3.0, 9.0] {
            let load = LoadSpec {
                warmup: Warmup::Auto,
                ..turns(from, closed(10, (50, 100)), SECONDS)
            };
            let mut race = race(load, PROFILES);
            race.pass(before_s);
            if from == to {
                continue;
            }
            change(&mut race, from, to);
            watch(&mut race);
            let (last, exchanges) = race.finish();
            let model = closed(10, (50, 100));
            assert_measured(&last, &exchanges, to, model, "automatic");
        }
    }
}

#[test]
fn a_ramp_that_was_cut_short_goes_on_in_the_new_order() {
    // Nobody may be measured whose users are still coming: no warm-up hides them.
    for to in [Order::Alternate, Order::Sequential] {
        let load = LoadSpec {
            ramp: Duration::from_secs(20),
            warmup: Warmup::Fixed(Duration::ZERO),
            ..turns(Order::Together, closed(10, (50, 100)), SECONDS)
        };
        let mut race = race(load, PROFILES);
        race.pass(5.0);
        change(&mut race, Order::Together, to);
        watch(&mut race);
        let (last, _) = race.finish();
        let a = &last.variants.a.run;
        // 10 users in 125 ms each; a few requests are open at either end.
        let rps = a.rps.expect("a rate");
        assert!((rps - 80.0).abs() < 2.0, "{to:?}: {rps}");
        let measured = last.log.iter().find(|line| line.text.contains("measuring"));
        assert!(
            measured.is_some_and(|line| line.t >= 20.0),
            "{:#?}",
            last.log
        );
    }
}

#[test]
fn evidence_begins_anew_and_pairs_are_numbered_through() {
    let mut race = race(
        turns(Order::Together, closed(20, (50, 100)), 120.0),
        ["fixed:50ms", "fixed:60ms"],
    );
    let before = race.pass(100.0);
    let pairs_before = before.comparison.as_ref().expect("two").pairs;
    assert!(pairs_before > 5, "{pairs_before}");
    let number = before.blocks.last().expect("a window").pair;
    race.simulation.cycle_order();
    let after = race.pass(0.2);
    let comparison = after.comparison.as_ref().expect("two");
    assert_eq!((comparison.pairs, comparison.basis), (0, Basis::Exact));
    assert!(
        comparison.remarks[0].starts_with("the order changed at 01:40"),
        "{:?}",
        comparison.remarks
    );
    assert_eq!(after.blocks, before.blocks, "they stay on record");
    let in_turns = race.until(|slot| slot.block == Some(2));
    let slot = in_turns.meta.slot.expect("a slot");
    let first = slot.pair.expect("a pair");
    assert!(first > number, "{first} {number}");
    // The second slot's variant says how the coin of that number fell.
    let a_first = stats::a_first(SEED, first - 1);
    assert_eq!(slot.variant.index(), usize::from(a_first));
    // In the middle of its block: the pair is none.
    race.pass(4.0);
    race.simulation.cycle_order();
    race.simulation.cycle_order();
    let last = race.pass(40.0);
    assert_eq!(last.order(), "together");
    let latest = last.blocks.last().expect("a window");
    assert!(latest.pair > first, "{latest:?}");
    assert!(last.blocks.iter().all(|block| block.pair != first));
    let numbers: Vec<u64> = last.blocks.chunks(2).map(|two| two[0].pair).collect();
    assert!(numbers.is_sorted_by(|x, y| x < y), "{numbers:?}");
    watch(&mut race);
    race.finish();
}

#[test]
fn a_run_that_is_to_be_decided_is_decided_in_the_new_order() {
    let load = LoadSpec {
        until_decided: true,
        duration: None,
        ..turns(Order::Together, closed(10, (50, 100)), 1.0)
    };
    let mut race = race(load, ["fixed:50ms", "fixed:80ms"]);
    race.pass(5.0);
    race.simulation.cycle_order();
    watch(&mut race);
    let (last, exchanges) = race.finish();
    assert_alone_after(&exchanges, last.epochs[1].t);
    assert!((6..60).contains(&pairs(&last).len()));
}

#[test]
fn without_a_duration_sequential_is_left_out_and_that_is_said() {
    let load = LoadSpec {
        duration: None,
        ..turns(Order::Alternate, closed(10, (50, 100)), 1.0)
    };
    let mut race = race(load, PROFILES);
    race.pass(12.0);
    race.simulation.cycle_order();
    let after = race.pass(0.1);
    assert_eq!(after.order(), "together");
    let mut log = after.log.iter();
    assert!(log.any(|line| line.text.starts_with("order sequential is left out")));
    let later = race.pass(20.0);
    assert_eq!(later.meta.phase, Phase::Measuring);
    race.simulation.cancel();
    race.finish();
}

#[test]
fn there_is_no_order_to_change_in_a_solo_run_or_at_the_end() {
    // With the thought a cycle of 997 ms: five of them end just before the run does.
    let gateway = || Gateway::new(&serving("fixed:897ms"));
    let beat = Duration::from_millis(100);
    let solo = load(closed(5, (100, 100)), 5.0);
    let mut run = simulation(solo.clone(), &[gateway()], beat);
    run.run_until(Duration::from_secs(2));
    run.cycle_order();
    let last = run.finish();
    assert_eq!(
        (last.epochs.len(), last.epochs[0].order.as_ref()),
        (1, None)
    );

    let mut run = simulation(solo, &[gateway(), gateway()], beat);
    // A moment before the end, in the very instant, while draining, and after it.
    for ms in [4_990, 5_000, 5_200, 9_000] {
        let before = run.run_until(Duration::from_millis(ms));
        run.cycle_order();
        assert_eq!(before.epochs.len(), 1);
    }
    let last = run.finish();
    assert_eq!((last.epochs.len(), last.order()), (1, "together"));
    assert!((last.variants.a.run.seconds - 5.0).abs() < 1e-6);
}

#[test]
fn the_key_can_be_pressed_at_every_moment() {
    for model in models() {
        let mut race = race(turns(Order::Together, model, SECONDS), PROFILES);
        for press in 0..200_u32 {
            // No rhythm that the run has itself.
            race.pass(f64::from(press % 7) * 0.31 + 0.01);
            race.simulation.cycle_order();
            match press % 11 {
                3 | 4 => race.simulation.toggle_pause(),
                6 => race.simulation.step_load(press % 2 == 0),
                9 => race.simulation.reset(),
                _ => {}
            }
            assert_conserved(&race.pass(0.0));
        }
        watch(&mut race);
        let (last, _) = race.finish();
        for variant in last.variants.iter() {
            let run = &variant.run;
            assert_eq!((run.requests, run.failed), (run.ok, 0));
            assert!(run.seconds >= SECONDS - 1e-6, "{}", run.seconds);
        }
    }
}
