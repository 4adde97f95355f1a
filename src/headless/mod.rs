//! Without a screen: progress on stderr while the run goes on. The engine and its figures are the same as with one.
//!
//! Either in one line (`line`) or, with `--plain`, in sentences that can be read out (`news` while it runs, `result` at the
//! end, `spoken` for the words).

mod figures;
mod line;
mod news;
mod result;
mod spoken;

pub use news::News;
pub use result::result;
pub use spoken::spoken;

use crate::glyphs::Glyphs;
use crate::metrics::snapshot::{Phase, Snapshot};
use crate::text;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use line::line;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often the picture is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How often a line is written where no bar can be.
const LINE: Duration = Duration::from_secs(5);

/// Shows the progress of a run until it is over: a bar on a terminal, else a line now and then.
pub fn follow(snapshots: &mut watch::Receiver<Arc<Snapshot>>, signs: Glyphs) {
    let terminal = std::io::stderr().is_terminal();
    let bar = terminal.then(|| bar(signs));
    let mut line_due = Instant::now();
    let mut phase = None;
    loop {
        let snapshot = snapshots.borrow_and_update().clone();
        let now = snapshot.meta.phase;
        if let Some(bar) = &bar {
            bar.set_length((snapshot.meta.total_s.unwrap_or(0.0) * 10.0) as u64);
            bar.set_position((snapshot.meta.elapsed_s * 10.0) as u64);
            bar.set_message(signs.text(&line(&snapshot)).into_owned());
        } else if phase != Some(now) || Instant::now() >= line_due {
            line_due = Instant::now() + LINE;
            // A closed stderr is no reason to end a run.
            let _ = writeln!(
                std::io::stderr(),
                "{} {}",
                text::clock(snapshot.meta.elapsed_s),
                signs.text(&line(&snapshot))
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

/// Says what happens in a run, in sentences, until it is over.
pub fn tell(snapshots: &mut watch::Receiver<Arc<Snapshot>>) {
    let start = Instant::now();
    let mut news = News::default();
    loop {
        let snapshot = snapshots.borrow_and_update().clone();
        for line in news.of(&snapshot, start.elapsed()) {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
        if snapshot.meta.phase == Phase::Done || snapshots.has_changed().is_err() {
            return;
        }
        std::thread::sleep(LOOK);
    }
}

fn bar(signs: Glyphs) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(5));
    if let Ok(style) = ProgressStyle::with_template("{bar:20} {msg}") {
        bar.set_style(style.progress_chars(&signs.text("━╸─")));
    }
    bar
}
