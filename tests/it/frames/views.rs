//! The views beside *Race* in states of their own.

use super::{app, frame, measured, trouble};
use dragstrip::metrics::snapshot::Snapshot;
use dragstrip::tui::{Action, App, View};
use std::sync::Arc;
use std::time::{Duration, Instant};

const SIZES: [(u16, u16); 5] = [(160, 48), (120, 40), (100, 30), (80, 24), (40, 10)];

fn on(view: View, snapshot: Snapshot) -> App {
    let mut app = app(snapshot);
    app.update(Action::Show(view));
    app
}

fn at_every_size(name: &str, view: View, snapshot: Snapshot) {
    let app = on(view, snapshot);
    for (width, height) in SIZES {
        insta::assert_snapshot!(
            format!("{name}_{width}x{height}"),
            frame(&app, width, height)
        );
    }
}

#[test]
fn latency_with_failures_above_it() {
    at_every_size("latency_failing", View::Latency, measured::with_failures());
}

#[test]
fn latency_of_one_variant_alone() {
    let mut snapshot = measured::running();
    snapshot.variants.b = None;
    snapshot.comparison = None;
    let app = on(View::Latency, snapshot);
    insta::assert_snapshot!("latency_solo_100x30", frame(&app, 100, 30));
}

#[test]
fn errors_now_and_then() {
    at_every_size("errors_failing", View::Errors, measured::with_failures());
}

#[test]
fn details_of_variants_that_take_turns_with_time_left_out() {
    let mut snapshot = measured::running();
    snapshot.gaps = trouble::gapped().gaps;
    Arc::make_mut(&mut snapshot.plan).load.order = "alternate".to_owned();
    let app = on(View::Details, snapshot);
    insta::assert_snapshot!("details_turns_120x40", frame(&app, 120, 40));
}

#[test]
fn every_view_says_its_name_and_what_is_wrong() {
    for view in View::ALL {
        let app = on(view, trouble::red());
        for (width, height) in SIZES {
            let screen = frame(&app, width, height);
            let first = screen.lines().next().unwrap_or_default();
            if view != View::Race || width > 40 {
                assert!(first.contains(view.name()), "{screen}");
            }
            assert!(screen.contains("BOTTLENECK"), "{screen}");
        }
    }
}

#[test]
fn a_view_is_drawn_in_no_time() {
    for view in View::ALL {
        let app = on(view, measured::with_failures());
        frame(&app, 160, 48);
        // The best of many, as others may use the machine.
        let best = (0..20).map(|_| {
            let begin = Instant::now();
            frame(&app, 160, 48);
            begin.elapsed()
        });
        let best = best.min().expect("some");
        assert!(best < Duration::from_millis(10), "{view:?}: {best:?}");
    }
}
