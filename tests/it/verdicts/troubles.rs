//! What disturbs a comparison: slow tails, failures, pauses and changes at bad moments, figures that never move.

use super::*;
use dragstrip::load::Order;
use dragstrip::metrics::snapshot::{CheckLevel, Phase};

fn in_turns(order: Order, mut load: LoadSpec) -> LoadSpec {
    (load.order, load.timeout) = (order, Duration::from_secs(30));
    load
}

fn failing(fault: &str, profile: &str, seed: u64) -> Gateway {
    Gateway::new(&ServiceSpec {
        faults: faults(fault),
        seed,
        ..serving(profile)
    })
}

#[test]
fn answers_slower_than_a_slot_settles_are_no_queue_and_no_lower_throughput() {
    let load = LoadSpec {
        warmup: Warmup::Fixed(Duration::from_secs(10)),
        ..in_turns(Order::Alternate, arrivals(200.0, 100.0))
    };
    let gateways = [gateway("fixed:50ms", 1), gateway("bimodal:50ms,4s,5%", 2)];
    let last = simulation(load, &gateways, BEAT).finish();
    let rps = metric(&last, MetricName::Rps);
    assert_eq!(rps.state, "RPS is set by you", "{rps:#?}");
    assert_eq!(verdict(&last, MetricName::P99), Verdict::BWorse);
    assert_ne!(verdict(&last, MetricName::P50), Verdict::Withheld);
    for pair in last.blocks.chunks(2) {
        assert!((pair[0].rps / pair[1].rps - 1.0).abs() < 1e-9, "{pair:#?}");
    }
}

#[test]
fn errors_come_before_a_queue_too() {
    let load = in_turns(Order::Alternate, arrivals(100.0, 240.0));
    let gateways = [
        gateway("fixed:50ms", 1),
        failing("hang:10%", "fixed:50ms", 2),
    ];
    let last = simulation(load, &gateways, BEAT).finish();
    for name in JUDGED {
        assert_eq!(
            verdict(&last, name),
            Verdict::NotComparable,
            "{:#?}",
            comparison(&last)
        );
    }
}

#[test]
fn a_rate_that_is_not_answered_is_not_what_the_user_set() {
    let load = arrivals(100.0, 60.0);
    let half = |seed| failing("503:50%", "fixed:50ms", seed);
    for gateways in [[gateway("fixed:50ms", 1), half(2)], [half(3), half(4)]] {
        let mut run = simulation(load.clone(), &gateways, BEAT);
        for second in [15, 40, 59] {
            let snapshot = run.run_until(Duration::from_secs(second));
            let state = &metric(&snapshot, MetricName::Rps).state;
            assert_ne!(state, "RPS is set by you", "at {second} s");
        }
    }
}

#[test]
fn a_run_until_decided_waits_for_the_errors() {
    let load = LoadSpec {
        until_decided: true,
        ..few_users(900.0)
    };
    let gateways = [
        gateway("lognormal:60ms,0.4", 1),
        failing("503:0.4%", "lognormal:30ms,0.4", 2),
    ];
    let last = simulation(load, &gateways, BEAT).finish();
    assert_eq!(verdict(&last, MetricName::Errors), Verdict::NotComparable);
    assert!(last.meta.elapsed_s < 880.0, "{}", last.meta.elapsed_s);
}

#[test]
fn figures_that_never_move_do_not_stretch_the_windows() {
    let gateways = [gateway("fixed:60ms", 1), gateway("fixed:70ms", 2)];
    let mut run = simulation(few_users(600.0), &gateways, BEAT);
    let last = run.run_until(Duration::from_secs(590));
    let comparison = comparison(&last);
    assert!(comparison.pair_s < Some(60.0), "{:?}", comparison.pair_s);
    assert!(comparison.pairs >= 15, "{}", comparison.pairs);
    assert_eq!(verdict(&last, MetricName::P50), Verdict::BWorse);
}

#[test]
fn a_load_changed_while_it_is_held_is_judged_when_it_runs_again() {
    let mut run = simulation(seed_load(400.0), &seed_gateways(1), BEAT);
    run.run_until(Duration::from_secs(40));
    run.toggle_pause();
    run.run_until(Duration::from_secs(50));
    run.step_load(true);
    let held = run.run_until(Duration::from_secs(150));
    assert_eq!(comparison(&held).pairs, 0);
    assert!(held.blocks.iter().all(|block| block.t < 40.0));
    run.toggle_pause();
    let later = run.run_until(Duration::from_secs(230));
    assert!((3..=5).contains(&comparison(&later).pairs));
    for block in later.blocks.iter().filter(|block| block.t > 40.0) {
        assert!(
            block.t >= 151.0 && block.seconds < 40.0 && block.rps > 40.0,
            "{block:?}"
        );
    }
}

