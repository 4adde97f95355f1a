//! Every width to 200 and every height to 60, none included, with all that can be on the screen: nothing breaks, and what is
//! drawn is sound.
//!
//! All 12,261 sizes of all scenes would take an hour. Drawn are, of each view: every width at the heights and every height at
//! the widths where layouts change, and one in eight of the sizes between; the scenes take turns, so that each has its share.

use super::sound::sound;
use super::{app_of, hostile, states_of};
use crate::support::give_way;
use dragstrip::glyphs::Glyphs;
use dragstrip::metrics::snapshot::{NoticeLevel, Snapshot};
use dragstrip::tui::{self, Action, App, Edit, Move, Toast, View};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeSet;
use std::sync::Arc;

const MOST: (u16, u16) = (200, 60);
/// Around these the layouts change.
const WIDTHS: [u16; 10] = [0, 1, 39, 40, 60, 80, 96, 120, 160, 200];
const HEIGHTS: [u16; 9] = [0, 1, 9, 10, 20, 24, 30, 48, 60];
const STRIDE: u16 = 8;
/// Sizes at which every scene is drawn.
const OFTEN: [(u16, u16); 8] = [
    (0, 0),
    (1, 1),
    (39, 60),
    (40, 10),
    (80, 24),
    (96, 20),
    (120, 40),
    (200, 60),
];
/// Beyond the sweep, a few, up to the largest that is ever drawn.
const BEYOND: [(u16, u16); 4] = [(300, 100), (201, 61), (60, 400), (1_000, 12)];

fn sizes() -> Vec<(u16, u16)> {
    let all = (0..=MOST.0).flat_map(|width| (0..=MOST.1).map(move |height| (width, height)));
    let drawn = |&(width, height): &(u16, u16)| {
        WIDTHS.contains(&width)
            || HEIGHTS.contains(&height)
            || (width * (MOST.1 + 1) + height) % STRIDE == width % STRIDE / 2
    };
    all.filter(drawn).collect()
}

/// All that can be on the screen while it shows `view`.
fn scenes(view: View) -> Vec<App> {
    let mut scenes = states_of(view);
    for run in hostile::ALL.iter() {
        let mut run = Arc::clone(run);
        if view != View::Heat {
            // No other view reads them, and every screen would.
            let run = Arc::make_mut(&mut run);
            run.variants.a.intervals = Arc::default();
            if let Some(b) = &mut run.variants.b {
                b.intervals = Arc::default();
            }
        }
        let on = |actions: &[Action]| {
            let mut app = app_of(&run);
            app.update(Action::Show(view));
            for action in actions {
                app.update(action.clone());
            }
            app
        };
        scenes.push(on(&[]));
        scenes.push(on(&[
            Action::Cursor(Move::Back(1)),
            Action::Cursor(Move::Back(40)),
        ]));
        for &panel in view.panels(run.variants.b.is_some()) {
            scenes.push(on(&[Action::ZoomOn(panel), Action::Cursor(Move::First)]));
        }
        scenes.extend(covered(&run, on));
    }
    let glyphs = [Glyphs::Braille, Glyphs::Block, Glyphs::Ascii];
    let scenes = scenes.into_iter().zip(glyphs.into_iter().cycle());
    scenes
        .map(|(app, glyphs)| app.with_glyphs(glyphs))
        .collect()
}

/// The view with all that can lie over it, or stand in place of a part of it.
fn covered(snapshot: &Snapshot, on: impl Fn(&[Action]) -> App) -> Vec<App> {
    let typed = |text: &str| Action::Type(Edit::Paste(text.to_owned()));
    let toast = |text: &str| {
        Action::Toast(Toast {
            level: NoticeLevel::Error,
            text: text.to_owned(),
        })
    };
    let label = &snapshot.variants.a.label;
    // The last page of the help, and of a list, however few pages there are at another size.
    let mut paged = on(&[Action::Help]);
    for _ in 0..3 {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 60, 12));
        let places = tui::draw(&paged, buffer.area, &mut buffer);
        paged.drawn(places);
        paged.update(Action::Help);
        paged.update(Action::Page(2));
    }
    vec![
        on(&[Action::Help]),
        on(&[Action::Checks]),
        on(&[Action::Calculation, Action::Freeze]),
        on(&[Action::Annotate, typed(label)]),
        on(&[
            Action::Cursor(Move::First),
            Action::Annotate,
            typed("日本語e\u{301}\u{1b}[2J"),
        ]),
        on(&[
            toast(label),
            toast(""),
            toast("日本語\u{202e}x"),
            toast(label),
        ]),
        paged,
    ]
}

fn sweep(view: View) {
    give_way();
    let scenes = scenes(view);
    let mut turn = 0;
    for size in sizes() {
        sound(&scenes[turn % scenes.len()], size);
        turn += 1;
    }
    // Every scene has had its turn, several times.
    assert!(turn > 5 * scenes.len(), "{turn}, {}", scenes.len());
    for (i, scene) in scenes.iter().enumerate() {
        for size in OFTEN {
            sound(scene, size);
        }
        sound(scene, BEYOND[i % BEYOND.len()]);
    }
}

#[test]
fn no_size_breaks_race() {
    sweep(View::Race);
}

#[test]
fn no_size_breaks_latency() {
    sweep(View::Latency);
}

#[test]
fn no_size_breaks_heat() {
    sweep(View::Heat);
}

#[test]
fn no_size_breaks_errors() {
    sweep(View::Errors);
}

#[test]
fn no_size_breaks_details() {
    sweep(View::Details);
}

#[test]
fn no_size_breaks_the_log() {
    sweep(View::Log);
}

#[test]
fn every_width_and_every_height_is_among_the_sizes() {
    let sizes = sizes();
    let widths: BTreeSet<u16> = sizes.iter().map(|size| size.0).collect();
    let heights: BTreeSet<u16> = sizes.iter().map(|size| size.1).collect();
    assert_eq!(widths, (0..=MOST.0).collect());
    assert_eq!(heights, (0..=MOST.1).collect());
    assert!(sizes.len() > 3_500, "{}", sizes.len());
}
