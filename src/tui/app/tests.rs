//! The state of the screen, key by key.

use super::*;
use crate::metrics::snapshot::{Phase, SeriesPoint};
use crate::theme;
use crate::tui::Move;
use crate::tui::sample;

pub(in crate::tui) fn app_in(phase: Phase) -> App {
    let snapshot = Arc::new(sample::snapshot(phase, 1.0));
    App::new(
        snapshot,
        theme::cycle(theme::default()),
        ColorDepth::TrueColor,
    )
}

pub(in crate::tui) fn app() -> App {
    app_in(Phase::Measuring)
}

fn toast(text: &str) -> Action {
    Action::Toast(Toast {
        level: NoticeLevel::Info,
        text: text.to_owned(),
    })
}

#[test]
fn keys_that_act_outside_are_effects() {
    let mut app = app();
    assert_eq!(app.update(Action::Quit), Some(Effect::Exit(Exit::Quit)));
    assert_eq!(
        app.update(Action::Interrupt),
        Some(Effect::Exit(Exit::Interrupted(2)))
    );
    let (up, steps) = (true, 10);
    assert_eq!(
        app.update(Action::StepLoad { up, steps }),
        Some(Effect::StepLoad { up, steps })
    );
    assert_eq!(app.update(Action::Pause), Some(Effect::TogglePause));
}

#[test]
fn a_frozen_display_stands_still_and_is_what_is_saved() {
    let mut app = app();
    let newer = Arc::new(sample::snapshot(Phase::Measuring, 2.0));
    app.update(Action::Freeze);
    app.drawn(Places::default());
    app.update(Action::Snapshot(Arc::clone(&newer)));
    assert!(!app.is_dirty() && app.is_latest(&newer));
    assert!((app.snapshot().meta.elapsed_s - 1.0).abs() < 1e-9);
    let Some(Effect::Save(saved)) = app.update(Action::Save) else {
        panic!("nothing is saved");
    };
    assert!((saved.meta.elapsed_s - 1.0).abs() < 1e-9);
    app.update(Action::Freeze);
    assert!((app.snapshot().meta.elapsed_s - 2.0).abs() < 1e-9);
}

#[test]
fn a_view_that_is_asked_for_is_seen() {
    let mut app = app();
    assert_eq!(app.view(), View::Race);
    app.update(Action::Help);
    app.update(Action::Show(View::Latency));
    assert_eq!((app.view(), app.overlay()), (View::Latency, None));
    app.update(Action::PreviousView);
    assert_eq!(app.view(), View::Race);
    for view in View::ALL {
        assert_eq!(app.view(), view);
        app.update(Action::NextView);
    }
    assert_eq!(app.view(), View::Race);
}

#[test]
fn keys_follow_the_run_even_while_the_display_is_frozen() {
    let mut app = app();
    app.update(Action::Freeze);
    app.drawn(Places::default());
    app.update(Action::Snapshot(Arc::new(sample::snapshot(
        Phase::Done,
        2.0,
    ))));
    assert!(app.is_dirty() && !app.can_change_load());
}

#[test]
fn toasts_fade_and_do_not_pile_up() {
    let mut app = app();
    for text in ["one", "two", "three", "four", "five"] {
        app.update(toast(text));
    }
    let texts: Vec<&str> = app.toasts().map(|toast| toast.text.as_str()).collect();
    assert_eq!(texts, ["five", "four", "three", "two"]);
    app.drawn(Places::default());
    app.update(Action::Time(TOAST.mul_f64(0.99)));
    assert!(!app.is_dirty());
    app.update(Action::Time(TOAST));
    assert!(app.is_dirty() && app.toasts().next().is_none());
}

#[test]
fn the_themes_go_round() {
    let mut app = app();
    let mut seen = vec![app.theme().name().to_owned()];
    for _ in theme::names() {
        app.update(Action::NextTheme);
        seen.push(app.theme().name().to_owned());
    }
    assert_eq!(seen[..2], ["dark", "high-contrast"]);
    assert_eq!(seen.pop(), Some("dark".to_owned()));
    let mut built_in = theme::names();
    built_in.sort_unstable();
    seen.sort_unstable();
    assert_eq!(seen, built_in);
    let named: Vec<&str> = app.toasts().map(|toast| toast.text.as_str()).collect();
    assert_eq!(named, ["theme dark"], "the last one alone");
    let bare = App::new(
        Arc::clone(&app.latest),
        theme::cycle(theme::default()),
        ColorDepth::None,
    );
    assert!(!bare.can_change_theme());
}

