//! Variants that take turns: who is under load when, for how long, and what a disturbance costs.

use super::simulated::{Gateway, Span, load, serving, simulation};
use crate::support::{assert_conserved, closed, open};
use dragstrip::load::{Arrivals, LoadModel, LoadSpec, Order, Overflow, Simulation, Warmup};
use dragstrip::metrics::snapshot::{BlockRecord, Phase, Side, Slot, SlotStage, Snapshot};
use dragstrip::stats;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

pub(super) const SEED: u64 = 42;

/// A run under way, with all that its gateways have seen.
pub(super) struct Race {
    pub(super) simulation: Simulation,
    exchanges: Rc<RefCell<Vec<Span>>>,
}

/// 1 s of ramp, 2 s of warm-up, and `seconds` measured of each variant.
pub(super) fn turns(order: Order, model: LoadModel, seconds: f64) -> LoadSpec {
    LoadSpec {
        order,
        ramp: Duration::from_secs(1),
        warmup: Warmup::Fixed(Duration::from_secs(2)),
        timeout: Duration::from_secs(30),
        threads: 2,
        seed: SEED,
        ..load(model, seconds)
    }
}

/// Gateways that take a fixed time, one for A and one for B.
pub(super) fn race(load: LoadSpec, profiles: [&str; 2]) -> Race {
    let exchanges = Rc::default();
    let gateways =
        profiles.map(|profile| Gateway::new(&serving(profile)).noting_exchanges(&exchanges));
    Race {
        simulation: simulation(load, &gateways, Duration::from_millis(100)),
        exchanges,
    }
}

impl Race {
    /// Lets time pass until a picture shows what is `wanted`.
    pub(super) fn until(&mut self, wanted: impl Fn(Slot) -> bool) -> Arc<Snapshot> {
        for tenth in 1..10_000 {
            let snapshot = self
                .simulation
                .run_until(Duration::from_millis(tenth * 100));
            if snapshot.meta.slot.is_some_and(&wanted) {
                return snapshot;
            }
        }
        panic!("it did not come");
    }

    /// Lets `seconds` more pass.
    pub(super) fn pass(&mut self, seconds: f64) -> Arc<Snapshot> {
        let now = self.simulation.run_until(Duration::ZERO).meta.elapsed_s;
        self.simulation
            .run_until(Duration::from_secs_f64(now + seconds))
    }

    pub(super) fn finish(self) -> (Arc<Snapshot>, Vec<Span>) {
        let last = self.simulation.finish();
        assert_conserved(&last);
        assert_eq!((last.meta.phase, last.meta.slot), (Phase::Done, None));
        let exchanges = Rc::try_unwrap(self.exchanges).map(RefCell::into_inner);
        let mut exchanges = exchanges.expect("the run is over");
        exchanges.sort_by_key(|span| span.from);
        (last, exchanges)
    }
}

/// Asserts that at no instant requests of both variants are in flight.
fn assert_alone(exchanges: &[Span]) {
    let mut until = [0; 2];
    for span in exchanges {
        let other = until[1 - span.variant];
        assert!(span.from.0 >= other, "{span:?} meets one until {other}");
        until[span.variant] = until[span.variant].max(span.until.0);
    }
}

/// The pairs of blocks, in the order in which they ran, each with its number.
pub(super) fn pairs(snapshot: &Snapshot) -> Vec<(u64, [&BlockRecord; 2])> {
    assert_eq!(snapshot.blocks.len() % 2, 0);
    let pairs = snapshot.blocks.chunks(2).map(|pair| {
        assert_eq!(pair[0].pair, pair[1].pair);
        assert_eq!(pair[0].variant, pair[1].variant.other());
        assert!(pair[0].t + pair[0].seconds < pair[1].t);
        (pair[0].pair, [&pair[0], &pair[1]])
    });
    pairs.collect()
}

/// Measured seconds of `side` in all blocks.
fn measured_s<'a>(blocks: impl IntoIterator<Item = &'a BlockRecord>, side: Side) -> f64 {
    let own = blocks.into_iter().filter(|block| block.variant == side);
    own.map(|block| block.seconds).sum()
}

