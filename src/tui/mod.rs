//! The live screen.
//!
//! ```text
//! watch<Snapshot> ─┐
//! key presses ─────┼─► Action ─► App::update ─► view::draw(&App) ─► cells
//! toasts ──────────┘                 │
//!                                    └─► Effect ─► Controls (load, pause, save)
//! ```
//!
//! The screen changes nothing that is measured: it reads snapshots and asks, through [`Controls`], for what the user wants.
//! It never waits for the terminal, which may take nothing for a while or for ever: frames go out through an outbox, and while
//! one is on its way no other is drawn. Views and widgets are functions of the [`App`] and its [`Snapshot`]; they know no clock, no file and no network.

mod app;
mod background;
mod costs;
mod cursor;
mod glyphs;
mod input;
mod job;
mod keys;
mod pace;
mod panels;
mod picture;
mod prompt;
mod run;
#[cfg(test)]
mod sample;
mod scales;
mod spectra;
mod terminal;
mod themes;
mod view;
mod views;
mod widgets;

pub use app::{Action, App, Effect, Overlay};
pub use cursor::Move;
pub use keys::{Binding, ENTRIES, Entry, Key, KeyError, KeyMap, action_for};
pub use panels::{Panel, Places};
pub use prompt::{Asks, Edit, Prompt};
pub use scales::{LogScale, Scales};
pub use terminal::free_terminal;
pub use view::draw;
pub use views::View;

use crate::cpu::{CpuMeter, Work};
use crate::glyphs::Glyphs;
use crate::metrics::snapshot::{NoticeLevel, Snapshot};
use crate::theme::{ColorDepth, Shelf};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// What the screen may ask of the rest of the program. Nothing here blocks.
pub trait Controls {
    /// So many steps more or less load.
    fn step_load(&self, up: bool, steps: u32);
    /// One value of the load that the snapshot shows becomes what was typed, e.g. `users 300`; else why it cannot, in one line.
    fn set_load(&self, text: &str, present: &Snapshot) -> Result<(), String>;
    /// Run figures and comparison begin anew.
    fn reset(&self);
    /// The live window takes the next of its lengths.
    fn cycle_window(&self);
    /// The live window takes the next longer or shorter of its lengths.
    fn step_window(&self, longer: bool);
    /// The variants share the time in the next way: together, alternate, sequential.
    fn cycle_order(&self);
    /// Puts a marker on the time axis, `at_s` seconds after the start; `None`: now.
    fn annotate(&self, text: String, at_s: Option<f64>);
    /// The table of `snapshot` as text for a clipboard.
    fn table(&self, snapshot: &Snapshot) -> String;
    /// Writes the report of `snapshot` in the background; the answer comes through [`Screen::toasts`].
    fn export(&self, snapshot: Arc<Snapshot>);
    /// Holds the load, or lets it go on.
    fn toggle_pause(&self);
    /// Saves `snapshot` in the background; the answer comes through [`Screen::toasts`].
    fn save(&self, snapshot: Arc<Snapshot>);
    /// The number of a signal that asks to end, e.g. 15, once one has come.
    fn interrupted(&self) -> Option<i32>;
}

/// A message that fades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// How much it matters.
    pub level: NoticeLevel,
    /// One line.
    pub text: String,
}

/// How the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user pressed `q`.
    Quit,
    /// The run is to begin again from the start.
    Again,
    /// A signal, or Ctrl-C (2).
    Interrupted(i32),
    /// The run ended, and the screen was to end with it.
    Finished,
}

/// What is asked of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Leave what it showed before as it was.
    pub alternate_screen: bool,
    /// Tell clicks and the wheel.
    pub mouse: bool,
    /// Let its background decide between the dark and the light theme, if it tells it.
    pub background: bool,
}

/// Everything the screen is made from.
pub struct Screen {
    /// The snapshots to draw. When the sender is gone the last picture stays.
    pub snapshots: tokio::sync::watch::Receiver<Arc<Snapshot>>,
    /// What keys act on.
    pub controls: Box<dyn Controls>,
    /// Messages to show for a few seconds.
    pub toasts: std::sync::mpsc::Receiver<Toast>,
    /// The themes to go through. Their files are looked at every now and then.
    pub themes: Shelf,
    /// Which key does what.
    pub keys: KeyMap,
    /// How many colours the terminal shows.
    pub depth: ColorDepth,
    /// Which signs the terminal shows.
    pub glyphs: Glyphs,
    /// The accounts of what drawing and writing cost.
    pub cpu: CpuMeter,
    /// What is asked of the terminal.
    pub terminal: Wishes,
    /// Return when the run is done, and do not wait for `q`.
    pub exit_when_done: bool,
}

impl Screen {
    /// Takes the terminal, draws until the end, gives the terminal back. Blocks.
    pub fn run(mut self) -> io::Result<Exit> {
        let start = Instant::now();
        let writing = self.cpu.probe(Work::Watch);
        let modes = terminal::Modes {
            alternate: self.terminal.alternate_screen,
            mouse: self.terminal.mouse,
        };
        let mut terminal = terminal::Terminal::open(modes, writing)?;
        if self.terminal.background
            && let Some(background) = terminal.background()
        {
            self.themes.begin_with(background.theme());
        }
        run::run(self, &mut terminal, &|| start.elapsed())
    }
}
