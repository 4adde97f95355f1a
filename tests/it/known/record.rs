//! What is written down beside the figures: notes of the user's own, and the log.

use super::simulated::{Gateway, faults, load, serving, simulation};
use crate::support::closed;
use dragstrip::load::{LoadSpec, Simulation, Warmup};
use dragstrip::metrics::snapshot::Phase::{Done, Draining, Measuring, Paused, Ramp, WarmUp};
use dragstrip::metrics::snapshot::{Annotation, NoticeLevel, Snapshot};
use dragstrip::report;
use std::time::Duration;

const BEAT: Duration = Duration::from_millis(100);

/// 10 users who think for 0.1 s; 2 s of ramp, 2 s of warm-up, 10 s measured.
fn small_run() -> Simulation {
    let load = LoadSpec {
        ramp: Duration::from_secs(2),
        warmup: Warmup::Fixed(Duration::from_secs(2)),
        ..load(closed(10, (100, 100)), 10.0)
    };
    let gateways = ["fixed:50ms", "fixed:500ms"].map(|profile| Gateway::new(&serving(profile)));
    simulation(load, &gateways, BEAT)
}

fn at(run: &mut Simulation, seconds: f64) -> std::sync::Arc<Snapshot> {
    run.run_until(Duration::from_secs_f64(seconds))
}

fn note(t: f64, text: &str) -> Annotation {
    Annotation {
        t,
        text: text.to_owned(),
    }
}

#[test]
fn a_note_can_be_made_in_every_phase_and_belongs_where_the_user_looks() {
    let mut run = small_run();
    let mut phases = Vec::new();
    let mut noted = |run: &mut Simulation, seconds: f64, text: &str, at_s: Option<f64>| {
        phases.push(at(run, seconds).meta.phase);
        run.annotate(text, at_s);
    };
    noted(&mut run, 1.0, "ramp", None);
    noted(&mut run, 3.0, "warm-up", None);
    noted(&mut run, 6.0, "measuring, of an earlier second", Some(2.5));
    run.toggle_pause();
    noted(&mut run, 7.0, "paused", None);
    run.toggle_pause();
    // One second more for the pause, one to settle in.
    noted(&mut run, 16.2, "draining", Some(99.0));
    noted(&mut run, 60.0, "done", None);
    noted(&mut run, 60.0, "before the start", Some(-3.0));
    noted(&mut run, 60.0, "nowhere", Some(f64::NAN));
    noted(&mut run, 60.0, "  ", None);
    assert_eq!(
        phases,
        [
            Ramp, WarmUp, Measuring, Paused, Draining, Done, Done, Done, Done
        ]
    );
    let last = at(&mut run, 60.0);
    let end = last.meta.elapsed_s;
    assert!((16.2..16.8).contains(&end), "{end}");
    let kept: Vec<Annotation> = last.annotations.to_vec();
    assert_eq!(
        kept,
        [
            note(1.0, "ramp"),
            note(3.0, "warm-up"),
            note(2.5, "measuring, of an earlier second"),
            note(7.0, "paused"),
            note(16.2, "draining"),
            note(end, "done"),
            note(0.0, "before the start"),
            note(end, "nowhere"),
        ]
    );
}

#[test]
fn notes_are_in_the_next_picture_and_in_every_report() {
    let mut run = small_run();
    at(&mut run, 5.0);
    run.annotate("deploy of <b>7</b>\u{1b}[2J", None);
    assert!(at(&mut run, 5.1).annotations.len() == 1);
    run.annotate("before it", Some(1.5));
    let last = run.finish();
    let json = report::json(&last).expect("JSON");
    let read: Snapshot = serde_json::from_str(&json).expect("a snapshot");
    assert_eq!(read.annotations, last.annotations);
    let markdown = report::markdown(&last);
    let notes = "### Notes\n\n- 00:01 before it\n- 00:05 deploy of &lt;b&gt;7&lt;/b&gt;·\\[2J\n\n";
    assert!(markdown.contains(notes), "{markdown}");
    assert!(!report::markdown(&small_run().finish()).contains("Notes"));
}

