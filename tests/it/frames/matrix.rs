//! Every view in every state at every size of the design: one table, and a frame for each of its cells.
//!
//! Beside the frames stands what must hold in each cell, so that a frame that was accepted without a look is not wrong in the
//! main thing. New frames: `INSTA_UPDATE=always cargo test frames`.

use super::lived::lived;
use super::sound::sound;
use super::{app_of, fixture, frame, heat, judged, measured, trouble};
use dragstrip::metrics::PackedHistogram;
use dragstrip::metrics::snapshot::{
    Gap, GapReason, Interval, Notice, NoticeLevel, Phase, Snapshot,
};
use dragstrip::tui::{Action, App, View};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, LazyLock};

const SIZES: [(u16, u16); 5] = [(160, 48), (120, 40), (100, 30), (80, 24), (40, 10)];

/// A state of the run or of the screen.
struct State {
    name: &'static str,
    /// What the first line says of it.
    word: &'static str,
    snapshot: Arc<Snapshot>,
    frozen: bool,
}

static STATES: LazyLock<[State; 7]> = LazyLock::new(|| {
    let state = |name, word, snapshot: Snapshot| State {
        name,
        word,
        snapshot: Arc::new(lived(snapshot)),
        frozen: false,
    };
    let running = heat::seconds(measured::running());
    [
        state(
            "warm_up",
            "warming up",
            heat::seconds(fixture::warming_up()),
        ),
        state("running", "measuring", running.clone()),
        State {
            snapshot: Arc::new(fixture::empty()),
            ..state("empty", "ramping up", fixture::empty())
        },
        state("all_failed", "measuring", all_failed()),
        state("paused", "PAUSED", paused()),
        State {
            frozen: true,
            ..state("frozen", "FROZEN", running)
        },
        state("decided", "done", decided()),
    ]
});

fn all_failed() -> Snapshot {
    let mut snapshot = measured::all_failed();
    for variant in [
        &mut snapshot.variants.a,
        snapshot.variants.b.as_mut().expect("two"),
    ] {
        let empty = variant.series.iter().map(|point| Interval {
            t: point.t - point.seconds,
            seconds: point.seconds,
            histogram: PackedHistogram::default(),
        });
        variant.intervals = Arc::new(empty.collect());
    }
    let comparison = snapshot.comparison.as_mut().expect("two");
    let errors = &mut comparison.metrics[4];
    (errors.a, errors.b, errors.change_pct) = (Some(1.0), Some(1.0), Some(0.0));
    "all fail".clone_into(&mut errors.text);
    snapshot.notices = ["A", "B"]
        .map(|name| Notice {
            level: NoticeLevel::Error,
            text: format!("{name}: 100 % of requests failed: connect"),
        })
        .to_vec();
    snapshot
}

fn paused() -> Snapshot {
    let mut snapshot = heat::seconds(measured::distributed(trouble::gapped()));
    snapshot.meta.phase = Phase::Paused;
    snapshot.gaps.push(Gap {
        t: 151.0,
        seconds: 0.2,
        reason: GapReason::Paused,
    });
    snapshot
}

fn decided() -> Snapshot {
    let mut snapshot = heat::seconds(measured::distributed(judged::decided()));
    snapshot.blocks = measured::running().blocks;
    snapshot.meta.phase = Phase::Done;
    snapshot.meta.phase_left_s = None;
    snapshot.notices.clear();
    snapshot
}

fn on(view: View, state: &State) -> App {
    let mut app = app_of(&state.snapshot);
    app.update(Action::Show(view));
    if state.frozen {
        app.update(Action::Freeze);
        app.update(Action::Snapshot(Arc::new(fixture::warming_up())));
    }
    app
}

fn cell(view: View, state: &State, (width, height): (u16, u16)) -> String {
    let view = view.name().to_lowercase();
    format!("{view}_{}_{width}x{height}", state.name)
}

