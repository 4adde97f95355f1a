//! The state of the screen, and the one function that changes it. What views may ask of it is in `asked`.

mod action;
mod asked;
#[cfg(test)]
pub(in crate::tui) mod tests;

pub use action::{Action, Effect, Overlay};

use super::costs::Costs;
use super::cursor;
use super::keys::KeyMap;
use super::panels::{Panel, Places};
use super::prompt::{Asks, Edit, Prompt};
use super::scales::Scales;
use super::spectra::Spectra;
use super::themes::Themes;
use super::{Exit, Toast, View};
use crate::glyphs::Glyphs;
use crate::metrics::snapshot::{NoticeLevel, Snapshot};
use crate::theme::{ColorDepth, Theme};
use std::sync::Arc;
use std::time::Duration;

/// How long a toast stays.
const TOAST: Duration = Duration::from_secs(6);
/// The most toasts that are kept at a time.
const TOASTS: usize = 4;
/// How the toast begins that names a theme.
const THEME: &str = "theme ";
/// The shortest time between two pictures: figures that change more often cannot be read.
const PICTURE: Duration = Duration::from_millis(250);

/// The state of the screen.
#[derive(Debug)]
pub struct App {
    latest: Arc<Snapshot>,
    shown: Arc<Snapshot>,
    /// Since when `shown` is.
    shown_at: Duration,
    frozen: bool,
    view: View,
    zoomed: Option<Panel>,
    overlay: Option<Overlay>,
    prompt: Option<Prompt>,
    cursor: Option<f64>,
    /// Pages back from the newest one, in a list that is longer than the screen.
    page: usize,
    calculation: bool,
    keys: KeyMap,
    themes: Themes,
    glyphs: Glyphs,
    toasts: Vec<(Toast, Duration)>,
    now: Duration,
    scales: Scales,
    spectra: Spectra,
    places: Places,
    costs: Costs,
    dirty: bool,
}

impl App {
    /// A screen that shows `snapshot`. `themes` are fitted to `depth`; the first is used.
    pub fn new(snapshot: Arc<Snapshot>, themes: Vec<Theme>, depth: ColorDepth) -> App {
        App {
            scales: Scales::default().following(&snapshot),
            spectra: Spectra::default().following(&snapshot),
            shown: Arc::clone(&snapshot),
            latest: snapshot,
            shown_at: Duration::ZERO,
            frozen: false,
            view: View::Race,
            zoomed: None,
            overlay: None,
            prompt: None,
            cursor: None,
            page: 0,
            calculation: false,
            keys: KeyMap::default(),
            themes: Themes::new(themes, depth),
            glyphs: Glyphs::default(),
            toasts: Vec::new(),
            now: Duration::ZERO,
            places: Places::default(),
            costs: Costs::default(),
            dirty: true,
        }
    }

    /// The same with other keys.
    #[must_use]
    pub fn with_keys(self, keys: KeyMap) -> App {
        App { keys, ..self }
    }

    /// The same on a terminal that shows only such signs.
    #[must_use]
    pub fn with_glyphs(self, glyphs: Glyphs) -> App {
        App { glyphs, ..self }
    }

    /// Changes the state, and says what is to be done outside.
    pub fn update(&mut self, action: Action) -> Option<Effect> {
        match action {
            Action::Time(now) => {
                self.pass(now);
                return None;
            }
            Action::Snapshot(snapshot) => {
                self.take(snapshot);
                return None;
            }
            _ => self.dirty = true,
        }
        match action {
            Action::Snapshot(_) | Action::Time(_) | Action::Resize => {}
            Action::Toast(toast) => self.tell(toast),
            Action::Redraw => return Some(Effect::Redraw),
            Action::Quit => return Some(Effect::Exit(Exit::Quit)),
            Action::Interrupt => return Some(Effect::Exit(Exit::Interrupted(2))),
            Action::Show(view) => self.show(view),
            Action::NextView => self.show(self.view.next()),
            Action::PreviousView => self.show(self.view.previous()),
            Action::Zoom => self.zoomed = self.next_panel(),
            Action::ZoomOn(panel) => {
                self.zoomed = (self.zoomed != Some(panel)).then_some(panel);
            }
            Action::Back => self.back(),
            Action::Page(back) => {
                let last = self.places.pages().saturating_sub(1);
                self.page = self.page.saturating_add_signed(back).min(last);
            }
            Action::Cursor(by) => self.cursor = cursor::moved(self.cursor, by, &self.shown),
            Action::Help => self.help(),
            Action::Checks => self.toggle(Overlay::Checks),
            Action::Calculation => self.calculation = !self.calculation,
            Action::Freeze => {
                self.frozen = !self.frozen;
                self.follow();
            }
            Action::Pause => return Some(Effect::TogglePause),
            Action::StepLoad { up, steps } => return Some(Effect::StepLoad { up, steps }),
            Action::AskLoad => self.ask(Asks::Load),
            Action::LoadSet(answer) => self.load_set(answer),
            Action::Reset => return Some(Effect::Reset),
            Action::RunAgain if self.is_done() => return Some(Effect::Exit(Exit::Again)),
            Action::RunAgain => self.ask(Asks::Again),
            Action::CycleOrder => return Some(Effect::CycleOrder),
            Action::CycleWindow => return Some(Effect::CycleWindow),
            Action::StepWindow { longer } => return Some(Effect::StepWindow { longer }),
            Action::Annotate => self.ask_marker(),
            Action::Type(edit) => return self.edit(&edit),
            Action::Save => return Some(Effect::Save(Arc::clone(&self.shown))),
            Action::Copy => return Some(Effect::Copy(Arc::clone(&self.shown))),
            Action::Export => return Some(Effect::Export(Arc::clone(&self.shown))),
            Action::NextTheme => self.next_theme(),
            Action::Themes(themes) => self.themes.replace(themes),
        }
        None
    }

