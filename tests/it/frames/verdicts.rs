//! The table in every state of its verdicts, and the panes of variants that take turns.

use super::{app, fixture, frame, judged, trouble};
use dragstrip::metrics::snapshot::{SlotStage, Snapshot, Verdict};
use dragstrip::tui::Action;
use std::time::Duration;

const SIZES: [(u16, u16); 4] = [(160, 48), (120, 40), (100, 30), (80, 24)];

fn at_every_size(name: &str, snapshot: Snapshot) {
    let app = app(snapshot);
    for (width, height) in SIZES {
        insta::assert_snapshot!(
            format!("{name}_{width}x{height}"),
            frame(&app, width, height)
        );
    }
}

#[test]
fn collecting() {
    at_every_size("collecting", judged::collecting());
}

#[test]
fn ahead() {
    at_every_size("ahead", judged::ahead());
}

#[test]
fn withheld() {
    at_every_size("withheld", judged::withheld());
}

#[test]
fn not_comparable() {
    at_every_size("not_comparable", judged::not_comparable());
}

#[test]
fn too_noisy() {
    at_every_size("noisy", judged::noisy());
}

#[test]
fn sequential() {
    at_every_size("sequential", judged::sequential());
}

#[test]
fn alternate_with_a_pane_that_waits() {
    at_every_size("alternate", judged::alternate());
}

#[test]
fn the_arithmetic_is_shown_on_demand_and_goes_again() {
    let mut app = app(judged::decided());
    let before = frame(&app, 120, 40);
    app.update(Action::Calculation);
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        insta::assert_snapshot!(
            format!("calculation_{width}x{height}"),
            frame(&app, width, height)
        );
    }
    app.update(Action::Calculation);
    assert_eq!(frame(&app, 120, 40), before);
}

#[test]
fn nothing_is_better_or_faster_before_it_is_decided() {
    let undecided = vec![
        judged::collecting(),
        judged::ahead(),
        judged::sequential(),
        judged::alternate(),
        judged::not_comparable(),
        trouble::red(),
    ];
    for snapshot in undecided {
        let app = app(snapshot);
        for (width, height) in SIZES.into_iter().chain([(60, 20), (44, 20)]) {
            let screen = frame(&app, width, height);
            for word in ["better", "worse", "faster", "slower", "higher"] {
                assert!(!screen.contains(word), "{word} is in\n{screen}");
            }
        }
    }
}

#[test]
fn the_verdict_is_said_at_every_size_that_has_a_table() {
    let app = app(judged::decided());
    for (width, height) in SIZES
        .into_iter()
        .chain([(96, 20), (60, 20), (50, 20), (44, 20)])
    {
        let screen = frame(&app, width, height);
        assert!(screen.contains("B higher RPS"), "{screen}");
        assert_eq!(screen.matches("B faster").count(), 3, "{screen}");
    }
}

#[test]
fn what_must_be_read_with_the_verdicts_is_on_every_screen() {
    let begin = judged::FLOOR.split(" and").next().expect("a part");
    for (width, height) in SIZES {
        let screen = frame(&app(judged::noisy()), width, height);
        assert!(screen.contains(&begin[..50]), "{screen}");
        let screen = frame(&app(judged::sequential()), width, height);
        assert!(screen.contains("A and B ran one after the other"));
        assert!(screen.contains("sequential: no verdict"), "{screen}");
    }
    let screen = frame(&app(judged::noisy()), 160, 48);
    assert!(screen.contains("≈ 480 independent ones"), "{screen}");
}

#[test]
fn c_shows_them_whole() {
    let mut app = app(judged::noisy());
    app.update(Action::Checks);
    insta::assert_snapshot!("checks_and_remarks_80x24", frame(&app, 80, 24));
    let screen = frame(&app, 120, 40);
    let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("≈ 480 independent ones"), "{screen}");
    assert!(words.contains("load differ by as much"), "{screen}");
}