/// Asserts that `snapshot` holds whole pairs as the coin says, as many as `seconds` of each variant need, and nothing else.
fn assert_whole_pairs(snapshot: &Snapshot, seconds: f64) {
    let pairs = pairs(snapshot);
    for (number, [first, _]) in &pairs {
        let a_first = stats::a_first(SEED, number - 1);
        assert_eq!(first.variant == Side::A, a_first, "pair {number}");
    }
    let (last, before) = pairs.split_last().expect("at least one pair");
    assert_eq!(last.0, pairs.len() as u64, "none is missing");
    let before: Vec<&BlockRecord> = before.iter().flat_map(|(_, pair)| *pair).collect();
    let enough =
        |side, blocks: &[&BlockRecord]| measured_s(blocks.iter().copied(), side) >= seconds - 1e-9;
    assert!(!(enough(Side::A, &before) && enough(Side::B, &before)));
    let b = snapshot.variants.b.as_ref().expect("B");
    for (side, run) in [(Side::A, &snapshot.variants.a.run), (Side::B, &b.run)] {
        let blocks = snapshot.blocks.iter();
        let sum = measured_s(blocks.clone(), side);
        assert!(sum >= seconds - 1e-9, "{sum} s of {side:?}");
        assert!((run.seconds - sum).abs() < 1e-6, "{} {sum}", run.seconds);
        let own = blocks.filter(|block| block.variant == side);
        let due: u64 = own.map(|block| block.requests).sum();
        assert_eq!(run.requests, due);
        assert_eq!(
            run.requests,
            run.ok + run.failed + run.cancelled + run.in_flight
        );
    }
}

/// Each block but the first, with the seconds that its slot had been sending before it.
fn settled<'a>(snapshot: &'a Snapshot, exchanges: &[Span]) -> Vec<(&'a BlockRecord, f64)> {
    let sent: Vec<f64> = exchanges.iter().map(|s| s.from.as_secs_f64()).collect();
    let settled = snapshot.blocks.windows(2).map(|two| {
        let over = two[0].t + two[0].seconds - 1e-9;
        let first = sent.iter().find(|sent| **sent >= over);
        (&two[1], two[1].t - first.expect("it was sent something"))
    });
    settled.collect()
}

#[test]
fn closed_slots_end_by_what_they_show_themselves() {
    let model = closed(10, (50, 100));
    let (last, exchanges) = race(
        turns(Order::Alternate, model, 12.0),
        ["fixed:50ms", "fixed:2s"],
    )
    .finish();
    assert_alone(&exchanges);
    assert_whole_pairs(&last, 12.0);
    for (block, settled) in settled(&last, &exchanges) {
        let seconds = block.seconds;
        match block.variant {
            // 80 a second: 500 requests after 6.25 s, noticed at the next beat; settled for 1 s, less the first thought.
            Side::A => {
                assert!((0.89..1.11).contains(&settled), "{settled}");
                assert!((500..520).contains(&block.requests), "{block:?}");
                assert!((6.0..6.6).contains(&seconds), "{seconds}");
            }
            // 5 a second: never enough, so 60 s; settled for two cycles of 2.075 s.
            Side::B => {
                assert!((4.0..4.4).contains(&settled), "{settled}");
                assert!((60.0..60.2).contains(&seconds), "{seconds}");
            }
        }
    }
}

