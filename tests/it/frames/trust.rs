//! Whether the figures can be trusted, as the screen says it: self-checks, withheld verdicts, failures beside success, waits
//! beside work, time that was left out.

use super::{app, fixture, frame, gauge_line, trouble};
use dragstrip::metrics::snapshot::{CheckLevel, Snapshot};
use dragstrip::tui::Action;
use std::sync::Arc;

const SIZES: [(u16, u16); 4] = [(160, 48), (120, 40), (100, 30), (80, 24)];

#[test]
fn a_red_check_takes_the_verdicts_place() {
    let app = app(trouble::red());
    for (width, height) in SIZES {
        insta::assert_snapshot!(format!("red_{width}x{height}"), frame(&app, width, height));
    }
}

#[test]
fn a_red_check_is_named_at_every_size_and_nothing_is_better() {
    let app = app(trouble::red());
    for (width, height) in [
        (160, 48),
        (96, 20),
        (80, 24),
        (60, 20),
        (60, 13),
        (44, 12),
        (40, 10),
    ] {
        let screen = frame(&app, width, height);
        assert!(screen.contains("✗ CLIENT IS THE BOTTLENECK"), "{screen}");
        assert!(
            !screen.contains("better") && !screen.contains("faster"),
            "{screen}"
        );
        if screen.contains("against") {
            assert!(screen.contains("verdict withheld"), "{screen}");
        }
    }
}

#[test]
fn alone_there_is_no_verdict_but_figures_that_cannot_be_trusted() {
    let mut snapshot = trouble::red();
    snapshot.variants.b = None;
    snapshot.comparison = None;
    let screen = frame(&app(snapshot), 120, 40);
    assert!(!screen.contains("verdict"), "{screen}");
    insta::assert_snapshot!("red_alone_120x40", screen);
}

#[test]
fn the_checks_keep_their_places_while_all_is_well() {
    let mut snapshot = fixture::racing();
    let before = frame(&app(snapshot.clone()), 160, 48);
    for check in &mut snapshot.checks {
        check.detail.push_str(" and more");
    }
    let after = frame(&app(snapshot), 160, 48);
    let places = |screen: &str| -> Vec<(usize, usize)> {
        let names = fixture::checks().into_iter().map(|check| check.name);
        let place = |name: String| {
            let lines = screen.lines().enumerate();
            lines
                .filter_map(|(y, line)| Some((y, line.find(&format!(" {name} "))?)))
                .last()
        };
        names.filter_map(place).collect()
    };
    assert_eq!(places(&before).len(), 9, "{before}");
    assert_eq!(
        places(&before).iter().map(|(y, _)| y).collect::<Vec<_>>(),
        places(&after).iter().map(|(y, _)| y).collect::<Vec<_>>()
    );
}

#[test]
fn checks_that_cannot_judge_yet_are_not_called_ok() {
    let mut snapshot = fixture::racing();
    for check in &mut snapshot.checks[1..3] {
        "not judged before 20 s".clone_into(&mut check.detail);
    }
    let screen = frame(&app(snapshot), 160, 48);
    assert!(screen.contains("7 ok, 2 not judged"), "{screen}");
    assert!(screen.contains("· Little's law") && screen.contains("✓ client lag"));
}

#[test]
fn c_opens_all_checks_with_all_they_say_at_any_size() {
    let mut app = app(trouble::red());
    app.update(Action::Checks);
    for (width, height) in [(120, 40), (80, 24), (40, 10)] {
        insta::assert_snapshot!(
            format!("checks_{width}x{height}"),
            frame(&app, width, height)
        );
    }
    app.update(Action::Help);
    assert!(frame(&app, 120, 40).contains("╭─ help"));
    app.update(Action::Back);
    assert!(!frame(&app, 120, 40).contains("╭─ help"));
}

#[test]
fn beside_failures_stands_the_latency_of_success() {
    let app = app(trouble::stalled());
    let wide = frame(&app, 160, 48);
    insta::assert_snapshot!("stalled_160x48", wide);
    insta::assert_snapshot!("stalled_100x30", frame(&app, 100, 30));
    assert!(gauge_line(&wide, "p95").contains("> 30 s"));
    assert!(!frame(&super::app(fixture::racing()), 160, 48).contains("ok only"));
}

#[test]
fn without_an_answer_there_are_dashes_and_ages_and_no_number() {
    let screen = frame(&app(trouble::stalled()), 120, 40);
    let rps = gauge_line(&screen, "RPS").split('│').nth(1).expect("A");
    assert!(rps.contains(" 0 ") && !rps.contains("0.0"), "{rps}");
    let p50 = gauge_line(&screen, "p50").split('│').nth(1).expect("A");
    assert!(p50.contains("≥ 21.4 s") && p50.contains('—'), "{p50}");
    assert!(!screen.contains("NaN"), "{screen}");
}

#[test]
fn where_waiting_makes_the_latency_it_is_marked() {
    let app = app(trouble::waiting());
    insta::assert_snapshot!("waiting_120x40", frame(&app, 120, 40));
    for (width, height) in [(160, 48), (100, 30)] {
        let screen = frame(&app, width, height);
        assert_eq!(screen.matches("▲ service").count(), 1, "{screen}");
        assert_eq!(screen.matches("service p").count(), 2, "{screen}");
    }
    let mut snapshot = trouble::waiting();
    snapshot.variants.b = None;
    snapshot.comparison = None;
    let screen = frame(&super::app(snapshot), 80, 24);
    assert!(
        gauge_line(&screen, "slot wait").contains("slot wait ▲"),
        "{screen}"
    );
}

#[test]
fn time_that_was_left_out_is_shaded_and_no_curve_runs_through_it() {
    let app = app(trouble::gapped());
    for (width, height) in SIZES {
        let screen = frame(&app, width, height);
        assert_eq!(screen.contains('░'), height > 24, "{screen}");
    }
}

#[test]
fn no_row_comes_or_goes_because_a_check_changes() {
    let rows = |snapshot: Snapshot, name: &str| {
        let screen = frame(&app(snapshot), 160, 48);
        screen.lines().position(|line| line.contains(name))
    };
    let mut amber = fixture::racing();
    amber.checks[8].level = CheckLevel::Amber;
    for name in ["RPS", "latency", "B against A", "Self-checks", "q quit"] {
        assert_eq!(rows(fixture::racing(), name), rows(amber.clone(), name));
    }
}

#[test]
fn without_colour_marks_say_how_a_check_stands() {
    let bare = dragstrip::tui::App::new(
        Arc::new(trouble::red()),
        Vec::new(),
        dragstrip::theme::ColorDepth::None,
    );
    let screen = frame(&bare, 120, 40);
    for said in ["✗ client lag", "▲ heartbeat", "✓ conservation"] {
        assert!(screen.contains(said), "{said} is not in\n{screen}");
    }
}

#[test]
fn the_text_reports_withhold_the_verdict_too() {
    let mut snapshot = trouble::red();
    snapshot.gaps = trouble::gapped().gaps;
    for text in [
        dragstrip::report::table(&snapshot),
        dragstrip::report::markdown(&snapshot),
    ] {
        assert!(
            text.contains(
                "✗ CLIENT IS THE BOTTLENECK: 1 % of sends are 5 ms late or more · verdict withheld"
            ),
            "{text}"
        );
        assert!(text.contains("as measured; verdict withheld"), "{text}");
        assert!(
            text.contains("left out of the measurement: paused 24 s, suspended 3.2 s"),
            "{text}"
        );
    }
    assert!(!dragstrip::report::table(&fixture::racing()).contains("withheld"));
}
