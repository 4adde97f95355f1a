//! What a run says beside its figures, in simulated time: the worst first, the right causes, and nothing before it is true.

use super::simulated::{Gateway, faults, load, serving, simulation};
use crate::frames::{app, frame};
use crate::support::closed;
use dragstrip::gateway::ServiceSpec;
use dragstrip::load::Simulation;
use dragstrip::metrics::snapshot::{NoticeLevel, Phase, Snapshot};
use std::sync::Arc;
use std::time::Duration;

const BEAT: Duration = Duration::from_millis(100);

/// 200 users who think for 0.5 to 1 s, at gateways of which each has these faults.
fn race(seconds: f64, faulty: &[&[&str]]) -> Simulation {
    let gateways: Vec<Gateway> = faulty
        .iter()
        .map(|of_one| {
            let mut spec = serving("fixed:20ms");
            for fault in *of_one {
                let one = fault.parse().expect("a fault");
                spec.faults = spec.faults.clone().and(one).expect("at most all");
            }
            Gateway::new(&spec)
        })
        .collect();
    simulation(load(closed(200, (500, 1_000)), seconds), &gateways, BEAT)
}

fn until(run: &mut Simulation, seconds: f64) -> Arc<Snapshot> {
    run.run_until(Duration::from_secs_f64(seconds))
}

fn texts(snapshot: &Snapshot) -> Vec<&str> {
    let notices = snapshot.notices.iter();
    notices.map(|notice| notice.text.as_str()).collect()
}

#[test]
fn the_worst_comes_first_and_is_read_where_one_has_room() {
    let mut run = race(60.0, &[&["503:100%"], &[]]);
    until(&mut run, 3.0);
    // More than are kept is worth knowing, and no more.
    for note in 0..201 {
        run.annotate(&format!("note {note}"), None);
    }
    let snapshot = until(&mut run, 8.0);
    let levels: Vec<NoticeLevel> = snapshot.notices.iter().map(|n| n.level).collect();
    assert!(levels.is_sorted_by(|one, next| one >= next), "{levels:?}");
    assert!(levels.contains(&NoticeLevel::Info) && levels[0] == NoticeLevel::Error);
    let app = app((*snapshot).clone());
    for (width, height) in [(160, 48), (120, 40), (100, 30), (80, 24), (40, 10)] {
        let screen = frame(&app, width, height);
        let said = screen.contains("✗ A: 100 % of requests");
        assert!(said, "{width}x{height}\n{screen}");
    }
}

#[test]
fn causes_are_those_of_what_failed_in_the_window() {
    let mut run = race(60.0, &[&["503:30%", "cut:10%"], &["429:20%"]]);
    let snapshot = until(&mut run, 20.0);
    let said = texts(&snapshot);
    let of = |name: &str| *said.iter().find(|text| text.starts_with(name)).expect(name);
    let both = of("A: ");
    assert!(
        both.contains(" failed: http_503 ") && both.contains(", body "),
        "{both}"
    );
    let one = of("B: ");
    assert!(one.ends_with(" failed: http_429"), "{one}");
}

#[test]
fn what_limits_a_run_is_said_when_it_has_settled_and_never_above_the_limit() {
    let mut run = race(60.0, &[&[]]);
    for tenth in 1..600 {
        let seconds = f64::from(tenth) / 10.0;
        let snapshot = until(&mut run, seconds);
        let said = texts(&snapshot);
        let limited = said
            .iter()
            .find(|text| text.contains("limited by your think time"));
        assert!(limited.is_none() || seconds >= 4.9, "{seconds} {said:?}");
        assert!(
            !said.iter().any(|text| text.contains("saturated")),
            "{said:?}"
        );
        let Some(figures) = limited.and_then(|text| text.split_once('(')) else {
            assert!(seconds < 6.0, "{seconds} {said:?}");
            continue;
        };
        let words: Vec<&str> = figures.1.trim_end_matches(')').split(' ').collect();
        match words.as_slice() {
            ["at", "most", "267"] => {}
            [rps, "of", "at", "most", "267"] => {
                let rps: f64 = rps.parse().expect("a figure");
                assert!(rps <= 267.0, "{words:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_pause_leaves_the_live_window_as_it_was() {
    let spec = ServiceSpec {
        faults: faults("503:5%"),
        ..serving("fixed:400ms")
    };
    let load = load(closed(20, (50, 100)), 120.0);
    let mut run = simulation(load, &[Gateway::new(&spec)], BEAT);
    let before = until(&mut run, 20.0);
    run.toggle_pause();
    let shown = |snapshot: &Snapshot| {
        let window = &snapshot.variants.a.window;
        let latency = &window.response_us;
        let counts = (window.ok, window.failed);
        (window.rps, counts, latency.p50, latency.p99, window.seconds)
    };
    for seconds in 21..35 {
        let held = until(&mut run, f64::from(seconds));
        assert_eq!(held.meta.phase, Phase::Paused);
        assert_eq!(held.variants.a.window.in_flight, 0, "that is as it is now");
        assert_eq!(shown(&held), shown(&before));
    }
    run.cycle_window();
    let longer = until(&mut run, 35.5);
    assert!(
        longer.variants.a.window.seconds > 15.0,
        "it holds what it held"
    );
    // Another load in a pause: nothing is known of it yet.
    run.step_load(true);
    let other = until(&mut run, 38.0);
    assert_eq!(other.meta.phase, Phase::Paused);
    assert_eq!(shown(&other), (None, (0, 0), None, None, 0.0));
    run.toggle_pause();
    let again = until(&mut run, 50.0);
    assert!(again.variants.a.window.rps.is_some_and(|rps| rps > 30.0));
}

#[test]
fn while_it_settles_after_a_pause_the_run_is_there_and_under_a_new_load_it_is_not() {
    let mut run = race(120.0, &[&[], &[]]);
    until(&mut run, 30.0);
    run.toggle_pause();
    until(&mut run, 31.0);
    run.toggle_pause();
    let settling = until(&mut run, 31.3);
    assert_eq!(settling.meta.phase, Phase::WarmUp);
    assert!(settling.variants.a.run.rps.is_some_and(|rps| rps > 200.0));
    let screen = frame(&app((*settling).clone()), 120, 40);
    assert!(screen.contains("settling, ") && !screen.contains("warming up"));
    run.step_load(true);
    let anew = until(&mut run, 31.6);
    assert_eq!(anew.meta.phase, Phase::WarmUp);
    let figures = &anew.variants.a.run;
    assert_eq!((figures.rps, figures.response_us.p50), (None, None));
    assert!(frame(&app((*anew).clone()), 120, 40).contains("warming up, "));
}