#[test]
fn more_notes_than_are_kept_are_missed_aloud() {
    let mut run = small_run();
    at(&mut run, 5.0);
    for i in 0..203 {
        run.annotate(&format!("note {i}"), None);
    }
    let snapshot = at(&mut run, 5.2);
    assert_eq!(snapshot.annotations.len(), 200);
    assert_eq!(snapshot.annotations[0].text, "note 3");
    let said = "only the last 200 notes are kept, 3 older ones are gone";
    assert!(snapshot.notices.iter().any(|notice| notice.text == said));
}

#[test]
fn a_file_of_the_time_before_notes_is_read() {
    let last = small_run().finish();
    let json = report::json(&last).expect("JSON");
    assert!(json.contains("\"annotations\": [],"));
    let read: Snapshot = serde_json::from_str(&json).expect("a snapshot");
    assert!(read.annotations.is_empty());
}

/// The lines of the log as `second source text`, those of `source` alone if it is given.
fn lines(snapshot: &Snapshot, source: Option<&str>) -> Vec<String> {
    let log = snapshot.log.iter();
    log.filter(|line| source.is_none_or(|source| line.source == source))
        .map(|line| format!("{:.1} {} {}", line.t, line.source, line.text))
        .collect()
}

#[test]
fn the_course_of_a_run_is_written_down_once() {
    let course = |mut run: Simulation| {
        at(&mut run, 6.0);
        run.toggle_pause();
        at(&mut run, 7.5);
        run.toggle_pause();
        at(&mut run, 12.0);
        // A key that is held down for a moment.
        for tenth in 0..8_u32 {
            at(&mut run, 12.0 + f64::from(tenth) / 100.0);
            run.step_load(true);
        }
        at(&mut run, 14.0);
        run.reset();
        run.annotate("halfway", None);
        run.annotate("earlier", Some(3.0));
        run.log(NoticeLevel::Error, "file", "not saved: \u{1b}no room");
        run.run_until(Duration::MAX);
        run.log(NoticeLevel::Info, "file", "saved");
        run.finish()
    };
    let last = course(small_run());
    let states = ["check", "notice"];
    let found: Vec<String> = lines(&last, None)
        .into_iter()
        .filter(|line| !states.iter().any(|state| line.contains(state)))
        .collect();
    assert_eq!(
        found,
        [
            "0.0 run the load begins: 10 users, together",
            "2.0 run warming up",
            "4.0 run measuring, 4 s after the start",
            "6.0 run paused",
            "7.5 run resumed after 1.5 s: settling",
            "8.7 run measuring goes on",
            "12.1 run load changed to 21 users: figures and comparison begin anew",
            "14.0 run figures and comparison begin anew",
            "14.0 note halfway",
            "14.0 note at 00:03: earlier",
            "14.0 file not saved: ·no room",
            "16.7 run draining, 16 requests open",
            "17.1 run done after 17.1 s",
            "17.1 file saved",
        ],
        "{found:#?}"
    );
    // The same seed, the same log.
    assert_eq!(course(small_run()).log, last.log);
}

#[test]
fn failures_are_written_down_when_they_are_met_first() {
    let mut failing = serving("fixed:50ms");
    failing.faults = faults("503:30%");
    let gateways = [Gateway::new(&failing), Gateway::new(&serving("fixed:3s"))];
    let load = LoadSpec {
        timeout: Duration::from_secs(2),
        ..load(closed(10, (100, 100)), 20.0)
    };
    let last = simulation(load, &gateways, BEAT).finish();
    let errors = lines(&last, Some("error"));
    assert_eq!(
        errors,
        [
            "0.1 error A: first http_503",
            "2.0 error B: first timeout: no complete answer within 2 s",
        ],
        "{errors:#?}"
    );
    // What is said of it on the screen changes with every picture, and is one line.
    let notices = lines(&last, Some("notice"));
    let of_a = notices.iter().filter(|line| line.contains("A: "));
    // In the live window, and at the end of the run.
    assert_eq!(of_a.count(), 2, "{notices:#?}");
}

#[test]
fn a_log_is_in_the_file_and_a_file_without_one_is_read() {
    let last = small_run().finish();
    let json = report::json(&last).expect("JSON");
    let read: Snapshot = serde_json::from_str(&json).expect("a snapshot");
    assert_eq!((&read.log, read.log_dropped), (&last.log, 0));
    let mut value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let fields = value.as_object_mut().expect("an object");
    fields.remove("log");
    fields.remove("log_dropped");
    let read: Snapshot = serde_json::from_value(value).expect("a snapshot");
    assert!(read.log.is_empty());
}
