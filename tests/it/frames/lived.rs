//! What a run leaves behind beside its figures: lines of the log, and the user's markers.

use NoticeLevel::{Error, Info, Warning};
use dragstrip::metrics::snapshot::{Annotation, LogEntry, NoticeLevel, Phase, Snapshot};
use std::sync::Arc;

type Line = (f64, NoticeLevel, &'static str, &'static str);

const BEGIN: [Line; 4] = [
    (0.0, Info, "run", "the load begins: 200 users, together"),
    (0.1, Info, "run", "A answers in HTTP/1.1"),
    (0.1, Info, "run", "B answers in HTTP/1.1"),
    (5.0, Info, "run", "warming up"),
];

const MIDDLE: [Line; 5] = [
    (15.0, Info, "run", "measuring, 15 s after the start"),
    (
        42.3,
        Warning,
        "notice",
        "A is saturated: 162 in flight, about 155 of them waiting",
    ),
    (60.0, Info, "note", "cache warmed"),
    (
        90.2,
        Info,
        "file",
        "saved snapshots/dragstrip-20250601-120130.json",
    ),
    (120.0, Info, "note", "deploy 7"),
];

const HELD: [Line; 3] = [
    (50.0, Info, "run", "paused"),
    (
        74.0,
        Info,
        "run",
        "resumed after 24 s: measuring, 39 s after the start",
    ),
    (151.0, Info, "run", "paused"),
];

const FAILED: [Line; 3] = [
    (
        0.2,
        Warning,
        "error",
        "A: first connect: connection refused (os error 111)",
    ),
    (
        0.2,
        Warning,
        "error",
        "B: first connect: connection refused (os error 111)",
    ),
    (
        16.0,
        Error,
        "notice",
        "A: 100 % of requests failed: connect",
    ),
];

const JUDGED: [Line; 4] = [
    (105.0, Info, "verdict", "RPS: B higher RPS, 4.5 × (pair 6)"),
    (105.0, Info, "verdict", "p50: B faster, 44 × (pair 6)"),
    (120.0, Info, "verdict", "p95: B faster, 14 × (pair 7)"),
    (135.0, Info, "verdict", "p99: B faster, 11 × (pair 8)"),
];

/// The run with its log until now, and with its markers.
pub(crate) fn lived(mut snapshot: Snapshot) -> Snapshot {
    let now = snapshot.meta.elapsed_s;
    let fails = snapshot.variants.iter().all(|variant| variant.run.ok == 0);
    let decided = snapshot.comparison.as_ref().is_some_and(|comparison| {
        let mut metrics = comparison.metrics.iter();
        metrics.any(|metric| metric.state.contains("faster"))
    });
    let done = (now, Info, "run", "done after 2 min 31 s");
    let mut lines = BEGIN.to_vec();
    for (more, wanted) in [
        (&MIDDLE[..], true),
        (&HELD, snapshot.meta.phase == Phase::Paused),
        (&FAILED, fails && now > 15.0),
        (&JUDGED, decided),
        (&[done], snapshot.meta.phase == Phase::Done),
    ] {
        lines.extend(more.iter().filter(|_| wanted));
    }
    lines.retain(|line| line.0 <= now);
    lines.sort_by(|one, other| one.0.total_cmp(&other.0));
    let notes = lines.iter().filter(|line| line.2 == "note");
    let note = |&(t, _, _, text): &Line| Annotation {
        t,
        text: text.to_owned(),
    };
    snapshot.annotations = Arc::new(notes.map(note).collect());
    let entry = |(t, level, source, text): Line| LogEntry {
        t,
        level,
        source: source.to_owned(),
        text: text.to_owned(),
    };
    snapshot.log = Arc::new(lines.into_iter().map(entry).collect());
    snapshot
}
