//! What a frame costs: every view at several sizes, with an hour of a run behind it. Medians, with the goals beside them.
//!
//! `cargo bench --bench screen`. What the whole program takes in a terminal is measured by `tests/bench/screen.py`.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark stops where something is wrong"
)]

#[allow(
    dead_code,
    reason = "it belongs to the tests; one function is used here"
)]
#[path = "../it/support.rs"]
mod support;
#[allow(dead_code, reason = "what the other benchmark needs is used there")]
mod traffic;

use dragstrip::clock::Tick;
use dragstrip::load::Order;
use dragstrip::metrics::snapshot::{NoticeLevel, Snapshot};
use dragstrip::metrics::{ConnectionReading, Moment};
use dragstrip::theme::{self, ColorDepth};
use dragstrip::tui::{self, Action, App, View};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use std::time::{Duration, Instant};
use traffic::{Traffic, measured, report};

/// The run behind the frames.
const SECONDS: u64 = 3_600;
/// Pictures that are drawn of its end, four a second.
const PICTURES: usize = 120;

fn main() {
    // `cargo test --benches` calls it without the word that `cargo bench` adds: there is nothing to measure then.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let pictures = pictures();
    for size in [(160, 48), (300, 100), (80, 24)] {
        for view in View::ALL {
            frames(&pictures, view, size);
        }
    }
}

/// The last pictures of an hour with loads that changed, notes, and a log that is full.
fn pictures() -> Vec<Arc<Snapshot>> {
    let (shards, mut aggregator) = measured(Order::Together, 200.0);
    let mut lanes: Vec<Traffic> = shards
        .into_iter()
        .map(|shard| Traffic::new(shard, 20, Tick(0)))
        .collect();
    let mut pictures = Vec::new();
    for quarter in 1..=SECONDS * 4 {
        let now = Tick(quarter * 250_000_000);
        for lane in &mut lanes {
            (0..25).for_each(|_| lane.step(now));
        }
        aggregator.collect(now, (0..2).map(|_| ConnectionReading::default()));
        if quarter % 28 == 0 {
            let text = format!("what happened in second {}", quarter / 4);
            aggregator.log(NoticeLevel::Info, "run", &text, now);
        }
        if quarter % 1_440 == 0 {
            aggregator.annotate("a note", None, now);
        }
        if quarter + PICTURES as u64 > SECONDS * 4 {
            pictures.push(Arc::new(aggregator.snapshot(Moment::default())));
        }
    }
    pictures
}

/// From a new picture to the bytes for the terminal, as the screen does it.
fn frames(pictures: &[Arc<Snapshot>], view: View, (width, height): (u16, u16)) {
    let area = Rect::new(0, 0, width, height);
    let themes = theme::cycle(theme::default());
    let mut app = App::new(Arc::clone(&pictures[0]), themes, ColorDepth::TrueColor);
    app.update(Action::Show(view));
    let (mut shown, mut next) = (Buffer::empty(area), Buffer::empty(area));
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for (i, picture) in pictures.iter().enumerate() {
        let begun = Instant::now();
        app.update(Action::Time(Duration::from_millis(250) * i as u32));
        app.update(Action::Snapshot(Arc::clone(picture)));
        next.reset();
        tui::draw(&app, area, &mut next);
        let mut bytes = Vec::new();
        let mut backend = CrosstermBackend::new(&mut bytes);
        backend
            .draw(shown.diff_iter(&next))
            .expect("memory takes it");
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        std::mem::swap(&mut shown, &mut next);
        sizes.push(bytes.len() as f64 / 1024.0);
    }
    // The first frame draws everything.
    let whole = sizes.remove(0);
    let goal = if view == View::Race && width <= 160 {
        ", goal 1"
    } else {
        ", goal 3"
    };
    let name = format!("{} {width}×{height}", view.name());
    report(&format!("{name}: a frame"), times, "ms", goal);
    let bytes = format!("{name}: bytes (whole {whole:.1})");
    report(&bytes, sizes, "kB", ", goal 8");
}
