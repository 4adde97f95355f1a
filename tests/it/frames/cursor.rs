//! The time cursor on the time charts: what it says is what the series says.

use super::{app, fixture, frame, measured};
use dragstrip::metrics::snapshot::{SeriesPoint, Snapshot};
use dragstrip::text;
use dragstrip::tui::{Action, App, Move, View};
use std::sync::Arc;

/// `view` with the cursor on a second of its own, and that second of A and of B.
fn at(view: View, snapshot: Snapshot, back: usize) -> (App, [SeriesPoint; 2]) {
    let points = [
        &snapshot.variants.a,
        snapshot.variants.b.as_ref().expect("two"),
    ]
    .map(|variant| variant.series[variant.series.len() - 1 - back]);
    let mut app = app(snapshot);
    app.update(Action::Show(view));
    app.update(Action::Cursor(Move::Back(1)));
    app.update(Action::Cursor(Move::Back(back)));
    (app, points)
}

/// The line with `name` in it, from there on in A's half and in B's.
fn halves(screen: &str, name: &str) -> [String; 2] {
    // The header says where the cursor is, too.
    let line = screen.lines().skip(1).find(|line| line.contains(name));
    let line: Vec<char> = line.expect("the line").chars().collect();
    let (a, b) = line.split_at(line.len() / 2);
    [a, b].map(|half| half.iter().collect())
}

#[test]
fn failures_and_requests_in_flight_are_read() {
    let mut snapshot = measured::with_failures();
    for (i, variant) in [
        &mut snapshot.variants.a,
        snapshot.variants.b.as_mut().expect("two"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut series = variant.series.to_vec();
        let here = series.len() - 1 - 44;
        (series[here].failed, series[here].in_flight) = (7 + 4 * i as u64, 1_234 + i as u64);
        variant.series = Arc::new(series);
    }
    let (app, points) = at(View::Errors, snapshot, 44);
    for (width, height) in [(160, 48), (120, 40), (80, 48)] {
        let screen = frame(&app, width, height);
        let clock = text::clock(points[0].t);
        for (half, point) in halves(&screen, "failures per second").iter().zip(points) {
            let said = format!("{clock}  {} ", point.failed);
            assert!(half.contains(&said), "{said}: {half}");
        }
        for (half, point) in halves(&screen, "─ in flight ─").iter().zip(points) {
            let said = format!("{clock}  {} ", text::count(point.in_flight));
            assert!(half.contains(&said), "{said}: {half}");
        }
        // A line through each of the four charts, with its foot on the axis.
        assert_eq!(screen.matches('┴').count(), 4, "{screen}");
    }
}

#[test]
fn merged_seconds_are_read_as_a_rate() {
    let mut snapshot = measured::with_failures();
    let b = snapshot.variants.b.as_mut().expect("two");
    let mut series = b.series.to_vec();
    let last = series.len() - 1;
    (series[last].seconds, series[last].failed) = (4.0, 6);
    b.series = Arc::new(series);
    let (app, _) = at(View::Errors, snapshot, 0);
    let [_, b] = halves(&frame(&app, 160, 48), "failures per second");
    assert!(b.contains("  1.50 "), "{b}");
}

#[test]
fn latencies_are_read_at_every_width() {
    let (app, points) = at(View::Race, fixture::racing(), 60);
    for (width, height) in [(160, 48), (120, 40), (100, 34), (80, 40), (60, 40)] {
        let screen = frame(&app, width, height);
        let clock = text::clock(points[0].t);
        for (half, point) in halves(&screen, &clock).iter().zip(points) {
            let p50 = text::latency(point.p50_us.expect("known") as f64);
            assert!(
                half.contains(&format!("{clock}  p50 {p50} ")),
                "{width}: {half}"
            );
            if width >= 80 {
                let p99 = text::latency(point.p99_us.expect("known") as f64);
                assert!(half.contains(&format!("p99 {p99} ")), "{width}: {half}");
            }
        }
        assert_eq!(screen.matches('┴').count(), 2, "{screen}");
    }
}

#[test]
fn without_a_cursor_nothing_is_read() {
    for view in [View::Race, View::Heat, View::Errors] {
        let mut app = app(measured::with_failures());
        app.update(Action::Show(view));
        let screen = frame(&app, 160, 48);
        assert!(
            !screen.contains('┴') && !screen.contains("at 0"),
            "{screen}"
        );
    }
}
