//! The *Heat* view: that two speeds, stalls and failures are where they should be.

use super::{app, fixture, frame, trouble};
use dragstrip::metrics::PackedHistogram;
use dragstrip::metrics::snapshot::{Gap, GapReason, Interval, Phase, SeriesPoint, Snapshot};
use dragstrip::theme::{self, ColorDepth};
use dragstrip::tui::{self, Action, App, Move, View};
use hdrhistogram::Histogram;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use std::sync::Arc;

const SIZES: [(u16, u16); 5] = [(160, 48), (120, 40), (100, 30), (80, 24), (40, 10)];

/// A histogram with so many answers at each latency, ms.
fn histogram(answers: &[(f64, u64)]) -> PackedHistogram {
    let mut histogram = Histogram::<u64>::new(3).expect("a histogram");
    for &(ms, count) in answers {
        let us = (ms * 1e3) as u64;
        histogram.record_n(us, count).expect("in range");
    }
    (&histogram).into()
}

/// A bell of so many answers around a latency, ms: on a log scale, so wide that two of three lie within the factor.
fn bell(middle_ms: f64, factor: f64, count: u64) -> Vec<(f64, u64)> {
    (0..count)
        .map(|i| {
            let p = (i as f64 + 0.5) / count as f64;
            // The logistic is close enough to a bell.
            let z = (p / (1.0 - p)).ln() * 0.6;
            (middle_ms * factor.powf(z), 1)
        })
        .collect()
}

/// Both variants' seconds with histograms: A's wait grows to its level, B has two speeds, a stall and a slow tail.
pub(crate) fn seconds(mut snapshot: Snapshot) -> Snapshot {
    let stretch = |point: &SeriesPoint, answers: &[(f64, u64)]| Interval {
        t: point.t - point.seconds,
        seconds: point.seconds,
        histogram: histogram(answers),
    };
    let a = &mut snapshot.variants.a;
    let answers = |point: &SeriesPoint| match point.p50_us {
        Some(us) => bell(us as f64 / 1e3, 1.05, point.rps.round() as u64),
        None => Vec::new(),
    };
    a.intervals = Arc::new(a.series.iter().map(|p| stretch(p, &answers(p))).collect());
    if let Some(b) = &mut snapshot.variants.b {
        let mut series = b.series.to_vec();
        let answers = |point: &mut SeriesPoint| {
            let second = point.t as u64;
            let ok = point.rps.round() as u64;
            if ok == 0 {
                return Vec::new();
            }
            if (70..75).contains(&second) {
                (point.p50_us, point.p95_us, point.p99_us) = (None, None, None);
                (point.rps, point.in_flight) = (0.0, 200);
                return Vec::new();
            }
            let mut all = bell(60.0, 1.2, ok * 3 / 4);
            all.extend(bell(240.0, 1.1, ok / 4));
            if second.is_multiple_of(9) {
                all.push((1_900.0, 2));
            }
            all
        };
        let intervals = series.iter_mut().map(|point| {
            let answers = answers(point);
            stretch(point, &answers)
        });
        b.intervals = Arc::new(intervals.collect());
        b.series = Arc::new(series);
    }
    snapshot
}

fn on(snapshot: Snapshot) -> App {
    let mut app = app(snapshot);
    app.update(Action::Show(View::Heat));
    app
}

fn at_every_size(name: &str, app: &App) {
    for (width, height) in SIZES {
        let name = format!("{name}_{width}x{height}");
        insta::assert_snapshot!(name, frame(app, width, height));
    }
}

#[test]
fn with_failures_and_a_change_of_the_load() {
    at_every_size("failing", &on(seconds(fixture::failing())));
}

#[test]
fn one_variant_alone_and_one_that_fills_the_screen() {
    let app = on(seconds(fixture::solo()));
    insta::assert_snapshot!("solo_120x40", frame(&app, 120, 40));
    let mut app = on(seconds(fixture::racing()));
    app.update(Action::Zoom);
    app.update(Action::Zoom);
    insta::assert_snapshot!("zoomed_100x30", frame(&app, 100, 30));
}

#[test]
fn without_colour_signs_stand_for_shades() {
    let mut app = App::new(
        Arc::new(seconds(trouble::gapped())),
        Vec::new(),
        ColorDepth::None,
    );
    app.update(Action::Show(View::Heat));
    insta::assert_snapshot!("signs_120x40", frame(&app, 120, 40));
    insta::assert_snapshot!("signs_40x10", frame(&app, 40, 10));
}

#[test]
fn the_cursor_reads_a_second() {
    let mut app = on(seconds(fixture::failing()));
    app.update(Action::Cursor(Move::Back(1)));
    app.update(Action::Cursor(Move::Back(50)));
    at_every_size("cursor", &app);
}

