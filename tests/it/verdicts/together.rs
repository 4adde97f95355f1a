//! *Together*: windows, model-based.

use super::*;

#[test]
fn the_published_difference_is_decided_for_all_four_metrics() {
    for seed in 1..=3 {
        let mut run = simulation(seed_load(300.0), &seed_gateways(10 * seed), BEAT);
        let mut ahead = false;
        let decided = watch(&mut run, |snapshot| {
            let states = JUDGED.map(|name| metric(snapshot, name).state.as_str());
            ahead |= states
                .iter()
                .all(|state| state.starts_with("B ahead in 5 of 5 (decided from 6, ≈ "));
            JUDGED
                .iter()
                .all(|name| is_decided(verdict(snapshot, *name)))
        });
        assert!(ahead, "a huge difference looked like ignorance");
        assert!(
            decided.meta.elapsed_s <= 165.0,
            "{}",
            decided.meta.elapsed_s
        );
        assert_eq!(comparison(&decided).basis, Basis::Model);
        assert_eq!(comparison(&decided).pairs, 6);
        let last = run.finish();
        assert_eq!(
            JUDGED.map(|name| verdict(&last, name)),
            [Verdict::BBetter; 4],
            "{:#?}",
            comparison(&last)
        );
        assert!(
            metric(&last, MetricName::Rps)
                .state
                .starts_with("B higher RPS, 4.")
        );
        assert_eq!(metric(&last, MetricName::Errors).state, "no failures");
        for name in JUDGED {
            let metric = metric(&last, name);
            let (low, high) = metric
                .low_pct
                .zip(metric.high_pct)
                .expect("9 pairs or more");
            let change = metric.change_pct.expect("measured");
            assert!(low - 1.0 < change && change < high + 1.0, "{metric:#?}");
            assert!(metric.text.contains(" to "), "{}", metric.text);
        }
        // A window on each side for each pair, and none of them overlap.
        assert_eq!(last.blocks.len() as u64, 2 * comparison(&last).pairs);
        assert!(
            last.blocks
                .chunks(2)
                .zip(last.blocks[2..].chunks(2))
                .all(|(one, next)| one[0].t + one[0].seconds + 4.0 <= next[0].t + 0.2)
        );
    }
}

#[test]
fn a_gateway_against_itself_is_never_decided() {
    assert_never_decided(&users(10, 300.0));
}

#[test]
fn a_slightly_slower_gateway_is_not_called_worse_before_it_is_proven() {
    let gateways = [
        gateway("lognormal:60ms,0.3", 1),
        gateway("lognormal:63ms,0.3", 2),
    ];
    let mut run = simulation(few_users(1_200.0), &gateways, BEAT);
    let mut first = None;
    let last = watch(&mut run, |snapshot| {
        let now = verdict(snapshot, MetricName::P50);
        assert_ne!(now, Verdict::BBetter);
        let pairs = comparison(snapshot).pairs;
        if now == Verdict::BWorse {
            first.get_or_insert(pairs);
        } else {
            // The figures differ from the first second; nothing is said about it.
            assert!(!metric(snapshot, MetricName::P50).state.contains("slower"));
            assert_eq!(first, None, "a verdict was taken back");
        }
        false
    });
    assert!(first.is_some_and(|pairs| pairs >= 6), "{first:?}");
    let p50 = metric(&last, MetricName::P50);
    assert!(p50.state.starts_with("B slower"), "{}", p50.state);
    let (low, high) = p50.low_pct.zip(p50.high_pct).expect("finite");
    assert!(low < 5.0 && 5.0 < high && low > 0.0, "{low} … {high}");
}

#[test]
fn a_change_of_the_load_begins_the_comparison_anew_and_says_so() {
    let mut run = simulation(seed_load(400.0), &seed_gateways(1), BEAT);
    let before = run.run_until(Duration::from_secs(83));
    assert!(comparison(&before).pairs >= 3);
    run.step_load(true);
    let after = run.run_until(Duration::from_secs(84));
    assert_eq!(comparison(&after).pairs, 0);
    assert_eq!(
        comparison(&after).remarks,
        ["the load changed at 01:23: the comparison began anew"]
    );
    assert!(
        metric(&after, MetricName::P50)
            .state
            .starts_with("collecting: 0 of")
    );
    // The old windows stay on record; the new ones are judged alone.
    let later = run.run_until(Duration::from_secs(150));
    let pairs = comparison(&later).pairs;
    assert!((2..=4).contains(&pairs), "{pairs}");
    assert!(later.blocks.len() as u64 > 2 * pairs);
}

