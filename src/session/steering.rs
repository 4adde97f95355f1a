//! What the keys of the screen act on.

use super::faults::{Faults, Part};
use super::saver::SaveHandle;
use super::signals::Ending;
use crate::load::Control;
use crate::metrics::snapshot::Snapshot;
use crate::plan::{Changeable, Present};
use crate::report;
use crate::tui::Controls;
use std::sync::Arc;

/// What the keys act on.
pub(super) struct Steering {
    pub(super) control: Control,
    pub(super) changeable: Changeable,
    pub(super) save: SaveHandle,
    pub(super) ending: Ending,
    pub(super) faults: Faults,
}

impl Controls for Steering {
    fn step_load(&self, up: bool, steps: u32) {
        self.control.step_load(up, steps);
    }

    fn set_load(&self, text: &str, present: &Snapshot) -> Result<(), String> {
        let present = Present {
            users: present.users().unwrap_or(0),
            never_think: present.think_s().is_some_and(|[_, high]| high <= 0.0),
        };
        self.control.set_load(self.changeable.read(text, present)?);
        Ok(())
    }

    fn reset(&self) {
        self.control.reset();
    }

    fn cycle_window(&self) {
        self.control.cycle_window();
    }

    fn step_window(&self, longer: bool) {
        self.control.step_window(longer);
    }

    fn toggle_pause(&self) {
        self.control.toggle_pause();
    }

    fn save(&self, snapshot: Arc<Snapshot>) {
        self.save.save(snapshot);
    }

    fn cycle_order(&self) {
        self.control.cycle_order();
    }

    fn annotate(&self, text: String, at_s: Option<f64>) {
        self.control.annotate(text, at_s);
    }

    fn table(&self, snapshot: &Snapshot) -> String {
        report::markdown(snapshot)
    }

    fn export(&self, snapshot: Arc<Snapshot>) {
        self.save.export(snapshot);
    }

    fn interrupted(&self) -> Option<i32> {
        self.faults.strike(Part::Screen);
        self.ending.asked()
    }
}