#[test]
fn open_slots_of_a_pair_are_alike_whatever_is_in_them() {
    for arrivals in [Arrivals::Constant, Arrivals::Poisson] {
        let model = LoadModel::Open {
            rate_hz: 100.0,
            arrivals,
            max_in_flight: 1_000,
            overflow: Overflow::Queue,
        };
        let profiles = ["fixed:200ms", "fixed:3s"];
        let mut race = race(turns(Order::Alternate, model, 20.0), profiles);
        let guess = race.until(|slot| slot.pair == Some(2)).meta.total_s;
        let (last, exchanges) = race.finish();
        assert_alone(&exchanges);
        let guess = guess.expect("one pair has been seen");
        assert!((guess - last.meta.elapsed_s).abs() < 1.0, "{guess} s");
        assert_whole_pairs(&last, 20.0);
        let pairs = pairs(&last);
        assert_eq!(pairs.len(), 3, "9 s each");
        // Two and three of the longest cycle seen, B's, in both slots.
        for (block, settled) in settled(&last, &exchanges) {
            assert!((settled - 6.0).abs() < 0.2, "{block:?}: {settled}");
        }
        for (_, [first, second]) in pairs {
            for block in [first, second] {
                assert!((block.seconds - 9.0).abs() < 1e-6, "{block:?}");
            }
            let offsets = |block: &BlockRecord| -> Vec<i64> {
                let from = (block.t * 1e9).round() as i64;
                let sent = exchanges
                    .iter()
                    .filter(|span| span.variant == block.variant.index())
                    .map(|span| span.from.0.cast_signed() - from);
                sent.filter(|at| (-6_000_000_000..9_000_000_000).contains(at))
                    .collect()
            };
            let (sent, other) = (offsets(first), offsets(second));
            assert_eq!(sent.len(), other.len());
            let apart = sent.iter().zip(&other).map(|(x, y)| x.abs_diff(*y)).max();
            assert!(apart < Some(1_000), "the same arrivals: {apart:?} ns apart");
            if arrivals == Arrivals::Constant {
                assert_eq!((first.requests, second.requests), (900, 900));
            }
        }
    }
}

#[test]
fn open_slots_at_their_limit_keep_apart_too() {
    for overflow in [Overflow::Queue, Overflow::Drop] {
        let mut load = turns(Order::Alternate, open(100.0, 20, overflow), 10.0);
        load.timeout = Duration::from_secs(4);
        let (last, exchanges) = race(load, ["fixed:100ms", "fixed:400ms"]).finish();
        assert_alone(&exchanges);
        assert_whole_pairs(&last, 10.0);
        for (_, [first, second]) in pairs(&last) {
            assert!((first.seconds - second.seconds).abs() < 1e-9);
            assert_eq!(first.requests, second.requests);
        }
        let b = &last.variants.b.as_ref().expect("B").run;
        let outcome = match overflow {
            Overflow::Queue => "timeout",
            Overflow::Drop => "dropped",
        };
        // 50 a second of 100 are served.
        assert!(b.outcomes[outcome] > b.requests / 5, "{:?}", b.outcomes);
        assert_eq!(last.variants.a.run.failed, 0);
    }
}

#[test]
fn a_sequential_run_is_one_whole_run_after_the_other() {
    for model in [open(50.0, 100, Overflow::Queue), closed(20, (300, 500))] {
        let load = LoadSpec {
            ramp: Duration::from_secs(4),
            ..turns(Order::Sequential, model, 10.0)
        };
        let mut race = race(load, ["fixed:100ms", "fixed:150ms"]);
        let in_b = race.until(|slot| slot.variant == Side::B);
        assert_eq!(
            (in_b.meta.phase, in_b.meta.slot.expect("a slot").stage),
            (Phase::Ramp, SlotStage::WarmUp)
        );
        // Two times 4 + 2 + 10 s, and the draining of A.
        let total_s = in_b.meta.total_s.expect("known");
        assert!((32.0..32.5).contains(&total_s), "{total_s}");
        let (last, exchanges) = race.finish();
        assert_alone(&exchanges);
        let change = exchanges.iter().position(|span| span.variant == 1);
        let (a, b) = exchanges.split_at(change.expect("B had its turn"));
        assert!(b.iter().all(|span| span.variant == 1), "A never comes back");
        for sent in [a, b] {
            let in_s = |from: u64, until: u64| {
                let range = from * 1_000_000_000..until * 1_000_000_000;
                let at = sent.iter().map(|span| span.from.0 - sent[0].from.0);
                at.filter(|at| range.contains(at)).count()
            };
            assert!(in_s(0, 4) < in_s(4, 8) * 2 / 3, "each has its ramp");
            assert!(in_s(16, 99) <= 1, "nothing is due after the measured time");
        }
        let b_run = &last.variants.b.as_ref().expect("B").run;
        for run in [&last.variants.a.run, b_run] {
            assert!((run.seconds - 10.0).abs() < 1e-6, "{}", run.seconds);
            assert_eq!(run.requests, run.ok, "drained, nothing failed");
            if let LoadModel::Open { .. } = model {
                assert_eq!(run.requests, 500, "rate × time");
            }
        }
    }
}

