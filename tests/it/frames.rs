//! Whole frames: what is on the screen at several sizes and in several states, and that no size and no text can break it.

mod connections;
mod cursor;
pub(crate) mod fixture;
mod glyphs;
mod heat;
mod hostile;
pub(crate) mod judged;
mod launched;
mod lens;
mod lived;
mod matrix;
pub(crate) mod measured;
mod prompts;
mod sound;
mod sweep;
pub(crate) mod trouble;
mod trust;
mod verdicts;
mod views;

use dragstrip::metrics::snapshot::{NoticeLevel, Phase, Snapshot};
use dragstrip::theme::{self, ColorDepth};
use dragstrip::tui::{self, Action, App, Toast, View};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::sync::{Arc, LazyLock};

pub(crate) fn app(snapshot: Snapshot) -> App {
    app_of(&Arc::new(snapshot))
}

fn app_of(snapshot: &Arc<Snapshot>) -> App {
    App::new(
        Arc::clone(snapshot),
        theme::cycle(theme::default()),
        ColorDepth::TrueColor,
    )
}

/// The screen as text.
pub(crate) fn frame(app: &App, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a test backend");
    terminal
        .draw(|frame| {
            tui::draw(app, frame.area(), frame.buffer_mut());
        })
        .expect("draws");
    let buffer = terminal.backend().buffer();
    let lines = buffer.content().chunks(usize::from(width).max(1));
    let text: Vec<String> = lines
        .map(|line| {
            line.iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect::<String>()
        })
        .map(|line| line.trim_end().to_owned())
        .collect();
    text.join("\n")
}

#[test]
fn a_race_between_the_sizes_of_the_design_and_below_them() {
    let app = app(fixture::racing());
    for (width, height) in [(60, 20), (39, 9)] {
        insta::assert_snapshot!(format!("race_{width}x{height}"), frame(&app, width, height));
    }
}

#[test]
fn failures_are_named_and_counted() {
    let app = app(fixture::failing());
    insta::assert_snapshot!("failing_160x48", frame(&app, 160, 48));
    insta::assert_snapshot!("failing_80x24", frame(&app, 80, 24));
}

#[test]
fn a_solo_run_has_one_pane_and_its_percentiles() {
    let app = app(fixture::solo());
    insta::assert_snapshot!("solo_120x40", frame(&app, 120, 40));
    insta::assert_snapshot!("solo_80x24", frame(&app, 80, 24));
}

#[test]
fn the_heading_of_the_live_window_stands_still() {
    let whole = dragstrip::metrics::WINDOW_LENGTHS[0] as f64;
    for more in [-0.05, 0.0, 0.6, 0.99, 1.1] {
        let mut snapshot = fixture::racing();
        snapshot.variants.a.window.seconds = whole + more;
        let screen = frame(&app(snapshot), 100, 30);
        let heading = screen.lines().nth(2).expect("a line");
        let words: Vec<&str> = heading.split_whitespace().collect();
        let titles = [whole.to_string(), "s".to_owned(), "run".to_owned()];
        assert!(words.windows(3).any(|words| words == titles), "{heading}");
    }
}

#[test]
fn window_and_run_are_named_at_every_size_and_a_scale_where_there_are_gauges() {
    let states: [fn() -> Snapshot; 3] = [fixture::racing, fixture::failing, judged::alternate];
    for state in states {
        let app = app(state());
        for (width, height) in [
            (160, 48),
            (120, 40),
            (100, 30),
            (80, 24),
            (80, 12),
            (40, 10),
        ] {
            let screen = frame(&app, width, height);
            let named = |line: &str| line.contains(" 5 s ") && line.contains(" run");
            assert!(screen.lines().any(named), "{width}x{height}\n{screen}");
        }
        for (width, height) in [(160, 48), (120, 40), (100, 32)] {
            let screen = frame(&app, width, height);
            let above = |name: &str| {
                let lines: Vec<&str> = screen.lines().collect();
                let row = lines
                    .iter()
                    .position(|line| line.contains(name))
                    .expect(name);
                lines[row - 1].to_owned()
            };
            let twice = |line: &str, of: &str| line.matches(of).count() == 2;
            let latency = above("│ p50 ");
            assert!(twice(&latency, "╷100 ms"), "{width}x{height} {latency}");
            let rates = above("│ RPS ");
            let waits = rates.contains("waits");
            assert!(waits || twice(&rates, "╷200"), "{width}x{height} {rates}");
        }
    }
}

