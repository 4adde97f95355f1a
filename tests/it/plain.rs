//! `--plain`: what is told of a run, word for word.

use crate::frames::{fixture, judged, measured, trouble};
use crate::transport::server::Server;
use dragstrip::headless::{News, result};
use dragstrip::metrics::snapshot::{CheckLevel, Phase, Side, Slot, SlotStage, Snapshot};
use proptest::prelude::*;
use std::time::Duration;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn assert_speakable(text: &str) {
    for line in text.lines() {
        let plain = line.chars().all(|c| (' '..='~').contains(&c));
        assert!(plain && line.len() <= 200, "{line:?}");
    }
}

#[test]
fn what_changes_is_told_once_and_the_figures_every_ten_seconds() {
    let mut news = News::default();
    let mut snapshot = fixture::racing();
    assert_eq!(
        news.of(&snapshot, at(1)),
        [
            "Measuring, 89 seconds left.",
            "Warning: A is saturated: 162 in flight, about 155 of them waiting.",
            "Warning: B's requests per second are near the think-time ceiling (225 of at most 267).",
        ]
    );
    // The same notice with other figures is no news.
    snapshot.notices[0].text =
        "A is saturated: 170 in flight, about 160 of them waiting".to_owned();
    assert_eq!(news.of(&snapshot, at(2)), [""; 0]);
    let figures = [
        "After 151 seconds:",
        "A: 50.4 requests per second, median 3.24 seconds, 95 percent within 3.55 seconds, \
         99 percent within 3.69 seconds, no failures.",
        "B: 225 requests per second, median 74.1 milliseconds, 95 percent within 251 milliseconds, \
         99 percent within 331 milliseconds, no failures.",
    ];
    assert_eq!(news.of(&snapshot, at(10)), figures);
    assert_eq!(news.of(&snapshot, at(19)), [""; 0]);
    assert_eq!(news.of(&snapshot, at(20)).len(), 3);
    snapshot.meta.phase = Phase::Done;
    assert_eq!(news.of(&snapshot, at(40)), ["The run is over."]);
}

#[test]
fn a_phase_without_time_to_be_in_is_not_told() {
    let mut news = News::default();
    let mut snapshot = fixture::empty();
    let mut told = |phase, left| {
        snapshot.meta.phase = phase;
        snapshot.meta.phase_left_s = left;
        news.of(&snapshot, at(1))
    };
    assert_eq!(told(Phase::Ramp, Some(0.0)), [""; 0]);
    assert_eq!(told(Phase::WarmUp, Some(0.0)), [""; 0]);
    assert_eq!(
        told(Phase::Measuring, Some(60.0)),
        ["Measuring, 60 seconds left."]
    );
    assert_eq!(
        told(Phase::WarmUp, Some(2.5)),
        ["Warming up, 3 seconds left."]
    );
}

#[test]
fn turns_are_told_when_they_change() {
    let mut news = News::default();
    let mut snapshot = judged::alternate();
    let slot = |variant, stage| {
        Some(Slot {
            variant,
            pair: Some(5),
            block: Some(2),
            stage,
        })
    };
    snapshot.meta.slot = slot(Side::B, SlotStage::Settling);
    let first = news.of(&snapshot, at(1));
    assert!(
        first.contains(&"It is B's turn, pair 5; A waits.".to_owned()),
        "{first:?}"
    );
    snapshot.meta.slot = slot(Side::B, SlotStage::Block);
    assert_eq!(news.of(&snapshot, at(2)), [""; 0]);
    snapshot.meta.slot = slot(Side::A, SlotStage::Block);
    assert_eq!(
        news.of(&snapshot, at(3)),
        ["It is A's turn, pair 5; B waits."]
    );
}

#[test]
fn verdicts_are_told_when_they_come_and_taken_back_by_a_red_check() {
    let mut news = News::default();
    let mut snapshot = judged::collecting();
    let before = news.of(&snapshot, at(1)).join(" ");
    assert!(!before.contains("Median:"), "{before}");
    snapshot.comparison = judged::decided().comparison;
    let decided = news.of(&snapshot, at(2));
    let median: Vec<&String> = decided
        .iter()
        .filter(|line| line.starts_with("Median: B "))
        .collect();
    assert_eq!(median.len(), 1, "{decided:?}");
    assert_eq!(news.of(&snapshot, at(3)), [""; 0]);
    snapshot.checks[4].level = CheckLevel::Red;
    let red = news.of(&snapshot, at(4));
    assert_eq!(
        red,
        [
            "Self-check client lag has failed and the verdicts are withheld: lag 99th percentile 84 microseconds."
        ]
    );
}

