//! What must be on the screen about connections, however little room there is.

use super::{app, fixture, frame, trouble};
use dragstrip::metrics::snapshot::ErrorText;
use dragstrip::tui::{Action, View};

#[test]
fn an_unverified_certificate_is_said_on_every_view_whatever_else_fails() {
    let mut app = app(trouble::unverified());
    for (width, height) in [(80, 24), (120, 36), (60, 20)] {
        for view in View::ALL {
            app.update(Action::Show(view));
            let screen = frame(&app, width, height);
            let first = screen.lines().next().expect("a line");
            assert!(
                first.contains("A TLS unverified") || first.contains("A unverified"),
                "{view:?} {width}x{height}:\n{screen}"
            );
        }
    }
}

#[test]
fn a_long_name_does_not_hide_what_was_agreed_on() {
    let mut app = app(trouble::unverified());
    for (view, width, height) in [
        (View::Race, 120, 36),
        (View::Race, 80, 24),
        (View::Errors, 120, 36),
        (View::Errors, 80, 24),
    ] {
        app.update(Action::Show(view));
        let screen = frame(&app, width, height);
        assert!(
            screen.contains("HTTP/2") && screen.contains("TLS 1.3"),
            "{view:?}:\n{screen}"
        );
    }
    app.update(Action::Show(View::Errors));
    assert!(frame(&app, 80, 24).contains("agreed on"));
}

#[test]
fn however_many_kinds_of_failures_there_are_what_was_agreed_on_is_said() {
    for kinds in 0..=10 {
        let mut snapshot = trouble::unverified();
        let b = snapshot.variants.b.as_mut().expect("two variants");
        for kind in 0..kinds {
            let name = format!("http_{}", 500 + kind);
            for figures in [&mut b.run, &mut b.window] {
                figures.failed += 10;
                figures.requests += 10;
                figures.outcomes.insert(name.clone(), 10);
            }
            b.errors.push(ErrorText {
                outcome: name,
                text: format!("words of their own for {kind}"),
                count: 10,
            });
        }
        let mut app = app(snapshot);
        app.update(Action::Show(View::Errors));
        for height in [20, 22, 24, 26, 30, 36] {
            let screen = frame(&app, 80, height);
            // In each of the panes, in a line or in the title, and what failed in its own words too.
            let said = ["agreed on  HTTP/", "connections, HTTP/"];
            let said: usize = said.iter().map(|said| screen.matches(said).count()).sum();
            assert_eq!(said, 2, "{kinds}:\n{screen}");
            assert!(screen.contains("what failed") || kinds == 0, "{screen}");
        }
    }
}

#[test]
fn what_reqwest_hides_is_said_where_there_is_little_room() {
    let mut app = app(fixture::racing());
    app.update(Action::Show(View::Details));
    for (width, height) in [(80, 24), (120, 36)] {
        let screen = frame(&app, width, height);
        assert!(
            screen.contains("hidden retries") || screen.contains("retries are possible"),
            "{screen}"
        );
    }
}

#[test]
fn an_engine_that_tells_closes_has_no_hidden_wait() {
    let mut snapshot = fixture::racing();
    let b = snapshot.variants.b.as_mut().expect("two variants");
    b.connections.closed = Some(3);
    let mut app = app(snapshot);
    app.update(Action::Show(View::Errors));
    let screen = frame(&app, 120, 40);
    assert!(screen.contains("none (no limit is set)"), "{screen}");
    assert!(screen.contains("n/a (no limit is set)"), "{screen}");
}