    /// Time goes on: toasts fade, and a picture that was held back is shown.
    fn pass(&mut self, now: Duration) {
        self.now = now;
        let before = self.toasts.len();
        self.toasts.retain(|(_, until)| *until > now);
        self.dirty |= self.toasts.len() != before;
        let waits = !self.frozen && !Arc::ptr_eq(&self.shown, &self.latest);
        if waits && now.saturating_sub(self.shown_at) >= PICTURE {
            self.follow();
            self.dirty = true;
        }
    }

    /// A new picture is shown when the last one has been seen; at once if the run does something else now.
    fn take(&mut self, snapshot: Arc<Snapshot>) {
        let of = |snapshot: &Snapshot| {
            let meta = &snapshot.meta;
            let (loads, notes) = (snapshot.epochs.len(), snapshot.annotations.len());
            (meta.phase, meta.window_s, loads, notes)
        };
        let turned = of(&snapshot) != of(&self.latest);
        self.latest = snapshot;
        // A frozen display does not change with the run, except that keys may begin or cease to work.
        self.dirty |= turned;
        if turned || self.now.saturating_sub(self.shown_at) >= PICTURE {
            self.dirty |= !self.frozen;
            self.follow();
        }
    }

    fn follow(&mut self) {
        if !self.frozen {
            self.shown = Arc::clone(&self.latest);
            self.shown_at = self.now;
            self.scales = self.scales.following(&self.shown);
            self.spectra = std::mem::take(&mut self.spectra).following(&self.shown);
        }
    }

    fn tell(&mut self, toast: Toast) {
        if self.toasts.len() == TOASTS {
            self.toasts.remove(0);
        }
        self.toasts.push((toast, self.now + TOAST));
    }

    /// The next theme, and its name, in place of the name of the one before.
    fn next_theme(&mut self) {
        self.themes.next();
        self.toasts
            .retain(|(toast, _)| !toast.text.starts_with(THEME));
        self.tell(Toast {
            level: NoticeLevel::Info,
            text: format!("{THEME}{}", self.theme().name()),
        });
    }

    /// Goes to `view`. Who asks for it wants to see it: nothing lies over it.
    fn show(&mut self, view: View) {
        self.view = view;
        self.page = 0;
        self.zoomed = None;
        self.overlay = None;
    }

    /// The help, its next page where there is one, or no help any more.
    fn help(&mut self) {
        self.overlay = match self.overlay {
            Some(Overlay::Help { page }) if page + 1 < self.places.pages() => {
                Some(Overlay::Help { page: page + 1 })
            }
            Some(Overlay::Help { .. }) => None,
            _ => Some(Overlay::Help { page: 0 }),
        };
    }

    /// Opens `overlay` in place of another, or closes it.
    fn toggle(&mut self, overlay: Overlay) {
        self.overlay = (self.overlay != Some(overlay)).then_some(overlay);
    }

    /// The panel that is to fill the screen next; after the last one none does.
    fn next_panel(&self) -> Option<Panel> {
        let panels = self.view.panels(self.compares());
        match self.zoomed {
            None => panels.first().copied(),
            Some(now) => {
                let place = panels.iter().position(|&panel| panel == now)?;
                panels.get(place + 1).copied()
            }
        }
    }

    fn back(&mut self) {
        if self.overlay.take().is_none() && self.zoomed.take().is_none() {
            self.cursor = None;
        }
    }

    /// Asks for a marker's text: for the second under the cursor, else for what is on the screen now.
    fn ask_marker(&mut self) {
        let frozen = self.frozen.then_some(self.shown.meta.elapsed_s);
        let at_s = self.cursor.or(frozen);
        self.ask(Asks::Marker { at_s });
    }

    fn ask(&mut self, asks: Asks) {
        self.prompt = Some(Prompt::new(asks));
        self.overlay = None;
    }

    fn edit(&mut self, edit: &Edit) -> Option<Effect> {
        let can_change_load = self.can_change_load();
        let prompt = self.prompt.as_mut()?;
        prompt.edit(edit);
        if !matches!(edit, Edit::Done | Edit::Cancel) {
            return None;
        }
        let text = prompt.text().trim().to_owned();
        let asks = prompt.asks();
        match asks {
            // It stays until the value is known to be right.
            Asks::Load if *edit == Edit::Done && !text.is_empty() => {
                if can_change_load {
                    return Some(Effect::SetLoad(text));
                }
                prompt.refuse("the run is ending: its load cannot be changed any more".to_owned());
                return None;
            }
            _ => self.prompt = None,
        }
        match asks {
            Asks::Marker { at_s } if *edit == Edit::Done && !text.is_empty() => {
                Some(Effect::Annotate { text, at_s })
            }
            Asks::Again if *edit == Edit::Done => Some(Effect::Exit(Exit::Again)),
            _ => None,
        }
    }

    /// The value that was typed was taken, or not: then it can be mended.
    fn load_set(&mut self, answer: Result<(), String>) {
        match (answer, &mut self.prompt) {
            (Err(reason), Some(prompt)) => prompt.refuse(reason),
            (Ok(()), _) => self.prompt = None,
            (Err(_), None) => {}
        }
    }

    /// A frame took so long.
    pub(in crate::tui) fn took(&mut self, time: Duration) {
        self.costs.drawn(self.now, time);
    }

    /// The process takes so many bytes of memory.
    pub(in crate::tui) fn takes(&mut self, resident: Option<u64>) {
        self.costs.resident = resident;
    }

    /// To be called after a frame, with where the panels are.
    pub fn drawn(&mut self, places: Places) {
        self.places = places;
        self.dirty = false;
    }
}