/// A run of 30 s in which each second of A has `answers`, and none from `stall` on for 5 s.
fn known(answers: &[(f64, u64)], stall: Option<u32>) -> Snapshot {
    let mut snapshot = fixture::empty();
    snapshot.meta.phase = Phase::Measuring;
    (snapshot.meta.elapsed_s, snapshot.meta.total_s) = (30.0, Some(30.0));
    let stalls = |second: u32| stall.is_some_and(|from| (from..from + 5).contains(&second));
    let ok = answers.iter().map(|&(_, count)| count).sum::<u64>() as f64;
    let point = |second: u32| SeriesPoint {
        t: f64::from(second + 1),
        seconds: 1.0,
        rps: if stalls(second) { 0.0 } else { ok },
        p50_us: (!stalls(second)).then_some(20_000),
        p95_us: None,
        p99_us: None,
        failed: 0,
        in_flight: 40,
    };
    let interval = |second: u32| Interval {
        t: f64::from(second),
        seconds: 1.0,
        histogram: histogram(if stalls(second) { &[] } else { answers }),
    };
    for variant in [
        &mut snapshot.variants.a,
        snapshot.variants.b.as_mut().expect("two"),
    ] {
        variant.series = Arc::new((0..30).map(point).collect());
        variant.intervals = Arc::new((0..30).map(interval).collect());
    }
    snapshot
}

fn drawn(app: &App, width: u16, height: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    tui::draw(app, buffer.area, &mut buffer);
    buffer
}

/// Without colours, where a cell is one place.
fn signs(snapshot: Snapshot) -> Vec<Vec<String>> {
    let mut app = App::new(Arc::new(snapshot), Vec::new(), ColorDepth::None);
    app.update(Action::Show(View::Heat));
    let buffer = drawn(&app, 160, 48);
    let lines = buffer.content().chunks(160);
    lines
        .map(|line| line.iter().map(|cell| cell.symbol().to_owned()).collect())
        .collect()
}

/// The rows of a column that have a shade, from the top, with it.
fn shades(screen: &[Vec<String>], x: usize) -> Vec<(usize, &str)> {
    let column = screen
        .iter()
        .enumerate()
        .map(|(y, line)| (y, line[x].as_str()));
    column
        // Neither the legend nor the progress.
        .filter(|&(y, sign)| (2..42).contains(&y) && "░▒▓█".contains(sign) && !sign.is_empty())
        .collect()
}

/// The row of a label on A's latency axis.
fn row_of(screen: &[Vec<String>], label: &str) -> usize {
    let has = |line: &&Vec<String>| {
        let start: String = line.iter().take(12).map(String::as_str).collect();
        start.contains(&format!(" {label}┤"))
    };
    screen
        .iter()
        .position(|line| has(&line))
        .expect("the label")
}

#[test]
fn two_speeds_are_two_bright_rows_at_their_latencies() {
    // 10 ms and 1 s are ticks of the scale; 74 of 100 answers are fast, 24 slow, and one each far outside.
    let answers = [(5.1, 1), (10.2, 74), (1_020.0, 24), (1_990.0, 1)];
    let screen = signs(known(&answers, None));
    for x in [14, 30, 60] {
        let bright: Vec<(usize, &str)> = shades(&screen, x)
            .into_iter()
            .filter(|&(_, sign)| sign == "█")
            .collect();
        let [slow, fast] = bright[..] else {
            panic!("{bright:?}");
        };
        assert_eq!(slow.0, row_of(&screen, "1 s"));
        assert_eq!(fast.0, row_of(&screen, "10 ms"));
        // The two that are far outside are seen, and are faint.
        assert_eq!(shades(&screen, x).len(), 4);
        assert!(
            shades(&screen, x)
                .iter()
                .filter(|(_, sign)| *sign != "█")
                .all(|(_, s)| *s == "▒")
        );
    }
}

#[test]
fn a_stall_is_an_empty_column_with_its_mark_and_a_gap_is_none() {
    let stalled = signs(known(&[(20.0, 40)], Some(12)));
    let floor = row_of_axis(&stalled) - 1;
    let marked: Vec<usize> = (0..80).filter(|&x| stalled[floor][x] == "▲").collect();
    assert!((9..=13).contains(&marked.len()), "{marked:?}");
    for x in 10..70 {
        let empty = shades(&stalled, x).is_empty();
        assert_eq!(empty, marked.contains(&x), "column {x}");
    }
    // The same seconds, but left out of the measurement.
    let mut snapshot = known(&[(20.0, 40)], Some(12));
    snapshot.gaps.push(Gap {
        t: 12.0,
        seconds: 5.0,
        reason: GapReason::Suspended,
    });
    let gapped = signs(snapshot);
    assert!((0..80).all(|x| gapped[floor][x] != "▲"));
    let middle = marked[marked.len() / 2];
    assert_eq!(gapped[floor][middle], "·");
}

