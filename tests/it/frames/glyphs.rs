//! The screen with block elements and with ASCII alone.

use super::{app, fixture, frame, measured, states};
use dragstrip::glyphs::Glyphs;
use dragstrip::metrics::snapshot::Snapshot;
use dragstrip::theme::{self, ColorDepth};
use dragstrip::tui::{self, Action, App, View};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

static ASCII: LazyLock<Vec<App>> = LazyLock::new(|| with(Glyphs::Ascii));
static BLOCK: LazyLock<Vec<App>> = LazyLock::new(|| with(Glyphs::Block));

fn with(glyphs: Glyphs) -> Vec<App> {
    let states = states().into_iter();
    states.map(|app| app.with_glyphs(glyphs)).collect()
}

/// The first sign that does not belong on a screen of ASCII.
fn stranger(app: &App, width: u16, height: u16) -> Option<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    tui::draw(app, area, &mut buf);
    let mut symbols = buf.content().iter().map(ratatui::buffer::Cell::symbol);
    let is_fit = |symbol: &str| matches!(symbol.as_bytes(), [b' '..=b'~']);
    symbols.find(|symbol| !is_fit(symbol)).map(str::to_owned)
}

fn is_braille(c: char) -> bool {
    ('\u{2800}'..='\u{28ff}').contains(&c)
}

#[test]
fn race_and_latency_in_block_elements_and_in_ascii() {
    for (name, glyphs) in [("block", Glyphs::Block), ("ascii", Glyphs::Ascii)] {
        let race = app(fixture::racing()).with_glyphs(glyphs);
        let mut latency = app(measured::with_failures()).with_glyphs(glyphs);
        latency.update(Action::Show(View::Latency));
        for (view, app) in [("race", &race), ("latency", &latency)] {
            for (width, height) in [(120, 40), (80, 24)] {
                insta::assert_snapshot!(
                    format!("{name}_{view}_{width}x{height}"),
                    frame(app, width, height)
                );
            }
        }
    }
}

#[test]
fn no_state_on_no_view_has_a_sign_that_is_not_ascii() {
    for app in ASCII.iter() {
        for (width, height) in [(160, 48), (120, 40), (100, 30), (80, 24), (40, 10), (39, 9)] {
            assert_eq!(stranger(app, width, height), None, "{:?}", app.view());
        }
    }
}

#[test]
fn the_help_shows_the_signs_that_are_drawn() {
    let mut app = app(fixture::racing()).with_glyphs(Glyphs::Ascii);
    app.update(Action::Help);
    let help = frame(&app, 100, 42);
    for line in [
        ":            on a gauge: where the other",
        "+-o-+        in the table",
    ] {
        assert!(help.contains(line), "{line}\n{help}");
    }
    app.update(Action::Back);
    let screen = frame(&app, 100, 40);
    let gauge = super::gauge_line(&screen.replace('|', "│"), "RPS").to_owned();
    assert!(gauge.contains(':'), "{gauge}");
}

#[test]
fn without_colour_the_curves_have_signs_of_their_own() {
    let bare = App::new(
        Arc::new(fixture::racing()),
        theme::cycle(theme::default()),
        ColorDepth::None,
    );
    let screen = frame(&bare.with_glyphs(Glyphs::Ascii), 160, 48);
    assert!(screen.contains("- p50   o p95   : p99"), "{screen}");
    for curve in ["_-----", "oooooooo", "::::::::"] {
        assert!(screen.contains(curve), "{curve}\n{screen}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_size_brings_back_other_signs(width in 0u16..=200, height in 0u16..=60) {
        for app in ASCII.iter() {
            prop_assert_eq!(stranger(app, width, height), None);
        }
        for app in BLOCK.iter() {
            let screen = frame(app, width, height);
            prop_assert!(!screen.chars().any(is_braille), "{screen}");
        }
    }

    #[test]
    fn no_foreign_text_brings_back_other_signs(texts in proptest::collection::vec(any::<String>(), 8)) {
        let mut snapshot = named(&texts);
        for view in View::ALL {
            let mut app = app(std::mem::replace(&mut snapshot, named(&texts))).with_glyphs(Glyphs::Ascii);
            app.update(Action::Show(view));
            for (width, height) in [(160, 48), (80, 24)] {
                prop_assert_eq!(stranger(&app, width, height), None);
            }
        }
    }
}

/// A run in which all foreign texts are `texts`.
fn named(texts: &[String]) -> Snapshot {
    let mut snapshot = measured::with_failures();
    let mut texts = texts.iter().cycle().cloned();
    let mut next = || texts.next().unwrap_or_default();
    Arc::make_mut(&mut snapshot.plan).title = next();
    for variant in [Some(&mut snapshot.variants.a), snapshot.variants.b.as_mut()]
        .into_iter()
        .flatten()
    {
        variant.label = next();
        variant.url = next();
        variant.transport = next();
        for error in &mut variant.errors {
            error.text = next();
        }
    }
    for notice in &mut snapshot.notices {
        notice.text = next();
    }
    snapshot
}

#[test]
fn the_last_pass_costs_next_to_nothing() {
    let area = Rect::new(0, 0, 160, 48);
    let [all, block, ascii] = [Glyphs::Braille, Glyphs::Block, Glyphs::Ascii].map(|glyphs| {
        let app = app(fixture::racing()).with_glyphs(glyphs);
        // The best of many, as others may use the machine.
        let best = (0..60).map(|_| {
            let mut buf = Buffer::empty(area);
            let begin = Instant::now();
            tui::draw(&app, area, &mut buf);
            begin.elapsed()
        });
        best.min().expect("some")
    });
    // Measured in a tenth of it, without full optimisation.
    let most = all + Duration::from_micros(500);
    assert!(block < most && ascii < most, "{all:?} {block:?} {ascii:?}");
}
