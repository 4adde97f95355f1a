//! All keys in one table: what they are by default, what they do, and what footer and help say about them.

use crate::tui::cursor::{self, Move};
use crate::tui::{Action, App, View};

/// One thing that a key does.
#[derive(Debug)]
pub struct Binding {
    /// Its name in the configuration file.
    pub name: &'static str,
    /// Its keys, as the configuration file writes them.
    pub keys: &'static [&'static str],
    /// What happens.
    pub action: Action,
}

/// One entry of footer and help: bindings that belong together.
#[derive(Debug)]
pub struct Entry {
    /// The keys as they are called on the screen, as long as nobody has changed them.
    pub label: &'static str,
    /// The word in the footer; an entry with an empty one stands in the help alone.
    pub word: fn(&App) -> &'static str,
    /// What it does, for the help.
    pub what: &'static str,
    /// True when it works now. A key that would do nothing is neither shown nor obeyed.
    pub works: fn(&App) -> bool,
    /// What its keys do.
    pub bindings: &'static [Binding],
}

/// Ten steps of the load with Shift.
const MUCH: u32 = 10;

const fn bind(name: &'static str, keys: &'static [&'static str], action: Action) -> Binding {
    Binding { name, keys, action }
}

const fn step(up: bool, steps: u32) -> Action {
    Action::StepLoad { up, steps }
}

fn always(_: &App) -> bool {
    true
}

fn no_word(_: &App) -> &'static str {
    ""
}