fn in_every_state_at_every_size(view: View) {
    let mut wrong = Vec::new();
    let mut frames = Vec::new();
    for state in STATES.iter() {
        let app = on(view, state);
        for size in SIZES {
            sound(&app, size);
            let screen = frame(&app, size.0, size.1);
            let cell = cell(view, state, size);
            for what in misses(view, state, size, &screen) {
                wrong.push(format!("{cell}: {what}\n{screen}\n"));
            }
            frames.push((cell, screen));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (cell, screen) in frames {
        insta::assert_snapshot!(cell, screen);
    }
}

#[test]
fn race_in_every_state_at_every_size() {
    in_every_state_at_every_size(View::Race);
}

#[test]
fn latency_in_every_state_at_every_size() {
    in_every_state_at_every_size(View::Latency);
}

#[test]
fn heat_in_every_state_at_every_size() {
    in_every_state_at_every_size(View::Heat);
}

#[test]
fn errors_in_every_state_at_every_size() {
    in_every_state_at_every_size(View::Errors);
}

#[test]
fn details_in_every_state_at_every_size() {
    in_every_state_at_every_size(View::Details);
}

#[test]
fn log_in_every_state_at_every_size() {
    in_every_state_at_every_size(View::Log);
}

/// What a cell should say and does not, or says and should not: the main thing, whatever its frame looks like.
fn misses(view: View, state: &State, (width, height): (u16, u16), screen: &str) -> Vec<String> {
    let smallest = width == 40;
    let lines: Vec<&str> = screen.lines().collect();
    let (first, last) = (lines[0], lines[lines.len() - 1]);
    // What notices say of A and B is no part of the view.
    let is_notice = |line: &str| {
        let begin = line.strip_prefix(' ').unwrap_or_default();
        begin.starts_with(['▲', '✗', '›'])
    };
    let body = || {
        lines[1..lines.len() - 1]
            .iter()
            .filter(|line| !is_notice(line))
    };
    let said = |what: &str| body().any(|line| line.contains(what));
    let named = |name: &str| {
        let mut words = body().flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
        words.any(|word| word == name)
    };
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    must(lines.len() == usize::from(height), "another height");
    must(first.contains(state.word), state.word);
    // Where there is no other place for a grave notice it takes that of the keys.
    let grave = smallest && view == View::Race && state.name == "all_failed";
    let wanted = if grave { "✗ A: 100 %" } else { "q quit" };
    must(last.contains(wanted), wanted);
    // Where hardly anything fits, the first view needs no name.
    let has_name = first.contains(view.name()) || (view == View::Race && smallest);
    must(has_name, "its name");
    for figure in ["NaN", "inf "] {
        must(!screen.contains(figure), figure);
    }
    let both_named = match view {
        View::Race | View::Latency | View::Heat | View::Errors => true,
        View::Details => !smallest,
        View::Log => false,
    };
    must(!both_named || (named("A") && named("B")), "A and B");
    for (any_of, wanted) in figures(view, state, smallest) {
        let found = any_of.iter().any(|what| said(what));
        must(found == wanted, &format!("{any_of:?} wanted: {wanted}"));
    }
    let judges = ["better", "faster", "slower", "worse"]
        .into_iter()
        .any(said);
    match state.name {
        // The hand-made run has rows without a verdict, and says the plain difference in these words.
        "running" | "frozen" | "paused" => {}
        "decided" => {
            let expected = view == View::Log || (view == View::Race && !smallest);
            must(judges == expected, "verdicts");
        }
        _ => must(!judges, "no verdict"),
    }
    wrong
}

/// Figures that are there, or are not: at least one of each list, or none.
fn figures(view: View, state: &State, smallest: bool) -> Vec<(Vec<&'static str>, bool)> {
    let measured = ["running", "paused", "frozen", "decided"].contains(&state.name);
    match (view, state.name) {
        (View::Race, _) if measured => vec![
            (vec!["50.3"], true),
            (vec!["224"], true),
            (vec!["3.23 s"], true),
            (vec!["74.4 ms"], true),
        ],
        (View::Race, "empty") => vec![(vec!["—"], true), (vec!["50.", "74."], false)],
        (View::Race, "warm_up") => vec![(vec!["50.3", "74.4"], false), (vec!["—"], true)],
        (View::Race, "all_failed") => vec![(vec!["∞ connect"], true), (vec!["3.23 s"], false)],
        (View::Latency, _) if measured => vec![(vec!["3.23 s"], true), (vec!["74.4 ms"], true)],
        (View::Latency, "all_failed") => vec![
            (vec!["∞ connect"], true),
            (vec!["6,851 failed", "connect"], true),
        ],
        (View::Latency, _) => vec![(vec!["—"], true), (vec![" ms", "0.0"], false)],
        (View::Heat, "empty") => vec![(vec!["no request has ended yet"], true)],
        (View::Heat, "all_failed") => vec![(vec!["▀", "▄"], false)],
        (View::Heat, _) => vec![(vec!["▀", "▄"], true), (vec!["no request"], false)],
        (View::Errors, "all_failed") => vec![
            (vec!["6,851"], true),
            (vec!["30,563"], true),
            (vec!["connect"], true),
        ],
        (View::Errors, _) if measured => vec![(vec!["6,851"], true), (vec!["30,563"], true)],
        (View::Errors, _) => vec![(vec!["6,851", "30,563"], false)],
        (View::Details, _) if smallest => vec![(vec!["closed, 200 users"], true)],
        (View::Details, _) => vec![
            (vec!["closed, 200 users"], true),
            (vec!["7 upstream connections"], true),
        ],
        (View::Log, "empty") => vec![(vec!["nothing has happened yet"], true)],
        // The newest line is always there.
        (View::Log, name) => {
            let newest = match name {
                "warm_up" => "warming up",
                "paused" => "paused",
                "decided" => "done after 2 min 31 s",
                _ => "deploy 7",
            };
            vec![(vec![newest], true), (vec!["nothing has happened"], false)]
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_frames_on_file_are_those_of_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/frames/snapshots");
    let begin = "it__frames__matrix__";
    let found: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the frames")
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter_map(|name| Some(name.strip_prefix(begin)?.strip_suffix(".snap")?.to_owned()))
        .collect();
    let mut wanted = BTreeSet::new();
    for view in View::ALL {
        for state in STATES.iter() {
            wanted.extend(SIZES.map(|size| cell(view, state, size)));
        }
    }
    assert_eq!(wanted.len(), 6 * 7 * 5);
    assert_eq!(found, wanted);
}