#[test]
fn a_stall_is_marked_however_coarse_the_columns_are() {
    let app = on(seconds(fixture::racing()));
    for (width, height) in SIZES {
        let screen = frame(&app, width, height);
        // Neither notices nor the legend.
        let lines = screen
            .lines()
            .filter(|line| line.contains('┤') || line.contains("│   "));
        let marks: usize = lines.map(|line| line.matches('▲').count()).sum();
        assert!(marks > 0, "{screen}");
    }
}

#[test]
fn one_request_that_takes_its_time_is_no_stall() {
    let mut snapshot = known(&[(20.0, 1)], Some(12));
    let mut series = snapshot.variants.a.series.to_vec();
    for (i, point) in series.iter_mut().enumerate() {
        // In each silent second another request came at its end.
        point.in_flight = i as u64 % 2;
    }
    snapshot.variants.a.series = Arc::new(series);
    let screen = signs(snapshot);
    let floor = row_of_axis(&screen) - 1;
    assert!((0..80).all(|x| screen[floor][x] != "▲"));
    assert!((80..160).any(|x| screen[floor][x] == "▲"));
}

/// The row of A's time axis.
fn row_of_axis(screen: &[Vec<String>]) -> usize {
    let axis = screen
        .iter()
        .position(|line| line.iter().take(12).any(|sign| sign == "└"));
    axis.expect("the axis")
}

#[test]
fn failures_are_marked_by_their_share() {
    let mut snapshot = known(&[(20.0, 1_000)], None);
    let mut series = snapshot.variants.a.series.to_vec();
    (series[5].failed, series[10].failed) = (1, 50);
    (series[20].failed, series[20].rps) = (900, 100.0);
    snapshot.variants.a.series = Arc::new(series);
    let screen = signs(snapshot);
    let row: String = screen[2][10..79].concat();
    let marks: Vec<&str> = row.split_whitespace().filter(|part| *part != "│").collect();
    let alike = |mark: &str, sign: &str| mark.chars().all(|c| sign.contains(c));
    assert_eq!(marks.len(), 3, "{row}");
    assert!(
        alike(marks[0], "·") && alike(marks[1], "×") && alike(marks[2], "█"),
        "{row}"
    );
    let label: String = screen[2][..11].concat();
    assert!(label.contains("failed"), "{label}");
}

#[test]
fn a_and_b_have_shades_of_their_own_colours() {
    for name in theme::names() {
        for depth in [
            ColorDepth::TrueColor,
            ColorDepth::Indexed256,
            ColorDepth::Ansi16,
        ] {
            let theme = theme::load(name).expect("a built-in theme");
            let snapshot = known(&[(10.0, 70), (300.0, 30)], None);
            let mut app = App::new(Arc::new(snapshot), vec![theme], depth);
            app.update(Action::Show(View::Heat));
            let buffer = drawn(&app, 160, 48);
            let look = |from: u16| -> Vec<(Color, Color, ratatui::style::Modifier)> {
                let cells = (2..40).map(|y| &buffer[(from + 30, y)]);
                cells
                    .filter(|cell| "▀▄█░▒▓".contains(cell.symbol()))
                    .map(|cell| (cell.fg, cell.bg, cell.modifier))
                    .collect()
            };
            let (a, b) = (look(0), look(80));
            assert!(!a.is_empty() && a.len() == b.len(), "{name} {depth:?}");
            assert!(
                a.iter().zip(&b).all(|(a, b)| a != b),
                "{name} {depth:?} {a:?} {b:?}"
            );
        }
    }
}

#[test]
fn wild_histograms_do_no_harm() {
    let mut snapshot = seconds(super::measured::hostile());
    let mut wild = snapshot.variants.a.intervals.to_vec();
    (wild[0].t, wild[1].seconds) = (f64::NAN, f64::INFINITY);
    (wild[2].t, wild[3].seconds) = (f64::NEG_INFINITY, -5.0);
    let mut largest = Histogram::<u64>::new(3).expect("a histogram");
    largest.record_n(0, u64::MAX / 2).expect("in range");
    largest
        .record_n(u64::MAX / 4, u64::MAX / 2)
        .expect("in range");
    for second in &mut wild[4..8] {
        second.histogram = (&largest).into();
    }
    snapshot.variants.a.intervals = Arc::new(wild);
    let mut app = on(snapshot);
    for by in [Move::First, Move::On(3), Move::On(4)] {
        for (width, height) in SIZES.into_iter().chain([(300, 100), (41, 11), (97, 12)]) {
            frame(&app, width, height);
        }
        app.update(Action::Cursor(by));
    }
}
