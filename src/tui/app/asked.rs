//! What views, keys and the main loop may ask of the state of the screen.

use super::{App, Overlay, Panel, Places, Prompt};
use crate::glyphs::Glyphs;
use crate::metrics::snapshot::{Phase, Snapshot};
use crate::theme::Theme;
use crate::tui::costs::Costs;
use crate::tui::keys::KeyMap;
use crate::tui::scales::Scales;
use crate::tui::spectra::Spectra;
use crate::tui::{Toast, View};
use std::sync::Arc;

impl App {
    /// The picture on the screen.
    pub fn snapshot(&self) -> &Snapshot {
        &self.shown
    }

    /// The scales of gauges and charts.
    pub fn scales(&self) -> &Scales {
        &self.scales
    }

    /// The answers of all stretches of time by their latency.
    pub(in crate::tui) fn spectra(&self) -> &Spectra {
        &self.spectra
    }

    /// The theme in use, fitted to the terminal.
    pub fn theme(&self) -> &Theme {
        self.themes.current()
    }

    /// Which signs the terminal shows.
    pub fn glyphs(&self) -> Glyphs {
        self.glyphs
    }

    /// The keys.
    pub fn keys(&self) -> &KeyMap {
        &self.keys
    }

    /// True while the display stands still.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// The view that is shown.
    pub fn view(&self) -> View {
        self.view
    }

    /// The panel that fills the screen.
    pub fn zoomed(&self) -> Option<Panel> {
        self.zoomed
    }

    /// What lies over the screen.
    pub fn overlay(&self) -> Option<Overlay> {
        self.overlay
    }

    /// The text that is asked for.
    pub fn prompt(&self) -> Option<&Prompt> {
        self.prompt.as_ref()
    }

    /// The second that is read on the charts: its end, in seconds since the start.
    pub fn cursor(&self) -> Option<f64> {
        self.cursor
    }

    /// Pages back from the newest one, in a list that is longer than the screen.
    pub fn page(&self) -> usize {
        self.page
    }

    /// True when a list is longer than the screen.
    pub fn has_pages(&self) -> bool {
        self.places.pages() > 1
    }

    /// What the screen itself costs.
    pub(in crate::tui) fn costs(&self) -> &Costs {
        &self.costs
    }

    /// Where the panels were drawn last.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// True while the arithmetic stands in place of the verdicts.
    pub fn shows_calculation(&self) -> bool {
        self.calculation
    }

    /// True where two variants are compared.
    pub fn compares(&self) -> bool {
        self.shown.variants.b.is_some()
    }

    /// True when there is something to step back from.
    pub fn can_go_back(&self) -> bool {
        self.overlay.is_some() || self.zoomed.is_some() || self.cursor.is_some()
    }

    /// True when there is a second to read.
    pub fn has_seconds(&self) -> bool {
        !self.shown.variants.a.series.is_empty()
    }

    /// True when another theme would look different.
    pub fn can_change_theme(&self) -> bool {
        self.themes.are_many()
    }

    /// True while the load can be changed.
    pub fn can_change_load(&self) -> bool {
        !matches!(self.latest.meta.phase, Phase::Draining | Phase::Done)
    }

    /// True while the order can be changed.
    pub fn can_change_order(&self) -> bool {
        self.compares() && self.can_change_load()
    }

    /// True while the user holds the load.
    pub fn is_paused(&self) -> bool {
        self.latest.meta.phase == Phase::Paused
    }

    /// True when the run is over.
    pub fn is_done(&self) -> bool {
        self.latest.meta.phase == Phase::Done
    }

    /// Messages that have not faded, newest first.
    pub fn toasts(&self) -> impl Iterator<Item = &Toast> {
        self.toasts.iter().rev().map(|(toast, _)| toast)
    }

    /// The newest snapshot, though the display may be frozen at an older one.
    pub fn latest(&self) -> &Snapshot {
        &self.latest
    }

    /// True if `snapshot` is the one that came last.
    pub fn is_latest(&self, snapshot: &Arc<Snapshot>) -> bool {
        Arc::ptr_eq(&self.latest, snapshot)
    }

    /// True when something changed since the last frame.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }
}