/// A pair that is disturbed in a slot of stage `stage` by `disturb`, which may take some time. Returns the number of the pair
/// and the run to its end.
fn disturbed(
    stage: SlotStage,
    model: LoadModel,
    disturb: impl Fn(&mut Race),
) -> (u64, Arc<Snapshot>, Vec<Span>) {
    let mut race = race(
        turns(Order::Alternate, model, 12.0),
        ["fixed:50ms", "fixed:80ms"],
    );
    let before = race.until(|slot| slot.block == Some(2) && slot.stage == stage);
    let slot = before.meta.slot.expect("a slot");
    disturb(&mut race);
    let (last, exchanges) = race.finish();
    assert_alone(&exchanges);
    (slot.pair.expect("a pair"), last, exchanges)
}

const STAGES: [SlotStage; 3] = [SlotStage::Settling, SlotStage::Block, SlotStage::Draining];

pub(super) fn models() -> [LoadModel; 2] {
    [closed(10, (50, 100)), open(100.0, 50, Overflow::Queue)]
}

#[test]
fn a_pause_discards_the_pair_and_loses_nothing() {
    for (stage, model) in STAGES.into_iter().flat_map(|s| models().map(|m| (s, m))) {
        let (number, last, exchanges) = disturbed(stage, model, |race| {
            race.simulation.toggle_pause();
            let held = race.pass(3.0);
            assert_eq!(held.meta.phase, Phase::Paused);
            race.simulation.toggle_pause();
        });
        let numbers: Vec<u64> = pairs(&last).iter().map(|(number, _)| *number).collect();
        assert_eq!(number, 1, "disturbed in the first pair");
        assert!(numbers.starts_with(&[2, 3]), "{stage:?} {numbers:?}");
        assert!(measured_s(last.blocks.iter(), Side::A) >= 12.0);
        let pause = &last.gaps[0];
        let during = |span: &&Span| {
            let at = span.from.as_secs_f64();
            (pause.t + 0.1..pause.t + pause.seconds).contains(&at)
        };
        assert_eq!(exchanges.iter().filter(during).count(), 0);
        // What was measured of the discarded pair stays in the run.
        let judged: u64 = last.blocks.iter().map(|block| block.requests).sum();
        let b = &last.variants.b.as_ref().expect("B").run;
        assert!(last.variants.a.run.requests + b.requests > judged);
        assert_eq!((b.cancelled, b.failed, b.in_flight), (0, 0, 0));
    }
}

#[test]
fn a_new_load_begins_with_a_new_pair() {
    for (stage, model) in STAGES.into_iter().flat_map(|s| models().map(|m| (s, m))) {
        let (number, last, _) = disturbed(stage, model, |race| race.simulation.step_load(true));
        assert_eq!(last.epochs.len(), 2);
        let begun = last.epochs[1].t;
        assert!(!last.blocks.is_empty());
        for block in last.blocks.iter() {
            assert!(block.pair > number && block.t > begun, "{block:?}");
        }
        // The run knows the new load only.
        let b = &last.variants.b.as_ref().expect("B").run;
        for (side, run) in [(Side::A, &last.variants.a.run), (Side::B, b)] {
            let sum = measured_s(last.blocks.iter(), side);
            assert!(
                (run.seconds - sum).abs() < 1e-6,
                "{stage:?}: {} {sum}",
                run.seconds
            );
        }
    }
}

