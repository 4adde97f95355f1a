//! Without a screen: progress on stderr while the run goes on. The engine and its figures are the same as with one.

use crate::metrics::snapshot::{Phase, Snapshot, VariantSnapshot};
use crate::text;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often the picture is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How often a line is written where no bar can be.
const LINE: Duration = Duration::from_secs(5);

/// Shows the progress of a run until it is over: a bar on a terminal, else a line now and then.
pub fn follow(snapshots: &mut watch::Receiver<Arc<Snapshot>>) {
    let terminal = std::io::stderr().is_terminal();
    let bar = terminal.then(bar);
    let mut line_due = Instant::now();
    let mut phase = None;
    loop {
        let snapshot = snapshots.borrow_and_update().clone();
        let now = snapshot.meta.phase;
        if let Some(bar) = &bar {
            bar.set_length((snapshot.meta.total_s.unwrap_or(0.0) * 10.0) as u64);
            bar.set_position((snapshot.meta.elapsed_s * 10.0) as u64);
            bar.set_message(line(&snapshot));
        } else if phase != Some(now) || Instant::now() >= line_due {
            line_due = Instant::now() + LINE;
            // A closed stderr is no reason to end a run.
            let _ = writeln!(
                std::io::stderr(),
                "{} {}",
                text::clock(snapshot.meta.elapsed_s),
                line(&snapshot)
            );
        }
        phase = Some(now);
        // The sender goes when the run is over, after its last picture.
        if now == Phase::Done || snapshots.has_changed().is_err() {
            break;
        }
        std::thread::sleep(LOOK);
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(5));
    if let Ok(style) = ProgressStyle::with_template("{bar:20} {msg}") {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar
}

/// A run in one line.
fn line(snapshot: &Snapshot) -> String {
    let mut line = snapshot.meta.phase.word().to_owned();
    if let Some(left) = snapshot
        .meta
        .phase_left_s
        .filter(|_| snapshot.meta.phase != Phase::Done)
    {
        line.push_str(&format!(", {} left", text::seconds(left.ceil())));
    }
    for (name, variant) in ["A", "B"].iter().zip(snapshot.variants.iter()) {
        line.push_str(&format!(" · {name} {}", brief(variant, snapshot)));
    }
    line
}

fn brief(variant: &VariantSnapshot, snapshot: &Snapshot) -> String {
    // Of a run that is over the last few seconds are its drain, and say nothing.
    let over = snapshot.meta.phase == Phase::Done && variant.run.requests > 0;
    let figures = if over { &variant.run } else { &variant.window };
    let timeout_s = snapshot.plan.load.timeout_s;
    let rps = figures.rps.map_or(text::NONE.to_owned(), text::figure);
    let of = |percentile| text::percentile(figures.response_us.get(percentile), timeout_s);
    let mut brief = format!("{rps} RPS, p50 {}, p99 {}", of("p50"), of("p99"));
    // Before measuring begins only the window knows of failures.
    let failed = variant.run.failed.max(variant.window.failed);
    if failed > 0 {
        brief.push_str(&format!(", {} failed", text::count(failed)));
    }
    brief
}
