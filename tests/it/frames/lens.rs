//! What endpoints see of their gateways is on the screen, however little room there is.

use super::{app, frame, measured};
use dragstrip::metrics::snapshot::{Snapshot, Upstream, UpstreamClosed};
use dragstrip::tui::{Action, App, View};

fn upstream(opened: u64, requests: u64, most: u64) -> Upstream {
    Upstream {
        opened,
        open: 3,
        most_open: most,
        requests,
        requests_per_connection: Some(requests as f64 / opened as f64),
        most_requests: requests / opened,
        in_service: 3,
        most_in_service: most,
        closed_by: UpstreamClosed {
            idle: 12,
            asked: opened - 15,
            ..UpstreamClosed::default()
        },
        longest_idle_s: Some(4.04),
        http: [("HTTP/1.1".to_owned(), requests)].into(),
    }
}

/// A opens a connection for each request, B keeps 55.
fn seen() -> Snapshot {
    let mut snapshot = measured::running();
    snapshot.variants.a.upstream = Some(upstream(6_690, 6_690, 7));
    let b = snapshot.variants.b.as_mut().expect("two variants");
    b.upstream = Some(upstream(55, 30_140, 55));
    snapshot
}

fn errors(snapshot: Snapshot) -> App {
    let mut app = app(snapshot);
    app.update(Action::Show(View::Errors));
    app
}

#[test]
fn connections_and_requests_on_each_are_shown_at_every_size() {
    let app = errors(seen());
    for (width, height) in [(80, 24), (100, 30), (160, 48)] {
        let screen = frame(&app, width, height);
        let line = screen
            .lines()
            .find(|line| line.contains("upstream   opened"));
        let line = line.unwrap_or_else(|| panic!("{width}x{height}:\n{screen}"));
        for part in ["opened 6,690", "each 1", "opened 55", "each 548"] {
            assert!(line.contains(part), "{width}x{height}: no {part}\n{screen}");
        }
        assert!(screen.contains("serving 3/7 "), "{screen}");
        assert!(screen.contains("serving 3/55 "), "{screen}");
        // The client's side is still there.
        assert!(screen.contains("connect "), "{screen}");
    }
}

#[test]
fn where_there_is_room_all_of_it_is_shown() {
    let app = errors(seen());
    let screen = frame(&app, 160, 48);
    for part in [
        "most 1  HTTP/1.1",
        "now/most open 3/7  serving 3/7",
        "now/most open 3/55  serving 3/55",
        "idle 12  asked 6,675  mid-request 0  by endpoint 0",
    ] {
        assert!(screen.contains(part), "no {part}\n{screen}");
    }
}

#[test]
fn in_the_one_table_of_a_small_terminal_it_stands_too() {
    let screen = frame(&errors(seen()), 60, 24);
    assert!(screen.contains("requests each"), "{screen}");
    assert!(screen.contains("6,690"), "{screen}");
}

#[test]
fn without_an_endpoint_of_its_own_there_is_no_line() {
    let mut snapshot = seen();
    snapshot.variants.b.as_mut().expect("two variants").upstream = None;
    let screen = frame(&errors(snapshot), 160, 48);
    assert_eq!(screen.matches("by endpoint").count(), 1, "{screen}");
    let screen = frame(&errors(measured::running()), 160, 48);
    assert!(!screen.contains("by endpoint"), "{screen}");
}

#[test]
fn the_texts_say_it_too() {
    let table = dragstrip::report::table(&seen());
    let line = "upstream: 6,690 opened, 1.00 requests each, 1 at most; at most 7 open and 7 requests in service at once; \
                12 closed idle (for 4 s at most), 0 in mid-request, 6,675 as asked, 0 by the endpoint, HTTP/1.1";
    assert!(table.contains(line), "{table}");
    assert!(dragstrip::report::markdown(&seen()).contains(line));
    let spoken = dragstrip::headless::result(&seen());
    let said =
        "A: its gateway opened 6,690 upstream connections; requests on each: 1.00, at most 1.";
    assert!(spoken.contains(said), "{spoken}");
    assert!(!dragstrip::report::table(&measured::running()).contains("upstream: "));
}