#[test]
fn a_reset_begins_the_comparison_anew_under_the_same_load() {
    let mut run = simulation(seed_load(400.0), &seed_gateways(1), BEAT);
    run.run_until(Duration::from_secs(83));
    run.reset();
    let after = run.run_until(Duration::from_secs(85));
    assert_eq!(comparison(&after).pairs, 0);
    assert_eq!(
        comparison(&after).remarks,
        ["the comparison began anew at 01:23"]
    );
    assert!(after.variants.a.run.seconds < 2.5);
}

#[test]
fn what_is_looked_at_does_not_change_the_run() {
    let run = |cycles: usize| {
        let load = seed_load(60.0);
        let mut run = simulation(load, &seed_gateways(1), BEAT);
        run.run_until(Duration::from_secs(2));
        (0..cycles).for_each(|_| run.cycle_window());
        let shown = run.run_until(Duration::from_secs(50));
        (shown, run.finish())
    };
    let (usual, plain) = run(0);
    for (cycles, seconds) in [(1, 30.0), (2, 50.0), (3, 1.0)] {
        let (shown, last) = run(cycles);
        let window = &shown.variants.a.window;
        assert!((window.seconds - seconds).abs() < 1.1, "{}", window.seconds);
        assert_ne!(window.ok, usual.variants.a.window.ok);
        assert_eq!(last.variants.a.run, plain.variants.a.run);
        assert_eq!(last.blocks, plain.blocks);
    }
}

#[test]
fn a_pause_spoils_its_window_and_nothing_else() {
    let mut run = simulation(seed_load(400.0), &seed_gateways(1), BEAT);
    run.run_until(Duration::from_secs(40));
    run.toggle_pause();
    // The window before may still wait for its last answers.
    let drained = run.run_until(Duration::from_secs(50));
    let held = run.run_until(Duration::from_secs(60));
    assert_eq!(held.blocks.len(), drained.blocks.len());
    run.toggle_pause();
    let last = watch(&mut run, |snapshot| comparison(snapshot).pairs >= 5);
    let inside = |from: f64, until: f64| {
        last.blocks
            .iter()
            .any(|block| block.t < until && block.t + block.seconds > from)
    };
    assert!(
        !inside(40.0, 61.0) && inside(0.0, 40.0),
        "{:#?}",
        last.blocks
    );
    assert!(comparison(&last).remarks.is_empty());
}

#[test]
fn different_error_rates_come_first() {
    let failing = ServiceSpec {
        faults: faults("503:3%"),
        seed: 2,
        ..serving("lognormal:30ms,0.4")
    };
    let gateways = [gateway("lognormal:60ms,0.4", 1), Gateway::new(&failing)];
    let mut run = simulation(few_users(600.0), &gateways, BEAT);
    let early = run.run_until(Duration::from_secs(30));
    let errors = metric(&early, MetricName::Errors);
    assert!(
        errors.state.starts_with("failures seen: B "),
        "{}",
        errors.state
    );
    let last = run.finish();
    assert!(
        JUDGED
            .iter()
            .all(|name| verdict(&last, *name) == Verdict::NotComparable)
    );
    let errors = metric(&last, MetricName::Errors);
    assert_eq!(errors.verdict, Verdict::NotComparable);
    assert!(
        errors.state.starts_with("not comparable: B failed ") && errors.state.ends_with("A 0.0 %"),
        "{}",
        errors.state
    );
    let (low, high) = errors.low_pct.zip(errors.high_pct).expect("finite");
    assert!(
        low < 3.0 && 3.0 < high && low > 0.0,
        "{low} … {high} points"
    );
}