#[test]
fn a_pause_is_not_taken_for_the_name_of_a_mark_beside_it() {
    let mut snapshot = trouble::gapped();
    snapshot.gaps[0].seconds = 1.0;
    let note = |t, text: &str| dragstrip::metrics::snapshot::Annotation {
        t,
        text: text.to_owned(),
    };
    snapshot.annotations = Arc::new(vec![note(49.5, "new build")]);
    let screen = frame(&app(snapshot), 120, 40);
    assert!(screen.contains("┊▸new build"), "{screen}");
    assert_eq!(screen.matches("░ paused").count(), 2, "{screen}");
    assert!(!screen.contains("┊paused") && !screen.contains("┊ paused"));
}

#[test]
fn when_it_is_over_the_gauges_show_the_run() {
    let mut snapshot = fixture::racing();
    snapshot.meta.phase = Phase::Done;
    let over = frame(&app(snapshot.clone()), 100, 30);
    let windows = [
        &mut snapshot.variants.a,
        snapshot.variants.b.as_mut().expect("two"),
    ];
    for variant in windows {
        variant.window.rps = Some(1.0);
    }
    let emptied = frame(&app(snapshot), 100, 30);
    let bar = |screen: &str| {
        gauge_line(screen, "RPS")
            .chars()
            .take(24)
            .collect::<String>()
    };
    assert_eq!(bar(&over), bar(&emptied));
}

#[test]
fn a_change_of_the_load_is_named_where_no_curve_runs() {
    let mut snapshot = fixture::failing();
    let b = snapshot.variants.b.as_mut().expect("two variants");
    let mut series = b.series.to_vec();
    for point in &mut series {
        point.p50_us = Some(21_000);
    }
    b.series = Arc::new(series);
    let screen = frame(&app(snapshot), 100, 33);
    assert_eq!(screen.matches("┊250 users").count(), 2, "{screen}");
}

#[test]
fn the_help_lies_over_the_screen() {
    let mut app = app(fixture::racing());
    app.update(Action::Help);
    insta::assert_snapshot!(frame(&app, 100, 30));
}

#[test]
fn a_toast_comes_before_the_notices() {
    let mut app = app(fixture::racing());
    app.update(Action::Toast(Toast {
        level: NoticeLevel::Info,
        text: "saved snapshots/demo.json".to_owned(),
    }));
    let screen = frame(&app, 160, 48);
    let line = screen
        .lines()
        .find(|line| line.contains("saved"))
        .expect("the toast");
    assert!(
        line.starts_with(" › saved snapshots/demo.json   ▲ A is saturated"),
        "{line}"
    );
}

#[test]
fn what_cannot_be_done_is_not_offered() {
    let mut over = fixture::racing();
    over.meta.phase = Phase::Done;
    let screen = frame(&app(over), 120, 40);
    let keys = screen.lines().last().expect("the keys");
    assert!(
        keys.contains("q quit") && !keys.contains("pause") && !keys.contains("users"),
        "{keys}"
    );
    let mut held = fixture::racing();
    held.meta.phase = Phase::Paused;
    let screen = frame(&app(held), 120, 40);
    assert!(screen.contains("PAUSED") && screen.contains("p resume load"));
}