/// All entries, the most important first.
pub static ENTRIES: [Entry; 24] = [
    Entry {
        label: "q",
        word: |_| "quit",
        what: "quit; requests that are open are cancelled",
        works: always,
        bindings: &[bind("quit", &["q"], Action::Quit)],
    },
    Entry {
        label: "?",
        word: |_| "help",
        what: "this help (Esc closes it, too)",
        works: always,
        bindings: &[bind("help", &["?"], Action::Help)],
    },
    Entry {
        label: "Esc",
        word: |app| if app.can_go_back() { "back" } else { "" },
        what: "one step back: close, show all panels, cursor away",
        works: App::can_go_back,
        bindings: &[bind("back", &["esc"], Action::Back)],
    },
    Entry {
        label: "Tab",
        word: |_| "view",
        what: "the next view; Shift-Tab: the one before",
        works: always,
        bindings: &[
            bind("next-view", &["tab"], Action::NextView),
            bind("previous-view", &["shift-tab"], Action::PreviousView),
        ],
    },
    Entry {
        label: "1–6",
        word: no_word,
        what: "Race, Latency, Heat, Errors, Details, Log",
        works: always,
        bindings: &[
            bind("race", &["1"], Action::Show(View::Race)),
            bind("latency", &["2"], Action::Show(View::Latency)),
            bind("heat", &["3"], Action::Show(View::Heat)),
            bind("errors", &["4"], Action::Show(View::Errors)),
            bind("details", &["5"], Action::Show(View::Details)),
            bind("log", &["6"], Action::Show(View::Log)),
        ],
    },
    Entry {
        label: "←→",
        word: no_word,
        what: "read a second on the charts (Shift: ten; Home; End: none)",
        works: App::has_seconds,
        bindings: &[
            bind("cursor-back", &["left"], Action::Cursor(Move::Back(1))),
            bind("cursor-on", &["right"], Action::Cursor(Move::On(1))),
            bind(
                "cursor-far-back",
                &["shift-left"],
                Action::Cursor(Move::Back(cursor::MUCH)),
            ),
            bind(
                "cursor-far-on",
                &["shift-right"],
                Action::Cursor(Move::On(cursor::MUCH)),
            ),
            bind("cursor-first", &["home"], Action::Cursor(Move::First)),
            bind("cursor-newest", &["end"], Action::Cursor(Move::Newest)),
        ],
    },
    Entry {
        label: "PgUp PgDn",
        word: |app| if app.has_pages() { "earlier" } else { "" },
        what: "earlier and later lines of the log",
        works: App::has_pages,
        bindings: &[
            bind("page-back", &["pageup"], Action::Page(1)),
            bind("page-on", &["pagedown"], Action::Page(-1)),
        ],
    },
    Entry {
        label: "space",
        word: |app| {
            if app.is_frozen() {
                "unfreeze"
            } else {
                "freeze"
            }
        },
        what: "freeze the display; the run goes on",
        works: always,
        bindings: &[bind("freeze", &["space"], Action::Freeze)],
    },
    Entry {
        label: "p",
        word: |app| {
            if app.is_paused() {
                "resume load"
            } else {
                "pause load"
            }
        },
        what: "pause the load, or resume it",
        works: App::can_change_load,
        bindings: &[bind("pause", &["p"], Action::Pause)],
    },
    Entry {
        label: "↑↓",
        word: |app| {
            if app.snapshot().plan.load.model == "open" {
                "rate"
            } else {
                "users"
            }
        },
        what: "more or less load (Shift: ten steps); figures start anew",
        works: App::can_change_load,
        bindings: &[
            bind("load-up", &["up"], step(true, 1)),
            bind("load-down", &["down"], step(false, 1)),
            bind("load-far-up", &["shift-up"], step(true, MUCH)),
            bind("load-far-down", &["shift-down"], step(false, MUCH)),
        ],
    },
    Entry {
        label: ":",
        word: no_word,
        what: "type users, rate or think time; figures start anew",
        works: App::can_change_load,
        bindings: &[bind("set-load", &[":"], Action::AskLoad)],
    },
    Entry {
        label: "o",
        word: no_word,
        what: "the order: together, alternate, sequential",
        works: App::can_change_order,
        bindings: &[bind("order", &["o"], Action::CycleOrder)],
    },
    Entry {
        label: "w",
        word: no_word,
        what: "the live window: 5 s, 30 s, 60 s, 1 s",
        works: |app| !app.is_done(),
        bindings: &[bind("window", &["w"], Action::CycleWindow)],
    },
    Entry {
        label: "r",
        word: no_word,
        what: "reset: run figures and verdicts start anew",
        works: App::can_change_load,
        bindings: &[bind("reset", &["r"], Action::Reset)],
    },
    Entry {
        label: "R",
        word: no_word,
        what: "run the plan again from the start",
        works: always,
        bindings: &[bind("run-again", &["R"], Action::RunAgain)],
    },
    Entry {
        label: "a",
        word: no_word,
        what: "annotate: a marker on the time axis, kept in snapshots",
        works: always,
        bindings: &[bind("annotate", &["a"], Action::Annotate)],
    },
    Entry {
        label: "s",
        word: |_| "snapshot",
        what: "save a snapshot of what is on the screen",
        works: always,
        bindings: &[bind("snapshot", &["s"], Action::Save)],
    },
    Entry {
        label: "Enter",
        word: |_| "zoom",
        what: "one panel fills the screen; again: the next panel",
        works: always,
        bindings: &[bind("zoom", &["enter"], Action::Zoom)],
    },
    Entry {
        label: "e",
        word: no_word,
        what: "export the report: Markdown, CSV and .hlog",
        works: always,
        bindings: &[bind("export", &["e"], Action::Export)],
    },
    Entry {
        label: "y",
        word: no_word,
        what: "copy the table to the terminal's clipboard",
        works: always,
        bindings: &[bind("copy", &["y"], Action::Copy)],
    },
    Entry {
        label: "c",
        word: |_| "checks",
        what: "the self-checks: can the figures be trusted?",
        works: always,
        bindings: &[bind("checks", &["c"], Action::Checks)],
    },
    Entry {
        label: "=",
        word: no_word,
        what: "the arithmetic in place of the verdicts, and back",
        works: App::compares,
        bindings: &[bind("calculation", &["="], Action::Calculation)],
    },
    Entry {
        label: "t",
        word: |_| "theme",
        what: "the next theme",
        works: App::can_change_theme,
        bindings: &[bind("theme", &["t"], Action::NextTheme)],
    },
    Entry {
        label: "Ctrl-L",
        word: no_word,
        what: "draw the screen anew",
        works: always,
        bindings: &[bind("redraw", &["ctrl-l"], Action::Redraw)],
    },
];