#[test]
fn a_rate_that_both_keep_up_with_is_set_by_the_user() {
    let gateways = [
        gateway("lognormal:60ms,0.4", 1),
        gateway("lognormal:60ms,0.4", 2),
    ];
    let last = simulation(arrivals(100.0, 60.0), &gateways, BEAT).finish();
    let rps = metric(&last, MetricName::Rps);
    assert_eq!(
        (rps.verdict, rps.state.as_str()),
        (Verdict::None, "RPS is set by you")
    );
}

#[test]
fn a_queue_without_end_withholds_latency_but_not_throughput() {
    // A can serve 50 a second of 55.
    let slow = gateway("fixed:20ms", 1).with_connections(1);
    let mut run = simulation(
        arrivals(55.0, 300.0),
        &[slow, gateway("fixed:20ms", 2)],
        BEAT,
    );
    let last = run.run_until(Duration::from_secs(299));
    for name in [MetricName::P50, MetricName::P95, MetricName::P99] {
        let metric = metric(&last, name);
        assert_eq!(metric.verdict, Verdict::Withheld);
        assert!(metric.state.contains("queue grows"), "{}", metric.state);
        assert_eq!((metric.low_pct, metric.model_low_pct), (None, None));
    }
    let rps = metric(&last, MetricName::Rps);
    assert!(rps.state.starts_with("B ahead in "), "{}", rps.state);
    assert_eq!(rps.verdict, Verdict::Collecting);
}

#[test]
fn a_margin_proves_sameness_and_tells_how_long_it_takes() {
    let gateways = [
        gateway("lognormal:60ms,0.2", 1),
        gateway("lognormal:60ms,0.2", 2),
    ];
    let mut run = simulation_with(few_users(3_000.0), &gateways, BEAT, |said| {
        said.margin_pct = Some(5.0);
    });
    let mut forecast = false;
    let last = watch(&mut run, |snapshot| {
        let p99 = metric(snapshot, MetricName::P99);
        forecast |= p99.state.starts_with("too noisy: −") && p99.state.contains(" for ±5 %");
        JUDGED
            .iter()
            .all(|name| verdict(snapshot, *name) == Verdict::Same)
    });
    assert!(forecast, "no forecast was given");
    for name in JUDGED {
        let metric = metric(&last, name);
        assert_eq!(metric.state, "same within ±5 %", "{metric:#?}");
        assert!(metric.low_pct >= Some(-5.0) && metric.high_pct <= Some(5.0));
    }
}

#[test]
fn a_variant_against_itself_shows_the_noise_floor() {
    let gateways = [
        gateway("lognormal:60ms,0.2", 1),
        gateway("lognormal:60ms,0.2", 2),
    ];
    let mut run = simulation_with(few_users(400.0), &gateways, BEAT, |said| said.aa = true);
    let early = run.run_until(Duration::from_secs(50));
    let said = &comparison(&early).remarks[0];
    assert!(
        said.starts_with("the noise floor is known from 8 pairs on, so far "),
        "{said}"
    );
    let last = run.finish();
    let said = &comparison(&last).remarks[0];
    assert!(
        said.starts_with("this set-up cannot tell differences below ") && said.contains("(RPS "),
        "{said}"
    );
    // It is the outermost edge of all intervals.
    let edge = JUDGED
        .iter()
        .map(|name| metric(&last, *name))
        .flat_map(|metric| [metric.low_pct, metric.high_pct])
        .map(|pct| pct.expect("finite").abs())
        .fold(0.0, f64::max);
    assert!(
        said.contains(&format!("below {edge:.1} %")) || edge >= 9.95,
        "{said}: {edge}"
    );
}

#[test]
fn verdicts_are_in_the_log_when_they_are_reached() {
    let run = || simulation(seed_load(200.0), &seed_gateways(1), BEAT).finish();
    let last = run();
    let said: Vec<&str> = last
        .log
        .iter()
        .filter(|line| line.source == "verdict")
        .map(|line| line.text.as_str())
        .collect();
    for name in JUDGED {
        let start = format!("{}: B ", name.word());
        let lines: Vec<_> = said
            .iter()
            .filter(|line| line.starts_with(&start))
            .collect();
        assert_eq!(lines.len(), 1, "{said:#?}");
        assert!(lines[0].contains(" (pair "), "{said:#?}");
    }
    assert_eq!(run().log, last.log, "the same seed, the same log");
}
