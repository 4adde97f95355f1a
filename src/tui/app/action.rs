//! What can happen to the screen, and what it asks for in turn.

use crate::metrics::snapshot::Snapshot;
use crate::theme::Theme;
use crate::tui::cursor::Move;
use crate::tui::prompt::Edit;
use crate::tui::{Exit, Panel, Toast, View};
use std::sync::Arc;
use std::time::Duration;

/// Everything that can happen to the screen.
#[derive(Clone, Debug)]
pub enum Action {
    /// A new picture of the run.
    Snapshot(Arc<Snapshot>),
    /// A message to show for a while.
    Toast(Toast),
    /// It is now so long after the start.
    Time(Duration),
    /// The terminal has another size.
    Resize,
    /// Draw everything anew: something else has written to the terminal.
    Redraw,
    /// Quit.
    Quit,
    /// Ctrl-C.
    Interrupt,
    /// Go to a view.
    Show(View),
    /// Go to the next view.
    NextView,
    /// Go to the view before.
    PreviousView,
    /// The next panel of the view fills the screen; after the last one all are shown again.
    Zoom,
    /// This panel fills the screen, or all are shown again.
    ZoomOn(Panel),
    /// One step back: close what lies over the screen, else show all panels, else take the time cursor away.
    Back,
    /// So many pages back in a list that is longer than the screen; below 0: on.
    Page(isize),
    /// Move the time cursor.
    Cursor(Move),
    /// Open the help, go to its next page, or close it.
    Help,
    /// Open or close the list of the self-checks.
    Checks,
    /// Show the arithmetic in place of the verdicts, or the verdicts again.
    Calculation,
    /// Freeze the display, or let it follow the run again.
    Freeze,
    /// Hold the load, or let it go on.
    Pause,
    /// More or less load, by so many steps.
    StepLoad {
        /// More.
        up: bool,
        /// How many steps of about a tenth.
        steps: u32,
    },
    /// Ask for a value of the load.
    AskLoad,
    /// The value that was typed was taken, or why it was not.
    LoadSet(Result<(), String>),
    /// Begin run figures and comparison anew.
    Reset,
    /// Begin the run again from the start; ask first while it is under way.
    RunAgain,
    /// The next order: together, alternate, sequential.
    CycleOrder,
    /// The next length of the live window.
    CycleWindow,
    /// A longer or a shorter live window.
    StepWindow {
        /// Longer.
        longer: bool,
    },
    /// Ask for a marker's text.
    Annotate,
    /// Something was typed while a text is asked for.
    Type(Edit),
    /// Save what is on the screen.
    Save,
    /// Copy the table to the terminal's clipboard.
    Copy,
    /// Write the report of what is on the screen.
    Export,
    /// The next theme.
    NextTheme,
    /// The themes are these now: a file of one has changed.
    Themes(Vec<Theme>),
}

/// What can lie over the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// Keys and signs.
    Help {
        /// Which page, where there are several; the first is 0.
        page: usize,
    },
    /// All self-checks with all they say.
    Checks,
}

/// What is to be done outside of the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// End.
    Exit(Exit),
    /// More or less load.
    StepLoad {
        /// More.
        up: bool,
        /// How many steps of about a tenth.
        steps: u32,
    },
    /// One value of the load is to be what was typed; the answer is an [`Action::LoadSet`].
    SetLoad(String),
    /// Run figures and comparison begin anew.
    Reset,
    /// The variants share the time in another way.
    CycleOrder,
    /// The live window takes the next of its lengths.
    CycleWindow,
    /// The live window takes the next longer or shorter of its lengths.
    StepWindow {
        /// Longer.
        longer: bool,
    },
    /// Hold the load, or let it go on.
    TogglePause,
    /// Put a marker on the time axis.
    Annotate {
        /// What it says.
        text: String,
        /// Where, in seconds since the start; `None`: now.
        at_s: Option<f64>,
    },
    /// Save this picture.
    Save(Arc<Snapshot>),
    /// Draw everything anew.
    Redraw,
    /// Copy this picture's table.
    Copy(Arc<Snapshot>),
    /// Write this picture's report.
    Export(Arc<Snapshot>),
}