#[test]
fn figures_change_at_most_four_times_a_second_but_a_new_phase_at_once() {
    let mut app = app();
    let mut shown = Vec::new();
    for tenth in 1..=10u32 {
        let now = Duration::from_millis(100) * tenth;
        app.update(Action::Time(now));
        let snapshot = sample::snapshot(Phase::Measuring, now.as_secs_f64());
        app.update(Action::Snapshot(Arc::new(snapshot)));
        shown.push(app.snapshot().meta.elapsed_s);
    }
    shown.dedup();
    assert!(shown.len() <= 5, "{shown:?}");
    // What was held back comes when its time has come.
    app.update(Action::Time(Duration::from_millis(1_400)));
    assert!(app.is_dirty());
    assert!((app.snapshot().meta.elapsed_s - 1.0).abs() < 1e-9);
    app.update(Action::Snapshot(Arc::new(sample::snapshot(
        Phase::Paused,
        1.1,
    ))));
    assert_eq!(app.snapshot().meta.phase, Phase::Paused);
}

#[test]
fn panels_fill_the_screen_one_after_another() {
    let mut app = app();
    let mut seen = Vec::new();
    for _ in View::Race.panels(true) {
        app.update(Action::Zoom);
        seen.extend(app.zoomed());
    }
    assert_eq!(seen, View::Race.panels(true));
    app.update(Action::Zoom);
    assert_eq!(app.zoomed(), None);
    app.update(Action::ZoomOn(Panel::B));
    app.update(Action::NextView);
    assert_eq!(app.zoomed(), None, "another view is seen as a whole");
    app.update(Action::ZoomOn(Panel::Curve));
    app.update(Action::ZoomOn(Panel::Curve));
    assert_eq!(app.zoomed(), None);
}

#[test]
fn back_goes_one_step_at_a_time() {
    let mut app = app();
    let mut snapshot = sample::snapshot(Phase::Measuring, 3.0);
    let point = SeriesPoint {
        t: 1.0,
        seconds: 1.0,
        rps: 5.0,
        p50_us: None,
        p95_us: None,
        p99_us: None,
        failed: 0,
        in_flight: 0,
    };
    snapshot.variants.a.series = Arc::new(vec![point]);
    app.update(Action::Time(Duration::from_secs(1)));
    app.update(Action::Snapshot(Arc::new(snapshot)));
    app.update(Action::Cursor(Move::Back(1)));
    app.update(Action::Zoom);
    app.update(Action::Help);
    let left = |app: &App| {
        (
            app.overlay().is_some(),
            app.zoomed().is_some(),
            app.cursor(),
        )
    };
    assert_eq!(left(&app), (true, true, Some(1.0)));
    app.update(Action::Back);
    assert_eq!(left(&app), (false, true, Some(1.0)));
    app.update(Action::Back);
    assert_eq!(left(&app), (false, false, Some(1.0)));
    app.update(Action::Back);
    assert!(!app.can_go_back());
}

#[test]
fn a_marker_is_typed_and_belongs_to_what_is_seen() {
    let mut app = app();
    let typed = |app: &mut App, text: &str| {
        app.update(Action::Annotate);
        app.update(Action::Type(Edit::Paste(text.to_owned())));
        app.update(Action::Type(Edit::Done))
    };
    let mark = |text: &str, at_s| {
        Some(Effect::Annotate {
            text: text.to_owned(),
            at_s,
        })
    };
    assert_eq!(typed(&mut app, " deploy "), mark("deploy", None));
    assert!(app.prompt().is_none());
    assert_eq!(typed(&mut app, "  "), None, "nothing is no marker");
    app.update(Action::Annotate);
    assert_eq!(app.update(Action::Type(Edit::Cancel)), None);
    assert!(app.prompt().is_none());
    app.update(Action::Freeze);
    assert_eq!(typed(&mut app, "x"), mark("x", Some(1.0)));
}

#[test]
fn the_help_goes_through_its_pages_and_ends() {
    let mut app = app();
    let mut places = Places::default();
    places.set_pages(2);
    app.update(Action::Help);
    app.drawn(places);
    app.update(Action::Help);
    assert_eq!(app.overlay(), Some(Overlay::Help { page: 1 }));
    app.update(Action::Help);
    assert_eq!(app.overlay(), None);
}