#[test]
fn the_scale_of_the_whiskers_grows_at_once_and_shrinks_slowly() {
    let mut app = app(judged::noisy());
    let ends = |app: &dragstrip::tui::App| {
        let screen = frame(app, 160, 48);
        let titles = screen.lines().find(|l| l.contains("Metric")).expect("one");
        let whisker = titles.split("interval").nth(1).expect("the rest");
        let before = whisker.split("Verdict").next().expect("the scale");
        before.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ends(&app), "−20 % 0 +25 %");
    app.update(Action::Time(Duration::from_secs(1)));
    app.update(Action::Snapshot(judged::decided().into()));
    assert_eq!(ends(&app), "−99 % 0 +9,900 %");
    app.update(Action::Time(Duration::from_secs(2)));
    app.update(Action::Snapshot(judged::noisy().into()));
    assert_eq!(ends(&app), "−20 % 0 +25 %");
}

#[test]
fn who_waits_says_so_at_every_size_and_keeps_its_figures() {
    for stage in [SlotStage::Settling, SlotStage::Block, SlotStage::Draining] {
        let mut snapshot = judged::alternate();
        snapshot.meta.slot.as_mut().expect("a slot").stage = stage;
        let app = app(snapshot);
        for (width, height) in SIZES {
            let screen = frame(&app, width, height);
            assert!(screen.contains("waits"), "{screen}");
            assert!(screen.contains("pair 5 · block 2 · B "), "{screen}");
            assert!(screen.contains("50.3") && screen.contains("3.70 s"));
        }
    }
}

#[test]
fn the_text_reports_say_intervals_verdicts_and_what_they_rest_on() {
    let mut snapshot = judged::decided();
    let comparison = snapshot.comparison.as_mut().expect("two variants");
    comparison.remarks = vec![judged::FLOOR.to_owned()];
    let family = "Verdicts: at most 5 % false for the whole family. Intervals: together 95 %.";
    let (markdown, table) = (
        dragstrip::report::markdown(&snapshot),
        dragstrip::report::table(&snapshot),
    );
    for text in [&markdown, &table] {
        for said in [
            "model-based",
            family,
            "(−93.3 … −92.6 %)",
            "B faster, 14 ×",
            "cannot tell differences below 3.1 %",
        ] {
            assert!(text.contains(said), "{said} is not in\n{text}");
        }
    }
    let head = "| Metric | A | B | Improvement | Calculation | 95 % interval | Verdict |";
    assert!(markdown.contains(head), "{markdown}");
    insta::assert_snapshot!("table_text", table);
    insta::assert_snapshot!("table_markdown", markdown);
    let csv = dragstrip::report::csv(&snapshot).expect("CSV");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let heading = reader.headers().expect("a heading").clone();
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    let at = |name| heading.iter().position(|column| column == name);
    let cell = |row: usize, name| &rows[row][at(name).expect("the column")];
    assert_eq!(cell(1, "p95_low_pct"), "-93.3000");
    assert_eq!(cell(1, "p95_verdict"), "b_better");
    assert_eq!(cell(1, "p95_state"), "B faster, 14 ×");
    assert_eq!((cell(0, "p95_state"), cell(1, "errors_low_pct")), ("", ""));
    let sequential = dragstrip::report::markdown(&judged::sequential());
    assert!(sequential.contains("one after the other: run figures as measured, not judged"));
    assert!(!sequential.contains(family), "{sequential}");
}

#[test]
fn a_file_without_states_is_shown_in_the_words_it_has() {
    let mut old = fixture::racing();
    let comparison = old.comparison.as_mut().expect("two variants");
    for metric in &mut comparison.metrics {
        assert_eq!((metric.verdict, metric.state.as_str()), (Verdict::None, ""));
    }
    let screen = frame(&app(old), 120, 40);
    assert!(
        screen.contains("B is 97.7 % lower, 43 × faster"),
        "{screen}"
    );
}