#[test]
fn a_load_changed_while_it_settles_settles_anew() {
    let mut run = simulation(seed_load(400.0), &seed_gateways(1), BEAT);
    run.run_until(Duration::from_secs(40));
    run.toggle_pause();
    run.run_until(Duration::from_secs(50));
    run.toggle_pause();
    // Two cycles of A: it measures again after some eight seconds.
    run.run_until(Duration::from_secs(51));
    let mut ms = 51_000;
    while run.run_until(Duration::from_millis(ms)).meta.phase_left_s > Some(0.5) {
        ms += 100;
    }
    run.step_load(true);
    let later = run.run_until(Duration::from_secs(120));
    let first = later
        .blocks
        .iter()
        .find(|block| block.t > 45.0)
        .expect("windows");
    assert!(
        first.t >= ms as f64 / 1e3 + 6.0,
        "{first:?}, changed at {ms} ms"
    );
}

#[test]
fn a_short_pause_with_slow_answers_leaves_a_sequential_run_sound() {
    let load = LoadSpec {
        timeout: Duration::from_secs(20),
        ..in_turns(Order::Sequential, few_users(40.0))
    };
    let gateways = [
        failing("hang:2%", "fixed:50ms", 2),
        gateway("fixed:50ms", 1),
    ];
    let mut run = simulation(load, &gateways, BEAT);
    run.run_until(Duration::from_secs(15));
    run.toggle_pause();
    run.run_until(Duration::from_millis(15_300));
    run.toggle_pause();
    let last = run.finish();
    let red: Vec<_> = last
        .checks
        .iter()
        .filter(|check| check.level == CheckLevel::Red)
        .collect();
    assert!(red.is_empty(), "{red:#?}");
    for variant in last.variants.iter() {
        let run = &variant.run;
        assert_eq!(
            run.requests,
            run.ok + run.failed + run.cancelled + run.in_flight
        );
        assert!((run.seconds - 40.0).abs() < 0.5, "{}", run.seconds);
    }
}

#[test]
fn waiting_times_of_merged_pairs_come_true() {
    let gateways = [gateway("fixed:30ms", 1), gateway("fixed:20ms", 2)];
    let load = in_turns(Order::Alternate, arrivals(3.0, 3_000.0));
    let mut announced = None;
    let last = watch(&mut simulation(load, &gateways, SLOW_BEAT), |snapshot| {
        let p99 = metric(snapshot, MetricName::P99);
        if let Some((_, minutes)) = p99.state.rsplit_once("≈ ")
            && p99.state.starts_with("B ahead")
        {
            let minutes = minutes.trim_end_matches(" min)").parse::<f64>();
            let at = snapshot.meta.elapsed_s;
            announced = announced.or(minutes.ok().map(|minutes| at + 60.0 * minutes));
        }
        is_decided(p99.verdict)
    });
    assert_eq!(verdict(&last, MetricName::P99), Verdict::BBetter);
    let announced = announced.expect("a waiting time");
    let took = last.meta.elapsed_s;
    assert!(
        (announced / took - 1.0).abs() < 0.15,
        "{announced} s announced, {took} s"
    );
}

#[test]
fn the_first_waiting_time_knows_how_long_blocks_must_be() {
    let gateways = [gateway("fixed:30ms", 1), gateway("fixed:20ms", 2)];
    // 500 requests and some at 10 a second: two minutes a pair.
    let load = in_turns(Order::Alternate, arrivals(10.0, 600.0));
    let early = simulation(load, &gateways, BEAT).run_until(Duration::from_secs(5));
    let state = &metric(&early, MetricName::P50).state;
    assert_eq!(state, "collecting: 0 of at least 6 pairs (≈ 12 min)");
}

#[test]
fn what_is_known_of_the_noise_floor_is_said_and_what_is_not_too() {
    let gateways = [
        gateway("lognormal:60ms,0.2", 1),
        gateway("lognormal:60ms,0.2", 2),
    ];
    let load = in_turns(Order::Alternate, arrivals(3.0, 1_000.0));
    let mut run = simulation_with(load, &gateways, SLOW_BEAT, |said| said.aa = true);
    let last = run.run_until(Duration::from_secs(1_500));
    let said = &comparison(&last).remarks[0];
    assert!(
        said.starts_with("this set-up cannot tell differences below ")
            && said.contains("(p50 ")
            && said.contains("; not known yet, pairs so far: ")
            && said.contains("p99 "),
        "{said}"
    );
}

#[test]
fn a_difference_too_small_to_matter_is_none_though_every_pair_shows_it() {
    let gateways = [gateway("fixed:50ms", 1), gateway("bimodal:50ms,51ms,1%", 2)];
    let last = simulation(few_users(400.0), &gateways, BEAT).finish();
    let p50 = metric(&last, MetricName::P50);
    assert_eq!(p50.verdict, Verdict::NoDifference, "{p50:#?}");
    assert!(!p50.state.contains("ahead"));
}

#[test]
fn a_run_that_is_over_waits_for_nothing() {
    let short = simulation(seed_load(6.0), &seed_gateways(1), BEAT).finish();
    assert_eq!(short.meta.phase, Phase::Done);
    let state = &metric(&short, MetricName::P50).state;
    assert!(
        state.starts_with("not proven: 0 of at least 6 pairs ("),
        "{state}"
    );
    let longer = simulation(seed_load(80.0), &seed_gateways(1), BEAT).finish();
    let state = &metric(&longer, MetricName::P50).state;
    assert!(
        state.starts_with("B ahead in ") && state.contains(", not proven (from 6; "),
        "{state}"
    );
}