#[test]
fn a_check_that_goes_up_and_down_is_not_told_every_time() {
    let mut news = News::default();
    let mut snapshot = fixture::racing();
    news.of(&snapshot, at(1));
    let mut told = 0;
    for second in 2..62 {
        let level = if second % 2 == 0 {
            CheckLevel::Amber
        } else {
            CheckLevel::Ok
        };
        snapshot.checks[6].level = level;
        let lines = news.of(&snapshot, at(second));
        told += lines
            .iter()
            .filter(|line| line.starts_with("Self-check heartbeat"))
            .count();
    }
    assert!((2..=7).contains(&told), "{told}");
}

#[test]
fn failures_and_bounds_are_words() {
    let mut snapshot = fixture::failing();
    let b = snapshot.variants.b.as_mut().expect("two variants");
    b.window
        .response_us
        .beyond
        .insert("p95".to_owned(), "timeout".to_owned());
    let lines = News::default().of(&snapshot, at(10)).join("\n");
    assert!(
        lines.contains("99 percent within at least 3.69 seconds"),
        "{lines}"
    );
    assert!(
        lines.contains(
            "95 percent: not answered in time (timeout), 99 percent: failed (HTTP 503), 436 failed."
        ),
        "{lines}"
    );
}

#[test]
fn the_result_of_a_decided_run_word_for_word() {
    insta::assert_snapshot!(result(&judged::decided()));
}

#[test]
fn the_result_of_a_run_that_fails_word_for_word() {
    insta::assert_snapshot!(result(&fixture::failing()));
}

#[test]
fn where_a_check_is_red_no_verdict_is_told() {
    let mut snapshot = judged::decided();
    snapshot.checks[4].level = CheckLevel::Red;
    let told = result(&snapshot);
    assert!(
        told.contains("The verdicts are withheld: client lag: "),
        "{told}"
    );
    assert!(told.contains("Median: verdict withheld"), "{told}");
    assert!(!told.contains("faster"), "{told}");
}

fn states() -> Vec<Snapshot> {
    vec![
        fixture::empty(),
        fixture::racing(),
        fixture::failing(),
        fixture::solo(),
        trouble::red(),
        trouble::gapped(),
        judged::decided(),
        judged::noisy(),
        judged::not_comparable(),
        judged::alternate(),
        measured::with_failures(),
        measured::all_failed(),
        measured::hostile(),
    ]
}

#[test]
fn every_state_can_be_spoken() {
    for snapshot in states() {
        assert_speakable(&result(&snapshot));
        assert_speakable(&News::default().of(&snapshot, at(10)).join("\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn foreign_text_can_be_spoken(text in any::<String>()) {
        let mut snapshot = measured::with_failures();
        snapshot.variants.a.label.clone_from(&text);
        snapshot.notices = vec![fixture::notice(dragstrip::metrics::snapshot::NoticeLevel::Info, &text)];
        snapshot.checks[0].detail = text;
        snapshot.checks[0].level = CheckLevel::Amber;
        assert_speakable(&result(&snapshot));
        assert_speakable(&News::default().of(&snapshot, at(10)).join("\n"));
    }
}

#[test]
fn a_real_run_is_told_and_json_stays_json() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let run = |more: &[&str]| {
        let mut args = vec!["run", "--a", &url, "--users", "4", "--think", "5ms"];
        args.extend(["--warmup", "0s", "--duration", "500ms", "--plain"]);
        args.extend(more);
        let done = assert_cmd::Command::cargo_bin("dragstrip")
            .expect("the program")
            .args(args)
            .assert()
            .success();
        let output = done.get_output();
        [&output.stdout, &output.stderr]
            .map(|bytes| String::from_utf8(bytes.clone()).expect("UTF-8"))
    };
    let [told, news] = run(&[]);
    assert_speakable(&told);
    assert_speakable(&news);
    assert!(
        told.contains(" requests per second.") && told.contains("A: median "),
        "{told}"
    );
    assert!(
        news.contains("Measuring") && news.contains("The run is over."),
        "{news}"
    );
    let [json, news] = run(&["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["schema"], "dragstrip.snapshot/1");
    assert_speakable(&news);
}

#[test]
fn ascii_is_asked_for_or_follows_from_the_locale() {
    let server = Server::start(None);
    let url = format!("http://{}/ok", server.addr);
    let run = |glyphs: &str, locale: &str| {
        let mut args = vec!["run", "--a", &url, "--b", &url, "--aa", "--users", "2"];
        args.extend([
            "--warmup",
            "0s",
            "--duration",
            "300ms",
            "--headless",
            "--glyphs",
            glyphs,
        ]);
        let done = assert_cmd::Command::cargo_bin("dragstrip")
            .expect("the program")
            .args(args)
            .env("LC_ALL", locale)
            .assert()
            .success();
        let output = done.get_output();
        (output.stdout.is_ascii(), output.stderr.is_ascii())
    };
    assert_eq!(run("ascii", "C.UTF-8"), (true, true));
    assert_eq!(run("auto", "C"), (true, true));
    assert_eq!(run("auto", "C.UTF-8"), (false, false));
    assert_eq!(run("braille", "C"), (false, false));
}
