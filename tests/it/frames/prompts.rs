//! What the user is asked for, on screens of every size.

use super::{app, fixture, frame};
use dragstrip::metrics::snapshot::Snapshot;
use dragstrip::tui::{Action, App, Edit};
use std::sync::Arc;

const SIZES: [(u16, u16); 3] = [(160, 48), (80, 24), (40, 10)];

fn asked(snapshot: Snapshot, action: Action, typed: &str) -> App {
    let mut app = app(snapshot);
    app.update(action);
    app.update(Action::Type(Edit::Paste(typed.to_owned())));
    app
}

/// The last two lines.
fn foot(app: &App, (width, height): (u16, u16)) -> String {
    let screen = frame(app, width, height);
    let lines: Vec<&str> = screen.lines().collect();
    lines[lines.len() - 2..].join("\n")
}

#[test]
fn a_value_of_the_load() {
    let typing = asked(fixture::racing(), Action::AskLoad, "think 200ms..1s");
    insta::assert_snapshot!("load_80x24", frame(&typing, 80, 24));
    for size in SIZES {
        let foot = foot(&typing, size);
        assert!(foot.contains("type users 300, or just 300"), "{foot}");
        assert!(foot.contains("load (now 200 users"), "{foot}");
        assert!(foot.contains("1s█") || size.0 == 40, "{foot}");
        let hint = foot.contains("Enter set  Esc cancel");
        assert_eq!(hint, size.0 >= 80, "{foot}");
    }
    let fresh = asked(fixture::racing(), Action::AskLoad, "");
    assert!(foot(&fresh, (160, 48)).contains("Enter set"));
    let mut open = fixture::racing();
    let plan = &mut Arc::make_mut(&mut open.plan).load;
    "open".clone_into(&mut plan.model);
    let foot = foot(&asked(open, Action::AskLoad, ""), (80, 24));
    assert!(
        foot.contains("type rate 150, or just 150: requests per second"),
        "{foot}"
    );
}

#[test]
fn a_value_that_was_refused_and_why() {
    let mut refused = asked(fixture::racing(), Action::AskLoad, "users 0");
    let reason = "users 0: must be a whole number from 1 to 10,000";
    refused.update(Action::LoadSet(Err(reason.to_owned())));
    insta::assert_snapshot!("refused_80x24", frame(&refused, 80, 24));
    for size in SIZES {
        let foot = foot(&refused, size);
        assert!(foot.contains("users 0: must be a whole number"), "{foot}");
    }
    refused.update(Action::Type(Edit::Erase));
    assert!(!foot(&refused, (80, 24)).contains("must be"));
}

#[test]
fn whether_to_run_again() {
    let again = asked(fixture::racing(), Action::RunAgain, "y");
    for size in SIZES {
        let foot = foot(&again, size);
        assert!(foot.contains("run again from the start?"), "{foot}");
        assert!(foot.contains("Enter yes  Esc no") || size.0 == 40, "{foot}");
        assert!(!foot.contains('█'), "{foot}");
    }
}