#[test]
fn a_cancelled_pair_is_none() {
    for stage in STAGES {
        let (_, last, exchanges) = disturbed(stage, closed(10, (0, 0)), |race| {
            race.simulation.cancel();
        });
        assert!(last.blocks.is_empty());
        let b = &last.variants.b.as_ref().expect("B").run;
        let run = [&last.variants.a.run, b]
            .map(|run| run.requests)
            .iter()
            .sum::<u64>();
        assert!(run > 0 && run <= exchanges.len() as u64);
    }
}

#[test]
fn a_pause_and_a_new_load_in_a_sequential_run() {
    let model = closed(10, (50, 100));
    let profiles = ["fixed:50ms", "fixed:80ms"];
    let mut paused = race(turns(Order::Sequential, model, 10.0), profiles);
    paused.until(|slot| slot.stage == SlotStage::Block);
    paused.pass(4.0);
    paused.simulation.toggle_pause();
    paused.pass(3.0);
    paused.simulation.toggle_pause();
    let (last, exchanges) = paused.finish();
    assert_alone(&exchanges);
    let b = &last.variants.b.as_ref().expect("B").run;
    for run in [&last.variants.a.run, b] {
        assert!((run.seconds - 10.0).abs() < 0.01, "{}", run.seconds);
    }
    assert!(last.variants.a.run.ok > 700, "80 a second");

    // Two loads cannot be compared: A has its turn again.
    let mut stepped = race(turns(Order::Sequential, model, 10.0), profiles);
    stepped.until(|slot| slot.variant == Side::B && slot.stage == SlotStage::Block);
    stepped.simulation.step_load(true);
    let again = stepped.until(|slot| slot.variant == Side::A && slot.stage == SlotStage::Block);
    assert_eq!(again.epochs.len(), 2);
    assert!(again.variants.a.run.seconds < 1.0);
    let (last, exchanges) = stepped.finish();
    assert_alone(&exchanges);
    let b = &last.variants.b.as_ref().expect("B").run;
    for (run, rate) in [(&last.variants.a.run, 88.0), (b, 71.0)] {
        assert!((run.seconds - 10.0).abs() < 1e-6, "{}", run.seconds);
        assert!((run.rps.expect("a rate") - rate).abs() < 2.0, "{run:?}");
    }
}

#[test]
fn a_run_ends_with_the_pair_that_decides_it() {
    let load = LoadSpec {
        until_decided: true,
        ..turns(Order::Alternate, closed(10, (50, 100)), 3_600.0)
    };
    let (last, exchanges) = race(load, ["fixed:50ms", "fixed:80ms"]).finish();
    assert_alone(&exchanges);
    let pairs = pairs(&last);
    assert!((6..60).contains(&pairs.len()), "{}", pairs.len());
    assert_eq!(
        pairs.last().map(|(number, _)| *number),
        Some(pairs.len() as u64)
    );
}

#[test]
fn slots_do_not_know_their_labels() {
    // The same race twice, with A and B exchanged and every coin turned: nothing else is random in it.
    let turned = |seed: u64| (0..2).all(|j| stats::a_first(seed, j) != stats::a_first(SEED, j));
    let other = (0..1_000).find(|seed| turned(*seed)).expect("one in four");
    for model in [closed(10, (80, 80)), open(100.0, 50, Overflow::Queue)] {
        let load = turns(Order::Alternate, model, 12.0);
        let lengths = |seed, profiles| {
            let load = LoadSpec {
                seed,
                duration: Some(Duration::from_secs(10)),
                ..load.clone()
            };
            let (last, _) = race(load, profiles).finish();
            let blocks: Vec<f64> = last.blocks.iter().map(|block| block.seconds).collect();
            blocks[..4].to_vec()
        };
        let straight = lengths(SEED, ["fixed:40ms", "fixed:200ms"]);
        let exchanged = lengths(other, ["fixed:200ms", "fixed:40ms"]);
        for (x, y) in straight.iter().zip(&exchanged) {
            // A beat at most: a slot may begin anywhere between two.
            assert!((x - y).abs() < 0.11, "{straight:?} {exchanged:?}");
        }
    }
}