#[test]
fn foreign_text_cannot_steer_the_terminal() {
    let evil = "x\u{1b}[2J\u{202e}\u{7}y";
    let mut snapshot = fixture::failing();
    snapshot.variants.a.label = evil.to_owned();
    snapshot.variants.a.url = evil.to_owned();
    snapshot.variants.a.transport = evil.to_owned();
    snapshot.variants.a.protocol = Some(evil.to_owned());
    snapshot
        .notices
        .insert(0, fixture::notice(NoticeLevel::Error, evil));
    snapshot.checks[0].detail = evil.to_owned();
    snapshot.epochs[1].load = evil.to_owned();
    Arc::make_mut(&mut snapshot.plan).title = evil.to_owned();
    for metric in &mut snapshot.comparison.as_mut().expect("two variants").metrics {
        metric.text = evil.to_owned();
        metric.calculation = evil.to_owned();
        metric.state = evil.to_owned();
    }
    let comparison = snapshot.comparison.as_mut().expect("two variants");
    comparison.remarks = vec![evil.to_owned()];
    for (width, height) in [(160, 48), (80, 24)] {
        let screen = frame(&app(snapshot.clone()), width, height);
        let bad = screen
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(bad, None, "{screen}");
    }
}

#[test]
fn without_colour_the_words_are_the_same() {
    let coloured = app(fixture::failing());
    let bare = App::new(Arc::new(fixture::failing()), Vec::new(), ColorDepth::None);
    let words = |app: &App| {
        let kept = |c: char| c.is_alphanumeric() || "+−%×≥∞".contains(c);
        let screen = frame(app, 160, 48);
        screen
            .lines()
            .take(47)
            .map(|l| l.chars().filter(|&c| kept(c)).collect())
            .collect::<Vec<String>>()
    };
    assert_eq!(words(&coloured), words(&bare));
}

/// Runs in every state there is.
static RUNS: LazyLock<Vec<Arc<Snapshot>>> = LazyLock::new(|| {
    let mut wide = fixture::failing();
    wide.variants.a.label = "日本語のラベル".repeat(9);
    wide.variants.a.window.rps = Some(f64::INFINITY);
    wide.meta.total_s = Some(f64::NAN);
    wide.meta.elapsed_s = 1e9;
    let mut lost = fixture::racing();
    lost.comparison = None;
    let runs = vec![
        fixture::empty(),
        fixture::racing(),
        fixture::failing(),
        fixture::solo(),
        trouble::red(),
        trouble::gapped(),
        trouble::waiting(),
        trouble::stalled(),
        judged::decided(),
        judged::noisy(),
        judged::not_comparable(),
        judged::alternate(),
        measured::running(),
        measured::with_failures(),
        measured::all_failed(),
        measured::hostile(),
        heat::seconds(fixture::failing()),
        heat::seconds(measured::hostile()),
        hostile::alone(fixture::empty()),
        lived::lived(measured::running()),
        wide,
        lost,
    ];
    runs.into_iter().map(Arc::new).collect()
});

/// `view` in every state.
fn states_of(view: View) -> Vec<App> {
    let on = |run: &Arc<Snapshot>| {
        let mut app = app_of(run);
        app.update(Action::Show(view));
        app
    };
    RUNS.iter().map(on).collect()
}

/// Every state on every view, and what can lie over them.
fn states() -> Vec<App> {
    let mut apps: Vec<App> = View::ALL.into_iter().flat_map(states_of).collect();
    let mut help = app(fixture::failing());
    help.update(Action::Help);
    help.update(Action::Freeze);
    apps.push(help);
    let mut checks = app(trouble::red());
    checks.update(Action::Checks);
    apps.push(checks);
    let mut calculation = app(judged::noisy());
    calculation.update(Action::Calculation);
    apps.push(calculation);
    apps
}

/// The line of `screen` that begins with `name` inside its frame.
fn gauge_line<'s>(screen: &'s str, name: &str) -> &'s str {
    screen
        .lines()
        .find(|line| line.trim_start_matches(['│', ' ']).starts_with(name))
        .expect("the line")
}

#[test]
fn figures_keep_their_columns_whatever_they_are() {
    let units: Vec<usize> = vec![fixture::racing(), fixture::failing(), fixture::empty()]
        .into_iter()
        .map(|snapshot| {
            let screen = frame(&app(snapshot), 160, 48);
            let line = gauge_line(&screen, "p99");
            // The end of the digits in A's window column.
            let digits = line.chars().take(66).collect::<String>();
            digits.trim_end_matches([' ', 's', 'm']).chars().count()
        })
        .collect();
    assert_eq!(units, [units[0]; 3]);
}
